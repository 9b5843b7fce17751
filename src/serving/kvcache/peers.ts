/**
 * Other replicas' caches as a tier: the blocks stay where they are until they are copied. Which of them holds most of a
 * prompt is known exactly, as from an index kept up to date.
 */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { Rank } from "../engine/rank.ts";
import type { BlockKeys } from "./block-keys.ts";
import type { KvLinks, LinkPath } from "./links.ts";

/** A rank elsewhere and the way from it. */
export interface Peer {
  readonly rank: Rank;
  readonly path: LinkPath;
  readonly alive: () => boolean;
}

/** A run of blocks that a peer holds. */
export interface PeerRun {
  readonly peer: Peer;
  readonly from: number;
  readonly blocks: number;
}

export class Peers {
  private readonly keys: BlockKeys;
  private readonly links: KvLinks;
  private readonly blockBytes: Bytes;
  /** Set once all ranks exist. */
  others: readonly Peer[] = [];

  constructor(options: { readonly keys: BlockKeys; readonly links: KvLinks; readonly blockBytes: Bytes }) {
    this.keys = options.keys;
    this.links = options.links;
    this.blockBytes = options.blockBytes;
  }

  /** The longest run of a row's blocks from an index on, below `end`, that one peer holds. */
  longest(row: number, from: number, end: number): PeerRun | undefined {
    let best: PeerRun | undefined;
    for (const peer of this.others) {
      if (!peer.alive()) continue;
      const { pool } = peer.rank;
      let index = from;
      while (index < end && pool.find(this.keys.key(row, index)) !== -1) index += 1;
      if (index - from > (best?.blocks ?? 0)) best = { peer, from, blocks: index - from };
    }
    return best;
  }

  fetch(row: number, { peer, from, blocks }: PeerRun, arrived: () => void): void {
    const { rank, path } = peer;
    const lent = new Int32Array(blocks);
    for (let index = 0; index < blocks; index++) lent[index] = rank.pool.find(this.keys.key(row, from + index));
    rank.lend(lent);
    this.links.send(path, blocks * this.blockBytes, () => {
      rank.returnBlocks(lent);
      arrived();
    });
  }

  time({ peer, blocks }: PeerRun): Seconds {
    return this.links.estimate(peer.path, blocks * this.blockBytes);
  }
}
