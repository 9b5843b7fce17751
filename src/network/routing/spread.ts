/**
 * How sprayed packets fill the shortest ways between two vertices: every vertex deals what it gets evenly over its links
 * that lead nearer. What one unit puts on each link is found once for a pair and kept.
 */

import type { NextHops, Region } from "./next-hops.ts";

export interface Spread {
  readonly links: Int32Array;
  readonly shares: Float64Array;
}

/** Links remembered in all spreads together. */
const remembered = 4_000_000;

export class Spreads {
  private readonly hops: NextHops;
  private readonly ends: Int32Array;
  private known = new Map<number, Map<number, Spread | undefined>>();
  private size = 0;

  constructor(hops: NextHops, ends: Int32Array) {
    this.hops = hops;
    this.ends = ends;
  }

  /** What one unit puts on the links from one vertex to another; undefined where there is no way. */
  between(from: number, to: number, region: Region): Spread | undefined {
    let known = this.known.get(to);
    if (known === undefined) {
      known = new Map();
      this.known.set(to, known);
    }
    if (known.has(from)) return known.get(from);
    const found = this.find(from, to, region);
    known.set(from, found);
    this.size += found?.links.length ?? 0;
    if (this.size > remembered) {
      this.known = new Map();
      this.size = 0;
    }
    return found;
  }

  private find(from: number, to: number, region: Region): Spread | undefined {
    const links: number[] = [];
    const shares: number[] = [];
    let front = new Map([[from, 1]]);
    while (!front.has(to)) {
      const next = new Map<number, number>();
      for (const [vertex, share] of front) {
        const found = this.hops.towards(to, vertex, region);
        if (found.count === 0) return undefined;
        for (let index = 0; index < found.count; index++) {
          const link = found.links[index]!;
          const end = this.ends[link]!;
          links.push(link);
          shares.push(share / found.count);
          next.set(end, (next.get(end) ?? 0) + share / found.count);
        }
      }
      front = next;
    }
    return { links: Int32Array.from(links), shares: Float64Array.from(shares) };
  }
}
