/**
 * 1F1B as a recurrence, for layout search: the same times as `simulatePipeline` to rounding, a few microseconds.
 *
 * Micro-batch k enters each rank i in turn; once rank i has k >= p - 1 - i behind it, it runs the backward of
 * micro-batch k - (p - 1 - i). The state is the time at which each rank is free; when one micro-batch more shifts
 * every rank by the same time, all further ones do too.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { PipelineWork } from "./simulate.ts";

export function steadyPipelineTime(ranks: number, microBatches: number, work: PipelineWork): Seconds {
  const { forward, backward } = work;
  const transfer = work.hops ?? new Float64Array(ranks).fill(work.transfer);
  const free = new Float64Array(ranks);
  const before = new Float64Array(ranks);
  for (let k = 0; k < microBatches; k++) {
    before.set(free);
    forwardSweep(free, forward, transfer);
    backwardSweep(free, backward, transfer, k, before);
    if (k < ranks || k >= microBatches - 1) continue;
    const step = commonStep(free, before);
    if (step !== undefined) {
      const left = (microBatches - 1 - k) * step;
      for (let rank = 0; rank < ranks; rank++) free[rank]! += left;
      break;
    }
  }
  return coolDown(free, backward, transfer, microBatches);
}

function forwardSweep(free: Float64Array, forward: Float64Array, transfer: Float64Array): void {
  let arrived = 0;
  for (let rank = 0; rank < free.length; rank++) {
    const start = Math.max(free[rank]!, arrived);
    const end = start + forward[rank]!;
    free[rank] = end;
    arrived = end + transfer[rank]!;
  }
}

/** Backwards that follow forward k: on rank i of micro-batch k - (p - 1 - i), whose gradient rank i + 1 sent last time. */
function backwardSweep(
  free: Float64Array,
  backward: Float64Array,
  transfer: Float64Array,
  k: number,
  before: Float64Array,
): void {
  const last = free.length - 1;
  for (let rank = last; rank >= 0 && k - (last - rank) >= 0; rank--) {
    const ready = rank === last ? 0 : before[rank + 1]! + transfer[rank]!;
    free[rank] = Math.max(free[rank]!, ready) + backward[rank]!;
  }
}

/** The shift of every rank by one micro-batch, if it is the same for all. */
function commonStep(free: Float64Array, before: Float64Array): Seconds | undefined {
  const step = free[0]! - before[0]!;
  const tolerance = 1e-13 * free[0]!;
  for (let rank = 1; rank < free.length; rank++) {
    if (Math.abs(free[rank]! - before[rank]! - step) > tolerance) return undefined;
  }
  return step;
}

/**
 * Backwards left when no forward is: rank i still holds min(m, p - 1 - i) micro-batches, and waits for each until the
 * rank after it has sent its gradient. Ends are kept aligned at the last micro-batch, so each replaces the end that
 * the rank after it had in the same slot.
 */
function coolDown(free: Float64Array, backward: Float64Array, transfer: Float64Array, microBatches: number): Seconds {
  const ranks = free.length;
  const slots = Math.min(microBatches, ranks - 1);
  const ends = new Float64Array(slots);
  let latest = free[ranks - 1]!;
  let held = 0;
  for (let rank = ranks - 2; rank >= 0; rank--) {
    const heldAfter = held;
    held = Math.min(microBatches, ranks - 1 - rank);
    const work = backward[rank]!;
    let end = free[rank]!;
    for (let slot = slots - held; slot < slots; slot++) {
      const arrived = transfer[rank]! + (slot < slots - heldAfter ? free[rank + 1]! : ends[slot]!);
      end = (arrived > end ? arrived : end) + work;
      ends[slot] = end;
    }
    if (end > latest) latest = end;
  }
  return latest;
}
