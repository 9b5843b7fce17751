/**
 * The range of a metric, and the probability that it keeps a limit.
 *
 * A metric without measured runs of its own that follows the step time (time to train, cost, energy at fixed prices and
 * power) takes the relative range of the step time. Ignores: errors of prices and of power.
 */

import { exp, log, sqrt } from "../../base/math.ts";
import { type Told, toldApart } from "../../base/told-apart.ts";
import type { Prediction } from "../../scenario/index.ts";
import type { Requirement } from "./question.ts";

export type Interval = readonly [low: number, high: number];

/** Metrics in proportion to the step time, all else fixed. */
const withStep = new Set(["timeToTrain", "cost", "energy"]);

/** Where the range is from; undefined where nothing measured says. */
export function intervalOf(prediction: Prediction, metric: string): Interval | undefined {
  const own = prediction.basis[metric]?.interval;
  if (own) return own;
  const step = prediction.basis.stepTime?.interval;
  const [value, stepTime] = [prediction.metrics[metric], prediction.metrics.stepTime];
  if (!step || value === undefined || stepTime === undefined || !withStep.has(metric)) return undefined;
  return [(value * step[0]) / stepTime, (value * step[1]) / stepTime];
}

/** Whether measured errors tell two options apart, by the ranges that the requirements are judged by. */
export function toldBy(metric: string, one: Prediction, other: Prediction): Told | undefined {
  const [a, b] = [one.metrics[metric], other.metrics[metric]];
  if (a === undefined || b === undefined) return undefined;
  return toldApart(
    { value: a, interval: intervalOf(one, metric) ?? null },
    { value: b, interval: intervalOf(other, metric) ?? null },
  );
}

/** 95 % of a standard normal distribution lie below. */
const z95 = 1.6449;

/**
 * Probability that a metric keeps its limit: the range is its 5th and 95th percentile, the prediction its median where it
 * lies between them, and the logarithm is normal on either side. Undefined without a range.
 */
export function probabilityOf(prediction: Prediction, requirement: Requirement): number | undefined {
  const { metric, sense, value: limit } = requirement;
  const value = prediction.metrics[metric];
  const interval = intervalOf(prediction, metric);
  if (value === undefined || interval === undefined || !(limit > 0) || !(interval[0] > 0)) return undefined;
  const [low, high] = interval;
  const middle = low < value && value < high ? value : sqrt(low * high);
  const spread = (limit < middle ? log(middle / low) : log(high / middle)) / z95;
  if (!(spread > 0)) return undefined;
  const below = normal(log(limit / middle) / spread);
  return sense === "atMost" ? below : 1 - below;
}

/** Share of a standard normal distribution below z: a series about 0, a continued fraction in the tails. */
export function normal(z: number): number {
  if (z < 0) return 1 - normal(-z);
  if (z > 8) return 1;
  const density = exp((-z * z) / 2) / sqrt(2 * Math.PI);
  if (z < 3) {
    let term = z;
    let total = z;
    for (let index = 3; index < 80; index += 2) {
      term *= (z * z) / index;
      total += term;
    }
    return 0.5 + density * total;
  }
  let fraction = z;
  for (let index = 60; index > 0; index -= 1) fraction = z + index / fraction;
  return 1 - density / fraction;
}
