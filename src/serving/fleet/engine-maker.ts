/** Makes the engines of a fleet: empty caches, and who is told of what they hold. */

import type { Random } from "../../base/random.ts";
import type { Clock } from "../../simulation/index.ts";
import { batchingPolicies } from "../batching/index.ts";
import { Engine, type EngineListener } from "../engine/engine.ts";
import { Rank } from "../engine/rank.ts";
import { BlockKeys } from "../kvcache/block-keys.ts";
import { BlockPool, type CacheListener } from "../kvcache/block-pool.ts";
import type { RequestState } from "../request-state.ts";
import type { PrefixEvents } from "./prefix-events.ts";
import type { ReplicaSpec } from "./spec.ts";

export interface MakerParts {
  readonly state: RequestState;
  readonly clock: Clock;
  readonly events: PrefixEvents;
  readonly listener: EngineListener;
  readonly random: Random;
}

export class EngineMaker {
  private readonly parts: MakerParts;
  private readonly keys: Map<number, BlockKeys> = new Map();

  constructor(parts: MakerParts) {
    this.parts = parts;
  }

  /** @param life how often this replica began before: every life draws its own numbers. */
  make({ settings, step, host }: ReplicaSpec, index: number, life: number): Engine {
    const { state, clock, listener, random } = this.parts;
    const keys = this.keysFor(settings.blockTokens);
    const told = this.announcing(keys, index);
    const policy = batchingPolicies.get(settings.batching);
    const { storing } = policy;
    const ranks = Array.from({ length: settings.dataParallel }, () => {
      return new Rank({ settings, state, pool: new BlockPool(settings.blocks, told), keys, storing });
    });
    return new Engine({
      index,
      settings,
      state,
      ranks,
      batching: policy.create(settings),
      atOnce: policy.atOnce(settings),
      step,
      host,
      clock,
      listener,
      random: random.stream(`serving/speculation/${index}/${life}`),
    });
  }

  /** Replicas with blocks of one size share the keys. */
  private keysFor(blockTokens: number): BlockKeys {
    const made = this.keys.get(blockTokens) ?? new BlockKeys(this.parts.state.list, blockTokens);
    this.keys.set(blockTokens, made);
    return made;
  }

  private announcing(keys: BlockKeys, replica: number): CacheListener {
    const { events } = this.parts;
    const announce = (key: number, change: "stored" | "lost"): void => {
      const chunk = keys.chunkEnding(key);
      if (chunk !== -1) events.announce(replica, chunk, change);
    };
    return { onStored: (key) => announce(key, "stored"), onEvicted: (key) => announce(key, "lost") };
  }
}
