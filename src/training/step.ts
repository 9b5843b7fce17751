/**
 * The time of one training step: stage times from layers, the pipeline schedule over them, what communication stays
 * exposed, the update. One numeric breakdown; the term tree (`term.ts`) is a view of it, and layout search reads it
 * directly. Costs of a layer kind are computed once per set of degrees that can change them.
 */

import type { Seconds } from "../base/quantity.ts";
import type { LayerKind } from "../catalog/model.ts";
import {
  addParts,
  emptyParts,
  type Kernels,
  kernelsOf,
  type PartTimes,
  partsTotal,
  tokensPerRank,
  underPowerLimit,
} from "../compute/index.ts";
import { collectiveSeconds, type Platform, platformOf } from "../network/index.ts";
import type { TrainingCase } from "./case.ts";
import { type TrainingConstants, trainingConstants } from "./constants.ts";
import { embeddingCost, headCost, multiTokenCost } from "./ends.ts";
import { type LayerStep, layerShard, layerStep, recomputedModules } from "./layer.ts";
import { memoryUse, rankWeights } from "./memory.ts";
import { expertReplicas, type Groups, groupsOf, microBatches } from "./parallel.ts";
import type { MemoryUse } from "./result.ts";
import { type PipelineWork, pipelineTime, scheduleOf } from "./schedule/index.ts";
import { kindOf, type StagePlan, stagePlan } from "./stages.ts";
import { optimizerTime, shardedUnit, updateExchange } from "./update.ts";
import { layerWeights } from "./weights.ts";

/** One virtual stage for one micro-batch. */
export interface StageTimes {
  forward: PartTimes;
  backward: PartTimes;
  recompute: PartTimes;
  /** Exposed communication inside layers. */
  tensor: Seconds;
  context: Seconds;
  expert: Seconds;
  /** Time computation waits for gathered weights (fully sharded stacks). */
  sharded: Seconds;
  /** Computation lost to communication that runs beside it. */
  interference: Seconds;
  /** Waiting for the host to launch kernels. */
  launch: Seconds;
  /** Waiting for the neighbour's activations where transfers are not overlapped. */
  transfer: Seconds;
  /** Totals of the two passes, everything above included. */
  forwardTime: Seconds;
  backwardTime: Seconds;
}

export interface StepBreakdown {
  readonly stepTime: Seconds;
  readonly microBatches: number;
  /** Rank that works longest; its stages, summed over chunks, one micro-batch. */
  readonly rank: number;
  readonly busiest: StageTimes;
  readonly stages: readonly StageTimes[];
  readonly plan: StagePlan;
  readonly work: PipelineWork;
  readonly pipeline: Seconds;
  readonly bubble: Seconds;
  readonly gradientReduce: Seconds;
  readonly parameterGather: Seconds;
  readonly optimizer: Seconds;
  readonly fixed: Seconds;
  readonly stragglers: Seconds;
  readonly memory: MemoryUse;
}

export interface StepEvaluator {
  evaluate(layout: TrainingCase["layout"]): StepBreakdown;
  readonly platform: Platform;
  readonly kernels: Kernels;
}

/** An evaluator for many layouts of one case; keeps what layouts have in common. */
export function stepEvaluator(base: TrainingCase, constants: TrainingConstants = constantsOf(base)): StepEvaluator {
  const platform = platformOf(base.cluster);
  const kernels = stackKernels(base, constants);
  const layers = new Map<string, readonly LayerStep[]>();
  return {
    platform,
    kernels,
    evaluate(layout) {
      const c = { ...base, layout };
      const context: StepContext = {
        case: c,
        platform,
        kernels,
        groups: groupsOf(layout, platform),
        plan: stagePlan(c.model, layout, c.highPrecisionLayers),
        constants,
      };
      return evaluateStep(context, cachedLayers(layers, context));
    },
  };
}

/** The calibrated constants of a case. */
export function constantsOf(c: TrainingCase): TrainingConstants {
  return trainingConstants(c.software, c.cluster.node.accelerator.generation);
}

/** Kernels as this stack runs them for hours, not as a benchmark does for milliseconds. */
function stackKernels(base: TrainingCase, constants: TrainingConstants): Kernels {
  const { accelerator } = base.cluster.node;
  const kernels = kernelsOf(accelerator);
  const { attention, elementwise } = constants;
  const stack: Kernels = {
    ...kernels,
    attention: (shape) => kernels.attention(shape) / attention,
    attentionBackward: (shape) => kernels.attentionBackward(shape) / attention,
    memoryPass: (bytes) => kernels.memoryPass(elementwise * bytes),
  };
  return underPowerLimit(stack, accelerator, constants.energy);
}

interface StepContext {
  readonly case: TrainingCase;
  readonly platform: Platform;
  readonly kernels: Kernels;
  readonly groups: Groups;
  readonly plan: StagePlan;
  readonly constants: TrainingConstants;
}

/** Layer steps by kind, and the same kinds in 16 bit, for these degrees. */
function cachedLayers(cache: Map<string, readonly LayerStep[]>, context: StepContext): readonly LayerStep[] {
  const { layout } = context.case;
  const groups = context.groups;
  const key = `${layout.tensor},${layout.sequenceParallel},${layout.context},${layout.expert},${layout.expertTensor},${layout.microBatch},${layout.recompute},${groups.context.perDomain},${groups.expert.perDomain}`;
  const found = cache.get(key);
  if (found !== undefined) return found;
  const recompute = recomputedModules(context.case);
  const { case: c, kernels, platform } = context;
  const step = (kind: LayerKind, precision: TrainingCase["precision"]): LayerStep =>
    layerStep({ case: c, kind, precision, kernels, platform, groups, recompute });
  const high = c.highPrecisionLayers.first + c.highPrecisionLayers.last > 0 ? "bf16" : c.precision;
  const made = [
    ...c.model.layerKinds.map((kind) => step(kind, c.precision)),
    ...c.model.layerKinds.map((kind) => step(kind, high)),
    ...(c.model.multiToken === undefined ? [] : [step(c.model.multiToken.layer, c.precision)]),
  ];
  cache.set(key, made);
  return made;
}

function evaluateStep(context: StepContext, layers: readonly LayerStep[]): StepBreakdown {
  const { case: c, plan, platform } = context;
  const { pipeline, virtualStages, schedule } = c.layout;
  const count = microBatches(c.layout, c.globalBatch);
  const stages = plan.kindCounts.map((counts, stage) => stageTimes(context, layers, counts, stage));
  const transfer = transferTime(context);
  const work = pipelineWork(stages, pipeline, virtualStages, transfer);
  const time = pipelineTime(
    scheduleOf(schedule),
    { ranks: pipeline, chunks: virtualStages, microBatches: count },
    work,
  );
  const rank = busiestRank(work, pipeline, virtualStages);
  const busiest = sumStages(stages.filter((_, stage) => stage % pipeline === rank));
  const update = exposedUpdate(context, busiest);
  const nodes = c.cluster.accelerators / c.cluster.node.acceleratorsPerNode;
  const beforeStragglers =
    time + update.gradientReduce + update.parameterGather + update.optimizer + context.constants.perStep;
  const stragglers = nodes > 1 ? beforeStragglers * context.constants.jitter * Math.ceil(Math.log2(nodes)) : 0;
  void platform;
  return {
    stepTime: beforeStragglers + stragglers,
    microBatches: count,
    rank,
    busiest,
    stages,
    plan,
    work,
    pipeline: time,
    bubble: time - count * (busiest.forwardTime + busiest.backwardTime),
    ...update,
    fixed: context.constants.perStep,
    stragglers,
    memory: memoryUse(c, plan),
  };
}

function emptyStage(): StageTimes {
  return {
    forward: emptyParts(),
    backward: emptyParts(),
    recompute: emptyParts(),
    tensor: 0,
    context: 0,
    expert: 0,
    sharded: 0,
    interference: 0,
    launch: 0,
    transfer: 0,
    forwardTime: 0,
    backwardTime: 0,
  };
}

/** One virtual stage: its layers, the ends it holds, host launches, transfers that are not overlapped. */
function stageTimes(
  context: StepContext,
  layers: readonly LayerStep[],
  counts: readonly number[],
  stage: number,
): StageTimes {
  const { case: c, kernels, constants } = context;
  const times = emptyStage();
  const pass = { forward: 0, backward: 0, forwardKernels: 0, backwardKernels: 0 };
  counts.forEach((number, kind) => {
    const layer = layers[kind];
    if (layer !== undefined && number > 0) addLayer(times, pass, layer, number, recomputeShare(c));
  });
  addEnds(context, times, stage, layers);
  const share = constants.interference;
  const hidden = times.interference;
  times.interference = hidden * share;
  times.forwardTime = partsTotal(times.forward) + pass.forward + (times.interference * 1) / 3;
  times.backwardTime =
    partsTotal(times.backward) + partsTotal(times.recompute) + pass.backward + (times.interference * 2) / 3;
  addSharded(context, times, counts);
  addLaunch(context, times, pass);
  void kernels;
  if (c.layout.pipeline > 1 && c.software.overlap.pipeline === "off") {
    const hop = transferTime(context);
    times.transfer = 2 * hop;
    times.forwardTime += hop;
    times.backwardTime += hop;
  }
  return times;
}

interface PassSums {
  forward: Seconds;
  backward: Seconds;
  forwardKernels: number;
  backwardKernels: number;
}

/** Share of a stage's layers that full recompute covers. */
function recomputeShare(c: TrainingCase): number {
  const { recompute, recomputeLayers, pipeline } = c.layout;
  if (recompute !== "full" || recomputeLayers === undefined) return 1;
  return Math.min(1, (recomputeLayers * pipeline) / c.model.layers.length);
}

function addLayer(times: StageTimes, pass: PassSums, layer: LayerStep, number: number, again: number): void {
  const { cost } = layer;
  addParts(times.forward, cost.forward, number);
  addParts(times.backward, cost.backwardInput, number);
  addParts(times.backward, cost.backwardWeight, number);
  addParts(times.recompute, cost.recompute, number * again);
  const tensor = [layer.forward.tensor, layer.backward.tensor + again * layer.recompute.tensor] as const;
  const context = [layer.forward.context, layer.backward.context + again * layer.recompute.context] as const;
  const expert = [layer.forward.expert, layer.backward.expert + again * layer.recompute.expert] as const;
  times.tensor += number * (tensor[0] + tensor[1]);
  times.context += number * (context[0] + context[1]);
  times.expert += number * (expert[0] + expert[1]);
  times.interference += number * layer.hidden;
  pass.forward += number * (tensor[0] + context[0] + expert[0]);
  pass.backward += number * (tensor[1] + context[1] + expert[1]);
  pass.forwardKernels += number * cost.kernels.forward;
  pass.backwardKernels += number * (cost.kernels.backward + again * cost.kernels.recompute);
}

function addEnds(context: StepContext, times: StageTimes, stage: number, layers: readonly LayerStep[]): void {
  const { case: c, kernels, plan } = context;
  const ends = [];
  if (stage === 0) ends.push(embeddingCost(c, kernels));
  if (stage === plan.layerCounts.length - 1) {
    ends.push(headCost(c, kernels));
    const modules = Math.min(c.multiTokenModules, c.model.multiToken?.modules ?? 0);
    for (let module = 0; module < modules; module++) {
      ends.push(multiTokenCost(c, kernels));
      const layer = layers[2 * c.model.layerKinds.length];
      if (layer !== undefined)
        addLayer(
          times,
          { forward: 0, backward: 0, forwardKernels: 0, backwardKernels: 0 },
          layer,
          1,
          recomputeShare(c),
        );
    }
  }
  for (const end of ends) {
    addParts(times.forward, end.forward);
    addParts(times.backward, end.backward);
  }
}

/**
 * Full sharding: while one layer computes, the next one's weights are gathered (and the last one's gradients are
 * scattered). A pass takes the longer of the two streams, plus the first gather or the last scatter.
 */
function addSharded(context: StepContext, times: StageTimes, counts: readonly number[]): void {
  const { case: c, groups, platform, constants } = context;
  const { sharding } = c.layout;
  if (sharding !== "full" && sharding !== "hybrid" && !(sharding === "gradients" && c.software.host === "fsdp")) return;
  let gather = 0;
  let scatter = 0;
  let number = 0;
  let last = { gather: 0, scatter: 0 };
  counts.forEach((count, kind) => {
    const layer = kindOf(c.model, kind);
    if (layer === undefined || count === 0) return;
    const unit = shardedUnit(c, layerWeights(layer, c.layout), groups, platform);
    gather += count * unit.gather;
    scatter += count * unit.scatter;
    number += count;
    last = unit;
  });
  if (number === 0) return;
  const overlapped = constants.shardedOverlap;
  const lost = constants.interference;
  // One pass: what cannot overlap, then the longer of computation (slowed) and the rest of the traffic.
  const passTime = (computation: Seconds, traffic: Seconds): Seconds => {
    const beside = overlapped * traffic;
    return traffic - beside + Math.max(computation + lost * Math.min(beside, computation), beside);
  };
  const forward = passTime(times.forwardTime, gather) + last.gather;
  // Kept after the forward pass, weights are not gathered again for the backward.
  const again = sharding === "gradients" ? 0 : gather;
  const backward = passTime(times.backwardTime, again + scatter) + last.scatter;
  times.sharded = forward - times.forwardTime + (backward - times.backwardTime);
  times.forwardTime = forward;
  times.backwardTime = backward;
}

/** Without graphs a pass cannot run faster than the host launches its kernels. */
function addLaunch(context: StepContext, times: StageTimes, pass: PassSums): void {
  const { case: c, constants } = context;
  const share = c.software.cudaGraphs === "full" ? 0 : c.software.cudaGraphs === "partial" ? 0.4 : 1;
  const forward = Math.max(0, share * pass.forwardKernels * constants.launch - times.forwardTime);
  const backward = Math.max(0, share * pass.backwardKernels * constants.launch - times.backwardTime);
  times.launch = forward + backward;
  times.forwardTime += forward;
  times.backwardTime += backward;
}

/**
 * Activations of one micro-batch to the next stage. Tensor ranks hold the same tensor (or a slice of it under
 * sequence parallelism): each sends its 1/t, and without sequence parallelism the receivers gather the whole.
 * @source narayanan-2021 section 4.1
 */
function transferTime(context: StepContext): Seconds {
  const { case: c, platform, groups } = context;
  const { tensor, sequenceParallel, pipeline } = c.layout;
  if (pipeline === 1) return 0;
  const size = tokensPerRank(layerShard(c)) * c.model.hidden * 2 * (c.model.streams ?? 1);
  const sent = collectiveSeconds(platform, { operation: "send-receive", size: size / tensor, group: groups.pipeline });
  const gathered = tensor > 1 && sequenceParallel === "off";
  return gathered ? sent + collectiveSeconds(platform, { operation: "all-gather", size, group: groups.tensor }) : sent;
}

function pipelineWork(stages: readonly StageTimes[], ranks: number, chunks: number, transfer: Seconds): PipelineWork {
  const forward = new Float64Array(ranks * chunks);
  const backward = new Float64Array(ranks * chunks);
  stages.forEach((stage, index) => {
    const rank = index % ranks;
    const chunk = (index - rank) / ranks;
    forward[rank * chunks + chunk] = stage.forwardTime;
    backward[rank * chunks + chunk] = stage.backwardTime;
  });
  return { forward, backward, transfer };
}

function busiestRank(work: PipelineWork, ranks: number, chunks: number): number {
  let best = 0;
  let most = -1;
  for (let rank = 0; rank < ranks; rank++) {
    let sum = 0;
    for (let chunk = 0; chunk < chunks; chunk++)
      sum += work.forward[rank * chunks + chunk]! + work.backward[rank * chunks + chunk]!;
    if (sum > most) {
      most = sum;
      best = rank;
    }
  }
  return best;
}

function sumStages(stages: readonly StageTimes[]): StageTimes {
  const sum = emptyStage();
  for (const stage of stages) {
    addParts(sum.forward, stage.forward);
    addParts(sum.backward, stage.backward);
    addParts(sum.recompute, stage.recompute);
    for (const name of [
      "tensor",
      "context",
      "expert",
      "sharded",
      "interference",
      "launch",
      "transfer",
      "forwardTime",
      "backwardTime",
    ] as const) {
      sum[name] += stage[name];
    }
  }
  return sum;
}

/**
 * Reduction and gather that stay exposed. Overlapped, they run under the last backward and the first forward of the
 * rank that finishes last; the last bucket is always exposed.
 */
function exposedUpdate(
  context: StepContext,
  busiest: StageTimes,
): { gradientReduce: Seconds; parameterGather: Seconds; optimizer: Seconds } {
  const { case: c, plan, groups, platform, kernels } = context;
  const { sharding, data, context: contextDegree } = c.layout;
  const weights = rankWeights(c, plan, 0);
  const replicas = sharding === "none" ? 1 : data * contextDegree;
  const expertShare = sharding === "none" ? 1 : expertReplicas(c.layout);
  const learn = c.tuning.method === "full" ? 1 : 0;
  const owned = learn * ((weights.split + weights.replicated) / replicas + weights.experts / expertShare);
  const optimizer = optimizerTime(c, owned, kernels);
  const inside =
    sharding === "full" || sharding === "hybrid" || (sharding === "gradients" && c.software.host === "fsdp");
  if (inside) return { gradientReduce: 0, parameterGather: 0, optimizer };
  const whole = updateExchange(c, weights, groups, platform);
  const bucket = 1 / Math.max(1, plan.layerCounts.reduce((sum, count) => sum + count, 0) / c.layout.pipeline);
  const exposed = (time: Seconds, window: Seconds, overlap: "on" | "off"): Seconds =>
    overlap === "off" ? time : Math.max(time * bucket, time - window);
  return {
    gradientReduce: exposed(whole.gradientReduce, busiest.backwardTime, c.software.overlap.gradientReduce),
    parameterGather: exposed(whole.parameterGather, busiest.forwardTime, c.software.overlap.parameterGather),
    optimizer,
  };
}
