/**
 * Orders from a building block: the slots, six a micro-batch, in which each rank of a V runs the passes of one
 * micro-batch in steady state; how long they lie apart is what the rank holds. The paper reorders the beginning and the
 * end by search. Here ranks act slot by slot, all pieces taking one: of the passes whose input is there, a rank takes
 * the one that is due first in the repeated block, as long as its memory has room; without one it runs its oldest weight
 * gradient. The first chunk leaves the second the room that the block gives it, so nothing ever waits for memory in a
 * circle. The order depends on ranks and micro-batches alone, not on times.
 * @source qi-2024-memory section 3
 */

import { stageAt } from "./placement.ts";
import { pieceWork, type ScheduleShape } from "./schedule.ts";

export interface BuildingBlock {
  /** Slots of forward of chunk 0, forward of chunk 1, backward of chunk 1, backward of chunk 0. */
  offsets(rank: number, ranks: number): readonly [number, number, number, number];
  /** Chunks whose activations a rank may hold. */
  held(ranks: number): number;
}

/** Slots of one micro-batch on one rank: three pieces of two chunks. */
const period = 6;
/** Chunk of each pass of a block. */
const chunkOf = [0, 1, 1, 0] as const;

interface RankState {
  readonly rank: number;
  readonly offsets: readonly number[];
  /** Most activations of the first chunk, and of both. */
  readonly most: { readonly first: number; readonly both: number };
  /** Micro-batches that each pass has run. */
  readonly run: [number, number, number, number];
  readonly order: Int32Array;
  written: number;
  /** Activations held, of the first chunk and of both. */
  first: number;
  both: number;
  /** Weight gradients in the order in which they became due, from `nextWeight`: chunks. */
  readonly due: number[];
  nextWeight: number;
  readonly weights: [number, number];
}

export function buildingBlockOrders(shape: ScheduleShape, block: BuildingBlock): readonly Int32Array[] {
  const { ranks, microBatches } = shape;
  const states = Array.from({ length: ranks }, (_, rank) => rankState(rank, shape, block));
  const stages = 2 * ranks;
  // Slot after which the output of each stage is there, [stage x micro-batches + micro-batch]; -1: not run.
  const forwardSlot = new Int32Array(stages * microBatches).fill(-1);
  const gradientSlot = new Int32Array(stages * microBatches).fill(-1);
  let left = period * ranks * microBatches;
  const slotsMost = 2 * period * (microBatches + stages) * stages;
  for (let slot = 0; left > 0; slot++) {
    if (slot > slotsMost) throw new Error(`${left} pieces of a building block wait for each other`);
    for (const state of states) {
      const pass = nextPass(state, { shape, slot, forwardSlot, gradientSlot });
      if (pass !== undefined) runPass(state, pass, { shape, slot, forwardSlot, gradientSlot });
      else if (!runWeight(state)) continue;
      left--;
    }
  }
  return states.map(({ order }) => order);
}

function rankState(rank: number, { ranks, microBatches }: ScheduleShape, block: BuildingBlock): RankState {
  const offsets = block.offsets(rank, ranks);
  const both = block.held(ranks);
  return {
    rank,
    offsets,
    most: { first: both - Math.ceil((offsets[2] - offsets[1]) / period), both },
    run: [0, 0, 0, 0],
    order: new Int32Array(period * microBatches),
    written: 0,
    first: 0,
    both: 0,
    due: [],
    nextWeight: 0,
    weights: [0, 0],
  };
}

interface Moment {
  readonly shape: ScheduleShape;
  readonly slot: number;
  readonly forwardSlot: Int32Array;
  readonly gradientSlot: Int32Array;
}

/** The pass that is due first of those that can run; undefined where none can. */
function nextPass(state: RankState, moment: Moment): number | undefined {
  let best: number | undefined;
  let bestSlot = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < 4; pass++) {
    const microBatch = state.run[pass]!;
    const dueSlot = state.offsets[pass]! + period * microBatch;
    if (microBatch === moment.shape.microBatches || dueSlot >= bestSlot || !hasRoom(state, pass)) continue;
    const ready = readySlot(state.rank, pass, microBatch, moment);
    if (ready < 0 || ready > moment.slot) continue;
    best = pass;
    bestSlot = dueSlot;
  }
  return best;
}

function hasRoom(state: RankState, pass: number): boolean {
  if (pass > 1) return true;
  return state.both < state.most.both && (pass === 1 || state.first < state.most.first);
}

/** First slot at which the input of a pass is there; negative: not yet known. */
function readySlot(rank: number, pass: number, microBatch: number, moment: Moment): number {
  const { shape, forwardSlot, gradientSlot } = moment;
  const { microBatches } = shape;
  const stage = stageAt("v", shape, rank, chunkOf[pass]!);
  const at = stage * microBatches + microBatch;
  if (pass < 2) return stage === 0 ? 0 : forwardSlot[at - microBatches]!;
  return stage === 2 * shape.ranks - 1 ? forwardSlot[at]! : gradientSlot[at + microBatches]!;
}

function runPass(state: RankState, pass: number, { shape, slot, forwardSlot, gradientSlot }: Moment): void {
  const chunk = chunkOf[pass]!;
  const microBatch = state.run[pass]!;
  state.run[pass] = microBatch + 1;
  const forward = pass < 2;
  state.order[state.written++] = pieceWork(forward ? "forward" : "inputGradient", microBatch, chunk, shape.chunks);
  const at = stageAt("v", shape, state.rank, chunk) * shape.microBatches + microBatch;
  (forward ? forwardSlot : gradientSlot)[at] = slot + 1;
  if (!forward) state.due.push(chunk);
  else {
    state.both++;
    if (chunk === 0) state.first++;
  }
}

function runWeight(state: RankState): boolean {
  const chunk = state.due[state.nextWeight];
  if (chunk === undefined) return false;
  state.nextWeight++;
  state.order[state.written++] = pieceWork("weightGradient", state.weights[chunk]!++, chunk, 2);
  state.both--;
  if (chunk === 0) state.first--;
  return true;
}
