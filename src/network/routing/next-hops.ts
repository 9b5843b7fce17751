/**
 * Shortest ways through a part of a topology: how many links every vertex of it is from a destination. Found breadth
 * first from the destination and kept, so that flows to one destination share the work.
 *
 * The fabric is searched over its switches, and ports below one leaf share a field; a scale-up domain over its
 * accelerators, each of which passes data on. Neither leads through the other.
 */

import type { Topology } from "../topology/graph.ts";

export interface Failures {
  /** Links (one direction each) and vertices that are down. */
  readonly links: ReadonlySet<number>;
  readonly vertices: ReadonlySet<number>;
}

/** Distance fields kept at a time. */
const kept = 4096;
const unreachable = 0xffff;

/** Vertices [first, end) that pass data on. */
export interface Region {
  readonly first: number;
  readonly end: number;
}

export class NextHops {
  private readonly topology: Topology;
  private readonly failures: Failures | undefined;
  private fields = new Map<number, Uint16Array>();

  constructor(topology: Topology, failures?: Failures) {
    this.topology = topology;
    this.failures = failures;
  }

  /** Links of a vertex that lead nearer to a destination in the region, in the order of the topology. */
  towards(destination: number, vertex: number, region: Region): number[] {
    const field = this.fieldOf(destination, region);
    const distance = vertex >= region.first && vertex < region.end ? field[vertex - region.first]! : unreachable;
    const links: number[] = [];
    if (distance === 0) return links;
    let nearest = distance === unreachable ? unreachable : distance - 1;
    const { starts, ends } = this.topology;
    for (let link = starts[vertex]!; link < starts[vertex + 1]!; link++) {
      const end = ends[link]!;
      if (end < region.first || end >= region.end || !this.works(link)) continue;
      const after = field[end - region.first]!;
      if (after > nearest || after === unreachable) continue;
      // A vertex outside the region (a port) goes to the nearest of its neighbours inside.
      if (after < nearest) {
        nearest = after;
        links.length = 0;
      }
      links.push(link);
    }
    return links;
  }

  private fieldOf(destination: number, region: Region): Uint16Array {
    const found = this.fields.get(destination);
    if (found !== undefined) return found;
    const field = this.search(destination, region);
    if (this.fields.size >= kept) this.fields = new Map();
    this.fields.set(destination, field);
    return field;
  }

  private search(destination: number, { first, end }: Region): Uint16Array {
    const { starts, ends, reverse } = this.topology;
    const field = new Uint16Array(end - first).fill(unreachable);
    if (this.failures?.vertices.has(destination)) return field;
    const queue = new Int32Array(end - first);
    let length = 1;
    queue[0] = destination;
    field[destination - first] = 0;
    for (let at = 0; at < length; at++) {
      const vertex = queue[at]!;
      for (let link = starts[vertex]!; link < starts[vertex + 1]!; link++) {
        const next = ends[link]!;
        if (next < first || next >= end || field[next - first] !== unreachable) continue;
        if (!this.works(reverse[link]!) || this.failures?.vertices.has(next)) continue;
        field[next - first] = field[vertex - first]! + 1;
        queue[length++] = next;
      }
    }
    return field;
  }

  private works(link: number): boolean {
    return !this.failures?.links.has(link);
  }
}
