/**
 * Rows of at most `capacity` tokens from sequences as they are drawn. Longer sequences are cut to rows (without packing:
 * to one). Ignores: batches whose sequences are cut at row boundaries, which leave nothing to balance or to pad.
 * @source ding-2024-packing
 */

import type { Tokens } from "../../base/quantity.ts";
import type { RandomStream } from "../../base/random.ts";
import type { SequenceLengths } from "./lengths.ts";

/** Lengths of the sequences of one row. */
export type Row = readonly Tokens[];

export interface Packed {
  readonly capacity: Tokens;
  readonly count: number;
  /** The next sequence's length. */
  readonly draw: () => Tokens;
  readonly order: RandomStream;
  /** Whether the row that best fit ends on, for want of more sequences, may be one of them: of few it weighs too much. */
  readonly unfinished?: "kept" | "left-out";
}

/** `count` rows. */
export function packRows(packing: SequenceLengths["packing"], on: Packed): readonly Row[] {
  const { capacity, count, draw } = on;
  if (packing === "none") return Array.from({ length: count }, () => [Math.min(capacity, draw())]);
  if (packing === "greedy") return nextFit(capacity, count, draw);
  const pieces: Tokens[] = [];
  for (let total = 0; total < capacity * count; ) {
    const length = Math.min(draw(), capacity * count);
    total += length;
    for (const piece of piecesOf(length, capacity)) pieces.push(piece);
  }
  // Packed by length; the order of rows must not follow it.
  const rows = bestFitDecreasing(capacity, pieces);
  if (on.unfinished === "left-out" && rows.length > count) leaveOutEmptiest(rows);
  return on.order.shuffle(rows).slice(0, count);
}

function leaveOutEmptiest(rows: Row[]): void {
  const held = rows.map((row) => row.reduce((sum, length) => sum + length, 0));
  const [emptiest] = held.map((_, row) => row).sort((a, b) => held[a]! - held[b]! || b - a);
  if (emptiest !== undefined) rows.splice(emptiest, 1);
}

/** A sequence longer than a row fills rows and leaves a rest; one longer than all rows is cut to them. */
function piecesOf(length: Tokens, capacity: Tokens): readonly Tokens[] {
  const pieces: Tokens[] = [];
  for (let left = length; left > 0; left -= capacity) pieces.push(Math.min(left, capacity));
  return pieces;
}

/** Sequences in the order they come; one that does not fit opens the next row. */
function nextFit(capacity: Tokens, count: number, draw: () => Tokens): readonly Row[] {
  const rows: Tokens[][] = [];
  let row: Tokens[] = [];
  let used = 0;
  while (rows.length < count) {
    for (const piece of piecesOf(Math.min(draw(), capacity * (count + 1)), capacity)) {
      if (used + piece > capacity) {
        rows.push(row);
        row = [];
        used = 0;
      }
      row.push(piece);
      used += piece;
    }
  }
  return rows.slice(0, count);
}

/** Longest first, each into the fullest row that has room. Room is counted in at most 1,048,576 steps, rounded down. */
function bestFitDecreasing(capacity: Tokens, pieces: readonly Tokens[]): Row[] {
  const unit = Math.ceil(capacity / 1_048_576);
  const steps = Math.floor(capacity / unit);
  const waiting = new RoomIndex(steps);
  const rows: Tokens[][] = [];
  for (const piece of Float64Array.from(pieces).sort().reverse()) {
    const size = Math.min(steps, Math.ceil(piece / unit));
    const found = waiting.take(size);
    const row = found?.row ?? rows.push([]) - 1;
    rows[row]?.push(piece);
    const room = (found?.room ?? steps) - size;
    if (room > 0) waiting.put(room, row);
  }
  return rows;
}

/** Open rows by room: counts in a binary tree, so that the least room of at least a size is found in its depth. */
class RoomIndex {
  private readonly leaves: number;
  private readonly counts: Int32Array;
  private readonly rows: number[][] = [];

  constructor(most: number) {
    let leaves = 1;
    while (leaves <= most) leaves *= 2;
    this.leaves = leaves;
    this.counts = new Int32Array(2 * leaves);
  }

  put(room: number, row: number): void {
    const rows = this.rows[room];
    if (rows === undefined) this.rows[room] = [row];
    else rows.push(row);
    this.add(room, 1);
  }

  /** Takes the row with the least room of at least `size` out. */
  take(size: number): { readonly room: number; readonly row: number } | undefined {
    const room = this.leastFrom(size);
    const row = room === undefined ? undefined : this.rows[room]?.pop();
    if (room === undefined || row === undefined) return undefined;
    this.add(room, -1);
    return { room, row };
  }

  private add(room: number, change: number): void {
    for (let at = room + this.leaves; at >= 1; at >>= 1) this.counts[at]! += change;
  }

  private leastFrom(size: number): number | undefined {
    let at = size + this.leaves;
    if (this.counts[at]! > 0) return size;
    // Up until a right neighbour holds something, then down its left edge.
    while (at > 1 && ((at & 1) === 1 || this.counts[at + 1] === 0)) at >>= 1;
    if (at <= 1) return undefined;
    at++;
    while (at < this.leaves) at = this.counts[2 * at]! > 0 ? 2 * at : 2 * at + 1;
    return at - this.leaves;
  }
}
