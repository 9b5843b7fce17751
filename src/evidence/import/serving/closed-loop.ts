/**
 * Closed loops of benchmark clients: so many requests under way at once, the next as soon as one ends. The first requests
 * of a run start together, so a run's length decides how much of its mean time to first token is that burst.
 */

import type { Section } from "../../record.ts";

export interface ClosedLoop {
  readonly concurrency: number;
  readonly input: number;
  readonly output: number;
  /** Lengths from this share of the nominal up to it; 1 for all alike. */
  readonly least: number;
}

/** Prompts of a run for each client. @source inferencex-scripts */
const promptsPerClient = 10;

/** Requests of a closed loop. */
export function closedLoop({ concurrency, input, output, least }: ClosedLoop): Section {
  const tokens = (most: number): number | Section =>
    least === 1 ? most : { from: Math.max(1, Math.floor(least * most)), to: most };
  return { concurrency, count: promptsPerClient * concurrency, input: tokens(input), output: tokens(output) };
}
