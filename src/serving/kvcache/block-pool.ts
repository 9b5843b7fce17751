/**
 * The paged cache of one rank: blocks with reference counts, and a free list in order of last use. A freed block keeps
 * its content until it is taken again, so the free list is the prefix cache's order of eviction.
 *
 * Ignores: what blocks hold; keys stand for contents. Blocks of one size; no groups of unlike layers.
 * @source vllm-scheduler
 */

import { KeyTable } from "./key-table.ts";

/** Told when the content of a key comes and goes; for indexes and tiers. */
export interface CacheListener {
  onStored(key: number): void;
  onEvicted(key: number): void;
  /** Whether it makes a difference when a key comes and goes; of every key where absent. */
  hears?(key: number): boolean;
}

/** Stands for a key where none is looked for. */
const unsought = -2;

export class BlockPool {
  readonly blocks: number;
  /** Users of each block. */
  private readonly references: Int32Array;
  /** Key of each block's content, -1 for none. */
  private readonly keys: Int32Array;
  // The free list, a ring with its head at index `blocks`.
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private readonly table: KeyTable;
  private readonly listener: CacheListener | undefined;
  private free: number;

  constructor(blocks: number, listener?: CacheListener) {
    if (!(Number.isInteger(blocks) && blocks > 0)) throw new Error(`a pool of ${blocks} blocks`);
    this.blocks = blocks;
    this.references = new Int32Array(blocks);
    this.keys = new Int32Array(blocks).fill(-1);
    this.next = ring(blocks, 1);
    this.previous = ring(blocks, blocks);
    this.table = new KeyTable(blocks);
    this.listener = listener;
    this.free = blocks;
  }

  /** Blocks that nobody uses, cached contents among them. */
  get freeCount(): number {
    return this.free;
  }

  /** Of the `most` blocks that are taken next, those up to the first whose loss is heard of; fewer where fewer are free. */
  unheard(most: number): number {
    if (this.listener === undefined) return Math.min(most, this.free);
    let count = 0;
    for (let block = this.next[this.blocks]!; count < most && block !== this.blocks; block = this.next[block]!) {
      const key = this.keys[block]!;
      if (key >= 0 && this.listener.hears?.(key) !== false) break;
      count += 1;
    }
    return count;
  }

  /** The block with a content, -1 for none. */
  find(key: number): number {
    return this.table.find(key);
  }

  isFree(block: number): boolean {
    return this.references[block]! === 0;
  }

  /** Takes the block whose content was used longest ago; the content is lost. Throws where none is free. */
  take(): number {
    const block = this.next[this.blocks]!;
    if (block === this.blocks) throw new Error("no free block");
    this.unlink(block);
    const key = this.keys[block]!;
    if (key !== -1) this.evict(block, key);
    this.references[block] = 1;
    return block;
  }

  /** One more user of a block whose content was found. */
  share(block: number): void {
    if (this.references[block]! === 0) this.unlink(block);
    this.references[block]! += 1;
  }

  /** One user less; the last one puts the block behind all others in the free list. */
  release(block: number): void {
    const left = this.references[block]! - 1;
    if (left < 0) throw new Error(`block ${block} was released twice`);
    this.references[block] = left;
    if (left === 0) this.link(block, this.previous[this.blocks]!);
  }

  /** Gives up a block in use by one whose content nobody can find: it is the next to be taken. */
  releaseBlank(block: number): void {
    if (this.references[block]! !== 1 || this.keys[block]! !== -1) throw new Error(`block ${block} is not blank`);
    this.references[block] = 0;
    this.link(block, this.blocks);
  }

  /** The content of a block was asked for: it is as if it had been used now. */
  touch(block: number): void {
    if (this.references[block]! > 0) return;
    this.unlink(block);
    this.link(block, this.previous[this.blocks]!);
  }

  /** The content of a block in use is whole and can be found from now on. */
  store(block: number, key: number): void {
    this.keys[block] = key;
    this.table.insert(key, block);
    this.listener?.onStored(key);
  }

  /** The content of a block in use is whole, and of a kind that nobody will ever look for: it only ages. */
  keep(block: number): void {
    this.keys[block] = unsought;
  }

  /** Audit: users and free blocks make up the pool. Throws where they do not. */
  check(used: number): void {
    const counted = roundOf(this.next, this.blocks);
    const held = positives(this.references);
    if (counted !== this.free || held + counted !== this.blocks || used < held) {
      throw new Error(
        `pool of ${this.blocks}: ${counted} in the free list, ${this.free} free, ${held} held, ${used} uses`,
      );
    }
  }

  private evict(block: number, key: number): void {
    this.keys[block] = -1;
    if (key === unsought) return;
    this.table.remove(key, block);
    this.listener?.onEvicted(key);
  }

  private link(block: number, before: number): void {
    const after = this.next[before]!;
    this.next[before] = block;
    this.previous[block] = before;
    this.next[block] = after;
    this.previous[after] = block;
    this.free += 1;
  }

  private unlink(block: number): void {
    const before = this.previous[block]!;
    const after = this.next[block]!;
    this.next[before] = after;
    this.previous[after] = before;
    this.free -= 1;
  }
}

/** Of places 0 to `last` in a ring, the one that is `step` places after each. Apart, as the audit's loops: what follows a loop that runs once a pool would be compiled in vain. */
function ring(last: number, step: number): Int32Array {
  const places = new Int32Array(last + 1);
  for (let index = 0; index <= last; index++) {
    const place = index + step;
    places[index] = place > last ? place - last - 1 : place;
  }
  return places;
}

/** Places in a ring beside the one it is walked from. */
function roundOf(next: Int32Array, from: number): number {
  let places = 0;
  for (let place = next[from]!; place !== from; place = next[place]!) places += 1;
  return places;
}

function positives(values: Int32Array): number {
  let count = 0;
  for (let index = 0; index < values.length; index++) if (values[index]! > 0) count += 1;
  return count;
}
