/**
 * How far a prediction can be trusted, from the measured error of the models on published runs. An interval is the
 * predicted value over the 5th and 95th percentile of predicted / measured on runs of the same kind, hardware generation
 * and class of architecture; the nearest measured run says whether the question lies inside or outside of what was seen.
 *
 * Ignores: everything but size, length and class when it looks for the nearest run (layout, software, precision).
 */

import { log2, sqrt } from "../../base/math.ts";
import { accuracyTable } from "./accuracy.generated.ts";
import { servingAccuracyTable } from "./serving.generated.ts";
import type { AccuracyCase, AccuracyClass, AccuracyTable } from "./table.ts";

export type { AccuracyCase, AccuracyClass, AccuracyTable } from "./table.ts";

export interface AccuracyQuery {
  /** Metric name of the prediction, e.g. `stepTime`. */
  readonly metric: string;
  /** Predicted value in SI; without it there is no interval. */
  readonly value?: number;
  /** Kind of the workload: `training` or `serving`. */
  readonly kind: string;
  readonly generation: string;
  /** dense, moe or hybrid: `architectureClass`. */
  readonly architecture: string;
  readonly accelerators: number;
  /** Parameters of the model. */
  readonly parameters?: number;
  /** Tokens per sequence; of a request its prompt and answer. */
  readonly sequence?: number;
}

export interface AccuracyBasis {
  readonly interval: readonly [low: number, high: number] | null;
  readonly level: number;
  readonly trust: "measured" | "interpolated" | "extrapolated" | "assumed";
  /** Distance: factors of two in size, parameters and length, root of the squares. */
  readonly nearest?: { readonly id: string; readonly distance: number };
}

/** How a metric follows from a time: with it, against it, or by memory evidence of its own. */
const behaviours: Readonly<Record<string, "time" | "rate" | "memory">> = {
  stepTime: "time",
  tokensPerSecond: "rate",
  tokensPerSecondPerAccelerator: "rate",
  modelFlopsPerSecondPerAccelerator: "rate",
  modelFlopsUtilization: "rate",
  memoryPerAccelerator: "memory",
  modelStateMemory: "memory",
  activationMemory: "memory",
};

/** Latencies of serving whose means and medians were measured, and what they were judged as. */
const latencies: Readonly<Record<string, string>> = {
  endToEndLatency: "serving-endToEndLatency",
  timeToFirstToken: "serving-timeToFirstToken",
  timePerOutputToken: "serving-timePerOutputToken",
  interTokenLatency: "serving-timePerOutputToken",
};

interface Judged {
  readonly kind: string;
  readonly behaviour: "time" | "rate" | "memory";
}

/** What evidence judges a metric by; nothing where there is none of it. */
function judgedAs({ kind, metric }: AccuracyQuery): Judged | undefined {
  if (kind === "serving") {
    const [name = "", statistic] = metric.split(".");
    const latency = statistic === "mean" || statistic === "p50" ? latencies[name] : undefined;
    if (latency !== undefined) return { kind: latency, behaviour: "time" };
    return /PerSecond/.test(metric) ? { kind: "serving-rate", behaviour: "rate" } : undefined;
  }
  const behaviour = behaviours[metric];
  return behaviour && { kind: `${kind}-${behaviour === "memory" ? "memory" : "step"}`, behaviour };
}

/** Fewest values that make an interval. */
const fewest = 5;

/** Within this distance a run counts as the same size. */
const sameSize = 0.1;

/** Trust in one metric of a prediction. */
export function basisOf(query: AccuracyQuery, table: AccuracyTable = tableOf(query)): AccuracyBasis {
  const judged = judgedAs(query);
  const assumed = { interval: null, level: table.level, trust: "assumed" } as const;
  if (judged === undefined) return assumed;
  const { kind, behaviour } = judged;
  const cases = table.cases.filter((entry) => entry.kind === kind && sameClass(entry, query));
  const nearest = nearestCase(cases, query);
  const entry = table.classes.find((found) => found.kind === kind && sameClass(found, query));
  if (entry === undefined || entry.count < fewest || nearest === undefined) {
    return nearest === undefined ? assumed : { ...assumed, nearest };
  }
  return {
    interval: query.value === undefined ? null : intervalOf(query.value, entry, behaviour),
    level: table.level,
    trust: trustOf(cases, query, nearest.distance),
    nearest,
  };
}

function tableOf({ kind }: AccuracyQuery): AccuracyTable {
  return kind === "serving" ? servingAccuracyTable : accuracyTable;
}

function sameClass(entry: AccuracyCase | AccuracyClass, query: AccuracyQuery): boolean {
  return entry.generation === query.generation && entry.architecture === query.architecture;
}

function intervalOf(
  value: number,
  entry: AccuracyClass,
  behaviour: "time" | "rate" | "memory",
): readonly [number, number] {
  return behaviour === "rate" ? [value * entry.low, value * entry.high] : [value / entry.high, value / entry.low];
}

/** Inside the sizes that were measured, or beyond the largest. */
function trustOf(cases: readonly AccuracyCase[], query: AccuracyQuery, distance: number): AccuracyBasis["trust"] {
  if (distance <= sameSize) return "measured";
  const beyond = (value: number | undefined, of: (entry: AccuracyCase) => number): boolean =>
    value !== undefined && (value > Math.max(...cases.map(of)) || value < Math.min(...cases.map(of)));
  const outside =
    beyond(query.accelerators, (entry) => entry.accelerators) ||
    beyond(query.parameters, (entry) => entry.parameters) ||
    beyond(query.sequence, (entry) => entry.sequence);
  return outside ? "extrapolated" : "interpolated";
}

function nearestCase(cases: readonly AccuracyCase[], query: AccuracyQuery): AccuracyBasis["nearest"] {
  let best: { id: string; distance: number } | undefined;
  for (const entry of cases) {
    const distance = distanceOf(entry, query);
    if (best === undefined || distance < best.distance) best = { id: entry.id, distance };
  }
  return best;
}

/** Root of the summed squares of the factors of two between two runs. */
function distanceOf(entry: AccuracyCase, query: AccuracyQuery): number {
  const apart = (a: number, b: number | undefined): number => {
    const doublings = b === undefined ? 0 : log2(a / b);
    return doublings * doublings;
  };
  return sqrt(
    apart(entry.accelerators, query.accelerators) +
      apart(entry.parameters, query.parameters) +
      apart(entry.sequence, query.sequence),
  );
}
