/**
 * GPipe in closed form, for ranks of different speed: micro-batches, all alike, go through the ranks forward and, once
 * all have, backward. Each pass takes one micro-batch through every rank, then the slowest rank for each further one.
 *
 *     T = sum f + sum b + 2 (p - 1) transfer + (m - 1) (max f + max b)
 *
 * Every rank is done with its forwards when the first gradient reaches it, so nothing else delays the way back.
 * @source huang-2019
 */

import type { Seconds } from "../../base/quantity.ts";
import type { PipelineWork } from "./simulate.ts";

/** The same time as `simulatePipeline` to rounding. */
export function fillDrainTime(ranks: number, microBatches: number, work: PipelineWork): Seconds {
  return (
    pass(ranks, microBatches, work.forward, work.transfer) + pass(ranks, microBatches, work.backward, work.transfer)
  );
}

function pass(ranks: number, microBatches: number, times: Float64Array, transfer: Seconds): Seconds {
  let [through, slowest] = [(ranks - 1) * transfer, 0];
  for (let rank = 0; rank < ranks; rank++) {
    through += times[rank]!;
    slowest = Math.max(slowest, times[rank]!);
  }
  return through + (microBatches - 1) * slowest;
}
