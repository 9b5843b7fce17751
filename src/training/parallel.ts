/**
 * Where the groups of a layout sit. Ranks are numbered innermost first: tensor, context, data, pipeline
 * (experts fold into tensor x context x data of a stage).
 * @source megatron-core-parallel-state
 */

import type { GroupPlacement, Platform } from "../network/index.ts";
import type { TrainingCase } from "./case.ts";
import type { Layout, TrafficDimension } from "./layout.ts";
import { copiesOf, scheduleOf } from "./schedule/index.ts";

export interface Groups {
  readonly tensor: GroupPlacement;
  readonly context: GroupPlacement;
  /** Hierarchical context exchange: ranks that exchange heads, and the ring around them. */
  readonly contextInner: GroupPlacement;
  readonly contextOuter: GroupPlacement;
  /** Ranks that reduce gradients of dense weights: data x context. */
  readonly data: GroupPlacement;
  readonly expert: GroupPlacement;
  readonly expertTensor: GroupPlacement;
  /** Replicas of routed experts. */
  readonly expertData: GroupPlacement;
  /** Neighbouring pipeline stages. */
  readonly pipeline: GroupPlacement;
  /** Hybrid sharding: the inner ranks that share one copy, and the outer replicas. */
  readonly shardInner: GroupPlacement;
  readonly shardOuter: GroupPlacement;
  /** Ranks from which backward gathers weights again: those of one copy, or the few they were resharded over. */
  readonly resharded: { readonly dense: GroupPlacement; readonly experts: GroupPlacement };
}

/** Accelerators of one pipeline stage. */
export function stageSize(layout: Layout): number {
  return layout.tensor * layout.context * layout.data;
}

/** Ranks that hold the same dense weights, and share their gradients and optimizer state: also where a stage sits twice. */
export function denseReplicas(layout: Layout): number {
  return layout.data * layout.context * stageCopies(layout);
}

/** Replicas of routed experts. */
export function expertReplicas(layout: Layout): number {
  return (stageSize(layout) / (layout.expert * layout.expertTensor)) * stageCopies(layout);
}

/** Pipeline ranks that hold each stage. */
function stageCopies({ schedule }: Layout): number {
  return copiesOf(scheduleOf(schedule).placement);
}

/** Micro-batches of one step on one pipeline. */
export function microBatches(layout: Layout, globalBatch: number): number {
  return globalBatch / (layout.data * layout.microBatch);
}

export function groupsOf(layout: Layout, platform: Platform, contention: TrainingCase["contention"] = {}): Groups {
  const domain = platform.scaleUp.domain;
  const { tensor, context, data, expert, expertTensor, pipeline } = layout;
  const reducing = data * context;
  const copies = stageCopies(layout);
  const heads = layout.contextInner ?? 1;
  const inner = layout.sharding === "hybrid" ? (layout.shardGroup ?? Math.min(reducing, domain)) : reducing;
  const kept = typeof layout.reshardAfterForward === "number" ? layout.reshardAfterForward : Number.POSITIVE_INFINITY;
  const replicas = expertReplicas(layout);
  const at = (dimension: TrafficDimension, group: GroupPlacement): GroupPlacement => {
    const found = contention[dimension];
    return found === undefined ? group : { ...group, contention: found.factor, delay: found.delay };
  };
  return {
    tensor: at("tensor", placement(tensor, 1, domain)),
    context: at("context", placement(context, tensor, domain)),
    contextInner: at("context", placement(heads, tensor, domain)),
    contextOuter: at("context", placement(context / heads, tensor * heads, domain)),
    data: at("data", withCopies(placement(reducing, tensor, domain), copies)),
    expert: at("expert", placement(expert, expertTensor, domain)),
    expertTensor: at("expert", placement(expertTensor, 1, domain)),
    expertData: at("expertData", withCopies(placement(replicas / copies, expert * expertTensor, domain), copies)),
    pipeline: at("pipeline", placement(Math.min(pipeline, 2), stageSize(layout), domain)),
    shardInner: at("data", placement(inner, tensor, domain)),
    shardOuter: at("data", placement(reducing / inner, tensor * inner, domain)),
    resharded: {
      dense: at("data", placement(Math.min(inner, kept), tensor, domain)),
      experts: at("expertData", placement(Math.min(replicas, kept), expert * expertTensor, domain)),
    },
  };
}

/** The group with its counterparts on the other pipeline ranks that hold the stage, which sit outside its domains. */
function withCopies(group: GroupPlacement, copies: number): GroupPlacement {
  return copies === 1 ? group : { ...group, size: group.size * copies };
}

/** A group of `size` ranks, `stride` accelerators apart, over scale-up domains of `domain` accelerators. */
function placement(size: number, stride: number, domain: number): GroupPlacement {
  const room = Math.max(1, Math.floor(domain / stride));
  return { size, perDomain: largestDivisor(size, room), stride, sharing: Math.min(stride, domain) };
}

/** Largest divisor of n that is at most limit. */
function largestDivisor(n: number, limit: number): number {
  for (let divisor = Math.min(n, limit); divisor > 1; divisor--) if (n % divisor === 0) return divisor;
  return 1;
}
