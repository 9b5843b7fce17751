/**
 * What crosses from one pool to the next: activations of a pipeline, gradients of replicas. Both ends send and receive
 * at the pace of the slower port; a `between` link that all of them share may be slower still.
 * Ignores: other traffic on that link, and collectives that would gather inside a pool before they cross.
 */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { GroupPlacement } from "../../network/index.ts";
import type { TrainingCase } from "../case.ts";
import { transferSize, transferTime } from "../contexts.ts";
import { expertReplicas, stageSize } from "../parallel.ts";
import type { StepStages } from "../step.ts";
import type { UpdateTimes } from "../update.ts";
import type { WeightBuckets } from "../weights.ts";
import type { PoolLink } from "./spread.ts";

export interface Crossing {
  /** From the end of a stage on one side to the start of the next on the other. */
  readonly time: Seconds;
  /** How long one micro-batch keeps the shared link busy, one direction. */
  readonly occupied: Seconds;
}

/**
 * Activations of one micro-batch from a stage on one pool to the next stage on another.
 *
 *     T = l + max(T_a, T_b, r s / B)
 *
 * T_a, T_b by the ports of either side, never by a scale-up link; l and B latency and bandwidth of the link between the
 * pools, over which all r ranks of the stage send their s bytes each.
 * @source narayanan-2021 section 4.1
 */
export function stageCrossing(from: StepStages, to: StepStages, link: PoolLink | undefined): Crossing {
  const time = Math.max(portTime(from), portTime(to));
  if (link === undefined) return { time, occupied: 0 };
  const { case: c } = from.context;
  const occupied = ((stageSize(c.layout) / c.layout.tensor) * transferSize(c)) / link.bandwidth;
  return { time: link.latency + Math.max(time, occupied), occupied };
}

function portTime({ context: { case: c, groups, platform } }: StepStages): Seconds {
  const { domain } = platform.scaleUp;
  const stride = Math.max(stageSize(c.layout), domain, platform.scaleOut.acceleratorsPerNode);
  const pipeline: GroupPlacement = { size: 2, perDomain: 1, stride, sharing: domain };
  return transferTime(c, { ...groups, pipeline }, platform);
}

/**
 * Reduction and gather where replicas sit on several pools: the members' own time, or that of the links between the
 * pools, over which every ring of replicas goes once a pass.
 *
 *     T = max(T_own, g (n-1)/n S / B) + k l         each pass; an all-reduce makes two
 *
 * g rings at once (every rank of a pipeline belongs to one), n replicas, S bytes of one rank, k pools and so k crossings
 * on the way round. Every pipeline stage is counted as heavy as the first.
 * @source nccl-tuning
 */
export function joinedUpdate(
  c: TrainingCase,
  pools: number,
  link: PoolLink,
): (own: UpdateTimes, weights: WeightBuckets) => UpdateTimes {
  return (own: UpdateTimes, weights: WeightBuckets): UpdateTimes => {
    const latency = pools * link.latency;
    const pass = (bytes: number): Seconds => ringBytes(c, weights, bytes) / link.bandwidth;
    const { gradientReduce, parameterGather } = c.software.bytes;
    const reducing = pass(gradientReduce);
    if (c.layout.sharding === "none") {
      return { gradientReduce: Math.max(own.gradientReduce, 2 * reducing) + 2 * latency, parameterGather: 0 };
    }
    return {
      gradientReduce: Math.max(own.gradientReduce, reducing) + latency,
      parameterGather: Math.max(own.parameterGather, pass(parameterGather)) + latency,
    };
  };
}

/** Bytes of all rings over one link in one pass, `bytes` a parameter. */
function ringBytes({ layout }: TrainingCase, weights: WeightBuckets, bytes: number): Bytes {
  const { tensor, pipeline, data, context, expert, expertTensor } = layout;
  const ring = (replicas: number, count: number): Bytes => (((replicas - 1) / replicas) * count * bytes) as Bytes;
  const dense = tensor * ring(data * context, weights.split + weights.replicated);
  return pipeline * (dense + expert * expertTensor * ring(expertReplicas(layout), weights.experts));
}
