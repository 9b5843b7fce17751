/**
 * Exact execution of a pipeline schedule: each rank runs its work in the schedule's order, a piece starts when its
 * rank is free and its input has arrived. Stages may differ; transfers take a fixed time between ranks.
 *
 * `pipelineTime` takes a recurrence for 1F1B, a closed form for GPipe, and skips the steady state of interleaving: once
 * warm-up is past it repeats, and every further group of micro-batches costs the same. Held against the full simulation
 * by tests.
 */

import type { Seconds } from "../../base/quantity.ts";
import { fillDrainTime } from "./fill-drain.ts";
import type { Schedule, ScheduleShape } from "./schedule.ts";
import { steadyPipelineTime } from "./steady.ts";

export interface PipelineWork {
  /** Forward and backward time of [rank x chunks + chunk] for one micro-batch. */
  readonly forward: Float64Array;
  readonly backward: Float64Array;
  /** From the end of a chunk on one rank to the start of the next chunk on its neighbour. */
  readonly transfer: Seconds;
  /** Where micro-batches differ: what each takes beside the times above. */
  readonly varying?: VaryingWork;
}

/** Micro-batch k takes `forward + amount[k] x this.forward` on [rank x chunks + chunk], and so backward. */
export interface VaryingWork {
  readonly forward: Float64Array;
  readonly backward: Float64Array;
  /** One for each micro-batch; may be negative where the times above are means. */
  readonly amount: Float64Array;
  /** What else differs, independently of this. */
  readonly also?: VaryingWork;
}

export interface PipelineRun {
  readonly time: Seconds;
  /** Start of each piece of work: [rank][position in the rank's order]. */
  readonly starts: readonly Float64Array[];
  readonly orders: readonly Int32Array[];
}

/** Runs every micro-batch; returns all start times (for timelines and tests). */
export function simulatePipeline(schedule: Schedule, shape: ScheduleShape, work: PipelineWork): PipelineRun {
  const { ranks, chunks, microBatches } = shape;
  const orders = Array.from({ length: ranks }, (_, rank) => schedule.order(shape, rank));
  const starts = orders.map((order) => new Float64Array(order.length));
  // End of each piece by [stage][micro-batch]; stage = chunk x ranks + rank. NaN: not run yet.
  const stages = ranks * chunks;
  const forwardEnd = new Float64Array(stages * microBatches).fill(Number.NaN);
  const backwardEnd = new Float64Array(stages * microBatches).fill(Number.NaN);
  const next = new Int32Array(ranks);
  const free = new Float64Array(ranks);
  let left = ranks * 2 * chunks * microBatches;
  while (left > 0) {
    let moved = 0;
    for (let rank = 0; rank < ranks; rank++) {
      moved += advance({
        rank,
        shape,
        work,
        order: orders[rank]!,
        starts: starts[rank]!,
        next,
        free,
        forwardEnd,
        backwardEnd,
      });
    }
    if (moved === 0) throw new Error(`schedule ${schedule.name} does not finish: ${left} pieces wait for each other`);
    left -= moved;
  }
  return { time: free.reduce((latest, end) => Math.max(latest, end), 0), starts, orders };
}

/** Runs as much of one rank's order as its inputs allow; returns the number of pieces run. */
function advance(at: {
  readonly rank: number;
  readonly shape: ScheduleShape;
  readonly work: PipelineWork;
  readonly order: Int32Array;
  readonly starts: Float64Array;
  readonly next: Int32Array;
  readonly free: Float64Array;
  readonly forwardEnd: Float64Array;
  readonly backwardEnd: Float64Array;
}): number {
  const { rank, shape, work, order, starts, next, free, forwardEnd, backwardEnd } = at;
  const { ranks, chunks, microBatches } = shape;
  const stages = ranks * chunks;
  const hop = ranks > 1 ? work.transfer : 0;
  let moved = 0;
  for (let position = next[rank]!; position < order.length; position++) {
    const piece = order[position]! >> 1;
    const chunk = piece % chunks;
    const microBatch = (piece - chunk) / chunks;
    const stage = chunk * ranks + rank;
    const backward = (order[position]! & 1) === 1;
    let ready = 0;
    if (!backward && stage > 0) ready = forwardEnd[(stage - 1) * microBatches + microBatch]! + hop;
    if (backward) {
      ready =
        stage === stages - 1
          ? forwardEnd[stage * microBatches + microBatch]!
          : backwardEnd[(stage + 1) * microBatches + microBatch]! + hop;
    }
    if (Number.isNaN(ready)) break;
    const start = Math.max(free[rank]!, ready);
    const end = start + pieceTime(work, backward ? "backward" : "forward", rank * chunks + chunk, microBatch);
    starts[position] = start;
    free[rank] = end;
    (backward ? backwardEnd : forwardEnd)[stage * microBatches + microBatch] = end;
    next[rank] = position + 1;
    moved++;
  }
  return moved;
}

function pieceTime(work: PipelineWork, pass: "forward" | "backward", at: number, microBatch: number): Seconds {
  let time = work[pass][at]!;
  for (let part = work.varying; part !== undefined; part = part.also)
    time += part.amount[microBatch]! * part[pass][at]!;
  return time;
}

/** Time of the whole pipeline for one step. */
export function pipelineTime(schedule: Schedule, shape: ScheduleShape, work: PipelineWork): Seconds {
  const { ranks, chunks, microBatches } = shape;
  if (work.varying !== undefined) return simulatePipeline(schedule, shape, work).time;
  if (ranks === 1) {
    let sum = 0;
    for (let chunk = 0; chunk < chunks; chunk++) sum += work.forward[chunk]! + work.backward[chunk]!;
    return microBatches * sum;
  }
  const even = evenTime(schedule, shape, work);
  if (even !== undefined) return even;
  if (schedule.name === "1f1b") return steadyPipelineTime(ranks, microBatches, work);
  if (schedule.name === "gpipe") return fillDrainTime(ranks, microBatches, work);
  for (let groups = 6; ; groups *= 2) {
    const base = groups * ranks + (microBatches % ranks);
    if (base >= microBatches) return simulatePipeline(schedule, shape, work).time;
    const run = simulatePipeline(schedule, { ranks, chunks, microBatches: base }, work);
    const period = groupPeriod(run, ranks, chunks);
    if (period !== undefined) return run.time + ((microBatches - base) / ranks) * period;
  }
}

/**
 * Time of one group of micro-batches if the run has become periodic: on every rank, each piece of two groups in a
 * row starts the same time after its counterpart in the group before. What follows depends on no older pieces.
 */
function groupPeriod(run: PipelineRun, ranks: number, chunks: number): Seconds | undefined {
  const pieces = 2 * ranks * chunks;
  let period: number | undefined;
  for (const starts of run.starts) {
    // The last steady group ends where a cool-down as long as the longest warm-up begins.
    const end = starts.length - pieces - (pieces >> 1);
    for (let position = end - 2 * pieces; position < end; position++) {
      if (position < pieces) return undefined;
      const step = starts[position]! - starts[position - pieces]!;
      period ??= step;
      if (Math.abs(step - period) > 1e-11 * run.time) return undefined;
    }
  }
  return period;
}

/** Closed form where every chunk takes the same time and transfers cost nothing; undefined elsewhere. */
export function evenTime(schedule: Schedule, shape: ScheduleShape, work: PipelineWork): Seconds | undefined {
  const { chunks, microBatches, ranks } = shape;
  const f = work.forward[0]!;
  const b = work.backward[0]!;
  if (work.transfer > 0 || (chunks > 1 && microBatches % ranks !== 0)) return undefined;
  for (let index = 0; index < ranks * chunks; index++) {
    if (work.forward[index] !== f || work.backward[index] !== b) return undefined;
  }
  return microBatches * chunks * (f + b) + schedule.bubble(shape, chunks * f, chunks * b);
}
