/** What a replica of a pool is to the simulation: its settings, the time of its iterations, and its host. */

import type { StorageFormat } from "../../catalog/model.ts";
import { platformOf } from "../../network/index.ts";
import type { HostTimes } from "../../serving/engine/settings.ts";
import type { ReplicaSpec } from "../../serving/fleet/spec.ts";
import type { StepTime } from "../../serving/step/batch.ts";
import { sglangKernels, tensorrtKernels, vllmKernels } from "../../serving/step/engine-kernels.ts";
import { engineTimes } from "../../serving/step/engine-times.ts";
import { layerTableStepTime } from "../../serving/step/layer-table.ts";
import {
  type EngineKernels,
  expertImbalance,
  publishedPrecision,
  uniformPrecision,
} from "../../serving/step/options.ts";
import { stepTimeOf } from "../../serving/step/step-time.ts";
import type { PoolDesign, ServingDesign } from "./design.ts";

/** What replicas serve. */
type Served = Pick<ServingDesign, "model" | "sampling">;

/** Replicas of a pool are alike: they share one step time. */
export function replicaSpec(pool: PoolDesign, served: Served): ReplicaSpec {
  return { settings: pool.engine, step: stepOf(pool, served), host: hostTimes(pool) };
}

/** Work of the host: what the scenario gives, else that of engines. */
export function hostTimes({ host }: Pick<PoolDesign, "host">): HostTimes {
  return { ...engineTimes().host, ...host };
}

function stepOf(pool: PoolDesign, { model, sampling }: Served): StepTime {
  if (pool.steps !== undefined) return layerTableStepTime(pool.steps);
  const { accelerator } = pool.cluster.node;
  return stepTimeOf({
    model,
    accelerator,
    platform: platformOf(pool.cluster),
    layout: pool.layout,
    precision:
      pool.precision === "as-published"
        ? publishedPrecision(model, accelerator)
        : uniformPrecision(pool.precision satisfies StorageFormat, accelerator),
    cacheBytes: pool.cachePrecision === "fp8" ? 1 : 2,
    engine: kernelsFor(pool),
    constants: engineTimes().constants,
    sampling: sampling === "top-p" ? "sorted" : "plain",
    expertImbalance,
  });
}

function kernelsFor({ engineName, engine, graphs }: PoolDesign): EngineKernels {
  const kernels = { sglang: sglangKernels, "tensorrt-llm": tensorrtKernels }[engineName] ?? vllmKernels;
  const own = kernels(engine.maxSequences, engine.version);
  if (graphs.captured === "off") return { ...own, graphSizes: [], mixedGraphs: "off" };
  return graphs.sizes === undefined ? own : { ...own, graphSizes: graphs.sizes };
}
