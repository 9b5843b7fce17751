/**
 * Time of a pipeline for a whole step, by the shortest exact way: a closed form where all stages are alike, a
 * recurrence for 1F1B, a closed form for GPipe, and for the others the simulation without its steady state: once
 * warm-up is past it repeats, and every further group of micro-batches costs the same. Held against the full simulation
 * by tests.
 */

import type { Seconds } from "../../base/quantity.ts";
import { fillDrainTime } from "./fill-drain.ts";
import { passesOf } from "./placement.ts";
import type { Schedule, ScheduleShape } from "./schedule.ts";
import { type PipelineRun, type PipelineWork, simulatePipeline } from "./simulate.ts";
import { steadyPipelineTime } from "./steady.ts";

/** Time of the whole pipeline for one step. */
export function pipelineTime(schedule: Schedule, shape: ScheduleShape, work: PipelineWork): Seconds {
  const { ranks, chunks, microBatches } = shape;
  if (work.varying !== undefined || work.pieces !== undefined) return simulatePipeline(schedule, shape, work).time;
  if (ranks === 1 && schedule.backward !== "paired") {
    let sum = 0;
    for (let chunk = 0; chunk < chunks; chunk++) sum += work.forward[chunk]! + work.backward[chunk]!;
    return microBatches * sum;
  }
  const even = evenTime(schedule, shape, work);
  if (even !== undefined) return even;
  if (schedule.name === "1f1b") return steadyPipelineTime(ranks, microBatches, work);
  if (schedule.name === "gpipe") return fillDrainTime(ranks, microBatches, work);
  return repeatedTime(schedule, shape, work);
}

/** Simulates few groups of micro-batches, more until the last before the end repeat, and adds the rest at their pace. */
function repeatedTime(schedule: Schedule, shape: ScheduleShape, work: PipelineWork): Seconds {
  const { ranks, microBatches } = shape;
  for (let groups = schedule.backward === "whole" ? 6 : 8; ; groups *= 2) {
    const base = groups * ranks + (microBatches % ranks);
    if (base >= microBatches) return simulatePipeline(schedule, shape, work).time;
    const run = simulatePipeline(schedule, { ...shape, microBatches: base }, work);
    const period = groupPeriod(run, schedule, shape);
    if (period !== undefined) return run.time + ((microBatches - base) / ranks) * period;
  }
}

/**
 * Time of one group of micro-batches if the run has become periodic: on every rank, each piece of two groups in a
 * row is its counterpart in the group before, one group later, and starts the same time after it. What follows depends
 * on no older pieces.
 */
function groupPeriod(run: PipelineRun, schedule: Schedule, { ranks, chunks }: ScheduleShape): Seconds | undefined {
  const each = schedule.backward === "split" ? 3 : 2;
  const group = each * ranks * passesOf(schedule.placement, chunks);
  // The last steady group ends where a cool-down as long as the longest warm-up begins.
  const coolDown = schedule.backward === "whole" ? group + (group >> 1) : 3 * group;
  const shift = 8 * chunks * (ranks / (chunks / passesOf(schedule.placement, chunks)));
  let period: number | undefined;
  for (let rank = 0; rank < ranks; rank++) {
    const starts = run.starts[rank]!;
    const order = run.orders[rank]!;
    const end = starts.length - coolDown;
    for (let position = end - 2 * group; position < end; position++) {
      if (position < group) return undefined;
      if (order[position]! - order[position - group]! !== shift) return undefined;
      const step = starts[position]! - starts[position - group]!;
      period ??= step;
      if (Math.abs(step - period) > 1e-11 * run.time) return undefined;
    }
  }
  return period;
}

/** Closed form where every chunk takes the same time and transfers cost nothing; undefined elsewhere. */
export function evenTime(schedule: Schedule, shape: ScheduleShape, work: PipelineWork): Seconds | undefined {
  const { chunks, microBatches, ranks } = shape;
  const passes = passesOf(schedule.placement, chunks);
  const f = work.forward[0]!;
  const b = work.backward[0]!;
  if (work.transfer > 0 || work.hops !== undefined || (schedule.chunks === "several" && microBatches % ranks !== 0))
    return undefined;
  for (let index = 0; index < ranks * chunks; index++) {
    if (work.forward[index] !== f || work.backward[index] !== b) return undefined;
  }
  const rest = schedule.backward === "whole" ? { weight: 0, pair: f + b } : splitTimes(schedule, shape, work);
  if (rest === undefined) return undefined;
  const { weight, pair } = rest;
  const times = { forward: passes * f, backward: passes * b, weight: passes * weight, pair: passes * pair };
  const bubble = schedule.bubble(shape, times);
  if (bubble === undefined) return undefined;
  const hidden = (schedule.pairs?.(shape) ?? 0) * (f + b - pair);
  return microBatches * passes * (f + b) - hidden + bubble;
}

/** Weight gradient, and forward with backward beside it, of any chunk; undefined where chunks differ. */
function splitTimes(
  { backward }: Schedule,
  { ranks, chunks }: ScheduleShape,
  { weight, paired }: PipelineWork,
): { readonly weight: number; readonly pair: number } | undefined {
  if (weight === undefined || (backward === "paired") !== (paired !== undefined)) return undefined;
  const w = weight[0]!;
  const [f, b] = [paired?.forward[0] ?? 0, paired?.backward[0] ?? 0];
  for (let index = 0; index < ranks * chunks; index++) {
    if (weight[index] !== w) return undefined;
    if (paired !== undefined && (paired.forward[index] !== f || paired.backward[index] !== b)) return undefined;
  }
  return { weight: w, pair: f + b };
}
