/** GPipe: all forwards, then all backwards. @source huang-2019 */

import { backwardWork, everyRank, forwardWork, type Schedule } from "./schedule.ts";

export const gpipe: Schedule = {
  name: "gpipe",
  summary: "all forward micro-batches, then all backward; every activation is held",
  placement: "loop",
  chunks: "one",
  backward: "whole",
  update: "together",
  orders: (shape) =>
    everyRank(shape, ({ microBatches, chunks }) => {
      const order = new Int32Array(2 * microBatches);
      for (let index = 0; index < microBatches; index++) {
        order[index] = forwardWork(index, 0, chunks);
        order[microBatches + index] = backwardWork(index, 0, chunks);
      }
      return order;
    }),
  bubble: ({ ranks }, { forward, backward }) => (ranks - 1) * (forward + backward),
  inFlight: ({ microBatches }) => microBatches,
};
