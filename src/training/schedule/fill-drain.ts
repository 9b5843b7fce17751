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
    pass(ranks, microBatches, work.forward, hopsTime(ranks, work)) +
    pass(ranks, microBatches, work.backward, hopsTime(ranks, work))
  );
}

/** All transfers of one way. */
function hopsTime(ranks: number, { transfer, hops }: PipelineWork): Seconds {
  if (hops === undefined) return (ranks - 1) * transfer;
  let sum = 0;
  for (let rank = 0; rank < ranks - 1; rank++) sum += hops[rank]!;
  return sum;
}

function pass(ranks: number, microBatches: number, times: Float64Array, transfers: Seconds): Seconds {
  let [through, slowest] = [transfers, 0];
  for (let rank = 0; rank < ranks; rank++) {
    through += times[rank]!;
    slowest = Math.max(slowest, times[rank]!);
  }
  return through + (microBatches - 1) * slowest;
}
