/** The recommended service under less and under more load than asked: the same design and requests, another rate. */

import { parseQuantity } from "../../base/quantity.ts";
import type { LoadPoint } from "../../report/index.ts";
import { isObject } from "../../scenario/index.ts";
import { attempt, type WrittenOption } from "./options.ts";

const factors = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;

/** Nothing where the scenario states no single rate of arrivals. */
export function loadsOf(best: WrittenOption | undefined): readonly LoadPoint[] {
  const raw = best?.source?.raw;
  if (best?.design?.kind !== "serving" || raw === undefined) return [];
  const workload = isObject(raw.workload) ? raw.workload : {};
  const requests = isObject(workload.requests) ? workload.requests : {};
  const rate = typeof requests.rate === "string" ? parseQuantity(requests.rate, "perSecond") : undefined;
  if (rate?.ok !== true) return [];
  return factors.flatMap((factor): readonly LoadPoint[] => {
    const offered = rate.value * factor;
    const changed = { ...raw, workload: { ...workload, requests: { ...requests, rate: `${offered} /s` } } };
    const prediction = factor === 1 ? best.prediction : attempt(best, changed)?.prediction;
    return prediction === undefined ? [] : [{ factor, rate: offered, prediction }];
  });
}
