/**
 * Shortest ways through a part of a topology: how many links every vertex of it is from a destination. Found breadth
 * first from the destination and kept, so that flows to one destination share the work.
 *
 * The fabric is searched over its switches, and ports below one leaf share a field; a scale-up domain over its
 * accelerators, each of which passes data on. Neither leads through the other.
 */

import type { Topology } from "../topology/graph.ts";

/** Distance fields kept at a time. */
const kept = 4096;
const unreachable = 0xffff;

/** Vertices [first, end) that pass data on. */
export interface Region {
  readonly first: number;
  readonly end: number;
}

/** The first `count` of these links; overwritten by the next question. */
export interface Candidates {
  readonly links: Int32Array;
  count: number;
}

export class NextHops {
  private readonly topology: Topology;
  private readonly broken: Uint8Array | undefined;
  private readonly candidates: Candidates;
  private readonly queue: Int32Array;
  private fields = new Map<number, Uint16Array>();

  constructor(topology: Topology, broken?: Uint8Array) {
    this.topology = topology;
    this.broken = broken;
    this.candidates = { links: new Int32Array(mostLinks(topology)), count: 0 };
    this.queue = new Int32Array(topology.vertices);
  }

  /** Links of a vertex that lead nearer to a destination in the region, in the order of the topology. */
  towards(destination: number, vertex: number, region: Region): Candidates {
    const { first, end: last } = region;
    const field = this.fieldOf(destination, region);
    const { candidates, broken } = this;
    const { links } = candidates;
    const distance = vertex >= first && vertex < last ? field[vertex - first]! : unreachable;
    candidates.count = 0;
    if (distance === 0) return candidates;
    let nearest = distance === unreachable ? unreachable - 1 : distance - 1;
    let count = 0;
    const { starts, ends } = this.topology;
    const stop = starts[vertex + 1]!;
    for (let link = starts[vertex]!; link < stop; link++) {
      const end = ends[link]!;
      if (end < first || end >= last || field[end - first]! > nearest) continue;
      if (broken !== undefined && broken[link] === 1) continue;
      // A vertex outside the region (a port) goes to the nearest of its neighbours inside.
      if (field[end - first]! < nearest) {
        nearest = field[end - first]!;
        count = 0;
      }
      links[count++] = link;
    }
    candidates.count = count;
    return candidates;
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
    const { queue, broken } = this;
    const field = new Uint16Array(end - first).fill(unreachable);
    let length = 1;
    queue[0] = destination;
    field[destination - first] = 0;
    for (let at = 0; at < length; at++) {
      const vertex = queue[at]!;
      const after = field[vertex - first]! + 1;
      const stop = starts[vertex + 1]!;
      for (let link = starts[vertex]!; link < stop; link++) {
        const next = ends[link]!;
        if (next < first || next >= end || field[next - first] !== unreachable) continue;
        if (broken !== undefined && broken[reverse[link]!] === 1) continue;
        field[next - first] = after;
        queue[length++] = next;
      }
    }
    return field;
  }
}

function mostLinks({ starts, vertices }: Topology): number {
  let most = 1;
  for (let vertex = 0; vertex < vertices; vertex++) most = Math.max(most, starts[vertex + 1]! - starts[vertex]!);
  return most;
}
