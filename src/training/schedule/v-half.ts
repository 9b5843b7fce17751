/**
 * V-Half: two chunks a rank in a V, forwards spaced so that the passes of a micro-batch lie half as far apart as under
 * 1F1B: half of its activations, and with all pieces alike about half of its bubble.
 *
 *     held = floor((p + 2) / 2) micro-batches,  bubble about (p - 1) / 2 (F + B + W)
 *
 * @source qi-2024-memory section 3.2, table 1
 */

import { type BuildingBlock, buildingBlockOrders } from "./building-block.ts";
import type { Schedule } from "./schedule.ts";

const block: BuildingBlock = {
  offsets(rank, ranks) {
    // Three slots more where ranks are even keep the passes of neighbouring micro-batches from the same slot.
    const gap = ranks % 2 === 0 ? 3 : 0;
    return [2 * rank, 3 * ranks - rank - 2, 3 * ranks + gap + 2 * rank - 1, 6 * ranks + gap - rank - 2];
  },
  held: (ranks) => 2 * Math.floor((ranks + 2) / 2),
};

export const vHalf: Schedule = {
  name: "v-half",
  summary: "two chunks a rank in a V: about half of the activations and half of the bubble of 1F1B",
  placement: "v",
  chunks: "two",
  backward: "split",
  update: "apart",
  orders: (shape) => buildingBlockOrders(shape, block),
  bubble: () => undefined,
  inFlight: ({ ranks, microBatches }) => Math.min(microBatches, block.held(ranks) / 2),
};
