/**
 * ZB-V: two chunks a rank, placed down the ranks and back up, so that the first rank also holds the last stage and
 * starts its backwards early. With forward, input gradient and weight gradient alike nothing waits, in the activations
 * of 1F1B; stages pass their activations on twice as often.
 *
 * A rank at distance r from the first warms up with 2 (p - r) - 1 forwards of its first chunk, r of both in turn and
 * p - r of the second, each with its backward; then runs all pieces of one micro-batch of each chunk in turn; then the
 * backwards left, weight gradients where it would wait.
 * @source qi-2023-zero-bubble section 6 @source torch-pipelining
 */

import { orderWriter } from "./order.ts";
import { everyRank, type Schedule, type ScheduleShape } from "./schedule.ts";

export const zeroBubbleV: Schedule = {
  name: "zero-bubble-v",
  summary: "two chunks a rank in a V: no bubble with all pieces alike, in the activations of 1F1B",
  placement: "v",
  chunks: "two",
  backward: "split",
  update: "apart",
  orders: (shape) => everyRank(shape, order),
  bubble({ ranks, microBatches }, { forward, backward, weight }) {
    return forward === weight && backward === 2 * weight && microBatches >= 2 * ranks ? 0 : undefined;
  },
  inFlight: ({ ranks, microBatches }, rank) =>
    (Math.min(microBatches, 2 * ranks - rank - 1) + Math.min(microBatches, rank + 1)) / 2,
};

function order({ ranks, chunks, microBatches }: ScheduleShape, rank: number): Int32Array {
  const list = orderWriter(chunks, microBatches);
  for (let index = 0; index < 2 * (ranks - rank) - 1; index++) list.add("forward", 0);
  for (let index = 0; index < rank; index++) {
    list.add("forward", 1);
    list.add("forward", 0);
  }
  for (let index = 0; index < ranks - rank; index++) {
    list.add("forward", 1);
    list.add("inputGradient", 1);
    list.add("weightGradient", 1);
  }
  while (list.count("forward", 1) < microBatches) {
    for (const chunk of [0, 1]) {
      list.add("forward", chunk);
      list.add("inputGradient", chunk);
      list.add("weightGradient", chunk);
    }
  }
  for (let index = 0; index < rank; index++) {
    list.add("inputGradient", 0);
    list.add("inputGradient", 1);
  }
  for (let index = 0; index < ranks - rank; index++) {
    list.add("inputGradient", 0);
    list.add("weightGradient", 0);
  }
  while (list.count("weightGradient", 1) < microBatches) list.add("weightGradient", 1);
  while (list.count("weightGradient", 0) < microBatches) list.add("weightGradient", 0);
  return list.order();
}
