/**
 * The index of cached prefixes that routers ask: which replica held which chunk, as old as its events are on their way.
 * Engines announce chunks when the last block of one is stored or lost.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { Clock } from "../../simulation/index.ts";
import type { PrefixIndex } from "../routing/policy.ts";

/** Bits of one word. */
const wordBits = 31;

export class PrefixEvents implements PrefixIndex {
  private readonly clock: Clock;
  private readonly delay: Seconds;
  private readonly words: number;
  /** Replicas that hold a chunk, as bits: chunk c has words from c x words. */
  private readonly holders: Int32Array;
  // Events under way, oldest first, in a ring.
  private times: Float64Array = new Float64Array(1024);
  private chunks: Int32Array = new Int32Array(1024);
  /** Replica + 1 where it now holds the chunk, -(replica + 1) where it lost it. */
  private changes: Int32Array = new Int32Array(1024);
  private head = 0;
  private length = 0;

  /** @param chunkCount one more than the largest id of a chunk. */
  constructor(options: {
    readonly clock: Clock;
    readonly delay: Seconds;
    readonly replicas: number;
    readonly chunkCount: number;
  }) {
    this.clock = options.clock;
    this.delay = options.delay;
    this.words = Math.ceil(options.replicas / wordBits);
    this.holders = new Int32Array(options.chunkCount * this.words);
  }

  /** Chunks that the replica held, without a gap from the given one on. */
  matched(replica: number, chunks: Int32Array, from = 0): number {
    this.deliver();
    const word = Math.floor(replica / wordBits);
    const bit = 1 << (replica % wordBits);
    let at = from;
    while (at < chunks.length && (this.holders[chunks[at]! * this.words + word]! & bit) !== 0) at += 1;
    return at - from;
  }

  announce(replica: number, chunk: number, change: "stored" | "lost"): void {
    const signed = change === "stored" ? replica + 1 : -replica - 1;
    if (this.delay === 0) {
      this.apply(chunk, signed);
      return;
    }
    if (this.length === this.times.length) this.grow();
    const slot = (this.head + this.length) & (this.times.length - 1);
    this.times[slot] = this.clock.now() + this.delay;
    this.chunks[slot] = chunk;
    this.changes[slot] = signed;
    this.length += 1;
  }

  /** A replica lost everything. */
  reset(replica: number): void {
    this.deliver();
    const word = Math.floor(replica / wordBits);
    const keep = ~(1 << (replica % wordBits));
    for (let slot = word; slot < this.holders.length; slot += this.words) this.holders[slot]! &= keep;
  }

  /** Applies what has arrived by now. */
  private deliver(): void {
    const now = this.clock.now();
    while (this.length > 0 && this.times[this.head]! <= now) {
      this.apply(this.chunks[this.head]!, this.changes[this.head]!);
      this.head = (this.head + 1) & (this.times.length - 1);
      this.length -= 1;
    }
  }

  private apply(chunk: number, change: number): void {
    const replica = Math.abs(change) - 1;
    const slot = chunk * this.words + Math.floor(replica / wordBits);
    const bit = 1 << (replica % wordBits);
    if (change > 0) this.holders[slot]! |= bit;
    else this.holders[slot]! &= ~bit;
  }

  private grow(): void {
    const size = 2 * this.times.length;
    const [times, chunks, changes] = [new Float64Array(size), new Int32Array(size), new Int32Array(size)];
    for (let index = 0; index < this.length; index++) {
      const from = (this.head + index) & (this.times.length - 1);
      times[index] = this.times[from]!;
      chunks[index] = this.chunks[from]!;
      changes[index] = this.changes[from]!;
    }
    this.times = times;
    this.chunks = chunks;
    this.changes = changes;
    this.head = 0;
  }
}
