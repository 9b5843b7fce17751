/**
 * One tier's contents: blocks by key with an order of eviction. A block arrives (its place is taken, it cannot be found),
 * is filled, is held while it is read, and leaves when its place is needed or its time is over.
 *
 * Ignores: where in the medium blocks lie, fragments. As vLLM's offloading, blocks that arrive or are read cannot leave.
 * @source vllm-offloading
 */

import type { Seconds } from "../../base/quantity.ts";
import type { Clock } from "../../simulation/index.ts";
import type { CacheListener } from "./block-pool.ts";
import { KeyTable } from "./key-table.ts";

/** Who leaves first: least recently used, first in; `ttl`: least recently used, and all that was not used for so long. */
export type Eviction = { readonly order: "lru" | "fifo" } | { readonly order: "ttl"; readonly timeToLive: Seconds };

/** Places taken at first; they double up to the store's size. */
const placesFirst = 1024;

export class Store {
  /** Blocks at most. */
  readonly blocks: number;
  private readonly eviction: Eviction;
  private readonly clock: Clock;
  private readonly listener: CacheListener | undefined;
  private table: KeyTable;
  private keys: Int32Array;
  private readers: Int32Array;
  private arriving: Uint8Array;
  private used: Float64Array;
  // Filled places from the next to leave to the newest, a ring with its head at place 0; places count from 1.
  private next: Int32Array;
  private previous: Int32Array;
  private places = 0;
  private readonly free: number[] = [];
  /** Blocks that left to make room, and because of their age. */
  evicted = 0;
  expired = 0;

  constructor(options: {
    readonly blocks: number;
    readonly eviction: Eviction;
    readonly clock: Clock;
    readonly listener?: CacheListener;
  }) {
    const { blocks } = options;
    if (!(Number.isInteger(blocks) && blocks > 0)) throw new Error(`a store of ${blocks} blocks`);
    this.blocks = blocks;
    this.eviction = options.eviction;
    this.clock = options.clock;
    this.listener = options.listener;
    const size = Math.min(blocks, placesFirst) + 1;
    this.table = new KeyTable(size);
    this.keys = new Int32Array(size);
    this.readers = new Int32Array(size);
    this.arriving = new Uint8Array(size);
    this.used = new Float64Array(size);
    this.next = new Int32Array(size);
    this.previous = new Int32Array(size);
  }

  /** Blocks that are there or arrive. */
  get count(): number {
    this.expire();
    return this.places - this.free.length;
  }

  /** Place of a content that can be read, -1 where there is none. */
  find(key: number): number {
    this.expire();
    const place = this.table.find(key);
    return place === -1 || this.arriving[place] === 1 ? -1 : place;
  }

  /** Whether a content is there or on its way. */
  has(key: number): boolean {
    this.expire();
    return this.table.find(key) !== -1;
  }

  /**
   * A place for content that arrives, -1 where all places arrive or are read. What had to leave for it is appended to
   * `evicted`.
   */
  reserve(key: number, evicted: number[]): number {
    this.expire();
    const place = this.placeFree(evicted);
    if (place === -1) return -1;
    this.keys[place] = key;
    this.readers[place] = 0;
    this.arriving[place] = 1;
    this.table.insert(key, place);
    return place;
  }

  /** The content of a reserved place is there, the newest of all. */
  fill(place: number): void {
    this.arriving[place] = 0;
    this.append(place);
    this.listener?.onStored(this.keys[place]!);
  }

  /** It is used: it will leave later, unless the first in are the first out. */
  touch(place: number): void {
    if (this.eviction.order === "fifo") return;
    this.unlink(place);
    this.append(place);
  }

  hold(place: number): void {
    this.readers[place]! += 1;
  }

  release(place: number): void {
    if (this.readers[place]! === 0) throw new Error(`place ${place} was released twice`);
    this.readers[place]! -= 1;
  }

  /** All that is not read just now is lost. */
  clear(): void {
    for (let place = this.next[0]!; place !== 0; ) {
      const next = this.next[place]!;
      if (this.readers[place] === 0) {
        this.drop(place);
        this.free.push(place);
      }
      place = next;
    }
  }

  /** Audit: every place is free, arriving or in the ring, and every content can be found. Throws where one is lost. */
  check(): void {
    let ring = 0;
    let arriving = 0;
    for (let place = this.next[0]!; place !== 0; place = this.next[place]!) {
      ring += 1;
      if (this.table.find(this.keys[place]!) !== place) throw new Error(`place ${place} cannot be found`);
    }
    for (let place = 1; place <= this.places; place++) arriving += this.arriving[place]!;
    if (ring + arriving + this.free.length !== this.places || this.places > this.blocks) {
      throw new Error(`store of ${this.blocks}: ${ring} filled, ${arriving} arriving, ${this.free.length} free`);
    }
  }

  private placeFree(evicted: number[]): number {
    const free = this.free.pop();
    if (free !== undefined) return free;
    if (this.places < this.blocks) {
      this.places += 1;
      if (this.places === this.keys.length) this.grow();
      return this.places;
    }
    let oldest = this.next[0]!;
    while (oldest !== 0 && this.readers[oldest]! > 0) oldest = this.next[oldest]!;
    if (oldest === 0) return -1;
    evicted.push(this.keys[oldest]!);
    this.evicted += 1;
    this.drop(oldest);
    return oldest;
  }

  /** Lets go what was not used for its time to live. */
  private expire(): void {
    if (this.eviction.order !== "ttl") return;
    const before = this.clock.now() - this.eviction.timeToLive;
    for (let place = this.next[0]!; place !== 0 && this.used[place]! <= before; ) {
      const next = this.next[place]!;
      if (this.readers[place] === 0) {
        this.drop(place);
        this.free.push(place);
        this.expired += 1;
      }
      place = next;
    }
  }

  private drop(place: number): void {
    const key = this.keys[place]!;
    this.unlink(place);
    this.table.remove(key, place);
    this.listener?.onEvicted(key);
  }

  private append(place: number): void {
    this.used[place] = this.clock.now();
    const newest = this.previous[0]!;
    this.next[newest] = place;
    this.previous[place] = newest;
    this.next[place] = 0;
    this.previous[0] = place;
  }

  private unlink(place: number): void {
    const before = this.previous[place]!;
    const after = this.next[place]!;
    this.next[before] = after;
    this.previous[after] = before;
  }

  private grow(): void {
    const size = Math.min(this.blocks + 1, 2 * this.keys.length);
    const held = this.keys;
    this.keys = larger(held, new Int32Array(size));
    this.readers = larger(this.readers, new Int32Array(size));
    this.arriving = larger(this.arriving, new Uint8Array(size));
    this.used = larger(this.used, new Float64Array(size));
    this.next = larger(this.next, new Int32Array(size));
    this.previous = larger(this.previous, new Int32Array(size));
    this.table = new KeyTable(size);
    const free = new Set(this.free);
    for (let place = 1; place < held.length; place++) if (!free.has(place)) this.table.insert(held[place]!, place);
  }
}

function larger<Values extends Float64Array | Int32Array | Uint8Array>(from: Values, to: Values): Values {
  to.set(from as never);
  return to;
}
