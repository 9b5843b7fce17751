/** What routers are told of caches: events of the accelerators' memory and of every tier, as old as their way takes. */

import type { Seconds } from "../../base/quantity.ts";
import type { Clock } from "../../simulation/index.ts";
import type { PrefixIndex } from "../routing/policy.ts";
import { PrefixEvents } from "./prefix-events.ts";
import type { TierSpec } from "./spec.ts";

/** What routers call a tier. */
const names = { "host-memory": "host", nvme: "disk", remote: "shared" } as const;

type TierName = (typeof names)[keyof typeof names];

export class CacheIndex implements PrefixIndex {
  readonly memory: PrefixEvents;
  /** In the order of the tiers. */
  readonly tiers: readonly { readonly name: TierName; readonly events: PrefixEvents; readonly shared: boolean }[];

  constructor(options: {
    readonly clock: Clock;
    readonly delay: Seconds;
    readonly replicas: number;
    readonly chunkCount: number;
    readonly tiers: readonly TierSpec[];
  }) {
    const { clock, delay, replicas, chunkCount } = options;
    this.memory = new PrefixEvents({ clock, delay, replicas, chunkCount });
    this.tiers = options.tiers.map(({ medium, scope }) => ({
      name: names[medium],
      shared: scope === "fleet",
      events: new PrefixEvents({ clock, delay, replicas: scope === "fleet" ? 1 : replicas, chunkCount }),
    }));
  }

  matched(replica: number, chunks: Int32Array): number {
    return this.memory.matched(replica, chunks);
  }

  /** Tiers are asked from the nearest down, each from where the one before it ended. */
  matchedBeyond(replica: number, chunks: Int32Array, tier: "host" | "disk" | "shared"): number {
    if (this.tiers.length === 0) return 0;
    let from = this.matched(replica, chunks);
    let found = 0;
    for (const { name, events, shared } of this.tiers) {
      const count = events.matched(shared ? 0 : replica, chunks, from);
      from += count;
      if (name === tier) found += count;
    }
    return found;
  }
}
