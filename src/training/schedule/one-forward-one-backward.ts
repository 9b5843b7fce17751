/** 1F1B (PipeDream-flush): a rank warms up with one forward per later rank, then alternates. @source narayanan-2021 */

import { backwardWork, forwardWork, type Schedule } from "./schedule.ts";

export const oneForwardOneBackward: Schedule = {
  name: "1f1b",
  summary: "one forward, one backward in turn; a rank holds at most as many micro-batches as ranks follow it",
  order({ ranks, microBatches, chunks }, rank) {
    const warmup = Math.min(microBatches, ranks - rank - 1);
    const order = new Int32Array(2 * microBatches);
    let at = 0;
    for (let index = 0; index < warmup; index++) order[at++] = forwardWork(index, 0, chunks);
    for (let index = warmup; index < microBatches; index++) {
      order[at++] = forwardWork(index, 0, chunks);
      order[at++] = backwardWork(index - warmup, 0, chunks);
    }
    for (let index = microBatches - warmup; index < microBatches; index++) order[at++] = backwardWork(index, 0, chunks);
    return order;
  },
  bubble: ({ ranks }, f, b) => (ranks - 1) * (f + b),
  inFlight: ({ ranks, microBatches }, rank) => Math.min(microBatches, ranks - rank),
};
