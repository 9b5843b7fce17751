/**
 * Closed loops of benchmark clients: so many requests under way at once, the next as soon as one ends. The first requests
 * of a run start together, so a run's length decides how much of its mean time to first token is that burst. Long runs
 * of many clients are cut, which leaves the time per token within 2 %; their time to first token is then no primary.
 */

import type { Assumption, Measured, Section } from "../../record.ts";
import { assume } from "../converter.ts";

export interface ClosedLoop {
  readonly concurrency: number;
  readonly input: number;
  readonly output: number;
  /** Lengths from this share of the nominal up to it; 1 for all alike. */
  readonly least: number;
}

/** Prompts of a run for each client. @source inferencex-scripts */
const promptsPerClient = 10;
/** Above so many clients runs are cut to so many tokens, but not below so many prompts each. */
const clientsWhole = 64;
const tokensMost = 1e6;
const promptsLeast = 4;

/** Requests of a closed loop. */
export function closedLoop(loop: ClosedLoop): Section {
  const { concurrency, input, output, least } = loop;
  const tokens = (most: number): number | Section =>
    least === 1 ? most : { from: Math.max(1, Math.floor(least * most)), to: most };
  return { concurrency, count: promptsOf(loop) * concurrency, input: tokens(input), output: tokens(output) };
}

/** Prompts for each client that are run. */
function promptsOf({ concurrency, output }: ClosedLoop): number {
  if (concurrency <= clientsWhole) return promptsPerClient;
  const fitting = Math.floor(tokensMost / (concurrency * output));
  return Math.min(promptsPerClient, Math.max(promptsLeast, fitting));
}

/** What a cut run leaves to be said, and which of its readings still judge. */
export function cutReadings(
  loop: ClosedLoop,
  measured: readonly Measured[],
): { readonly measured: readonly Measured[]; readonly assumptions: readonly Assumption[] } {
  const prompts = promptsOf(loop);
  if (prompts === promptsPerClient) return { measured, assumptions: [] };
  const reason = `of ${promptsPerClient} for each client: the time per token has settled, the burst at the start weighs more`;
  return {
    measured: measured.map((entry) =>
      entry.metric.startsWith("timeToFirstToken") ? { ...entry, primary: false } : entry,
    ),
    assumptions: [assume("workload.requests.count", `${prompts} for each client`, reason)],
  };
}
