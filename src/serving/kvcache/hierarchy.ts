/**
 * Tiers below an accelerator's memory, as one replica reaches them: each a store behind links. Blocks are written when
 * they are computed (through), when they are evicted above (back), or when they were used several times (selective);
 * what a tier evicts goes to the next one if that is written back.
 *
 * Blocks that were evicted are copied before they are overwritten, into buffers that cost no time. Ignores: compression,
 * layouts, limits on transfers under way.
 * @source sglang-hicache
 */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { KvLinks, LinkPath } from "./links.ts";
import type { Store } from "./store.ts";

export type WriteRule =
  | { readonly when: "through" }
  | { readonly when: "back" }
  /** At the given use: 1 is when it is computed, every hit in the memory above counts one more. */
  | { readonly when: "selective"; readonly uses: number };

/** One tier as one replica reaches it. */
export interface TierLevel {
  readonly name: string;
  readonly store: Store;
  readonly rule: WriteRule;
  readonly read: LinkPath;
  readonly write: LinkPath;
  /** Reads go to the tier above first and stay there, or straight to the accelerators. */
  readonly staging: "above" | "direct";
}

export class Hierarchy {
  readonly levels: readonly TierLevel[];
  private readonly links: KvLinks;
  readonly blockBytes: Bytes;
  /** Blocks written to each tier, and blocks that found no place there. */
  readonly written: number[];
  readonly refused: number[];

  constructor(options: {
    readonly levels: readonly TierLevel[];
    readonly links: KvLinks;
    /** Of one block on all accelerators that hold a share of it. */
    readonly blockBytes: Bytes;
  }) {
    this.levels = options.levels;
    this.links = options.links;
    this.blockBytes = options.blockBytes;
    this.written = this.levels.map(() => 0);
    this.refused = this.levels.map(() => 0);
  }

  /** The highest tier in which a content can be read, -1 for none. */
  levelOf(key: number): number {
    for (let level = 0; level < this.levels.length; level++) {
      if (this.levels[level]!.store.find(key) !== -1) return level;
    }
    return -1;
  }

  /** It is used: wherever it is, it leaves later. */
  touch(key: number): void {
    for (const { store } of this.levels) {
      const place = store.find(key);
      if (place !== -1) store.touch(place);
    }
  }

  /** Moves contents into a tier, those that are not there or on their way. */
  write(level: number, keys: readonly number[]): void {
    const to = this.levels[level];
    if (to === undefined || keys.length === 0) return;
    const places = this.reserve(level, keys);
    if (places.length === 0) return;
    this.links.send(to.write, places.length * this.blockBytes, () => {
      for (const place of places) to.store.fill(place);
    });
  }

  /** Reads contents that a tier has; they cannot leave it until they are read. */
  read(level: number, keys: readonly number[], arrived: () => void): void {
    const { store, read, staging } = this.levels[level]!;
    const places = keys.map((key) => store.find(key)).filter((place) => place !== -1);
    for (const place of places) store.hold(place);
    const above = level > 0 && staging === "above" ? this.levels[level - 1] : undefined;
    const kept = above === undefined ? [] : this.reserve(level - 1, keys);
    this.links.send(read, keys.length * this.blockBytes, () => {
      for (const place of places) store.release(place);
      for (const place of kept) above?.store.fill(place);
      if (above === undefined) arrived();
      else this.read(level - 1, keys, arrived);
    });
  }

  /** Time to read so many blocks of a tier, started now. */
  readTime(level: number, blocks: number): Seconds {
    const { read, staging } = this.levels[level]!;
    const own = this.links.estimate(read, blocks * this.blockBytes);
    return level > 0 && staging === "above" ? own + this.readTime(level - 1, blocks) : own;
  }

  private reserve(level: number, keys: readonly number[]): number[] {
    const { store } = this.levels[level]!;
    const places: number[] = [];
    const evicted: number[] = [];
    for (const key of keys) {
      if (store.has(key)) continue;
      const place = store.reserve(key, evicted);
      if (place === -1) this.refused[level]! += 1;
      else places.push(place);
    }
    this.written[level]! += places.length;
    if (this.levels[level + 1]?.rule.when === "back") this.write(level + 1, evicted);
    return places;
  }
}
