/** What a replica of a pool is to the simulation: its settings, the time of its iterations, and its host. */

import type { Seconds } from "../../base/quantity.ts";
import { platformOf } from "../../network/index.ts";
import type { HostTimes } from "../../serving/engine/settings.ts";
import type { ReplicaSpec } from "../../serving/fleet/spec.ts";
import { adaptedStepTime } from "../../serving/step/adapted-step-time.ts";
import type { StepTime } from "../../serving/step/batch.ts";
import { draftedStepTime } from "../../serving/step/drafted-step-time.ts";
import { drafterOptions, joiningOf, withDrafts } from "../../serving/step/drafter-work.ts";
import { sglangKernels, sharedExpertsOf, tensorrtKernels, vllmKernels } from "../../serving/step/engine-kernels.ts";
import { compiledLaunch, eagerLaunch, engineTimes, sglangDelivery } from "../../serving/step/engine-times.ts";
import { expertTables, widenedExperts } from "../../serving/step/expert-kernels.ts";
import { layerTableStepTime } from "../../serving/step/layer-table.ts";
import {
  type EngineKernels,
  type LinearPrecision,
  precisionFor,
  type StepOptions,
} from "../../serving/step/options.ts";
import { stepTimeOf } from "../../serving/step/step-time.ts";
import { adapterShares } from "./adapter-shares.ts";
import type { PoolDesign, ServingDesign } from "./design.ts";

/** What replicas serve. */
type Served = Pick<ServingDesign, "model" | "sampling" | "requests">;

/** Replicas of a pool are alike: they share one step time. */
export function replicaSpec(pool: PoolDesign, served: Served): ReplicaSpec {
  return { settings: pool.engine, step: stepOf(pool, served), host: hostTimes(pool) };
}

/** Work of the host: what the scenario gives, else that of engines. */
export function hostTimes({ host, engineName }: Pick<PoolDesign, "host" | "engineName">): HostTimes {
  return { ...engineTimes().host, ...(engineName === "sglang" ? sglangDelivery : {}), ...host };
}

function stepOf(pool: PoolDesign, served: Served): StepTime {
  const { steps, drafting, engine } = pool;
  const options = stepOptions(pool, served);
  const step = steps === undefined ? adapted(stepTimeOf(options), options, pool, served) : layerTableStepTime(steps);
  const drafter = drafting?.drafter;
  if (drafter === undefined || engine.speculation === undefined) return step;
  const drafts = drafterOptions(options, drafter);
  return draftedStepTime({
    step,
    drafter: stepTimeOf(drafts),
    joining: joiningOf(drafts, drafter),
    drafted: engine.speculation.drafted,
  });
}

function adapted(step: StepTime, options: StepOptions, { adapters }: PoolDesign, { requests }: Served): StepTime {
  const shares = adapterShares(requests);
  if (adapters === undefined || shares.length === 0) return step;
  return adaptedStepTime(step, options, { rank: adapters.rank, shares });
}

function stepOptions(pool: PoolDesign, { model, sampling }: Served): StepOptions {
  const { accelerator } = pool.cluster.node;
  const formats = precisionFor(pool.precision, model, accelerator);
  const { engineName, engine, expertKernels } = pool;
  const choice = { engine: engineName, version: engine.version, ...(expertKernels && { told: expertKernels }) };
  const precision = { ...formats, routed: widenedExperts(choice, accelerator, formats.routed) };
  return {
    model,
    accelerator,
    platform: platformOf(pool.cluster),
    layout: pool.layout,
    precision,
    cacheBytes: pool.cachePrecision === "fp8" ? 1 : 2,
    engine: kernelsFor(pool, precision.routed),
    constants: { ...engineTimes().constants, launch: launchOf(pool) },
    sampling: sampling === "top-p" ? "sorted" : "plain",
  };
}

/** vLLM compiles its models, so that launches outside graphs are few and quick, unless it is told to capture nothing. */
function launchOf({ engineName, graphs }: PoolDesign): Seconds {
  return engineName === "vllm" && graphs.captured !== "off" ? compiledLaunch : eagerLaunch;
}

/** Captured sizes count tokens: a sequence has one, and the drafted ones. */
function kernelsFor(pool: PoolDesign, routed: LinearPrecision): EngineKernels {
  const { engineName, engine, graphs, expertKernels, cluster } = pool;
  const kernels = { sglang: sglangKernels, "tensorrt-llm": tensorrtKernels }[engineName] ?? vllmKernels;
  const usual = kernels(engine.maxSequences, engine.version);
  const { accelerator } = cluster.node;
  const told = expertKernels && expertTables(expertKernels, accelerator, routed);
  const sharedExperts = sharedExpertsOf({ name: engineName, version: engine.version }, accelerator);
  const own = { ...usual, sharedExperts, experts: { ...usual.experts, ...told } };
  if (graphs.captured === "off") return { ...own, graphSizes: [], mixedGraphs: "off" };
  const sizes = graphs.sizes ?? own.graphSizes;
  return { ...own, graphSizes: withDrafts(sizes, engine.speculation?.drafted ?? 0) };
}
