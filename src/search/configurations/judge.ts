/** A prediction of serving held against its targets: what it lacks, how much of them it uses, whether that is sure. */

import { formatQuantity } from "../../base/quantity.ts";
import type { Prediction } from "../../scenario/index.ts";

/** In words; empty where every target is kept. */
export function lacksOf({ feasible, binding, verdict, targets = [] }: Prediction): readonly string[] {
  if (!feasible) return [`${binding?.resource ?? "memory"}`];
  const missed = targets
    .filter(({ met }) => met === "missed")
    .map(({ metric, value, most }) => {
      return `${metric} ${formatQuantity(value, "seconds")} of ${formatQuantity(most, "seconds")}`;
    });
  return [...(verdict === "overloaded" ? ["overloaded"] : []), ...missed];
}

/** Largest value of a target over its limit; infinite where nothing was served. */
export function roomOf({ feasible, targets = [] }: Prediction): number {
  if (!feasible || targets.length === 0) return Number.POSITIVE_INFINITY;
  return Math.max(...targets.map(({ value, most }) => value / most));
}

/** Whether the intervals of all targets lie on the side of their values; unknown where a class or a metric has none. */
export function surelyMeets({ targets = [], basis }: Prediction): "sure" | "within-error" | "unknown" {
  let sure: "sure" | "unknown" = "sure";
  for (const { metric, most, className } of targets) {
    const interval = className === undefined ? basis[metric]?.interval : undefined;
    if (!interval) sure = "unknown";
    else if (interval[0] <= most && interval[1] > most) return "within-error";
  }
  return sure;
}
