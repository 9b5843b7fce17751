/**
 * A pass without gradients through the pipeline: every rank runs its chunks in the order of the interleaved schedule
 * (groups of as many micro-batches as ranks, chunk after chunk), a piece starts when its rank is free and its input has
 * arrived. Nothing runs backward, so nothing waits for it.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { ScheduleShape } from "./schedule.ts";

/**
 * Time of all micro-batches; `forward` by [rank x chunks + chunk].
 *
 *     one chunk:  sum of stages + (m - 1) x longest stage + (p - 1) x transfer
 *     even, m a multiple of p:  (m + (p - 1) / chunks) x forward of a rank
 *
 * @source narayanan-2021
 */
export function forwardOnlyTime(shape: ScheduleShape, forward: Float64Array, transfer: Seconds): Seconds {
  const { ranks, chunks, microBatches } = shape;
  if (chunks === 1) {
    let [sum, longest] = [0, 0];
    for (const time of forward) {
      sum += time;
      longest = Math.max(longest, time);
    }
    return sum + (microBatches - 1) * longest + (ranks - 1) * transfer;
  }
  const free = new Float64Array(ranks);
  // End of the last stage reached, by micro-batch of the group.
  const ended = new Float64Array(ranks);
  for (let start = 0; start < microBatches; start += ranks) {
    const size = Math.min(ranks, microBatches - start);
    ended.fill(0);
    for (let chunk = 0; chunk < chunks; chunk++) {
      for (let index = 0; index < size; index++) {
        for (let rank = 0; rank < ranks; rank++) {
          const first = chunk === 0 && rank === 0;
          const ready = first ? 0 : ended[index]! + (ranks > 1 ? transfer : 0);
          free[rank] = Math.max(free[rank]!, ready) + forward[rank * chunks + chunk]!;
          ended[index] = free[rank]!;
        }
      }
    }
  }
  return free.reduce((latest, end) => Math.max(latest, end), 0);
}
