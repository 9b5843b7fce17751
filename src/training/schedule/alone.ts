/**
 * Which passes of a schedule run beside no other: of each chunk of each rank, the share of forward and of backward
 * passes outside pairs. Counted from the orders.
 */

import { passesOf } from "./placement.ts";
import { pieces, type Schedule, type ScheduleShape } from "./schedule.ts";

/** Shares by [rank x chunks + chunk]. */
export interface AloneShares {
  readonly forward: Float64Array;
  readonly backward: Float64Array;
}

export function aloneShares(schedule: Schedule, shape: ScheduleShape): AloneShares {
  const { ranks, chunks, microBatches } = shape;
  const forward = new Float64Array(ranks * chunks).fill(1);
  const backward = new Float64Array(ranks * chunks).fill(1);
  const each = 1 / ((microBatches * passesOf(schedule.placement, chunks)) / chunks);
  schedule.orders(shape).forEach((order, rank) => {
    for (let position = 0; position < order.length; position++) {
      if ((order[position]! & 7) !== pieces.forwardBeside) continue;
      forward[rank * chunks + ((order[position]! >> 3) % chunks)]! -= each;
      backward[rank * chunks + ((order[position + 1]! >> 3) % chunks)]! -= each;
    }
  });
  return { forward: forward.map(aboveZero), backward: backward.map(aboveZero) };
}

function aboveZero(share: number): number {
  return Math.max(0, share);
}
