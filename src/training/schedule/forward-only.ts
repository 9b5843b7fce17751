/**
 * A pass without gradients through the pipeline: every rank runs its chunks in the order of the interleaved schedule
 * (groups of as many micro-batches as ranks, chunk after chunk), a piece starts when its rank is free and its input has
 * arrived. Nothing runs backward, so nothing waits for it. Where every stage sits on two ranks, the copies of one
 * direction do it.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { Placement } from "./placement.ts";
import type { ScheduleShape } from "./schedule.ts";

/**
 * Time of all micro-batches; `forward` by [rank x chunks + chunk].
 *
 *     one chunk:  sum of stages + (m - 1) x longest stage + (p - 1) x transfer
 *     even, m a multiple of p:  (m + (p - 1) / chunks) x forward of a rank
 *
 * @source narayanan-2021
 */
export function forwardOnlyTime(
  placement: Placement,
  shape: ScheduleShape,
  { forward, transfer }: { readonly forward: Float64Array; readonly transfer: Seconds },
): Seconds {
  const { ranks, chunks, microBatches } = shape;
  if (chunks === 1 || placement === "both-ways") {
    let [sum, longest] = [0, 0];
    for (let rank = 0; rank < ranks; rank++) {
      const time = forward[rank * chunks]!;
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
      const upwards = placement === "v" && chunk % 2 === 1;
      for (let index = 0; index < size; index++) {
        for (let step = 0; step < ranks; step++) {
          const rank = upwards ? ranks - 1 - step : step;
          // A V turns on one rank.
          const stays = ranks === 1 || (placement === "v" && step === 0);
          const first = chunk === 0 && step === 0;
          const ready = first ? 0 : ended[index]! + (stays ? 0 : transfer);
          free[rank] = Math.max(free[rank]!, ready) + forward[rank * chunks + chunk]!;
          ended[index] = free[rank]!;
        }
      }
    }
  }
  return free.reduce((latest, end) => Math.max(latest, end), 0);
}
