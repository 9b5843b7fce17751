/**
 * What spreads a metric around its prediction: the model's own error, from the interval of measured runs, and of a run
 * under failures the chance of interruptions. Draws and probabilities take both from here.
 *
 * All times of one draw take the same error and rates the opposite one: a step that takes longer has a lower rate.
 * Ignores: errors of prices and of power; what interruptions do to the spread of energy.
 */

import { type ErrorRange, errorAtMost, errorFactor } from "../../base/error-range.ts";
import { normalQuantile } from "../../base/normal.ts";
import { onTime, onTimeQuantile, stretched, type WallTime, wallQuantile } from "../../reliability/index.ts";
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
export interface ErrorOf extends ErrorRange {
  /** Metric whose interval is taken; the metric's own, or the one that it follows. */
  readonly metric: string;
}

/** Nothing where no measured runs say. */
export function errorOf({ metrics, basis }: Prediction, metric: string): ErrorOf | undefined {
  for (const each of [metric, follows[metric]]) {
    if (each === undefined) continue;
    const { interval, level } = basis[each] ?? { interval: null, level: 0 };
    const value = metrics[each];
    if (!interval || value === undefined || value <= 0) continue;
    return { metric: each, low: interval[0] / value, high: interval[1] / value, level };
  }
  return undefined;
}

/** Uniform draws of one sample: of the error of times, of that of memory, and of how interruptions come. */
export interface ErrorDraw {
  readonly time: number;
  readonly memory: number;
  readonly chance: number;
}

/** Truth over prediction of a metric in one draw. */
export function drawnError(metric: string, range: ErrorOf, draw: Pick<ErrorDraw, "time" | "memory">): number {
  const u = memories.test(metric) ? draw.memory : rates.test(metric) ? 1 - draw.time : draw.time;
  return errorFactor(range, normalQuantile(u));
}

/** Metrics in proportion to the wall time of a run. */
const withWall = new Set(["timeToTrain", "cost"]);

/** How the wall time behind a metric spreads by interruptions; nothing where it does not. */
function wallOf({ wallTimeSpread }: Prediction, metric: string): WallTime | undefined {
  return withWall.has(metric) ? wallTimeSpread : undefined;
}

/** Metric over prediction in one draw, with both; `error` absent where no measured runs say how far off the model is. */
export function drawnFactor(
  prediction: Prediction,
  metric: string,
  draw: ErrorDraw,
): { readonly factor: number; readonly error?: string } {
  const own = errorOf(prediction, metric);
  const wall = wallOf(prediction, metric);
  const error = own === undefined ? 1 : drawnError(metric, own, draw);
  const factor = wall === undefined ? error : wallQuantile(stretched(wall, error), draw.chance) / wall.mean;
  return own === undefined ? { factor } : { factor, error: own.metric };
}

/** Nine of ten lie between: a twentieth below, a twentieth above. Undefined where nothing says. */
export function spreadOf(prediction: Prediction, metric: string): readonly [low: number, high: number] | undefined {
  const value = prediction.metrics[metric];
  const own = errorOf(prediction, metric);
  const wall = wallOf(prediction, metric);
  if (value === undefined || own === undefined) return undefined;
  if (wall === undefined) return [value * own.low, value * own.high];
  const at = (share: number): number => (value / wall.mean) * onTimeQuantile(wall, share, own);
  return [at(0.05), at(0.95)];
}

/** Probability that a metric is at most a limit. Undefined where nothing says how far off the model is. */
export function probabilityAtMost(prediction: Prediction, metric: string, limit: number): number | undefined {
  const value = prediction.metrics[metric];
  const own = errorOf(prediction, metric);
  const wall = wallOf(prediction, metric);
  if (value === undefined || own === undefined || !(value > 0)) return undefined;
  return wall === undefined ? errorAtMost(own, limit / value) : onTime(wall, (limit / value) * wall.mean, own);
}
