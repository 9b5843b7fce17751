/**
 * How much of the prompts a prefix cache would have had, in order of the list: what a trace allows, before any engine.
 * Ignores: time (a prefix counts from the moment its request is listed), blocks in use, several caches.
 */

import type { RequestList } from "./list.ts";

export interface PrefixReuse {
  /** Chunks of all prompts that ids cover, and those that were there as an unbroken prefix. */
  readonly chunks: number;
  readonly reused: number;
  /** Reused over all; 0 where nothing is covered. */
  readonly share: number;
  readonly uniqueChunks: number;
}

/**
 * Reuse with one cache of so many chunks: inserted on use, the least recently used goes first, one at a time; chunks
 * are touched in the prompt's order, then in the output's where a list says what it was.
 */
export function prefixReuse(list: RequestList, capacity: number = Number.POSITIVE_INFINITY): PrefixReuse {
  const cache = new LeastRecentlyUsed(list.ids, capacity);
  let chunks = 0;
  let reused = 0;
  for (let row = 0; row < list.count; row++) {
    const from = list.idStart[row] as number;
    const to = list.idStart[row + 1] as number;
    const prompt = Math.min(list.covered[row] as number, list.input[row] as number);
    const promptEnd = from + Math.min(to - from, Math.ceil(prompt / list.chunkTokens));
    chunks += promptEnd - from;
    let broken = false;
    for (let at = from; at < to; at++) {
      const hit = cache.touch(list.ids[at] as number);
      broken ||= !hit;
      if (!broken && at < promptEnd) reused += 1;
    }
  }
  return { chunks, reused, share: chunks === 0 ? 0 : reused / chunks, uniqueChunks: cache.unique };
}

/** A ring of ids from the newest to the oldest; the place behind the largest id is its head. */
class LeastRecentlyUsed {
  private readonly newer: Int32Array;
  private readonly older: Int32Array;
  /** 0 never seen, 1 seen and gone, 2 held. */
  private readonly state: Uint8Array;
  private readonly head: number;
  private readonly capacity: number;
  private held = 0;
  unique = 0;

  constructor(ids: Int32Array, capacity: number) {
    if (!(capacity >= 1)) throw new Error(`a cache of ${capacity} chunks`);
    let largest = -1;
    for (let at = 0; at < ids.length; at++) largest = Math.max(largest, ids[at] as number);
    this.head = largest + 1;
    this.capacity = capacity;
    this.newer = new Int32Array(largest + 2);
    this.older = new Int32Array(largest + 2);
    this.state = new Uint8Array(largest + 2);
    this.newer[this.head] = this.head;
    this.older[this.head] = this.head;
  }

  /** Make an id the newest; true when it was held. */
  touch(id: number): boolean {
    const hit = this.state[id] === 2;
    if (hit) this.unlink(id);
    else {
      if (this.state[id] === 0) this.unique += 1;
      this.state[id] = 2;
      this.held += 1;
    }
    const newest = this.older[this.head] as number;
    this.older[id] = newest;
    this.newer[newest] = id;
    this.newer[id] = this.head;
    this.older[this.head] = id;
    if (this.held > this.capacity) this.drop(this.newer[this.head] as number);
    return hit;
  }

  private drop(id: number): void {
    this.unlink(id);
    this.state[id] = 1;
    this.held -= 1;
  }

  private unlink(id: number): void {
    const newer = this.newer[id] as number;
    const older = this.older[id] as number;
    this.older[newer] = older;
    this.newer[older] = newer;
  }
}
