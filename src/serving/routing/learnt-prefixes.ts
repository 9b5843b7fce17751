/**
 * What a router without events of the engines believes their caches hold: the chunks of prompts that it sent there,
 * the least recently sent forgotten first, or after a lifetime. It ignores what engines evict earlier, what they never
 * computed, and the outputs they keep.
 */

import type { Seconds } from "../../base/quantity.ts";
import { ChunkHolders } from "./holders.ts";

export interface LearntOptions {
  /** Chunks remembered, of each replica or of all together. */
  readonly capacity: number;
  readonly scope: "replica" | "fleet";
  readonly lifetime: Seconds;
  /** Which of one prompt's chunks is forgotten first: its first one, or its last one as engines do. */
  readonly forgets: "first" | "last";
}

/** A memory of prompts sent. One list of recency for each replica, or one for the fleet. */
export class LearntPrefixes {
  private readonly holders = new ChunkHolders();
  private readonly lists: List[] = [];
  private readonly options: LearntOptions;
  private chunkOf: Int32Array = new Int32Array(1024);
  private touched: Float64Array = new Float64Array(1024);
  private newer: Int32Array = new Int32Array(1024);
  private older: Int32Array = new Int32Array(1024);
  private readonly freeNodes: number[] = [];
  private nodeCount = 0;
  private capacity: number;

  constructor(options: LearntOptions) {
    this.options = options;
    this.capacity = options.capacity;
  }

  /** Leading chunks, of the first `count`, that each replica is believed to hold: into `matched`, by replica. */
  match(chunks: Int32Array, count: number, now: Seconds, matched: Int32Array): void {
    this.expire(now);
    this.holders.match(chunks, count, matched);
  }

  /** The first `count` chunks went to a replica. */
  insert(replica: number, chunks: Int32Array, count: number, now: Seconds): void {
    const which = this.options.scope === "fleet" ? 0 : replica;
    const list = this.list(which);
    const backwards = this.options.forgets === "last";
    for (let at = 0; at < count; at++) {
      const chunk = chunks[backwards ? count - 1 - at : at] as number;
      this.touch(list, chunk, now);
      this.holders.add(chunk, replica);
    }
    this.trim(which, this.capacity);
  }

  /** Forget the least recent until at most `capacity` chunks are left, of one replica. */
  trim(which: number, capacity: number): void {
    const list = this.list(which);
    while (list.nodes.size > capacity) this.forgetOldest(list, which);
  }

  /** Another capacity from now on. */
  resize(capacity: number): void {
    this.capacity = capacity;
  }

  /** A replica lost what it had. */
  reset(replica: number): void {
    if (this.options.scope === "replica") {
      this.trim(replica, 0);
      return;
    }
    for (const chunk of this.list(0).nodes.keys()) this.holders.remove(chunk, replica);
  }

  /** When a chunk was last sent to a replica; -1 for never. */
  touchedAt(replica: number, chunk: number): Seconds {
    const node = this.lists[this.options.scope === "fleet" ? 0 : replica]?.nodes.get(chunk);
    return node === undefined ? -1 : (this.touched[node] as number);
  }

  /** Chunks remembered of a replica, or of the fleet. */
  size(which: number): number {
    return this.lists[which]?.nodes.size ?? 0;
  }

  private list(which: number): List {
    while (this.lists.length <= which) this.lists.push({ nodes: new Map(), newest: -1, oldest: -1 });
    return this.lists[which] as List;
  }

  private expire(now: Seconds): void {
    if (this.options.lifetime === Number.POSITIVE_INFINITY) return;
    for (let which = 0; which < this.lists.length; which++) {
      const list = this.lists[which] as List;
      while (list.oldest >= 0 && (this.touched[list.oldest] as number) + this.options.lifetime < now) {
        this.forgetOldest(list, which);
      }
    }
  }

  private touch(list: List, chunk: number, now: Seconds): void {
    let node = list.nodes.get(chunk);
    if (node === undefined) {
      node = this.freeNodes.pop() ?? this.nodeCount++;
      if (node === this.chunkOf.length) this.grow();
      this.chunkOf[node] = chunk;
      list.nodes.set(chunk, node);
    } else {
      if (node === list.newest) {
        this.touched[node] = now;
        return;
      }
      this.unlink(list, node);
    }
    this.touched[node] = now;
    this.newer[node] = -1;
    this.older[node] = list.newest;
    if (list.newest >= 0) this.newer[list.newest] = node;
    else list.oldest = node;
    list.newest = node;
  }

  private unlink(list: List, node: number): void {
    const newer = this.newer[node] as number;
    const older = this.older[node] as number;
    if (newer >= 0) this.older[newer] = older;
    else list.newest = older;
    if (older >= 0) this.newer[older] = newer;
    else list.oldest = newer;
  }

  private forgetOldest(list: List, which: number): void {
    const node = list.oldest;
    const chunk = this.chunkOf[node] as number;
    this.unlink(list, node);
    list.nodes.delete(chunk);
    this.freeNodes.push(node);
    if (this.options.scope === "fleet") this.holders.removeAll(chunk);
    else this.holders.remove(chunk, which);
  }

  private grow(): void {
    const rows = 2 * this.chunkOf.length;
    const longer = (values: Int32Array): Int32Array => {
      const next = new Int32Array(rows);
      next.set(values);
      return next;
    };
    this.chunkOf = longer(this.chunkOf);
    this.newer = longer(this.newer);
    this.older = longer(this.older);
    const touched = new Float64Array(rows);
    touched.set(this.touched);
    this.touched = touched;
  }
}

interface List {
  readonly nodes: Map<number, number>;
  newest: number;
  oldest: number;
}
