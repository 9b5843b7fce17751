/** Latency targets against what came out: which are met, and by how many requests. */

import type { TargetResult } from "../prediction.ts";
import type { ServingDesign, Target } from "./design.ts";
import type { ServingRun } from "./run.ts";

/** Each target with its metric; absent where there is none. */
export function targetResults(
  { slo }: Pick<ServingDesign, "slo">,
  run: ServingRun,
): { targets?: readonly TargetResult[] } {
  if (slo.length === 0) return {};
  return { targets: slo.flatMap((target) => resultOf(target, run)) };
}

function resultOf({ metric, statistic, most, className }: Target, run: ServingRun): TargetResult[] {
  const name = `${metric}.${statistic}`;
  const of = className === undefined ? run : run.classes.find((each) => each.name === className);
  // Where a workload has one class only, its figures are those of the run.
  const value = (of ?? run).metrics[name];
  if (value === undefined) return [];
  const met = value <= most ? "met" : "missed";
  return [{ metric: name, most, value, met, ...(className === undefined ? {} : { className }) }];
}

/** Share of all requests that kept every target of theirs, each judged by itself; absent where nothing was asked for. */
export function attainment({ metrics, duration, requests }: ServingRun): Readonly<Record<string, number>> {
  const { sloGoodput } = metrics;
  if (sloGoodput === undefined || requests.released === 0) return {};
  return { sloAttainment: (sloGoodput * duration) / requests.released };
}
