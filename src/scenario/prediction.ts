/** What a prediction says: DESIGN 2.3. Other tools parse this; names and units are fixed. */

import type { Term } from "../base/term.ts";
import type { WallTime } from "../reliability/index.ts";
import type { StragglerRemoval } from "../training/index.ts";
import type { WorkloadKind } from "./schema/workload.ts";

export type Fit = "fits" | "tight" | "does-not-fit";

/** What was not given and is taken for granted. */
export interface Assumption {
  /** Field of the scenario, or of what is assumed about the world. */
  readonly path: string;
  readonly value: string;
  readonly reason: string;
}

/** How far a metric can be trusted. */
export interface Basis {
  /** Range that holds the truth with probability `level`; null where no measured runs say so. */
  readonly interval: readonly [low: number, high: number] | null;
  readonly level: number;
  readonly trust: "measured" | "interpolated" | "extrapolated" | "assumed";
  /** The nearest measured run. */
  readonly nearest?: { readonly id: string; readonly distance: number };
}

/** The resource that is exceeded. */
export interface Binding {
  readonly resource: string;
  readonly needed: number;
  readonly available: number;
}

/** One stop of a sweep, or one stage of a run. */
export interface Point {
  /** Where: `{ size }` of a collective in bytes, `{ job }` of a traffic by name. */
  readonly at: Readonly<Record<string, number | string>>;
  readonly metrics: Readonly<Record<string, number>>;
  /** What was chosen there: the algorithm of a collective. */
  readonly how?: string;
  readonly trust?: Basis["trust"];
  /** The same without the calibration profile that the scenario names. */
  readonly raw?: Readonly<Record<string, number>>;
  /** Of a frontier: no other point has both more throughput and more speed for each user. */
  readonly pareto?: boolean;
}

/** The busiest link of one class, and how many are as busy. */
export interface LinkUse {
  readonly class: string;
  readonly link: string;
  readonly alike: number;
  /** Share of the time that it carries something at its full rate. */
  readonly utilization: number;
  /** Those of several jobs that use it. */
  readonly jobs?: readonly string[];
}

/** Links that two jobs have in common. */
export interface SharedLinks {
  readonly jobs: readonly [string, string];
  readonly count: number;
  /** The one that all jobs together load most. */
  readonly hottest: string;
}

/** A latency target and what came of it. */
export interface TargetResult {
  /** Name of the metric with its statistic. */
  readonly metric: string;
  /** Of the requests of one class. */
  readonly className?: string;
  readonly most: number;
  readonly value: number;
  readonly met: "met" | "missed";
}

/** Whether a fleet keeps up: always, at the end behind, or ever further behind. */
export type Verdict = "stable" | "backlogged" | "overloaded";

/** One kind of component that interrupts a job. */
export interface Interruption {
  readonly component: string;
  readonly label: string;
  /** How many of it the job uses. */
  readonly count: number;
  /** Of one of them, in seconds. */
  readonly meanTimeBetweenFailures: number;
  /** Of the job by all of them, in seconds. */
  readonly meanTimeBetweenInterruptions: number;
}

export interface Prediction {
  readonly name: string;
  readonly kind: WorkloadKind;
  readonly fit: Fit;
  /** False where the design does not fit; metrics then say what it would do with enough memory. */
  readonly feasible: boolean;
  readonly binding?: Binding;
  /** Of serving. */
  readonly verdict?: Verdict;
  /** Latency targets of serving, each with what came of it. */
  readonly targets?: readonly TargetResult[];
  /** Flat names, SI values. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Unit of each metric, e.g. `s`. */
  readonly units: Readonly<Record<string, string>>;
  readonly terms: Term;
  /** Where the wall time of a run under failures goes; absent without reliability or without tokens. */
  readonly wallTime?: Term;
  /** How it spreads by when interruptions come: at least, on average, and its standard deviation. */
  readonly wallTimeSpread?: WallTime;
  /** What interrupts the job, where failures are in the prediction. */
  readonly interruptions?: readonly Interruption[];
  /** Where a sweep was asked for, or stages were run: each by itself. `metrics` is then of the largest size, or the whole. */
  readonly points?: readonly Point[];
  /** The busiest links by class, first the busiest, where the network was looked at link by link. */
  readonly links?: readonly LinkUse[];
  /** Which links jobs side by side have in common, first the most loaded. */
  readonly sharedLinks?: readonly SharedLinks[];
  /** What removing each straggler that the scenario names is worth; absent where it names none. */
  readonly stragglers?: readonly StragglerRemoval[];
  readonly assumptions: readonly Assumption[];
  readonly warnings: readonly string[];
  readonly basis: Readonly<Record<string, Basis>>;
  readonly provenance: { readonly version: string; readonly seed: number };
}

/** Units of the training metrics. */
export const trainingUnits: Readonly<Record<string, string>> = Object.freeze({
  stepTime: "s",
  tokensPerSecond: "token/s",
  tokensPerSecondPerAccelerator: "token/s",
  modelFlopsPerSecondPerAccelerator: "flop/s",
  modelFlopsUtilization: "1",
  memoryPerAccelerator: "B",
  modelStateMemory: "B",
  activationMemory: "B",
  bubbleTime: "s",
  exposedCommunicationTime: "s",
  trainingGoodput: "1",
  timeToTrain: "s",
  "timeToTrain.p50": "s",
  "timeToTrain.p90": "s",
  productiveTime: "s",
  interruptions: "1",
  timeBetweenInterruptions: "s",
  restartTime: "s",
  spareNodes: "1",
  deadlineProbability: "1",
  checkpointSize: "B",
  checkpointInterval: "s",
  checkpointStall: "s",
  checkpointPersistTime: "s",
  loadTime: "s",
  cost: "USD",
  energy: "J",
});
