/**
 * What replay needs of serving records: what they are grouped by, and whether their load is near what the predicted fleet
 * can serve. Near it, a small error of capacity is a large one of latency, so such points say little about latency.
 */

import { mean } from "../base/statistics.ts";
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
import type { LengthLaw } from "../workload/request/spec.ts";
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

/** Tokens of a mean request, prompt and answer. */
function meanTokens(requests: ServingDesign["requests"]): number {
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

/** Mean of a law before it is cut to its least and most. */
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

/** Load of a point against the predicted capacity. */
export type Load = "below capacity" | "near or above capacity";

/** A fleet that would not keep up with this much more is near its capacity. */
const headroom = 1 / 0.85;

/** Requests of a trial at one rate, in seconds of arrivals. */
const trial = 60;

/**
 * Load of an open loop; nothing for closed loops, which cannot send more than is served. One more run, at a rate that
 * makes this one 85 % of it.
 */
export function loadOf(
  record: EvidenceRecord,
  at: Section | undefined,
  own: Prediction,
  files: Files,
): Load | undefined {
  const workload = record.workload;
  const requests = workload.requests as Section | undefined;
  if (workload.kind !== "serving" || requests === undefined || !("arrivals" in requests)) return undefined;
  const stages = requests.stages as readonly { readonly rate: string; readonly duration: string }[] | undefined;
  const stage = typeof at?.stage === "number" ? stages?.[at.stage] : undefined;
  if (stages !== undefined && stage === undefined) return undefined;
  if (stages === undefined && own.verdict !== "stable") return "near or above capacity";
  const rate = Number.parseFloat(String(stage?.rate ?? requests.rate)) * headroom;
  const { stages: _stages, rate: _rate, count, ...rest } = requests;
  const wanted = stage === undefined ? Number(count) : Math.ceil(rate * trial);
  const scenario = scenarioOf({
    ...record,
    workload: { ...workload, requests: { ...rest, rate: `${Number(rate.toPrecision(6))} /s`, count: wanted } },
  });
  const { verdict } = predictDesign(resolve(scenarioFromValue(scenario), files));
  return verdict === "stable" ? "below capacity" : "near or above capacity";
}
