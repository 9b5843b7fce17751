/**
 * ZB-H2: forwards fill the wait for the first backward too, for twice the activations. Ranks begin and end one after
 * another, each without a pause; steps follow without one where ranks update apart.
 *
 *     bubble = (p - 1) max(0, F + B - 2 W, B - F),  B the gradient of the input
 *
 * which is the paper's F + B - 2 W where neither weight gradients are longer than the mean of the others nor than a
 * forward; 0 with F = B = W. The other cases are ours, read off the simulation.
 * @source qi-2023-zero-bubble section 2.2, table 2
 */

import { everyRank, type Schedule } from "./schedule.ts";
import { splitBackwardOrder } from "./split-backward.ts";

export const zeroBubbleH2: Schedule = {
  name: "zero-bubble-h2",
  summary: "no bubble with forward, input and weight gradients alike, for twice the activations of 1F1B",
  placement: "loop",
  chunks: "one",
  backward: "split",
  update: "apart",
  orders: (shape) =>
    everyRank(shape, (_, rank) =>
      splitBackwardOrder(shape, { warmup: 2 * (shape.ranks - 1 - rank) + 1, delay: 2 * rank }),
    ),
  bubble({ ranks, microBatches }, { forward, backward, weight }) {
    const input = backward - weight;
    if (microBatches < 2 * ranks - 1) return undefined;
    return (ranks - 1) * Math.max(0, forward + input - 2 * weight, input - forward);
  },
  inFlight: ({ ranks, microBatches }) => Math.min(microBatches, 2 * ranks - 1),
};
