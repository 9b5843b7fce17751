/**
 * The stores and links of a fleet: what lies below and between its replicas, made from the spec, and the connectors of
 * ranks to it.
 */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { Clock } from "../../simulation/index.ts";
import type { Engine } from "../engine/engine.ts";
import type { Rank } from "../engine/rank.ts";
import type { BlockKeys } from "../kvcache/block-keys.ts";
import type { CacheListener } from "../kvcache/block-pool.ts";
import { Hierarchy, type TierLevel } from "../kvcache/hierarchy.ts";
import { KvLinks, type LinkPath } from "../kvcache/links.ts";
import { Peers } from "../kvcache/peers.ts";
import { Pins } from "../kvcache/pins.ts";
import { RankTiers } from "../kvcache/rank-tiers.ts";
import { RecomputeTime } from "../kvcache/recompute.ts";
import { Store } from "../kvcache/store.ts";
import type { RequestState } from "../request-state.ts";
import type { CacheIndex } from "./cache-index.ts";
import { HandOffs } from "./hand-off.ts";
import { RankConnector } from "./rank-connector.ts";
import type { FleetSpec, ReplicaTransfer, TierSpec, TransferTotals } from "./spec.ts";

export interface FleetCacheParts {
  readonly spec: FleetSpec;
  readonly state: RequestState;
  readonly clock: Clock;
  readonly index: CacheIndex;
  /** Keys of a replica's blocks, one object for all that have blocks of one size. */
  readonly keys: readonly BlockKeys[];
}

/** Links of a replica come first, two each, then two of every store. */
const linksPerReplica = 2;

export class FleetCache {
  readonly handOffs: HandOffs | undefined;
  private readonly parts: FleetCacheParts;
  private readonly links: KvLinks;
  private readonly hierarchies: readonly Hierarchy[];
  private readonly stores: { readonly tier: number; readonly replica: number; readonly store: Store }[] = [];
  private readonly uses: readonly (Uint8Array | undefined)[];
  private peers: { readonly replica: number; readonly peers: Peers }[] = [];
  private readonly paths: Map<number, LinkPath> = new Map();
  private readonly pins: Map<Rank, Pins> = new Map();

  constructor(parts: FleetCacheParts) {
    this.parts = parts;
    const { spec, state, clock, keys } = parts;
    this.links = new KvLinks(clock, capacities(spec));
    this.hierarchies = this.makeHierarchies();
    const selective = spec.cache?.tiers.some(({ rule }) => rule.when === "selective") ?? false;
    this.uses = keys.map(({ ownFirst }) => (selective ? new Uint8Array(ownFirst) : undefined));
    this.handOffs =
      spec.handOff === undefined
        ? undefined
        : new HandOffs({
            spec: spec.handOff,
            state,
            now: () => clock.now(),
            links: this.links,
            path: (from, to) => this.between(from, to, "hand-off"),
            bytesPerToken: (replica) => transferOf(spec, replica).bytesPerToken,
          });
  }

  /** What a rank that is being made has below it; told of what its pool stores and loses. */
  tiersOf(replica: number): RankTiers | undefined {
    const { spec, state, clock, keys } = this.parts;
    const { cache } = spec;
    if (cache === undefined || (cache.tiers.length === 0 && cache.peers === "off")) return undefined;
    const { settings, step } = spec.replicas[replica]!;
    const { blockTokens } = settings;
    const own = keys[replica]!;
    const hierarchy = this.hierarchies[replica]!;
    const { blockBytes } = hierarchy;
    const peers = cache.peers === "on" ? new Peers({ keys: own, links: this.links, blockBytes }) : undefined;
    if (peers !== undefined) this.peers.push({ replica, peers });
    const uses = this.uses[replica];
    return new RankTiers({
      state,
      clock,
      keys: own,
      blockTokens,
      hierarchy,
      ...(peers === undefined ? {} : { peers }),
      ...(cache.fetch === "always" ? {} : { recompute: new RecomputeTime(settings, step) }),
      ...(uses === undefined ? {} : { uses }),
    });
  }

  /** Connects a rank to tiers, pins and hand-offs. */
  connect(rank: Rank, replica: number, tiers: RankTiers | undefined): void {
    const { spec, clock } = this.parts;
    const timeToLive = spec.cache?.pin ?? 0;
    const pins = timeToLive > 0 ? new Pins({ clock, rank, timeToLive }) : undefined;
    if (pins !== undefined) this.pins.set(rank, pins);
    const decodes = (spec.replicas[replica]!.role ?? "both") === "decode";
    rank.connector = new RankConnector({
      rank,
      replica,
      ...(tiers === undefined ? {} : { tiers }),
      ...(pins === undefined ? {} : { pins }),
      ...(this.handOffs === undefined || !decodes ? {} : { handOffs: this.handOffs }),
    });
  }

  /** All ranks exist: each learns of those elsewhere that have blocks like its own. Again when engines changed. */
  introduce(engines: readonly Engine[], alive: (replica: number) => boolean): void {
    const { spec, keys } = this.parts;
    for (const { replica, peers } of this.peers) {
      const like = engines.filter(
        ({ index }) =>
          index !== replica &&
          keys[index] === keys[replica] &&
          transferOf(spec, index).bytesPerToken === transferOf(spec, replica).bytesPerToken,
      );
      peers.others = like.flatMap(({ index, ranks }) => {
        const path = this.between(index, replica, "peer");
        return ranks.map((rank) => ({ rank, path, alive: () => alive(index) }));
      });
    }
  }

  /** A request is done: its session's blocks may stay. */
  done(row: number, rank: Rank): void {
    this.pins.get(rank)?.keep(row);
  }

  /**
   * An engine is gone, and what it kept in memory of the host with it. Returns the requests that decode replicas had
   * room for and whose blocks it held.
   */
  lost({ index, ranks }: Engine): readonly number[] {
    for (const rank of ranks) {
      this.pins.get(rank)?.clear();
      this.pins.delete(rank);
    }
    this.peers = this.peers.filter(({ replica }) => replica !== index);
    for (const { tier, replica, store } of this.stores) {
      const { medium, scope } = this.parts.spec.cache!.tiers[tier]!;
      if (medium === "host-memory" && scope === "replica" && replica === index) store.clear();
    }
    return this.handOffs?.lost(index) ?? [];
  }

  check(): void {
    for (const { store } of this.stores) store.check();
  }

  totals(): TransferTotals {
    const tiers = this.parts.spec.cache?.tiers ?? [];
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    const over = (read: (hierarchy: Hierarchy, tier: number) => number): number[] =>
      tiers.map((_, tier) => sum(this.hierarchies.map((hierarchy) => read(hierarchy, tier))));
    return {
      origins: [...tiers.map(({ medium }) => medium), "peers"],
      written: over(({ written }, tier) => written[tier]!),
      refused: over(({ refused }, tier) => refused[tier]!),
      evicted: tiers.map((_, tier) => sum(this.stores.map((each) => (each.tier === tier ? each.store.evicted : 0)))),
      handedOff: this.handOffs?.count ?? 0,
      handedBytes: this.handOffs?.bytes ?? 0,
    };
  }

  private between(from: number, to: number, why: "hand-off" | "peer"): LinkPath {
    const { replicas, handOff, cache } = this.parts.spec;
    const key = 2 * (from * replicas.length + to) + (why === "peer" ? 1 : 0);
    const known = this.paths.get(key);
    if (known !== undefined) return known;
    const latency: Seconds = (why === "peer" ? cache?.peerLatency : handOff?.latency) ?? 0;
    const made = this.links.path([linkOut(from), linkIn(to)], latency);
    this.paths.set(key, made);
    return made;
  }

  private makeHierarchies(): readonly Hierarchy[] {
    const { spec } = this.parts;
    const tiers = spec.cache?.tiers ?? [];
    const shared = new Map<number, { readonly store: Store; readonly keys: BlockKeys; readonly blockBytes: Bytes }>();
    return spec.replicas.map(({ settings }, replica) => {
      const blockBytes =
        tiers.length === 0 && spec.cache?.peers !== "on"
          ? 0
          : settings.blockTokens * transferOf(spec, replica).bytesPerToken;
      const levels = tiers.map((tier, number) => {
        const known = shared.get(number);
        if (known === undefined) {
          const store = this.makeStore(tier, number, replica, blockBytes);
          if (tier.scope === "fleet") shared.set(number, { store, keys: this.parts.keys[replica]!, blockBytes });
          return this.level(tier, number, replica, store);
        }
        if (known.keys !== this.parts.keys[replica] || known.blockBytes !== blockBytes) {
          throw new Error(`${tier.medium} is shared by replicas with blocks of unlike size`);
        }
        return this.level(tier, number, replica, known.store);
      });
      return new Hierarchy({ levels, links: this.links, blockBytes });
    });
  }

  private makeStore(tier: TierSpec, number: number, replica: number, blockBytes: Bytes): Store {
    const { clock, index, keys } = this.parts;
    const { events } = index.tiers[number]!;
    const holder = tier.scope === "fleet" ? 0 : replica;
    const own = keys[replica]!;
    const announce = (key: number, change: "stored" | "lost"): void => {
      const chunk = own.chunkEnding(key);
      if (chunk !== -1) events.announce(holder, chunk, change);
    };
    const listener: CacheListener = {
      onStored: (key) => announce(key, "stored"),
      onEvicted: (key) => announce(key, "lost"),
    };
    const store = new Store({
      blocks: Math.floor(tier.size / blockBytes),
      eviction: tier.eviction,
      clock,
      listener,
    });
    this.stores.push({ tier: number, replica: holder, store });
    return store;
  }

  private level(tier: TierSpec, number: number, replica: number, store: Store): TierLevel {
    const { spec } = this.parts;
    const first = storeLinks(spec, number, replica);
    const remote = tier.scope === "fleet";
    return {
      name: tier.medium,
      store,
      rule: tier.rule,
      staging: tier.staging,
      read: this.links.path(remote ? [first, linkIn(replica)] : [first], tier.latency),
      write: this.links.path(remote ? [linkOut(replica), first + 1] : [first + 1], tier.latency),
    };
  }
}

function linkOut(replica: number): number {
  return linksPerReplica * replica;
}

function linkIn(replica: number): number {
  return linksPerReplica * replica + 1;
}

/** The link that reads a replica's store of a tier; the next one writes it. */
function storeLinks({ replicas, cache }: FleetSpec, tier: number, replica: number): number {
  let link = linksPerReplica * replicas.length;
  for (let above = 0; above < tier; above++) {
    link += linksPerReplica * (cache?.tiers[above]?.scope === "fleet" ? 1 : replicas.length);
  }
  return cache?.tiers[tier]?.scope === "fleet" ? link : link + linksPerReplica * replica;
}

function capacities({ replicas, cache }: FleetSpec): number[] {
  const ports = replicas.flatMap(({ transfer }) => {
    const port = transfer?.port ?? Number.POSITIVE_INFINITY;
    return [port, port];
  });
  const stores = (cache?.tiers ?? []).flatMap(({ scope, read, write }) =>
    Array.from({ length: scope === "fleet" ? 1 : replicas.length }, () => [read, write]).flat(),
  );
  return [...ports, ...stores];
}

function transferOf({ replicas }: FleetSpec, replica: number): ReplicaTransfer {
  const { transfer } = replicas[replica]!;
  if (transfer === undefined) throw new Error(`replica ${replica} does not say how its blocks move`);
  return transfer;
}
