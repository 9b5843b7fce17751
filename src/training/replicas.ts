/**
 * Data replicas that differ: each runs a pipeline of its own, and all meet where gradients are reduced, so the slowest
 * decides. Leaves out: replicas that start at different times.
 */

import type { Seconds } from "../base/quantity.ts";
import { type PipelineWork, pipelineTime, type Schedule } from "./schedule/index.ts";

/** Replicas that are alike. */
export interface ReplicaKind {
  readonly work: PipelineWork;
  /** Micro-batches of one step on each of them. */
  readonly microBatches: number;
  /** How many there are; none has no say. */
  readonly count: number;
}

export interface SlowestReplica {
  readonly time: Seconds;
  /** Which kind is slowest; the first among equals. */
  readonly index: number;
  /** Mean time a replica waits for the slowest. */
  readonly waiting: Seconds;
}

/** The slowest of several kinds of replicas under one schedule: max over kinds of their pipeline's time. */
export function slowestReplica(
  schedule: Schedule,
  shape: { readonly ranks: number; readonly chunks: number },
  kinds: readonly ReplicaKind[],
): SlowestReplica {
  let slowest = { time: 0, index: -1 };
  let total = 0;
  let replicas = 0;
  kinds.forEach(({ work, microBatches, count }, index) => {
    if (count === 0) return;
    const time = pipelineTime(schedule, { ...shape, microBatches }, work);
    total += count * time;
    replicas += count;
    if (time > slowest.time || slowest.index < 0) slowest = { time, index };
  });
  if (slowest.index < 0) throw new Error("no replica runs the step");
  return { ...slowest, waiting: slowest.time - total / replicas };
}
