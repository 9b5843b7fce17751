/**
 * DualPipeV: DualPipe cut in half. The ranks of one half hold the stages of both, placed in a V, so nothing is held
 * twice beyond what half of the ranks cost; with p ranks it is DualPipe's bubble of 2 p stages.
 *
 *     bubble = (p - 1) (F&B + B - 3 W) of one chunk,  B the whole backward, F&B a forward beside one
 *
 * of the last rank, with F = B - W = W.
 * @source dualpipe-readme
 */

import { dualOrder, tooFew } from "./dual-order.ts";
import { everyRank, type Schedule } from "./schedule.ts";

export const dualPipeV: Schedule = {
  name: "dualpipe-v",
  summary: "DualPipe on half of the ranks: two chunks a rank in a V, forwards beside backwards, parameters once",
  placement: "v",
  chunks: "two",
  backward: "paired",
  update: "together",
  lacks: ({ ranks, microBatches }) => tooFew(2 * ranks, microBatches),
  orders: (shape) =>
    everyRank(shape, ({ ranks, microBatches }, rank) =>
      dualOrder({ depth: ranks, distance: rank, each: microBatches, near: 0, far: 1, firstOf: () => 0 }),
    ),
  bubble({ ranks }, { forward, backward, weight, pair }) {
    if (forward !== weight || backward !== 2 * weight) return undefined;
    return ((ranks - 1) * (pair + backward - 3 * weight)) / 2;
  },
  pairs: ({ ranks, microBatches }) => 2 * microBatches - 2 * ranks - 1,
  inFlight: ({ ranks }) => (2 * ranks + 1) / 2,
};
