/**
 * Interleaved 1F1B: each rank holds several model chunks and runs micro-batches in groups of as many as there are
 * ranks, chunk by chunk. @source narayanan-2021
 */

import { backwardWork, everyRank, forwardWork, type Schedule, type ScheduleShape } from "./schedule.ts";

export const interleaved: Schedule = {
  name: "interleaved",
  summary: "1F1B over several model chunks per rank; the bubble shrinks by their number",
  placement: "loop",
  chunks: "several",
  backward: "whole",
  update: "together",
  orders: (shape) => everyRank(shape, order),
  bubble: ({ ranks, chunks }, { forward, backward }) => ((ranks - 1) * (forward + backward)) / chunks,
  inFlight(shape, rank) {
    return Math.min(shape.microBatches, (warmupChunks(shape, rank) + 1) / shape.chunks);
  },
};

function order(shape: ScheduleShape, rank: number): Int32Array {
  const total = shape.microBatches * shape.chunks;
  const warmup = warmupChunks(shape, rank);
  const list = new Int32Array(2 * total);
  let at = 0;
  for (let index = 0; index < warmup; index++) list[at++] = forwardAt(index, shape);
  for (let index = warmup; index < total; index++) {
    list[at++] = forwardAt(index, shape);
    list[at++] = backwardAt(index - warmup, shape);
  }
  for (let index = total - warmup; index < total; index++) list[at++] = backwardAt(index, shape);
  return list;
}

/** Forward chunks a rank runs before its first backward. */
function warmupChunks({ ranks, chunks, microBatches }: ScheduleShape, rank: number): number {
  if (microBatches <= ranks) return microBatches * chunks;
  return Math.min(microBatches * chunks, 2 * (ranks - rank - 1) + (chunks - 1) * ranks);
}

/** The index-th forward of a rank: groups of `ranks` micro-batches, within a group chunk after chunk. */
function place(index: number, { ranks, chunks, microBatches }: ScheduleShape): { microBatch: number; chunk: number } {
  const group = Math.floor(index / (ranks * chunks));
  const size = Math.min(ranks, microBatches - group * ranks);
  const inGroup = index - group * ranks * chunks;
  return { microBatch: group * ranks + (inGroup % size), chunk: Math.floor(inGroup / size) };
}

function forwardAt(index: number, shape: ScheduleShape): number {
  const { microBatch, chunk } = place(index, shape);
  return forwardWork(microBatch, chunk, shape.chunks);
}

function backwardAt(index: number, shape: ScheduleShape): number {
  const { microBatch, chunk } = place(index, shape);
  return backwardWork(microBatch, shape.chunks - 1 - chunk, shape.chunks);
}
