/**
 * The time of one training step: stage times from layers, the pipeline schedule over them, what communication stays
 * exposed, the update. One numeric breakdown; the term tree (`term.ts`) is a view of it, and layout search reads it
 * directly. Costs of a layer are computed once per set of degrees that can change them.
 */

import { log2 } from "../base/math.ts";
import type { Seconds } from "../base/quantity.ts";
import type { FittedTraining } from "../catalog/calibration/training.ts";
import type { LayerKind } from "../catalog/model.ts";
import { type Kernels, kernelsOf, tokensPerRank, underPowerLimit, withFirstFlash } from "../compute/index.ts";
import { collectiveSeconds, type Platform, platformOf } from "../network/index.ts";
import type { TrainingCase } from "./case.ts";
import { type TrainingConstants, trainingConstants } from "./constants.ts";
import { type LayerStep, layerStep } from "./layer.ts";
import type { Layout } from "./layout.ts";
import { type MemoryCosts, type MemoryNumbers, memoryCosts, worstMemory } from "./memory.ts";
import { type Groups, groupsOf, microBatches } from "./parallel.ts";
import { type PipelineWork, pipelineTime, scheduleOf } from "./schedule/index.ts";
import { layerShard, recomputedModules } from "./shard.ts";
import {
  addStage,
  emptyStage,
  type PipelineEnds,
  pipelineEnds,
  rankParts,
  type StageContext,
  type StageParts,
  type StageTimes,
  stageTimes,
} from "./stage-times.ts";
import { type StagePlan, stagePlan } from "./stages.ts";
import { exposedUpdate, type Update } from "./update.ts";

export interface StepBreakdown extends Update {
  readonly stepTime: Seconds;
  readonly microBatches: number;
  /** Rank that works longest; its stages, summed over chunks, one micro-batch. */
  readonly rank: number;
  readonly busiest: StageTimes;
  readonly plan: StagePlan;
  readonly work: PipelineWork;
  readonly pipeline: Seconds;
  readonly bubble: Seconds;
  readonly fixed: Seconds;
  readonly stragglers: Seconds;
  readonly memory: MemoryNumbers;
}

export interface StepEvaluator {
  /** Step time, memory and fit of a layout of the same case; some ten microseconds. */
  evaluate(layout: Layout): StepBreakdown;
  /** What the busiest rank computes, by pass and part. */
  parts(layout: Layout, rank: number): StageParts;
  readonly platform: Platform;
  readonly kernels: Kernels;
}

/** An evaluator for many layouts of one case; keeps what layouts have in common. */
export function stepEvaluator(base: TrainingCase, constants: TrainingConstants = constantsOf(base)): StepEvaluator {
  const platform = platformOf(base.cluster);
  const kernels = stackKernels(base, constants);
  const costs = new Map<string, DegreeCosts>();
  const plans = new Map<string, StagePlan>();
  const contextOf = (layout: Layout): StageContext & DegreeCosts => {
    const c = { ...base, layout };
    const groups = groupsOf(layout, platform);
    const { layers, ends, memory } = remembered(costs, degreeKey(layout, groups), () =>
      degreeCosts(c, { groups, platform, kernels, constants }),
    );
    const transfer = transferTime(c, groups, platform);
    return { case: c, platform, kernels, groups, constants, layers, ends, memory, transfer };
  };
  const planOf = (layout: Layout): StagePlan =>
    remembered(plans, planKey(layout), () => stagePlan(base.model, layout, base.highPrecisionLayers));
  return {
    platform,
    kernels,
    evaluate: (layout) => evaluateStep(contextOf(layout), planOf(layout)),
    parts: (layout, rank) => rankParts(contextOf(layout), planOf(layout), rank),
  };
}

function remembered<Value>(cache: Map<string, Value>, key: string, make: () => Value): Value {
  const found = cache.get(key);
  if (found !== undefined) return found;
  const made = make();
  cache.set(key, made);
  return made;
}

/** The calibrated constants of a case. */
export function constantsOf(c: TrainingCase, fitted?: FittedTraining): TrainingConstants {
  return trainingConstants(c.software, c.cluster.node.accelerator, fitted);
}

/** Kernels as this stack runs them for hours, not as a benchmark does for milliseconds. */
function stackKernels(base: TrainingCase, constants: TrainingConstants): Kernels {
  const { accelerator } = base.cluster.node;
  const kernels = kernelsOf(accelerator);
  const { attention, elementwise, firstFlash } = constants;
  const fused: Kernels = {
    ...kernels,
    attention: (shape) => kernels.attention(shape) / attention,
    attentionBackward: (shape) => kernels.attentionBackward(shape) / attention,
    memoryPass: (bytes, kind) => kernels.memoryPass(elementwise * bytes, kind),
  };
  const stack = firstFlash === undefined ? fused : withFirstFlash(fused, accelerator, firstFlash);
  return underPowerLimit(stack, accelerator, constants.energy);
}

/** What depends only on the degrees that divide a layer. */
interface DegreeCosts {
  readonly layers: readonly LayerStep[];
  readonly ends: PipelineEnds;
  readonly memory: MemoryCosts;
}

function degreeKey(layout: Layout, { context, expert }: Groups): string {
  const { tensor, sequenceParallel, microBatch, recompute, sharding } = layout;
  const partly = layout.recomputeLayers === undefined ? "" : `${layout.recomputeLayers}/${layout.pipeline}`;
  const own = `${layout.reshardAfterForward ?? ""},${tensor},${sequenceParallel},${microBatch},${recompute},${sharding},${partly}`;
  if (layout.context === 1 && layout.expert === 1) return `${own},${layout.expertTensor}`;
  return `${own},${layout.context},${context.perDomain},${layout.expert},${layout.expertTensor},${expert.perDomain}`;
}

function planKey({ pipeline, virtualStages, stageLayers }: Layout): string {
  return stageLayers === undefined ? `${pipeline},${virtualStages}` : `${pipeline},${virtualStages},${stageLayers}`;
}

function degreeCosts(
  c: TrainingCase,
  on: Pick<StageContext, "groups" | "platform" | "kernels" | "constants">,
): DegreeCosts {
  const { kernels } = on;
  const recompute = recomputedModules(c);
  const step = (kind: LayerKind, precision: TrainingCase["precision"]): LayerStep =>
    layerStep({ ...on, case: c, kind, precision, recompute });
  const wide = c.highPrecisionLayers.first + c.highPrecisionLayers.last > 0;
  const plain = c.model.layerKinds.map((kind) => step(kind, c.precision));
  return {
    layers: [
      ...plain,
      ...(wide ? c.model.layerKinds.map((kind) => step(kind, "bf16")) : plain),
      ...(c.model.multiToken === undefined ? [] : [step(c.model.multiToken.layer, c.precision)]),
    ],
    ends: pipelineEnds(c, kernels),
    memory: memoryCosts(c),
  };
}

function evaluateStep(context: StageContext & DegreeCosts, plan: StagePlan): StepBreakdown {
  const { case: c, constants } = context;
  const { pipeline, virtualStages, schedule } = c.layout;
  const count = microBatches(c.layout, c.globalBatch);
  const types = plan.types.map((type) => stageTimes(context, type));
  const work = pipelineWork(types, plan, c.layout, context.transfer);
  const shape = { ranks: pipeline, chunks: virtualStages, microBatches: count };
  const time = pipelineTime(scheduleOf(schedule), shape, work);
  const rank = busiestRank(work, plan, virtualStages);
  const busiest = emptyStage();
  for (let stage = rank; stage < plan.typeOf.length; stage += pipeline) addStage(busiest, types[plan.typeOf[stage]!]!);
  const update = exposedUpdate(context, plan, busiest);
  const once = time + update.gradientReduce + update.parameterGather + localTime(update) + constants.perStep;
  const nodes = c.cluster.accelerators / c.cluster.node.acceleratorsPerNode;
  const stragglers = nodes > 1 ? once * constants.jitter * Math.ceil(log2(nodes)) : 0;
  return {
    stepTime: once + stragglers,
    microBatches: count,
    rank,
    busiest,
    plan,
    work,
    pipeline: time,
    // A pipeline never beats its busiest rank; without a bubble only rounding is left.
    bubble: Math.max(0, time - count * (busiest.forwardTime + busiest.backwardTime)),
    ...update,
    fixed: constants.perStep,
    stragglers,
    memory: worstMemory(c, plan, context.memory),
  };
}

function localTime({ optimizer, orthogonalisation, hostUpdate, updateInterference }: Update): Seconds {
  return optimizer + orthogonalisation + hostUpdate + updateInterference;
}

/**
 * Activations of one micro-batch to the next stage. Tensor ranks hold the same tensor (or a slice of it under
 * sequence parallelism): each sends its 1/t, and without sequence parallelism the receivers gather the whole.
 * @source narayanan-2021 section 4.1
 */
function transferTime(c: TrainingCase, groups: Groups, platform: Platform): Seconds {
  const { tensor, sequenceParallel, pipeline } = c.layout;
  if (pipeline === 1) return 0;
  const size = tokensPerRank(layerShard(c)) * c.model.hidden * 2 * (c.model.streams ?? 1);
  const sent = collectiveSeconds(platform, { operation: "send-receive", size: size / tensor, group: groups.pipeline });
  const gathered = tensor > 1 && sequenceParallel === "off";
  return gathered ? sent + collectiveSeconds(platform, { operation: "all-gather", size, group: groups.tensor }) : sent;
}

function pipelineWork(types: readonly StageTimes[], plan: StagePlan, layout: Layout, transfer: Seconds): PipelineWork {
  const { pipeline: ranks, virtualStages: chunks } = layout;
  const forward = new Float64Array(ranks * chunks);
  const backward = new Float64Array(ranks * chunks);
  for (let stage = 0; stage < plan.typeOf.length; stage++) {
    const times = types[plan.typeOf[stage]!]!;
    const rank = stage % ranks;
    const at = rank * chunks + (stage - rank) / ranks;
    forward[at] = times.forwardTime;
    backward[at] = times.backwardTime;
  }
  return { forward, backward, transfer };
}

function busiestRank({ forward, backward }: PipelineWork, plan: StagePlan, chunks: number): number {
  let best = 0;
  let most = -1;
  for (const rank of plan.distinctRanks) {
    let sum = 0;
    for (let at = rank * chunks; at < (rank + 1) * chunks; at++) sum += forward[at]! + backward[at]!;
    if (sum <= most) continue;
    most = sum;
    best = rank;
  }
  return best;
}
