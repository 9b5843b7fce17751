/**
 * What one iteration of an engine computes, as far as its time goes: an engine fills one batch for each
 * attention-data-parallel rank and asks a `StepTime`. Batches are reused from iteration to iteration.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { Term } from "../../base/term.ts";

/** Sequences of one rank in one iteration. */
export class Batch {
  /** Sequences that generate: one token each, and the drafted ones under speculation. */
  decodes = 0;
  /** Tokens of those sequences. */
  decodeTokens = 0;
  /** Sum over them of the tokens in the cache before the iteration, the smallest and the largest. */
  decodeContext = 0;
  decodeContextMin: number = Number.POSITIVE_INFINITY;
  decodeContextMax = 0;
  /** Sequences that compute prompt tokens (or recompute), the first `prefills` entries of the arrays below. */
  prefills = 0;
  prefillTokens = 0;
  /** Tokens computed now, and tokens before them in the cache. */
  prefillChunk: Int32Array = new Int32Array(64);
  prefillCached: Int32Array = new Int32Array(64);
  /** Rows that go through the head and the sampler. */
  sampled = 0;

  clear(): void {
    this.decodes = 0;
    this.decodeTokens = 0;
    this.decodeContext = 0;
    this.decodeContextMin = Number.POSITIVE_INFINITY;
    this.decodeContextMax = 0;
    this.prefills = 0;
    this.prefillTokens = 0;
    this.sampled = 0;
  }

  /** A sequence that generates `tokens` with `context` tokens cached before them. */
  addDecode(tokens: number, context: number): void {
    this.decodes += 1;
    this.decodeTokens += tokens;
    this.decodeContext += context;
    if (context < this.decodeContextMin) this.decodeContextMin = context;
    if (context > this.decodeContextMax) this.decodeContextMax = context;
  }

  /** A chunk of a prompt after `cached` tokens. */
  addPrefill(chunk: number, cached: number): void {
    if (this.prefills === this.prefillChunk.length) this.grow();
    this.prefillChunk[this.prefills] = chunk;
    this.prefillCached[this.prefills] = cached;
    this.prefills += 1;
    this.prefillTokens += chunk;
  }

  get tokens(): number {
    return this.decodeTokens + this.prefillTokens;
  }

  private grow(): void {
    const rows = 2 * this.prefillChunk.length;
    const [chunk, cached] = [new Int32Array(rows), new Int32Array(rows)];
    chunk.set(this.prefillChunk);
    cached.set(this.prefillCached);
    this.prefillChunk = chunk;
    this.prefillCached = cached;
  }
}

/** Time of iterations on one replica. Pure, and quick: a call is on the path of every iteration. */
export interface StepTime {
  /**
   * Time on the accelerators of one iteration, of the slowest pipeline stage where there are several.
   * @param batches one a data-parallel attention rank; empty ones are ranks that idle along.
   */
  time(batches: readonly Batch[]): Seconds;
  /** What of it is drafting, where tokens are drafted on the accelerators. */
  readonly drafting?: (batches: readonly Batch[]) => Seconds;
  /** The same opened up. */
  terms(batches: readonly Batch[]): Term;
}
