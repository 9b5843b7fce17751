/** The range of a metric, and the probability that it keeps a limit: the same law that `predict` draws from. */

import { type Told, toldApart } from "../../base/told-apart.ts";
import type { Prediction } from "../../scenario/index.ts";
import { probabilityAtMost, spreadOf } from "../../search/study/index.ts";
import type { Requirement } from "./question.ts";

export type Interval = readonly [low: number, high: number];

/** Where nine of ten lie; undefined where nothing measured says. */
export function intervalOf(prediction: Prediction, metric: string): Interval | undefined {
  return spreadOf(prediction, metric);
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

/** Probability that a metric keeps its limit; undefined without a range. */
export function probabilityOf(prediction: Prediction, requirement: Requirement): number | undefined {
  const { metric, sense, value: limit } = requirement;
  const below = probabilityAtMost(prediction, metric, limit);
  return below === undefined || sense === "atMost" ? below : 1 - below;
}
