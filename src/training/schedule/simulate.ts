/**
 * Exact execution of a pipeline schedule: each rank runs its work in the schedule's order, a piece starts when its
 * rank is free and its input has arrived. Stages may differ; transfers take a fixed time between ranks.
 */

import type { Seconds } from "../../base/quantity.ts";
import { type Placement, type RankChunks, stageAt, stageCount } from "./placement.ts";
import { pieces, type Schedule, type ScheduleShape } from "./schedule.ts";

/** Read for every piece of a run. */
const { forward: forwardPiece, backward: backwardPiece, inputGradient, weightGradient, forwardBeside } = pieces;

export interface PipelineWork {
  /** Forward and whole backward time of [rank x chunks + chunk] for one micro-batch. */
  readonly forward: Float64Array;
  readonly backward: Float64Array;
  /** The part of each backward that only the weights need; for schedules that split it off. */
  readonly weight?: Float64Array;
  /** Times of a forward and a whole backward beside each other; without them, those above. */
  readonly paired?: { readonly forward: Float64Array; readonly backward: Float64Array };
  /** From the end of a chunk on one rank to the start of the next chunk on its neighbour. */
  readonly transfer: Seconds;
  /** Where hops differ: the same from rank r to the next one (from the last to the first), and back. */
  readonly hops?: Float64Array;
  /** Where micro-batches differ: what each takes beside the times above. */
  readonly varying?: VaryingWork;
  /** Where every piece has a time of its own, as measured: [(rank x chunks + chunk) x microBatches + microBatch]. */
  readonly pieces?: { readonly forward: Float64Array; readonly backward: Float64Array };
}

/**
 * Micro-batch k takes `forward + amount[k] x this.forward` on [rank x chunks + chunk], and so backward. The amount
 * belongs to the gradient of the input where backward passes are split: what differs between micro-batches of as many
 * tokens is attention, which has no weights.
 */
export interface VaryingWork {
  readonly forward: Float64Array;
  readonly backward: Float64Array;
  /** One for each micro-batch; may be negative where the times above are means. */
  readonly amount: Float64Array;
  /** What else differs, independently of this. */
  readonly also?: VaryingWork;
}

export interface PipelineRun {
  /** Of one step after another: from the first start to the last end; of ranks that update apart, from step to step. */
  readonly time: Seconds;
  /** Start of each piece of work: [rank][position in the rank's order]. */
  readonly starts: readonly Float64Array[];
  /** When each rank is done. */
  readonly ends: Float64Array;
  readonly orders: readonly Int32Array[];
}

/** Runs every micro-batch; returns all start times (for timelines and tests). */
export function simulatePipeline(schedule: Schedule, shape: ScheduleShape, work: PipelineWork): PipelineRun {
  if (schedule.backward !== "whole" && work.weight === undefined)
    throw new Error(`schedule ${schedule.name} splits backward passes: it needs the time of weight gradients`);
  const orders = ordersOf(schedule, shape);
  const starts = orders.map((order) => new Float64Array(order.length));
  const state = emptyState(schedule.placement, shape, work);
  runOnce(schedule, state, orders, starts);
  const run = { starts, ends: state.free, orders };
  if (schedule.update === "apart") return { ...run, time: runOnAndOn(schedule, state, orders, starts) };
  return { ...run, time: state.free.reduce((latest, end) => Math.max(latest, end), 0) };
}

/** The orders of the last shape: a search runs one schedule for many splits of the layers. */
const lastOrders = new WeakMap<Schedule, { readonly shape: ScheduleShape; readonly orders: readonly Int32Array[] }>();

function ordersOf(schedule: Schedule, shape: ScheduleShape): readonly Int32Array[] {
  const last = lastOrders.get(schedule);
  const { ranks, chunks, microBatches } = shape;
  const same = last?.shape.ranks === ranks && last.shape.chunks === chunks && last.shape.microBatches === microBatches;
  if (last !== undefined && same) return last.orders;
  const orders = schedule.orders(shape);
  lastOrders.set(schedule, { shape, orders });
  return orders;
}

/** Runs one step from the moment at which each rank is free. */
function runOnce(schedule: Schedule, state: RunState, orders: readonly Int32Array[], starts: Float64Array[]): void {
  state.next.fill(0);
  state.forwardEnd.fill(Number.NaN);
  state.gradientEnd.fill(Number.NaN);
  let left = orders.reduce((sum, order) => sum + order.length, 0);
  while (left > 0) {
    let moved = 0;
    for (let rank = 0; rank < orders.length; rank++) moved += advance(state, rank, orders[rank]!, starts[rank]!);
    if (moved === 0) throw new Error(`schedule ${schedule.name} does not finish: ${left} pieces wait for each other`);
    left -= moved;
  }
}

/**
 * Time of a step among steps whose ranks wait for nothing but their inputs: each rank begins where it ended. From one
 * step to the next the ranks' ends move by at least and at most the time looked for; steps are run until both agree, or
 * the least upper bound is taken. The last step stays in `starts`, from its first piece on.
 * @source baccelli-1992 section 3.2
 */
function runOnAndOn(
  schedule: Schedule,
  state: RunState,
  orders: readonly Int32Array[],
  starts: Float64Array[],
): Seconds {
  let before = Float64Array.from(starts, (own) => own[0]!);
  let time = Number.POSITIVE_INFINITY;
  for (let step = 0; step < stepsMost; step++) {
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    for (let rank = 0; rank < before.length; rank++) {
      const shift = state.free[rank]! - before[rank]!;
      least = Math.min(least, shift);
      most = Math.max(most, shift);
    }
    time = Math.min(time, most);
    if (most - least <= 1e-12 * most) break;
    before = state.free.slice();
    runOnce(schedule, state, orders, starts);
  }
  const first = starts.reduce((earliest, own) => Math.min(earliest, own[0]!), Number.POSITIVE_INFINITY);
  for (const own of [...starts, state.free]) for (let index = 0; index < own.length; index++) own[index]! -= first;
  return time;
}

/** Steps in a row after which the bounds no longer move in practice. */
const stepsMost = 12;

interface RunState {
  readonly shape: ScheduleShape;
  readonly work: PipelineWork;
  /** Stage of [rank x chunks + chunk]. */
  readonly stageOf: Int32Array;
  /** Transfer into each stage from the one before: none within a rank. */
  readonly hop: Float64Array;
  /** Next position, and end of the last piece, of each rank. */
  readonly next: Int32Array;
  readonly free: Float64Array;
  /** End of each pass by [stage x micro-batches + micro-batch]. NaN: not run yet. */
  readonly forwardEnd: Float64Array;
  readonly gradientEnd: Float64Array;
}

function emptyState(placement: Placement, shape: ScheduleShape, work: PipelineWork): RunState {
  const stages = stageCount(placement, shape);
  return {
    shape,
    work,
    ...stageTable(placement, shape, work),
    next: new Int32Array(shape.ranks),
    free: new Float64Array(shape.ranks),
    forwardEnd: new Float64Array(stages * shape.microBatches).fill(Number.NaN),
    gradientEnd: new Float64Array(stages * shape.microBatches).fill(Number.NaN),
  };
}

function stageTable(placement: Placement, shape: RankChunks, work: PipelineWork): Pick<RunState, "stageOf" | "hop"> {
  const { ranks, chunks } = shape;
  const stages = stageCount(placement, shape);
  const stageOf = new Int32Array(ranks * chunks);
  const ranksOf = Array.from({ length: stages }, () => -1);
  for (let rank = 0; rank < ranks; rank++) {
    for (let chunk = 0; chunk < chunks; chunk++) {
      const stage = stageAt(placement, shape, rank, chunk);
      stageOf[rank * chunks + chunk] = stage;
      // Of two copies both have neighbours in the same distance.
      if (chunk === 0 || placement !== "both-ways") ranksOf[stage] = rank;
    }
  }
  const hop = new Float64Array(stages + 1);
  for (let stage = 1; stage < stages; stage++) hop[stage] = hopTime(work, ranks, ranksOf[stage - 1]!, ranksOf[stage]!);
  return { stageOf, hop };
}

/** Between two ranks in a row, in either direction. */
function hopTime({ transfer, hops }: PipelineWork, ranks: number, from: number, to: number): Seconds {
  if (from === to) return 0;
  if (hops === undefined) return transfer;
  return hops[to === (from + 1) % ranks ? from : to]!;
}

/** Runs as much of one rank's order as its inputs allow; returns the number of pieces run. */
function advance(state: RunState, rank: number, order: Int32Array, starts: Float64Array): number {
  const { next, free } = state;
  const from = next[rank]!;
  let position = from;
  while (position < order.length) {
    const entry = order[position]!;
    const beside = (entry & 7) === forwardBeside;
    const other = beside ? order[position + 1]! : entry;
    let ready = readyAt(state, rank, entry);
    if (beside) ready = Math.max(ready, readyAt(state, rank, other));
    if (Number.isNaN(ready)) break;
    const start = Math.max(free[rank]!, ready);
    const end = start + pieceTime(state, rank, entry, beside) + (beside ? pieceTime(state, rank, other, true) : 0);
    finish(state, rank, entry, end);
    starts[position++] = start;
    if (beside) {
      finish(state, rank, other, end);
      starts[position++] = start;
    }
    free[rank] = end;
  }
  next[rank] = position;
  return position - from;
}

/** When a piece's input is there; NaN where it is not yet known. */
function readyAt(state: RunState, rank: number, entry: number): Seconds {
  const { shape, stageOf, hop, forwardEnd, gradientEnd } = state;
  const { chunks, microBatches } = shape;
  const place = entry >> 3;
  const chunk = place % chunks;
  const microBatch = (place - chunk) / chunks;
  const stage = stageOf[rank * chunks + chunk]!;
  const at = stage * microBatches + microBatch;
  switch (entry & 7) {
    case weightGradient:
      return gradientEnd[at]!;
    case forwardPiece:
    case forwardBeside:
      return stage === 0 ? 0 : forwardEnd[at - microBatches]! + hop[stage]!;
    default:
      return at + microBatches >= gradientEnd.length
        ? forwardEnd[at]!
        : gradientEnd[at + microBatches]! + hop[stage + 1]!;
  }
}

function finish(state: RunState, rank: number, entry: number, end: Seconds): void {
  const kind = entry & 7;
  if (kind === weightGradient) return;
  const { chunks, microBatches } = state.shape;
  const place = entry >> 3;
  const chunk = place % chunks;
  const at = state.stageOf[rank * chunks + chunk]! * microBatches + (place - chunk) / chunks;
  const forward = kind === forwardPiece || kind === forwardBeside;
  (forward ? state.forwardEnd : state.gradientEnd)[at] = end;
}

function pieceTime({ work, shape }: Pick<RunState, "work" | "shape">, rank: number, entry: number, beside: boolean) {
  const { chunks } = shape;
  const place = entry >> 3;
  const chunk = place % chunks;
  const at = rank * chunks + chunk;
  const microBatch = (place - chunk) / chunks;
  const kind = entry & 7;
  if (work.pieces !== undefined) return measuredTime(work, kind, at, at * shape.microBatches + microBatch);
  if (kind === weightGradient) return work.weight![at]!;
  const pass = kind === forwardPiece || kind === forwardBeside ? "forward" : "backward";
  const own = (beside ? (work.paired ?? work) : work)[pass][at]!;
  const time = kind === inputGradient ? own - work.weight![at]! : own;
  let more = 0;
  for (let part = work.varying; part !== undefined; part = part.also)
    more += part.amount[microBatch]! * part[pass][at]!;
  return time + more;
}

/** A piece's own time; of a backward pass that is split, input and weight gradient share it as predicted. */
function measuredTime(work: PipelineWork, kind: number, at: number, piece: number): Seconds {
  if (kind === forwardPiece || kind === forwardBeside) return work.pieces!.forward[piece]!;
  const time = work.pieces!.backward[piece]!;
  if (kind === backwardPiece) return time;
  const share = work.backward[at] === 0 ? 0 : work.weight![at]! / work.backward[at]!;
  return time * (kind === weightGradient ? share : 1 - share);
}

/** How long the piece at a position of a rank's order takes; a pair takes the sum of its two. */
export function pieceDuration(run: PipelineRun, at: PieceAt): Seconds {
  const order = run.orders[at.rank]!;
  const entry = order[at.position]!;
  const before = at.position > 0 && (order[at.position - 1]! & 7) === forwardBeside;
  return pieceTime(at, at.rank, entry, before || (entry & 7) === forwardBeside);
}

export interface PieceAt {
  readonly work: PipelineWork;
  readonly shape: ScheduleShape;
  readonly rank: number;
  readonly position: number;
}
