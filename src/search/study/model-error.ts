/**
 * The model's own error as something to draw from: truth over prediction, from the interval of a metric. The middle of the
 * draws is the prediction, a twentieth lies beyond each end; between them the logarithm is spread evenly.
 *
 *     log(truth / prediction) = log(low) (0.5 - u) / 0.45   for u below a half
 *                             = log(high) (u - 0.5) / 0.45  above
 *
 * All times of one draw take the same u and rates the opposite one: a step that takes longer has a lower rate.
 */

import { exp, log } from "../../base/math.ts";
import type { Prediction } from "../../scenario/index.ts";

/** Metrics without measured runs of their own that are proportional to one that has them. */
const follows: Readonly<Record<string, string>> = {
  timeToTrain: "stepTime",
  cost: "stepTime",
  energy: "stepTime",
};

const rates = /PerSecond|Utilization|^trainingGoodput$/;
const memories = /Memory|^memory/;

/** What says how far off a metric may be. */
export interface ErrorOf {
  /** Metric whose interval is taken; the metric's own, or the one that it follows. */
  readonly metric: string;
  readonly low: number;
  readonly high: number;
}

/** Nothing where no measured runs say. */
export function errorOf({ metrics, basis }: Prediction, metric: string): ErrorOf | undefined {
  for (const each of [metric, follows[metric]]) {
    if (each === undefined) continue;
    const interval = basis[each]?.interval;
    const value = metrics[each];
    if (!interval || value === undefined || value <= 0) continue;
    return { metric: each, low: interval[0] / value, high: interval[1] / value };
  }
  return undefined;
}

/** Uniform draws of one sample: of the time of the whole, and of its memory. */
export interface ErrorDraw {
  readonly time: number;
  readonly memory: number;
}

/** Truth over prediction of a metric in one draw. */
export function drawnError(metric: string, { low, high }: ErrorOf, draw: ErrorDraw): number {
  const u = memories.test(metric) ? draw.memory : rates.test(metric) ? 1 - draw.time : draw.time;
  return u < 0.5 ? exp((log(low) * (0.5 - u)) / 0.45) : exp((log(high) * (u - 0.5)) / 0.45);
}
