/**
 * GPipe as a recurrence: micro-batches go through the ranks one after the other, first forward, then, once a rank has
 * done all its forwards, backward from the last rank to the first. The same times as `simulatePipeline` to rounding.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { PipelineWork } from "./simulate.ts";

export function fillDrainTime(ranks: number, microBatches: number, work: PipelineWork): Seconds {
  const { forward, backward, transfer } = work;
  const free = new Float64Array(ranks);
  for (let k = 0; k < microBatches; k++) {
    let arrived = 0;
    for (let rank = 0; rank < ranks; rank++) {
      free[rank] = Math.max(free[rank]!, arrived) + forward[rank]!;
      arrived = free[rank]! + transfer;
    }
  }
  for (let k = 0; k < microBatches; k++) {
    let arrived = 0;
    for (let rank = ranks - 1; rank >= 0; rank--) {
      free[rank] = Math.max(free[rank]!, arrived) + backward[rank]!;
      arrived = free[rank]! + transfer;
    }
  }
  return free.reduce((latest, end) => Math.max(latest, end), 0);
}
