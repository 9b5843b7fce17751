/**
 * What replay needs of serving records: what they are grouped by, and whether their load is near what the predicted fleet
 * can serve. Near it, a small error of capacity is a large one of latency, so such points say little about latency.
 */

import { architectureClass } from "../catalog/models/architecture-class.ts";
import { countParameters } from "../catalog/models/index.ts";
import {
  type Design,
  type Files,
  type Prediction,
  predictDesign,
  resolve,
  scenarioFromValue,
} from "../scenario/index.ts";
import { meanTokens } from "../scenario/serving/basis.ts";
import type { EvidenceRecord, Section } from "./record.ts";
import { scenarioOf } from "./record.ts";
import type { Features } from "./replay.ts";

type ServingDesign = Extract<Design, { readonly kind: "serving" }>["serving"];

export function servingFeatures({ model, pools, requests }: ServingDesign): Features | undefined {
  const [pool] = pools;
  if (pool === undefined) return undefined;
  const { accelerator } = pool.cluster.node;
  return {
    accelerator: accelerator.name,
    generation: accelerator.generation,
    accelerators: pools.reduce((sum, { replicas, layout }) => sum + replicas * layout.accelerators, 0),
    software: `${pool.engineName}@${pool.engine.version}`,
    architecture: architectureClass(model),
    model: model.name,
    parameters: countParameters(model).total,
    sequence: meanTokens(requests),
  };
}

/** Load of a point against the predicted capacity. */
export type Load = "below capacity" | "near or above capacity";

/** A fleet that would not keep up with this much more is near its capacity. */
const headroom = 1 / 0.85;
/** So is one that takes more than twice the time of a stage to answer it. */
const stageShare = 0.5;

/**
 * Load of an open loop; nothing for closed loops, which cannot send more than is served. A rate is run once more, so
 * that this one is 85 % of it; a stage says by its own answers whether it was kept up with.
 */
export function loadOf(
  record: EvidenceRecord,
  at: Section | undefined,
  own: Prediction,
  files: Files,
): Load | undefined {
  const { workload } = record;
  const requests = workload.requests as Section | undefined;
  if (workload.kind !== "serving" || requests === undefined || !("arrivals" in requests)) return undefined;
  if (requests.stages !== undefined) return stageLoad(at, own);
  if (own.verdict !== "stable") return "near or above capacity";
  const rate = `${Number((Number.parseFloat(String(requests.rate)) * headroom).toPrecision(6))} /s`;
  const scenario = scenarioOf({ ...record, workload: { ...workload, requests: { ...requests, rate } } });
  const { verdict } = predictDesign(resolve(scenarioFromValue(scenario), files));
  return verdict === "stable" ? "below capacity" : "near or above capacity";
}

function stageLoad(at: Section | undefined, { points }: Prediction): Load | undefined {
  const point = points?.find((each) => at?.stage !== undefined && each.at.stage === at.stage);
  const served = point?.metrics.requestsPerSecond;
  if (point === undefined || served === undefined) return undefined;
  return served < stageShare * Number(point.at.rate) ? "near or above capacity" : "below capacity";
}
