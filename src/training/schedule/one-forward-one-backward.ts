/** 1F1B (PipeDream-flush): a rank warms up with one forward per later rank, then alternates. @source narayanan-2021 */

import { backwardWork, everyRank, forwardWork, type Schedule, type ScheduleShape } from "./schedule.ts";

export const oneForwardOneBackward: Schedule = {
  name: "1f1b",
  summary: "one forward, one backward in turn; a rank holds at most as many micro-batches as ranks follow it",
  placement: "loop",
  chunks: "one",
  backward: "whole",
  update: "together",
  orders: (shape) => everyRank(shape, order),
  bubble: ({ ranks }, { forward, backward }) => (ranks - 1) * (forward + backward),
  inFlight: ({ ranks, microBatches }, rank) => Math.min(microBatches, ranks - rank),
};

function order({ ranks, microBatches, chunks }: ScheduleShape, rank: number): Int32Array {
  const warmup = Math.min(microBatches, ranks - rank - 1);
  const list = new Int32Array(2 * microBatches);
  let at = 0;
  for (let index = 0; index < warmup; index++) list[at++] = forwardWork(index, 0, chunks);
  for (let index = warmup; index < microBatches; index++) {
    list[at++] = forwardWork(index, 0, chunks);
    list[at++] = backwardWork(index - warmup, 0, chunks);
  }
  for (let index = microBatches - warmup; index < microBatches; index++) list[at++] = backwardWork(index, 0, chunks);
  return list;
}
