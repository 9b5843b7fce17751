/** What a simulated fleet answers: the seam between `serving` and its prediction. */

import type { Seconds } from "../../base/quantity.ts";
import type { Term } from "../../base/term.ts";
import type { Verdict } from "../prediction.ts";

/** A run, a stage of it, or the requests of a class. */
export interface ServingFigures {
  /** Names of DESIGN 2.3: latencies with their statistics, rates, hit rates, preemptions. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface ServingRun extends ServingFigures {
  /** From the first arrival to the last token. */
  readonly duration: Seconds;
  readonly requests: RequestCounts;
  readonly verdict: Verdict;
  /** What the verdict rests on, in one sentence. */
  readonly reason: string;
  /** Where the time of a mean request goes: host, queue, prefill, interference, decode, hand-over. */
  readonly terms: Term;
  /** Stages of rates, where the scenario has them. */
  readonly stages: readonly (ServingFigures & { readonly stage: number; readonly rate: number })[];
  /** Classes of requests, where there are several. */
  readonly classes: readonly (ServingFigures & { readonly name: string })[];
  /** One a pool, in the order of the design. */
  readonly pools: readonly PoolUse[];
}

export interface RequestCounts {
  readonly released: number;
  readonly completed: number;
  /** Given up by the client, turned away by admission. */
  readonly timedOut: number;
  readonly rejected: number;
}

export interface PoolUse {
  readonly name: string;
  /** Replica-seconds held, and of these with an iteration running. */
  readonly held: Seconds;
  readonly busy: Seconds;
  /** Shares of busy time by what binds the accelerators; for power. */
  readonly compute: number;
  readonly memory: number;
  readonly communication: number;
}
