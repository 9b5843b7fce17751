/**
 * V-Min: two chunks a rank in a V, every pass as soon after the one before as the ranks allow: a third of the
 * activations of 1F1B, and with all pieces alike about two thirds of its bubble. Where pieces take different times ranks
 * wait for each other in every micro-batch, as the paper says.
 *
 *     held = floor((p + 4) / 3) micro-batches,  bubble about 2/3 (p - 1) (F + B + W)
 *
 * @source qi-2024-memory section 3.2, table 1
 */

import { type BuildingBlock, buildingBlockOrders } from "./building-block.ts";
import type { Schedule } from "./schedule.ts";

const block: BuildingBlock = {
  offsets(rank, ranks) {
    // Two slots more where ranks divide by three keep the passes of neighbouring micro-batches from the same slot.
    const gap = ranks % 3 === 0 ? 2 : 0;
    return [rank, 2 * ranks - rank - 1, 2 * ranks + gap + rank, 4 * ranks + gap - rank - 1];
  },
  held: (ranks) => 2 * Math.floor((ranks + 4) / 3),
};

export const vMin: Schedule = {
  name: "v-min",
  summary: "two chunks a rank in a V: about a third of the activations and two thirds of the bubble of 1F1B",
  placement: "v",
  chunks: "two",
  backward: "split",
  update: "apart",
  orders: (shape) => buildingBlockOrders(shape, block),
  bubble: () => undefined,
  inFlight: ({ ranks, microBatches }) => Math.min(microBatches, block.held(ranks) / 2),
};
