/** What one rank computes in one iteration: rows and the tokens of each, and the batch that its time depends on. */

import type { RequestState } from "../request-state.ts";
import { Batch } from "../step/batch.ts";

export class Plan {
  readonly batch: Batch = new Batch();
  rows: Int32Array = new Int32Array(64);
  /** Tokens of each row in this iteration. */
  tokens: Int32Array = new Int32Array(64);
  /** Epoch of each row when it was planned. */
  epochs: Uint16Array = new Uint16Array(64);
  /** Tokens of each row in the cache before the iteration; filled by `describe`. */
  before: Int32Array = new Int32Array(64);
  /** Tokens that each row gains: none before the last known token is reached. */
  gains: Uint8Array = new Uint8Array(64);
  /** 1 where a row generates, 0 where it computes a prompt or recomputes; filled by `describe`. */
  generating: Uint8Array = new Uint8Array(64);
  count = 0;

  clear(): void {
    this.count = 0;
    this.batch.clear();
  }

  add(row: number, tokens: number, epoch: number): void {
    if (this.count === this.rows.length) this.grow();
    this.rows[this.count] = row;
    this.tokens[this.count] = tokens;
    this.epochs[this.count] = epoch;
    this.count += 1;
  }

  /** Takes a row out again, wherever it stands; returns its tokens. */
  withdraw(row: number): number {
    const place = this.rows.subarray(0, this.count).indexOf(row);
    if (place === -1) return 0;
    const tokens = this.tokens[place]!;
    this.rows.copyWithin(place, place + 1, this.count);
    this.tokens.copyWithin(place, place + 1, this.count);
    this.epochs.copyWithin(place, place + 1, this.count);
    this.count -= 1;
    return tokens;
  }

  /** Fills the batch from the rows, whose computed tokens already hold this iteration's. `gain`: tokens of a row that generates, one where absent. */
  describe(state: RequestState, gain?: () => number): Batch {
    const { batch, rows, tokens } = this;
    const { computed, known, goal } = state;
    const { input } = state.list;
    batch.clear();
    for (let index = 0; index < this.count; index++) {
      const row = rows[index]!;
      const after = computed[row]!;
      const end = known[row]!;
      const before = after - tokens[index]!;
      this.before[index] = before;
      const generating = end > input[row]! && before >= end - 1;
      this.generating[index] = generating ? 1 : 0;
      if (generating) batch.addDecode(tokens[index]!, before);
      else batch.addPrefill(tokens[index]!, before);
      if (after < end) {
        this.gains[index] = 0;
        continue;
      }
      batch.sampled += generating ? tokens[index]! : 1;
      // Where there was no room for all drafts, no more tokens are gained than were checked.
      const most = Math.min(after - end + 1, goal[row]! - end);
      this.gains[index] = Math.min(generating && gain !== undefined ? gain() : 1, most);
    }
    return batch;
  }

  private grow(): void {
    const size = 2 * this.rows.length;
    const rows = new Int32Array(size);
    const tokens = new Int32Array(size);
    const epochs = new Uint16Array(size);
    rows.set(this.rows);
    tokens.set(this.tokens);
    epochs.set(this.epochs);
    this.rows = rows;
    this.tokens = tokens;
    this.epochs = epochs;
    this.gains = new Uint8Array(size);
    this.generating = new Uint8Array(size);
    this.before = new Int32Array(size);
  }
}
