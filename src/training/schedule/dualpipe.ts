/**
 * DualPipe: half of the micro-batches enter at each end of the pipeline, so every rank holds two stages, and the
 * forward of one stream runs beside the backward of the other. Twice the parameters.
 *
 *     bubble = (p / 2 - 1) (F&B + B - 3 W),  B the whole backward, F&B a forward beside one
 *
 * of the innermost ranks; with F = B - W = W the simulation equals it. The outer ranks have fewer pairs, more work, and
 * wait less.
 * @source deepseek-v3-2024 table 2 @source dualpipe-readme
 */

import { dualOrder, tooFew } from "./dual-order.ts";
import { everyRank, type Schedule } from "./schedule.ts";

export const dualPipe: Schedule = {
  name: "dualpipe",
  summary: "micro-batches enter at both ends; forwards run beside backwards and hide each other's expert exchange",
  placement: "both-ways",
  chunks: "two",
  backward: "paired",
  update: "together",
  lacks({ ranks, microBatches }) {
    if (ranks % 2 === 1) return { need: `an even pipeline, but pipeline is ${ranks}`, hint: `e.g. ${ranks + 1}` };
    if (microBatches % 2 === 1) {
      const need = `an even number of micro-batches, half for each end, but a step has ${microBatches}`;
      return { need, hint: "change globalBatch or microBatch" };
    }
    return tooFew(2 * ranks, microBatches);
  },
  orders: (shape) =>
    everyRank(shape, ({ ranks, microBatches }, rank) => {
      // The outer half of the ranks is mirrored: what is near from one end is far from the other.
      const upper = rank < ranks / 2;
      return dualOrder({
        depth: ranks / 2,
        distance: upper ? rank : ranks - 1 - rank,
        each: microBatches / 2,
        near: upper ? 0 : 1,
        far: upper ? 1 : 0,
        firstOf: (chunk) => (chunk * microBatches) / 2,
      });
    }),
  bubble({ ranks }, { forward, backward, weight, pair }) {
    if (forward !== weight || backward !== 2 * weight) return undefined;
    return (ranks / 2 - 1) * (pair + backward - 3 * weight);
  },
  pairs: ({ ranks, microBatches }) => microBatches - ranks - 1,
  inFlight: ({ ranks }) => (ranks + 1) / 2,
};
