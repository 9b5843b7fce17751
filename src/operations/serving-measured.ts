/** What `explain --measured` adds for serving: results beside the prediction, a gap for each mean latency, what moves it. */

import { ProblemError } from "../base/problem.ts";
import {
  parseServingMeasured,
  type ServingComparison,
  type ServingGap,
  type ServingMeasurement,
  servingComparison,
  servingGaps,
  servingMeasuredFromFile,
} from "../evidence/index.ts";
import type { DesignOf, Prediction } from "../scenario/index.ts";
import type { Host } from "./host.ts";
import { measuredText } from "./measured.ts";
import { type TermSensitivity, termSensitivities } from "./term-sensitivity.ts";

export interface ServingMeasuredAnswer {
  readonly measurement: ServingMeasurement;
  readonly comparison: ServingComparison;
  /** One for each mean latency that was measured, or follows from a rate of a closed loop. */
  readonly gaps: readonly ServingGap[];
  /** For each part with a share of a gap, the resources that move it. */
  readonly levers: Readonly<Record<string, readonly TermSensitivity[]>>;
}

const hint =
  "write METRIC=VALUE, e.g. timeToFirstToken.mean=120 ms, or name the JSON of vllm bench serve, AIPerf or inference-perf";

/** Rejects where nothing starts: there is no prediction to hold a measurement against. */
export async function explainServingGap(
  measured: readonly string[],
  {
    scenario,
    design,
    prediction,
  }: { readonly scenario: string; readonly design: DesignOf<"serving">; readonly prediction: Prediction },
  host: Host,
): Promise<ServingMeasuredAnswer> {
  if (!prediction.feasible) {
    const message = "by the prediction the engine does not start; there are no latencies to compare with";
    throw new ProblemError([{ path: "measured", message, hint: "is it the same model, engine and accelerator?" }]);
  }
  const found = await measuredText(measured, { scenario, hint }, host);
  const measurement =
    found === undefined ? parseServingMeasured(measured) : servingMeasuredFromFile(found.text, found.file);
  const gaps = servingGaps(design.serving, prediction, measurement);
  const blamed = new Set(
    gaps.flatMap(({ gap }) => gap.parts.filter(({ share }) => share !== 0).map(({ term }) => term)),
  );
  return {
    measurement,
    comparison: servingComparison(prediction, measurement),
    gaps,
    levers: blamed.size === 0 ? {} : termSensitivities(design, [...blamed]),
  };
}
