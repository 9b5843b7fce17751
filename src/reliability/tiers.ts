/**
 * Two places for state: copies in the memory of other nodes, taken often, after which a share of the interruptions is
 * recovered; and checkpoints on a store for the rest. The inner plan makes one second of work into so many of wall time;
 * to the outer plan those are its work.
 *
 * Ignores: that both kinds of interruption meet in one segment in another order than the mean says.
 */

import type { Seconds } from "../base/quantity.ts";
import { type CheckpointPlan, type WallShares, wallShares } from "./goodput.ts";

/** Copies in memory; their restart has its own time to load. */
export interface MemoryTier {
  /** Share of the interruptions after which a copy is left. */
  readonly recovers: number;
  readonly interval: Seconds;
  readonly stall: Seconds;
  readonly lag: Seconds;
  readonly restart: Seconds;
}

/** A plan with its tier taken apart: what each sees. */
export interface TieredPlan {
  readonly store: CheckpointPlan;
  readonly memory?: MemoryTier;
}

/** The plan of the memory tier alone: the interruptions that it recovers. */
export function memoryPlan({ store, memory }: Required<TieredPlan>): CheckpointPlan {
  const { recovers, ...rest } = memory;
  return { ...store, ...rest, rate: store.rate * recovers };
}

/** Where wall time goes under both. */
export function tieredShares(plan: TieredPlan): WallShares {
  const { store, memory } = plan;
  if (memory === undefined) return wallShares(store);
  const inner = wallShares(memoryPlan({ store, memory }));
  if (!Number.isFinite(inner.total)) return inner;
  const outer = wallShares(outerPlan(store, memory, inner.total));
  return {
    stall: inner.stall + inner.total * outer.stall,
    lost: inner.lost + inner.total * outer.lost,
    detection: inner.detection + inner.total * outer.detection,
    restart: inner.restart + inner.total * outer.restart,
    total: inner.total * outer.total,
    interruptions: inner.interruptions * outer.total + inner.total * outer.interruptions,
  };
}

/** The store's plan, whose work is wall time of the memory tier. */
export function outerPlan(store: CheckpointPlan, { recovers }: MemoryTier, inner: number): CheckpointPlan {
  return { ...store, rate: store.rate * (1 - recovers), interval: store.interval * inner };
}
