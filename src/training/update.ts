/**
 * Once a step: gradients are reduced, the optimizer updates its shard, parameters are gathered. And, for fully
 * sharded stacks, the gathers and scatters of every micro-batch.
 * @source rajbhandari-2020 @source zhao-2023-fsdp
 */

import type { Bytes, Seconds } from "../base/quantity.ts";
import type { Kernels } from "../compute/index.ts";
import { collectiveSeconds, type GroupPlacement, type Platform } from "../network/index.ts";
import type { TrainingCase } from "./case.ts";
import { denseReplicas, expertReplicas, type Groups } from "./parallel.ts";
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
  if (c.layout.sharding === "none") {
    return {
      gradientReduce: collectiveSeconds(platform, { operation: "all-reduce", size: gradients, group }),
      parameterGather: 0,
    };
  }
  const parameters: Bytes = count * c.software.bytes.parameterGather;
  return {
    gradientReduce: collectiveSeconds(platform, { operation: "reduce-scatter", size: gradients, group }),
    parameterGather: collectiveSeconds(platform, { operation: "all-gather", size: parameters, group }),
  };
}

/** Bytes one optimizer update moves per parameter it owns, with the pass that clips gradients. */
function updateBytes(c: TrainingCase): number {
  const { bytes, optimizer } = c.software;
  // Fused Adam reads and writes master and moments, reads gradients, writes the 16-bit weight.
  const fused = 2 * bytes.master + 2 * bytes.moments + bytes.gradient + 2;
  const clip = 2 * bytes.gradient;
  // Multi-tensor kernels make a handful of passes over master, moments and gradient instead of one; eager more.
  const factor = optimizer === "fused" ? 1 : optimizer === "multi-tensor" ? 2 : 4;
  return factor * fused + clip;
}

/** Time of the optimizer update for `parameters` owned by this rank. */
export function optimizerTime(c: TrainingCase, parameters: number, kernels: Kernels): Seconds {
  return parameters <= 0 ? 0 : kernels.memoryPass(parameters * updateBytes(c));
}

/** One fully sharded unit (a layer) in one micro-batch. */
export interface ShardedUnit {
  readonly gather: Seconds;
  readonly scatter: Seconds;
}

/** Gather and scatter of a layer's weights under full or hybrid sharding. */
export function shardedUnit(c: TrainingCase, weights: WeightBuckets, groups: Groups, platform: Platform): ShardedUnit {
  const { bytes } = c.software;
  const dense = weights.split + weights.replicated;
  const inner = groups.shardInner;
  const gatherOf = (count: number, group: GroupPlacement): Seconds =>
    count === 0 || group.size <= 1
      ? 0
      : collectiveSeconds(platform, { operation: "all-gather", size: count * bytes.parameterGather, group });
  const scatterOf = (count: number, group: GroupPlacement): Seconds =>
    count === 0 || group.size <= 1
      ? 0
      : collectiveSeconds(platform, { operation: "reduce-scatter", size: count * bytes.gradientReduce, group });
  let scatter = scatterOf(dense, inner) + scatterOf(weights.experts, groups.expertData);
  if (c.layout.sharding === "hybrid" && groups.shardOuter.size > 1) {
    scatter += collectiveSeconds(platform, {
      operation: "all-reduce",
      size: (dense * bytes.gradientReduce) / inner.size,
      group: groups.shardOuter,
    });
  }
  if (c.tuning.method === "lora") scatter = 0;
  return { gather: gatherOf(dense, inner) + gatherOf(weights.experts, groups.expertData), scatter };
}

/** Whether weights are gathered and gradients scattered inside every micro-batch rather than once a step. */
export function shardedInside({ layout, software }: Pick<TrainingCase, "layout" | "software">): boolean {
  const { sharding } = layout;
  return sharding === "full" || sharding === "hybrid" || (sharding === "gradients" && software.host === "fsdp");
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
  },
  plan: StagePlan,
  busiest: { readonly forwardTime: Seconds; readonly backwardTime: Seconds },
  at: UpdatePlace = firstRank,
): Update {
  const { case: c, groups, platform, kernels } = context;
  const { sharding, pipeline } = c.layout;
  const full = c.tuning.method === "full";
  const weights = at.rank === 0 ? busiestWeights(c, plan) : learningWeights(c, plan, at.rank);
  const replicas = sharding === "none" ? 1 : denseReplicas(c.layout);
  const expertShare = sharding === "none" ? 1 : expertReplicas(c.layout);
  const owned = (weights.split + weights.replicated) / replicas + weights.experts / expertShare;
  const optimizer = optimizerTime(c, owned, kernels);
  // Adapters are reduced and gathered once a step even where the frozen weights are gathered in every micro-batch.
  if (full && shardedInside(c)) return { gradientReduce: 0, parameterGather: 0, optimizer };
  const own = updateExchange(c, weights, groups, platform);
  const whole = at.joined === undefined ? own : at.joined(own, weights);
  const bucket = Math.min(1, pipeline / c.model.layers.length);
  const exposed = (time: Seconds, window: Seconds, overlap: "on" | "off"): Seconds =>
    overlap === "off" ? time : Math.max(time * bucket, time - window);
  return {
    gradientReduce: exposed(whole.gradientReduce, busiest.backwardTime, c.software.overlap.gradientReduce),
    parameterGather: exposed(whole.parameterGather, busiest.forwardTime, c.software.overlap.parameterGather),
    optimizer,
  };
}
