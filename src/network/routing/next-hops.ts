/**
 * Shortest ways through a part of a topology: how many links every vertex of it is from a destination. Searched breadth
 * first from the destination, only as far as was asked for, and kept, so that flows to one destination share the work.
 *
 * The fabric is searched over its switches, and ports below one leaf share a field; a scale-up domain over its
 * accelerators, each of which passes data on. Neither leads through the other.
 */

import type { Topology } from "../topology/graph.ts";

/** Distances kept at a time, of all fields together. */
const kept = 48_000_000;
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

/** Distances to a destination, and the search for them: [at, length) of the queue are still to be looked from. */
interface Field {
  readonly distance: Uint16Array;
  queue: Int32Array;
  at: number;
  length: number;
}

export class NextHops {
  private readonly topology: Topology;
  private readonly broken: Uint8Array | undefined;
  private readonly candidates: Candidates;
  private fields = new Map<number, Field>();
  private lastDestination = -1;
  private lastField: Field | undefined;

  constructor(topology: Topology, broken?: Uint8Array) {
    this.topology = topology;
    this.broken = broken;
    this.candidates = { links: new Int32Array(mostLinks(topology)), count: 0 };
  }

  /** Links of a vertex that lead nearer to a destination in the region, in the order of the topology. */
  towards(destination: number, vertex: number, region: Region): Candidates {
    const { first, end: last } = region;
    const field = this.fieldOf(destination, region);
    const { candidates, broken } = this;
    candidates.count = 0;
    if (vertex === destination) return candidates;
    const { links } = candidates;
    const { starts, ends } = this.topology;
    const stop = starts[vertex + 1]!;
    // All vertices nearer than one that was found are found; a port asks for its neighbours inside.
    if (vertex >= first && vertex < last) this.search(field, vertex, region);
    else {
      for (let link = starts[vertex]!; link < stop; link++) {
        if (ends[link]! >= first && ends[link]! < last) this.search(field, ends[link]!, region);
      }
    }
    const { distance } = field;
    let nearest = unreachable - 1;
    let count = 0;
    for (let link = starts[vertex]!; link < stop; link++) {
      const end = ends[link]!;
      if (end < first || end >= last || distance[end - first]! > nearest) continue;
      if (broken !== undefined && broken[link] === 1) continue;
      if (distance[end - first]! < nearest) {
        nearest = distance[end - first]!;
        count = 0;
      }
      links[count++] = link;
    }
    candidates.count = count;
    return candidates;
  }

  /** Whether a vertex outside the region has a working link from which a destination in it can be reached. */
  reaches(destination: number, vertex: number, region: Region): boolean {
    const { first, end: last } = region;
    const { starts, ends } = this.topology;
    const field = this.fieldOf(destination, region);
    for (let link = starts[vertex]!; link < starts[vertex + 1]!; link++) {
      const end = ends[link]!;
      if (end < first || end >= last || (this.broken !== undefined && this.broken[link] === 1)) continue;
      this.search(field, end, region);
      if (field.distance[end - first] !== unreachable) return true;
    }
    return false;
  }

  private fieldOf(destination: number, { first, end }: Region): Field {
    if (this.lastDestination === destination) return this.lastField!;
    let field = this.fields.get(destination);
    if (field === undefined) {
      const [distance, queue] = [new Uint16Array(end - first).fill(unreachable), new Int32Array(64)];
      distance[destination - first] = 0;
      queue[0] = destination;
      field = { distance, queue, at: 0, length: 1 };
      if (this.fields.size * (end - first) >= kept) this.fields = new Map();
      this.fields.set(destination, field);
    }
    this.lastDestination = destination;
    this.lastField = field;
    return field;
  }

  /** Goes on with a search until a vertex is found or all is. */
  private search(field: Field, wanted: number, { first, end }: Region): void {
    const { starts, ends, reverse } = this.topology;
    const { distance } = field;
    const { broken } = this;
    while (distance[wanted - first] === unreachable && field.at < field.length) {
      const vertex = field.queue[field.at++]!;
      const after = distance[vertex - first]! + 1;
      const stop = starts[vertex + 1]!;
      for (let link = starts[vertex]!; link < stop; link++) {
        const next = ends[link]!;
        if (next < first || next >= end || distance[next - first] !== unreachable) continue;
        if (broken !== undefined && broken[reverse[link]!] === 1) continue;
        distance[next - first] = after;
        if (field.length === field.queue.length) field.queue = doubled(field.queue);
        field.queue[field.length++] = next;
      }
    }
  }
}

function mostLinks({ starts, vertices }: Topology): number {
  let most = 1;
  for (let vertex = 0; vertex < vertices; vertex++) most = Math.max(most, starts[vertex + 1]! - starts[vertex]!);
  return most;
}

function doubled(values: Int32Array): Int32Array {
  const larger = new Int32Array(2 * values.length);
  larger.set(values);
  return larger;
}
