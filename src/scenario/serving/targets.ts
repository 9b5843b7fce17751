/** Latency targets against what was measured: which are met, and how many requests met all of theirs. */

import type { TargetResult } from "../prediction.ts";
import type { ServingDesign, Target } from "./design.ts";
import type { ServingRun } from "./run.ts";

/** Each target with its metric; absent where there is none. */
export function attainment(
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

/** Requests a second that met every target of theirs, and their share; absent where nothing was asked for. */
export function goodput({ goodRequests, duration, requests }: ServingRun): Readonly<Record<string, number>> {
  if (goodRequests === undefined || duration === 0) return {};
  return { sloGoodput: goodRequests / duration, sloAttainment: goodRequests / Math.max(1, requests.released) };
}
