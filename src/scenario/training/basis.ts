/** What measured runs say about the metrics of a training design. */

import { type AccuracyQuery, basisOf } from "../../catalog/accuracy/index.ts";
import { architectureClass } from "../../catalog/models/architecture-class.ts";
import { countParameters } from "../../catalog/models/index.ts";
import { clustersOf, type TrainingCase } from "../../training/index.ts";
import type { Basis } from "../prediction.ts";
import { worstBasis } from "./mixed-basis.ts";

export function basisOfMetrics(c: TrainingCase, metrics: Readonly<Record<string, number>>): Record<string, Basis> {
  return Object.fromEntries(
    Object.entries(metrics).map(([metric, value]) => [metric, basisOfMetric(c, metric, value)]),
  );
}

/** Lowest and highest step time over the predicted one, as measured runs like it show; undefined without such runs. */
export function stepTimeRange(c: TrainingCase): readonly [low: number, high: number] | undefined {
  return basisOfMetric(c, "stepTime", 1).interval ?? undefined;
}

function basisOfMetric(c: TrainingCase, metric: string, value: number): Basis {
  const query: Omit<AccuracyQuery, "generation"> = {
    kind: "training",
    architecture: architectureClass(c.model),
    accelerators: c.cluster.accelerators,
    parameters: countParameters(c.model).total,
    sequence: c.sequenceLength,
    metric,
    value,
  };
  const generations = [...new Set(clustersOf(c).map(({ node }) => node.accelerator.generation))];
  return worstBasis(generations.map((generation) => basisOf({ ...query, generation })));
}
