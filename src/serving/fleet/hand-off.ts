/**
 * From prefill to decode: a prompt's blocks stay where they were computed until the decode replica has taken room for
 * them and they have moved. A decode pool without room so holds back the prefill pool.
 *
 *     bytes = tokens that the decode replica does not hold x bytes of a token
 *     time  = latency + bytes / rate, the rate shared fairly over both replicas' ports
 *
 * Layer by layer, all but the last layer moves while the prompt is computed, into room beside the decode replica's
 * cache; what is left after the prompt is the last layer and whatever the ports did not carry in time. Ignores: that
 * layers cannot move before they are computed (the end is right, the load on the links comes early); layouts of unlike
 * parallelism; transfers that fail.
 * @source vllm-disaggregated-prefill
 */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { Engine } from "../engine/engine.ts";
import type { Rank } from "../engine/rank.ts";
import type { KvLinks, LinkPath } from "../kvcache/links.ts";
import type { RequestState } from "../request-state.ts";
import type { HandOffSpec } from "./spec.ts";

export interface HandOffParts {
  readonly spec: HandOffSpec;
  readonly state: RequestState;
  readonly now: () => Seconds;
  readonly links: KvLinks;
  /** Way from one replica to another, and bytes of a token on the first. */
  readonly path: (from: number, to: number) => LinkPath;
  readonly bytesPerToken: (replica: number) => Bytes;
}

/** A prompt's blocks at the replica that computed it. */
interface Kept {
  readonly engine: number;
  readonly rank: Rank;
  readonly blocks: Int32Array;
  /** Whether a decode replica has room for them. */
  taken: "no" | "yes";
}

/** Layers that move beside the prompt. */
interface Early {
  done: "no" | "yes";
  /** To run when they have moved. */
  next: (() => void) | undefined;
}

export class HandOffs {
  count = 0;
  bytes: Bytes = 0;
  /** Told when a prefill replica gave up blocks that it kept. */
  released: (replica: number) => void = () => undefined;
  private readonly parts: HandOffParts;
  private readonly kept: Map<number, Kept> = new Map();
  private readonly early: Map<number, Early> = new Map();

  constructor(parts: HandOffParts) {
    this.parts = parts;
  }

  /** Work on a prompt begins and the decode replica is known: its layers start to move. */
  begin(row: number, from: number, to: number): void {
    const { spec, state, links, path, bytesPerToken } = this.parts;
    if (spec.overlap === "none") return;
    const early: Early = { done: "no", next: undefined };
    this.early.set(row, early);
    const size = (state.list.input[row]! * bytesPerToken(from) * (spec.layers - 1)) / spec.layers;
    this.bytes += size;
    links.send(path(from, to), size, () => {
      early.done = "yes";
      early.next?.();
    });
  }

  /** The prompt is computed: its blocks wait for the decode replica. */
  keep(row: number, engine: Engine): void {
    const rank = engine.ranks[this.parts.state.rank[row]!]!;
    this.count += 1;
    this.kept.set(row, { engine: engine.index, rank, blocks: rank.detachBlocks(row), taken: "no" });
  }

  has(row: number): boolean {
    return this.kept.has(row);
  }

  /** Tokens to move for a decode rank that holds the first `held`: all that is known but the last. */
  offered(row: number, held: number): number {
    return this.parts.state.known[row]! - 1 - held;
  }

  /** The decode rank has taken blocks; where it needs nothing else, those of the prefill replica are free. */
  admitted(row: number, held: number): void {
    if (this.offered(row, held) === 0) this.drop(row);
  }

  /** The row waits with room at a decode replica; `start` is to be called when its next iteration begins. */
  request(row: number, replica: number, tokens: number, arrived: () => void): () => void {
    const { state, now } = this.parts;
    const kept = this.kept.get(row)!;
    state.transferStart[row] = now();
    kept.taken = "yes";
    return () => {
      const early = this.early.get(row);
      this.early.delete(row);
      const move = (): void => this.move(row, replica, early === undefined ? tokens : "last layer", kept, arrived);
      if (early === undefined || early.done === "yes") move();
      else early.next = move;
    };
  }

  /** The request ends, or its blocks are not needed any more. */
  drop(row: number): void {
    this.early.delete(row);
    const kept = this.kept.get(row);
    if (kept === undefined) return;
    this.kept.delete(row);
    kept.rank.returnBlocks(kept.blocks);
    this.released(kept.engine);
  }

  /** Whether a replica keeps blocks that decode replicas wait for. */
  keeps(replica: number): boolean {
    for (const { engine } of this.kept.values()) if (engine === replica) return true;
    return false;
  }

  /**
   * A prefill replica is lost with its blocks: decode replicas will compute those prompts themselves. Returns the rows
   * whose blocks a decode replica had room for: it waits for them in vain and must be given the request anew.
   */
  lost(engine: number): number[] {
    const vain: number[] = [];
    for (const [row, kept] of this.kept) {
      if (kept.engine !== engine) continue;
      this.kept.delete(row);
      if (kept.taken === "yes") vain.push(row);
    }
    return vain;
  }

  private move(row: number, replica: number, what: number | "last layer", kept: Kept, arrived: () => void): void {
    const { spec, state, now, links, path, bytesPerToken } = this.parts;
    const tokens = what === "last layer" ? state.list.input[row]! / spec.layers : what;
    const size = tokens * bytesPerToken(kept.engine);
    this.bytes += size;
    links.send(path(kept.engine, replica), size, () => {
      // Dropped meanwhile: whoever dropped it has given the blocks back.
      if (this.kept.get(row) !== kept) return;
      state.transferEnd[row] = now();
      this.drop(row);
      arrived();
    });
  }
}
