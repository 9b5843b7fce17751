/**
 * Once a step: gradients are reduced, the optimizer updates its shard, parameters are gathered. And, for fully
 * sharded stacks, the gathers and scatters of every micro-batch.
 * @source rajbhandari-2020 @source zhao-2023-fsdp
 */

import type { Bytes, Seconds } from "../base/quantity.ts";
import type { Kernels } from "../compute/index.ts";
import { collectiveSeconds, type GroupPlacement, type Platform } from "../network/index.ts";
import type { TrainingCase } from "./case.ts";
import type { TrainingConstants } from "./constants.ts";
import { orthogonalisation, rankMatrices } from "./muon.ts";
import { hostUpdateTime, offloadedShare } from "./offload.ts";
import type { Groups } from "./parallel.ts";
import { gathersOf, reductionsInside, updateReplicas } from "./sharding.ts";
import type { StagePlan } from "./stages.ts";
import { frozenLayers, learningWeights } from "./tuning.ts";
import type { WeightBuckets } from "./weights.ts";

export interface UpdateTimes {
  readonly gradientReduce: Seconds;
  readonly parameterGather: Seconds;
}

/** Reduction and gather of one rank's learning parameters over their replicas, once a step, unhidden. */
export function updateExchange(
  c: TrainingCase,
  weights: WeightBuckets,
  groups: Groups,
  platform: Platform,
): UpdateTimes {
  const dense = exchangeOf(c, weights.split + weights.replicated, groups.data, platform);
  const experts = exchangeOf(c, weights.experts, groups.expertData, platform);
  return {
    gradientReduce: dense.gradientReduce + experts.gradientReduce,
    parameterGather: dense.parameterGather + experts.parameterGather,
  };
}

function exchangeOf(c: TrainingCase, count: number, group: GroupPlacement, platform: Platform): UpdateTimes {
  if (count === 0 || group.size <= 1) return { gradientReduce: 0, parameterGather: 0 };
  const gradients: Bytes = count * c.software.bytes.gradientReduce;
  const { sharding } = c.layout;
  // Muon's ranks update whole matrices of their own, so each needs whole gradients.
  const whole = sharding === "none" || c.software.optimizerRule === "muon";
  const operation = whole ? "all-reduce" : "reduce-scatter";
  const gradientReduce = collectiveSeconds(platform, { operation, size: gradients, group });
  if (sharding === "none") return { gradientReduce, parameterGather: 0 };
  const parameters: Bytes = count * c.software.bytes.parameterGather;
  return {
    gradientReduce,
    parameterGather: collectiveSeconds(platform, { operation: "all-gather", size: parameters, group }),
  };
}

/** Bytes one optimizer update moves per parameter it owns, with the pass that clips gradients. */
function updateBytes(c: TrainingCase): number {
  const { bytes, optimizer, optimizerRule } = c.software;
  // Muon keeps one moment of nearly every parameter, plain momentum of all.
  const moments = optimizerRule === "adam" ? bytes.moments : bytes.moments / 2;
  // A fused update reads and writes master and moments, reads gradients, writes the 16-bit weight.
  const fused = 2 * bytes.master + 2 * moments + bytes.gradient + 2;
  const clip = 2 * bytes.gradient;
  // Multi-tensor kernels make a handful of passes over master, moments and gradient instead of one; eager more.
  const factor = optimizer === "fused" ? 1 : optimizer === "multi-tensor" ? 2 : 4;
  return factor * fused + clip;
}

/** Time of the optimizer update for `parameters` owned by this rank. */
export function optimizerTime(c: TrainingCase, parameters: number, kernels: Kernels): Seconds {
  return parameters <= 0 ? 0 : kernels.memoryPass(parameters * updateBytes(c));
}

/** One sharded unit (a layer) in one micro-batch. */
export interface ShardedUnit {
  readonly forward: Seconds;
  readonly backward: Seconds;
  readonly scatter: Seconds;
}

/**
 * What a layer's weights and gradients take on the network in one micro-batch. Backward gathers again what was sharded
 * again, from the ranks it was sharded over.
 */
export function shardedUnit(c: TrainingCase, weights: WeightBuckets, groups: Groups, platform: Platform): ShardedUnit {
  const dense = weights.split + weights.replicated;
  const gathers = gathersOf(c);
  const gather = (inner: GroupPlacement, experts: GroupPlacement): Seconds =>
    gatherTime(c, dense, inner, platform) + gatherTime(c, weights.experts, experts, platform);
  const forward = gathers === "forward" || gathers === "both" ? gather(groups.shardInner, groups.expertData) : 0;
  const again = gather(groups.resharded.dense, groups.resharded.experts);
  const often = c.tuning.method === "lora" ? 0 : reductionsInside(c);
  const scatter = often === 0 ? 0 : often * scatterTime(c, weights, groups, platform);
  return { forward, backward: gathers === "both" ? again : 0, scatter };
}

function gatherTime(c: TrainingCase, count: number, group: GroupPlacement, platform: Platform): Seconds {
  if (count === 0 || group.size <= 1) return 0;
  const size = count * c.software.bytes.parameterGather;
  return collectiveSeconds(platform, { operation: "all-gather", size, group });
}

/** Gradients scattered over the ranks of a copy; hybrid sharding adds the reduction of the shard over copies. */
function scatterTime(c: TrainingCase, weights: WeightBuckets, groups: Groups, platform: Platform): Seconds {
  const { gradientReduce } = c.software.bytes;
  const dense = weights.split + weights.replicated;
  const scatter = (count: number, group: GroupPlacement): Seconds =>
    count === 0 || group.size <= 1
      ? 0
      : collectiveSeconds(platform, { operation: "reduce-scatter", size: count * gradientReduce, group });
  const inside = scatter(dense, groups.shardInner) + scatter(weights.experts, groups.expertData);
  if (c.layout.sharding !== "hybrid" || groups.shardOuter.size <= 1) return inside;
  const size = (dense * gradientReduce) / groups.shardInner.size;
  return inside + collectiveSeconds(platform, { operation: "all-reduce", size, group: groups.shardOuter });
}

/** Learning parameters of the rank that updates most; without frozen layers the first, which holds the embedding. */
function busiestWeights(c: TrainingCase, plan: StagePlan): WeightBuckets {
  const first = learningWeights(c, plan, 0);
  if (frozenLayers(c) === 0) return first;
  const size = ({ split, replicated, experts }: WeightBuckets): number => split + replicated + experts;
  return plan.distinctRanks
    .map((rank) => learningWeights(c, plan, rank))
    .reduce((most, next) => (size(next) > size(most) ? next : most), first);
}

export interface Update extends UpdateTimes {
  readonly optimizer: Seconds;
  /** Newton-Schulz iterations of Muon. */
  readonly orthogonalisation: Seconds;
  /** Computation of the last backward and first forward pass slowed by reduction and gather beside it. */
  readonly updateInterference: Seconds;
  /** What the update of state in host memory adds. */
  readonly hostUpdate: Seconds;
}

/** Whose update it is. */
export interface UpdatePlace {
  /** The pipeline rank; the first holds the embedding beside its layers. */
  readonly rank: number;
  /** What the exchange takes where replicas sit on both ends of another link than the platform's. */
  readonly joined?: (own: UpdateTimes, weights: WeightBuckets) => UpdateTimes;
}

const firstRank: UpdatePlace = Object.freeze({ rank: 0 });

/**
 * What the update adds to the step. Overlapped, reduction and gather run under the last backward and the first forward
 * of the busiest rank; the last bucket is always exposed.
 */
export function exposedUpdate(
  context: {
    readonly case: TrainingCase;
    readonly groups: Groups;
    readonly platform: Platform;
    readonly kernels: Kernels;
    readonly constants: Pick<TrainingConstants, "interference">;
  },
  plan: StagePlan,
  busiest: { readonly forwardTime: Seconds; readonly backwardTime: Seconds },
  at: UpdatePlace = firstRank,
): Update {
  const { case: c, groups, platform, kernels, constants } = context;
  const { pipeline } = c.layout;
  const full = c.tuning.method === "full";
  const weights = at.rank === 0 ? busiestWeights(c, plan) : learningWeights(c, plan, at.rank);
  const update = localUpdate(c, plan, { weights, rank: at.rank }, kernels);
  // Adapters are reduced and gathered once a step even where the frozen weights are gathered in every micro-batch.
  const own = updateExchange(c, weights, groups, platform);
  const all = at.joined === undefined ? own : at.joined(own, weights);
  const whole = {
    gradientReduce: full && reductionsInside(c) > 0 ? 0 : all.gradientReduce,
    parameterGather: full && gathersOf(c) !== "step" ? 0 : all.parameterGather,
  };
  const bucket = Math.min(1, pipeline / c.model.layers.length);
  const exposed = (time: Seconds, window: Seconds, overlap: "on" | "off"): Seconds =>
    overlap === "off" ? time : Math.max(time * bucket, time - window);
  const gradientReduce = exposed(whole.gradientReduce, busiest.backwardTime, c.software.overlap.gradientReduce);
  const parameterGather = exposed(whole.parameterGather, busiest.forwardTime, c.software.overlap.parameterGather);
  // What hides slows what hides it, as inside layers.
  const hidden = whole.gradientReduce - gradientReduce + whole.parameterGather - parameterGather;
  return { gradientReduce, parameterGather, updateInterference: constants.interference * hidden, ...update };
}

/** The update itself: on the accelerator, on the host beside or after it, and the iterations of Muon. */
function localUpdate(
  c: TrainingCase,
  plan: StagePlan,
  { weights, rank }: { readonly weights: WeightBuckets; readonly rank: number },
  kernels: Kernels,
): Pick<Update, "optimizer" | "orthogonalisation" | "hostUpdate"> {
  const replicas = updateReplicas(c);
  const owned = (weights.split + weights.replicated) / replicas.dense + weights.experts / replicas.experts;
  const away = offloadedShare(c) * owned;
  const optimizer = optimizerTime(c, owned - away, kernels);
  const blocks = c.model.layers.length / c.layout.pipeline;
  const host = away === 0 ? 0 : hostUpdateTime(c, away, blocks);
  const beside = c.software.overlap.optimizerOffload === "on" ? optimizer : 0;
  const matrices = c.software.optimizerRule === "muon" ? rankMatrices(c, plan, rank) : [];
  return {
    optimizer,
    orthogonalisation: orthogonalisation(matrices, replicas, kernels),
    hostUpdate: Math.max(0, host - beside),
  };
}

/** All that the update adds to the step: exchanges, the update itself, and what hidden exchanges cost computation. */
export function updateTime(update: Update): Seconds {
  const { gradientReduce, parameterGather, optimizer, orthogonalisation, hostUpdate, updateInterference } = update;
  return gradientReduce + parameterGather + (optimizer + orthogonalisation + hostUpdate + updateInterference);
}
