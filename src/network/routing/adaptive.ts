/**
 * Adaptive routing, packet by packet: every switch sends where least waits, so what it gets fills its links that lead
 * nearer like water, on top of what they carry already.
 *
 *     share of link i = max(0, level C_i - load_i),   sum of shares = amount
 *
 * In an even network that is spraying; beside loads or failures it goes round them. Each switch sees its own links only.
 * Ignores: reordering, the time to notice, and notifications from switches further on.
 * @source desensi-2020-slingshot
 */

import type { NextHops, Region } from "./next-hops.ts";

/** Lists of links remembered. */
const remembered = 1_000_000;
/** Shares below this part of the whole are rounding. */
const negligible = 1e-12;
const nowhere = new Int32Array(0);

export class AdaptiveWays {
  /** The links of the last answer and what they got: the first `count` of both. */
  links: Int32Array = new Int32Array(1024);
  amounts: Float64Array = new Float64Array(1024);
  count: number = 0;
  private readonly hops: NextHops;
  private readonly ends: Int32Array;
  private readonly load: Float64Array;
  private readonly capacity: Float64Array;
  private readonly arrived: Float64Array;
  private nearer = new Map<number, Map<number, Int32Array>>();
  private lists = 0;

  constructor(
    hops: NextHops,
    state: {
      readonly ends: Int32Array;
      readonly load: Float64Array;
      readonly capacity: Float64Array;
      readonly vertices: number;
    },
  ) {
    this.hops = hops;
    this.ends = state.ends;
    this.load = state.load;
    this.capacity = state.capacity;
    this.arrived = new Float64Array(state.vertices);
  }

  /** Deals an amount over all shortest ways; the answer is in the fields. */
  deal(way: { readonly from: number; readonly to: number; readonly region: Region }, amount: number): boolean {
    const { from, to } = way;
    const { arrived } = this;
    this.count = 0;
    let front = [from];
    arrived[from] = amount;
    while (front[0] !== to) {
      const next: number[] = [];
      for (const vertex of front) {
        const links = this.linksTowards(vertex, way);
        if (links.length === 0) return false;
        this.fill(links, arrived[vertex]!, next);
        arrived[vertex] = 0;
      }
      front = next;
    }
    arrived[to] = 0;
    return true;
  }

  /** Fills links with what came to their vertex; notes where it goes on. */
  private fill(links: Int32Array, amount: number, next: number[]): void {
    const { load, capacity, ends, arrived } = this;
    const level = this.levelOf(links, amount);
    for (const link of links) {
      const share = links.length === 1 ? amount : level * capacity[link]! - load[link]!;
      if (!(share > negligible * amount)) continue;
      const end = ends[link]!;
      if (arrived[end] === 0) next.push(end);
      arrived[end]! += share;
      this.note(link, share);
    }
  }

  /** Where the water stands: links above it get nothing and do not count. */
  private levelOf(links: Int32Array, amount: number): number {
    const { load, capacity } = this;
    let level = Number.POSITIVE_INFINITY;
    for (;;) {
      let [held, room] = [amount, 0];
      for (const link of links) {
        if (load[link]! >= level * capacity[link]!) continue;
        held += load[link]!;
        room += capacity[link]!;
      }
      const lower = held / room;
      if (!(lower < level)) return level;
      level = lower;
    }
  }

  private note(link: number, share: number): void {
    if (this.count === this.links.length) {
      const [links, amounts] = [new Int32Array(2 * this.count), new Float64Array(2 * this.count)];
      links.set(this.links);
      amounts.set(this.amounts);
      this.links = links;
      this.amounts = amounts;
    }
    this.links[this.count] = link;
    this.amounts[this.count++] = share;
  }

  private linksTowards(vertex: number, { to, region }: { readonly to: number; readonly region: Region }): Int32Array {
    let known = this.nearer.get(to);
    if (known === undefined) {
      known = new Map();
      this.nearer.set(to, known);
    }
    const found = known.get(vertex);
    if (found !== undefined) return found;
    const { links, count } = this.hops.towards(to, vertex, region);
    if (count === 0) return nowhere;
    const list = links.slice(0, count);
    known.set(vertex, list);
    if (++this.lists > remembered) {
      this.nearer = new Map();
      this.lists = 0;
    }
    return list;
  }
}
