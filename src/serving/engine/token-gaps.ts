/**
 * Times between tokens of a request, pooled over all: most tokens of an iteration follow those of the one before. They
 * are counted in bins of equal ratio, read off the bits of the number, so that a run of any length fits little memory.
 */

import type { Seconds } from "../../base/quantity.ts";

/** A bin is 2^-8 of a power of two wide: its middle is within 0.2 % of all in it. */
const mantissaBits = 8;
const binShift: number = 20 - mantissaBits;
/** From 2^-40 s to 2^24 s. */
const leastBin: number = (1023 - 40) << mantissaBits;
const bins: number = 64 << mantissaBits;

export class TokenGaps {
  count = 0;
  sum: Seconds = 0;
  private readonly counts: Float64Array = new Float64Array(bins);
  private zeros = 0;
  // One number seen as two words, whatever the order of bytes.
  private readonly number: Float64Array = new Float64Array(1);
  private readonly words: Int32Array;
  private readonly highWord: number;
  /** When the tokens of the last iteration came, and how many of this one's follow them. */
  private previous: Seconds = Number.NaN;
  private following = 0;

  constructor() {
    this.words = new Int32Array(this.number.buffer);
    this.number[0] = 1;
    this.highWord = this.words[1] === 0 ? 0 : 1;
  }

  /** `gained` tokens at once, after one at `last`. */
  add(last: Seconds, now: Seconds, gained: number): void {
    if (last === this.previous) this.following += 1;
    else this.note(now - last, 1);
    if (gained > 1) this.note(0, gained - 1);
  }

  /** The iteration that ends now gave all its tokens. */
  close(now: Seconds): void {
    if (this.following > 0) this.note(now - this.previous, this.following);
    this.following = 0;
    this.previous = now;
  }

  /** An iteration that ends now gave `tokens`, each after one of the iteration before. */
  repeat(tokens: number, now: Seconds): void {
    this.following = tokens;
    this.close(now);
  }

  /** Takes a time so many times over. */
  note(gap: Seconds, times: number): void {
    this.count += times;
    this.sum += gap * times;
    if (gap === 0) {
      this.zeros += times;
      return;
    }
    this.number[0] = gap;
    const bin = (this.words[this.highWord]! >>> binShift) - leastBin;
    this.counts[bin < 0 ? 0 : bin >= bins ? bins - 1 : bin]! += times;
  }

  /** Takes everything another has taken. */
  merge(other: TokenGaps): void {
    this.count += other.count;
    this.sum += other.sum;
    this.zeros += other.zeros;
    for (let bin = 0; bin < bins; bin++) this.counts[bin]! += other.counts[bin]!;
  }

  /** Value at a fraction (0..1) by nearest rank, within 0.2 %; NaN when empty. */
  quantile(fraction: number): Seconds {
    if (this.count === 0) return Number.NaN;
    let left = Math.max(Math.ceil(fraction * this.count * (1 - 1e-12)), 1) - this.zeros;
    if (left <= 0) return 0;
    for (let bin = 0; bin < bins; bin++) {
      left -= this.counts[bin]!;
      if (left <= 0) return this.middle(bin);
    }
    throw new Error("bins do not hold all gaps");
  }

  private middle(bin: number): Seconds {
    this.words[0] = 0;
    this.words[1] = 0;
    this.words[this.highWord] = ((bin + leastBin) << binShift) + (1 << (binShift - 1));
    return this.number[0]!;
  }
}
