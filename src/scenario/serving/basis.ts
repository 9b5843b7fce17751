/**
 * Trust in what a serving run says: mean and median latencies by measured runs of its hardware and class of model, where
 * the fleet keeps up; rates only of requests that all come at once, since elsewhere they are those that were sent.
 */

import { mean } from "../../base/statistics.ts";
import { basisOf } from "../../catalog/accuracy/index.ts";
import { architectureClass } from "../../catalog/models/architecture-class.ts";
import { countParameters } from "../../catalog/models/index.ts";
import type { LengthLaw } from "../../workload/request/spec.ts";
import type { Basis } from "../prediction.ts";
import { worstBasis } from "../training/mixed-basis.ts";
import type { RequestsDesign, ServingDesign } from "./design.ts";
import type { ServingRun } from "./run.ts";

const unjudged: Basis = { interval: null, level: 0.9, trust: "assumed" };

export function servingBasis(
  design: ServingDesign,
  { verdict }: Pick<ServingRun, "verdict">,
  metrics: Readonly<Record<string, number>>,
): Record<string, Basis> {
  const { model, pools, requests } = design;
  const query = {
    kind: "serving",
    architecture: architectureClass(model),
    accelerators: pools.reduce((sum, { replicas, layout }) => sum + replicas * layout.accelerators, 0),
    parameters: countParameters(model).total,
    sequence: meanTokens(requests),
  };
  const generations = [...new Set(pools.map(({ cluster }) => cluster.node.accelerator.generation))];
  const batch = requests.source === "described" && requests.spec.arrival.kind === "batch";
  const judges = (metric: string): boolean => (/PerSecond/.test(metric) ? batch : verdict === "stable");
  return Object.fromEntries(
    Object.entries(metrics).map(([metric, value]) => {
      if (!judges(metric)) return [metric, unjudged];
      return [metric, worstBasis(generations.map((generation) => basisOf({ ...query, generation, metric, value })))];
    }),
  );
}

/** Tokens of a mean request, prompt and answer. */
export function meanTokens(requests: RequestsDesign): number {
  if (requests.source === "trace") {
    const { input, output, count } = requests.list;
    let sum = 0;
    for (let row = 0; row < count; row++) sum += (input[row] ?? 0) + (output[row] ?? 0);
    return count === 0 ? 0 : sum / count;
  }
  const { classes, prefix } = requests.spec;
  const own = classes.reduce((sum, { share, input, output }) => sum + share * (meanOf(input) + meanOf(output)), 0);
  return own + (prefix === undefined ? 0 : meanOf(prefix.tokens));
}

/** Mean of a law before it is cut to its least and most; of a log-normal one the median. */
function meanOf(law: LengthLaw): number {
  switch (law.kind) {
    case "constant":
      return law.value;
    case "uniform":
      return (law.from + law.to) / 2;
    case "lognormal":
      return law.median;
    case "values":
      return mean(Array.from(law.values));
    default:
      return law.mean;
  }
}
