/** Makes the engines of a fleet: empty caches, and who is told of what they hold. */

import type { Random } from "../../base/random.ts";
import type { Clock } from "../../simulation/index.ts";
import { batchingPolicies } from "../batching/index.ts";
import { Engine, type EngineListener } from "../engine/engine.ts";
import { Rank } from "../engine/rank.ts";
import { BlockKeys } from "../kvcache/block-keys.ts";
import { BlockPool, type CacheListener } from "../kvcache/block-pool.ts";
import type { RequestState } from "../request-state.ts";
import type { FleetCache } from "./fleet-cache.ts";
import type { PrefixEvents } from "./prefix-events.ts";
import type { ReplicaSpec } from "./spec.ts";

export interface MakerParts {
  readonly state: RequestState;
  readonly clock: Clock;
  readonly events: PrefixEvents;
  /** Of each replica's blocks. */
  readonly keys: readonly BlockKeys[];
  /** Absent where nothing lies below or between the caches. */
  readonly cache: FleetCache | undefined;
  readonly listener: EngineListener;
  readonly random: Random;
}

export class EngineMaker {
  private readonly parts: MakerParts;

  constructor(parts: MakerParts) {
    this.parts = parts;
  }

  /** @param life how often this replica began before: every life draws its own numbers. */
  make({ settings, step, host }: ReplicaSpec, index: number, life: number): Engine {
    const { state, clock, listener, random } = this.parts;
    const keys = this.parts.keys[index]!;
    // Where no two prompts are known to begin alike, there is nothing to tell, and engines may foresee iterations.
    const announce = state.list.ids.length === 0 ? undefined : new Announcer(this.parts.events, keys, index);
    const policy = batchingPolicies.get(settings.batching);
    const { storing } = policy;
    const ranks = Array.from({ length: settings.dataParallel }, () => {
      const tiers = this.parts.cache?.tiersOf(index);
      const told = announce && tiers ? both(announce, tiers) : (announce ?? tiers);
      const rank = new Rank({ settings, state, pool: new BlockPool(settings.blocks, told), keys, storing });
      this.parts.cache?.connect(rank, index, tiers);
      return rank;
    });
    return new Engine({
      index,
      settings,
      state,
      ranks,
      batching: policy.create(settings),
      gate: policy.gate?.(settings),
      atOnce: policy.atOnce(settings),
      step,
      host,
      clock,
      listener,
      random: random.stream(`serving/speculation/${index}/${life}`),
    });
  }
}

/** Tells of the blocks of one replica that end a chunk. A class: functions made anew for each engine are not compiled into their callers. */
class Announcer implements CacheListener {
  private readonly events: PrefixEvents;
  private readonly keys: BlockKeys;
  private readonly replica: number;

  constructor(events: PrefixEvents, keys: BlockKeys, replica: number) {
    this.events = events;
    this.keys = keys;
    this.replica = replica;
  }

  onStored(key: number): void {
    const chunk = this.keys.chunkEnding(key);
    if (chunk !== -1) this.events.announce(this.replica, chunk, "stored");
  }

  hears(key: number): boolean {
    return this.keys.chunkEnding(key) !== -1;
  }

  onEvicted(key: number): void {
    const chunk = this.keys.chunkEnding(key);
    if (chunk !== -1) this.events.announce(this.replica, chunk, "lost");
  }
}

/** Keys for the blocks of every replica; those with blocks of one size share them. */
export function keysOfReplicas(state: RequestState, replicas: readonly ReplicaSpec[]): readonly BlockKeys[] {
  const made = new Map<number, BlockKeys>();
  return replicas.map(({ settings: { blockTokens } }) => {
    const keys = made.get(blockTokens) ?? new BlockKeys(state.list, blockTokens);
    made.set(blockTokens, keys);
    return keys;
  });
}

function both(one: CacheListener, other: CacheListener): CacheListener {
  return {
    onStored: (key) => {
      one.onStored(key);
      other.onStored(key);
    },
    onEvicted: (key) => {
      one.onEvicted(key);
      other.onEvicted(key);
    },
  };
}
