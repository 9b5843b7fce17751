/**
 * How one rank uses the tiers below it: what it finds there beyond its own cache, whether fetching beats computing, and
 * what it writes down. Reads start when the next iteration begins, writes when the iteration that computed them ends.
 * The order in which a prompt's blocks count as used is vLLM's: its last block first, so that beginnings stay longest.
 * @source vllm-offloading
 */

import type { Seconds } from "../../base/quantity.ts";
import type { Clock } from "../../simulation/index.ts";
import type { RequestState } from "../request-state.ts";
import type { BlockKeys } from "./block-keys.ts";
import type { CacheListener } from "./block-pool.ts";
import type { Connector } from "./connector.ts";
import type { Hierarchy } from "./hierarchy.ts";
import type { PeerRun, Peers } from "./peers.ts";
import type { RecomputeTime } from "./recompute.ts";

export interface RankTiersParts {
  readonly state: RequestState;
  readonly clock: Clock;
  readonly keys: BlockKeys;
  readonly blockTokens: number;
  readonly hierarchy: Hierarchy;
  /** Absent where replicas do not fetch from one another. */
  readonly peers?: Peers;
  /** Present where blocks are fetched only if that is quicker than computing them. */
  readonly recompute?: RecomputeTime;
  /** Uses of every shared content, counted for the whole replica; present where a tier is written selectively. */
  readonly uses?: Uint8Array;
}

/** Where a run of consecutive blocks comes from: a level, or behind all levels a peer. */
interface Run {
  readonly level: number;
  readonly from: number;
  readonly blocks: number;
  readonly peer?: PeerRun;
}

/** Most places where a fetch may be cut short when it is weighed against computing. */
const cutsMost = 8;

export class RankTiers implements Connector, CacheListener {
  private readonly parts: RankTiersParts;
  /** What the last `offered` found, for the `fetch` that may follow. */
  private runs: Run[] = [];
  private asked: (() => void)[] = [];
  /** Contents to write to each level: of the plan being made, and of those under way. */
  private opening: number[][];
  private readonly underWay: number[][][] = [];
  private evicted: number[] = [];

  constructor(parts: RankTiersParts) {
    this.parts = parts;
    this.opening = this.emptyLists();
  }

  offered(row: number, cached: number): number {
    const { state, blockTokens, recompute } = this.parts;
    const known = state.known[row]!;
    this.runs = this.find(row, cached, Math.floor((known - 1) / blockTokens));
    if (recompute !== undefined) this.cut(recompute, cached, known);
    let blocks = 0;
    for (const run of this.runs) blocks += run.blocks;
    return blocks * blockTokens;
  }

  fetch(row: number, _range: { readonly cached: number; readonly tokens: number }, arrived: () => void): void {
    const { state, clock } = this.parts;
    const { runs } = this;
    const since = clock.now();
    const waitsForWork = Number.isNaN(state.scheduled[row]!);
    this.count(row, runs);
    let open = runs.length;
    const each = (): void => {
      open -= 1;
      if (open > 0) return;
      if (waitsForWork) state.fetching[row]! += clock.now() - since;
      arrived();
    };
    const keys = runs.map(({ from, blocks }) => this.keysOf(row, from, blocks));
    // Until the transfers start nothing below may leave; `begins` comes at the same instant or at the iteration's end.
    const held = runs.map((run, index) => this.hold(run, keys[index]!));
    this.asked.push(() => {
      runs.forEach((run, index) => {
        held[index]!();
        if (run.peer !== undefined) this.parts.peers?.fetch(row, run.peer, each);
        else this.parts.hierarchy.read(run.level, keys[index]!, each);
      });
    });
  }

  admitted(row: number, cached: number): void {
    const { state, blockTokens, keys, hierarchy, uses } = this.parts;
    for (let index = Math.floor((state.known[row]! - 1) / blockTokens) - 1; index >= 0; index--) {
      const key = keys.key(row, index);
      hierarchy.touch(key);
      if (uses !== undefined && index < cached) this.use(key, uses);
    }
  }

  planned(): void {
    this.underWay.push(this.opening);
    this.opening = this.emptyLists();
  }

  begins(): void {
    if (this.evicted.length > 0) {
      const keys = this.evicted;
      this.evicted = [];
      this.parts.hierarchy.write(0, keys);
    }
    if (this.asked.length === 0) return;
    const { asked } = this;
    this.asked = [];
    for (const start of asked) start();
  }

  ended(): void {
    this.underWay.shift()?.forEach((keys, level) => {
      this.parts.hierarchy.write(level, keys);
    });
  }

  giveWay(): boolean {
    return false;
  }

  onStored(key: number): void {
    const { hierarchy, uses } = this.parts;
    hierarchy.levels.forEach(({ rule }, level) => {
      if (rule.when === "through") this.opening[level]!.push(key);
    });
    if (uses !== undefined) this.use(key, uses);
  }

  onEvicted(key: number): void {
    if (this.parts.hierarchy.levels[0]?.rule.when === "back") this.evicted.push(key);
  }

  private emptyLists(): number[][] {
    return this.parts.hierarchy.levels.map(() => []);
  }

  /** One more use of a content that requests share; what is a request's own is never used again. */
  private use(key: number, uses: Uint8Array): void {
    if (key >= uses.length || uses[key] === 255) return;
    uses[key]! += 1;
    this.parts.hierarchy.levels.forEach(({ rule }, level) => {
      if (rule.when === "selective" && rule.uses === uses[key]) this.opening[level]!.push(key);
    });
  }

  /** Runs of a row's blocks from an index on that tiers hold, then one that a peer does. */
  private find(row: number, from: number, end: number): Run[] {
    const { hierarchy, keys, peers } = this.parts;
    const runs: Run[] = [];
    let index = from;
    while (index < end) {
      const level = hierarchy.levelOf(keys.key(row, index));
      if (level === -1) break;
      const start = index;
      do index += 1;
      while (index < end && hierarchy.levelOf(keys.key(row, index)) === level);
      runs.push({ level, from: start, blocks: index - start });
    }
    const peer = index < end ? peers?.longest(row, index, end) : undefined;
    if (peer !== undefined) runs.push({ level: hierarchy.levels.length, from: index, blocks: peer.blocks, peer });
    return runs;
  }

  /** Keeps the runs up to where fetching them and computing the rest is quickest, as far as can be told now. */
  private cut(recompute: RecomputeTime, cached: number, known: number): void {
    const { blockTokens, hierarchy, peers } = this.parts;
    const blocks = hierarchy.levels.map(() => 0);
    let least = recompute.of(cached * blockTokens, known);
    let kept = 0;
    let fetching: Seconds = 0;
    for (let count = 0; count < Math.min(this.runs.length, cutsMost); count++) {
      const run = this.runs[count]!;
      if (run.peer !== undefined) fetching = Math.max(fetching, peers?.time(run.peer) ?? 0);
      else {
        blocks[run.level]! += run.blocks;
        fetching = Math.max(fetching, hierarchy.readTime(run.level, blocks[run.level]!));
      }
      const time = fetching + recompute.of((run.from + run.blocks) * blockTokens, known);
      if (time >= least) continue;
      least = time;
      kept = count + 1;
    }
    this.runs.length = kept;
  }

  /** Notes where a prompt's tokens were found, at its first admission. */
  private count(row: number, runs: readonly Run[]): void {
    const { state, blockTokens } = this.parts;
    if (!state.firstAdmission(row)) return;
    for (const { level, blocks } of runs) state.tierTokens[level]![row]! += blocks * blockTokens;
  }

  private keysOf(row: number, from: number, blocks: number): number[] {
    return Array.from({ length: blocks }, (_, index) => this.parts.keys.key(row, from + index));
  }

  /** Keeps the blocks of a run where they are; returns what lets them go. */
  private hold(run: Run, keys: readonly number[]): () => void {
    if (run.peer !== undefined) {
      const { rank } = run.peer.peer;
      const blocks = Int32Array.from(keys, (key) => rank.pool.find(key));
      rank.lend(blocks);
      return () => rank.returnBlocks(blocks);
    }
    const { store } = this.parts.hierarchy.levels[run.level]!;
    const places = keys.map((key) => store.find(key));
    for (const place of places) store.hold(place);
    return () => {
      for (const place of places) store.release(place);
    };
  }
}
