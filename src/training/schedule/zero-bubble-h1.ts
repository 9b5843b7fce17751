/**
 * ZB-H1: 1F1B whose weight gradients fill the end. A rank delays them by its place, so that all ranks hold as many
 * activations as the first does under 1F1B.
 *
 *     bubble = (p - 1) max(F, B, F + B - W),  B the gradient of the input
 *
 * which is the paper's F + B - W where weight gradients are the shortest (with DeepSeek's B, the whole backward:
 * F + B - 2 W), a third of 1F1B's with F = B = W. The other cases are ours, read off the simulation.
 * @source qi-2023-zero-bubble section 2.1, table 2
 */

import { everyRank, type Schedule } from "./schedule.ts";
import { splitBackwardOrder } from "./split-backward.ts";

export const zeroBubbleH1: Schedule = {
  name: "zero-bubble-h1",
  summary: "1F1B with weight gradients apart and late: a third of its bubble in the same memory",
  placement: "loop",
  chunks: "one",
  backward: "split",
  update: "together",
  orders: (shape) =>
    everyRank(shape, (_, rank) => splitBackwardOrder(shape, { warmup: shape.ranks - rank, delay: rank })),
  bubble({ ranks, microBatches }, { forward, backward, weight }) {
    const input = backward - weight;
    if (microBatches < ranks) return undefined;
    return (ranks - 1) * Math.max(forward, input, forward + input - weight);
  },
  inFlight: ({ ranks, microBatches }) => Math.min(microBatches, ranks),
};
