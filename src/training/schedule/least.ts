/**
 * What no order of a pipeline's work can beat: every rank waits for the first micro-batch to reach it, does its work, and
 * the last micro-batch goes back from it.
 *
 *     T >= max over ranks r of  sum over i < r of (f_i + h)  +  m W_r  +  sum over i < r of (b_i + h)
 *
 * f, b of the rank's first chunk, h the hop, W_r the work of a rank for one micro-batch. The way back is left out where
 * weight gradients may come last, both ways where steps run into one another; nothing is said where passes run in pairs.
 * @source narayanan-2021 section 2.2
 */

import type { Seconds } from "../../base/quantity.ts";
import type { Schedule, ScheduleShape } from "./schedule.ts";
import type { PipelineWork } from "./simulate.ts";

/** At most the pipeline's time; 0 where nothing is known. */
export function leastPipelineTime(schedule: Schedule, shape: ScheduleShape, work: PipelineWork): Seconds {
  const { backward, update } = schedule;
  if (backward === "paired" || work.varying !== undefined || work.pieces !== undefined) return 0;
  const hop = work.hops === undefined ? work.transfer : 0;
  let [ahead, back, least] = [0, 0, 0];
  for (let rank = 0; rank < shape.ranks; rank++) {
    const start = rank * shape.chunks;
    let own = 0;
    for (let at = start; at < start + shape.chunks; at++) own += work.forward[at]! + work.backward[at]!;
    least = Math.max(least, ahead + shape.microBatches * own + back);
    if (update === "together") ahead += work.forward[start]! + hop;
    if (update === "together" && backward === "whole") back += work.backward[start]! + hop;
  }
  return least;
}
