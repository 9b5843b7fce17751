/**
 * Shortest ways through a topology: for every vertex, how many links it is from a destination. Found breadth first from
 * the destination and kept, so that flows to one destination share the work. Ports and accelerators pass nothing on,
 * except in networks without switches, where every accelerator does.
 */

import type { Topology } from "../topology/graph.ts";

/** Distance fields kept at a time. */
const kept = 4096;
const unreachable = 0xffff;

export interface Failures {
  /** Links (one direction each) and vertices that are down. */
  readonly links: ReadonlySet<number>;
  readonly vertices: ReadonlySet<number>;
}

export class NextHops {
  readonly topology: Topology;
  private readonly failures: Failures | undefined;
  private readonly passing: "switches" | "all";
  private fields = new Map<number, Uint16Array>();

  constructor(topology: Topology, failures?: Failures) {
    this.topology = topology;
    this.failures = failures;
    this.passing = topology.switches.length === 0 ? "all" : "switches";
  }

  /** Links of a vertex that lead nearer to the destination, in the order of the topology; none where there is no way. */
  towards(destination: number, vertex: number): number[] {
    const field = this.fieldOf(destination);
    const distance = field[vertex]!;
    const links: number[] = [];
    if (distance === unreachable || distance === 0) return links;
    const { starts, ends } = this.topology;
    for (let link = starts[vertex]!; link < starts[vertex + 1]!; link++) {
      if (field[ends[link]!] === distance - 1 && this.works(link) && this.passes(ends[link]!, destination)) {
        links.push(link);
      }
    }
    return links;
  }

  /** Links to the destination; Infinity where there is no way. */
  distance(from: number, destination: number): number {
    const distance = this.fieldOf(destination)[from]!;
    return distance === unreachable ? Number.POSITIVE_INFINITY : distance;
  }

  private fieldOf(destination: number): Uint16Array {
    const found = this.fields.get(destination);
    if (found !== undefined) return found;
    const field = this.search(destination);
    if (this.fields.size >= kept) this.fields = new Map();
    this.fields.set(destination, field);
    return field;
  }

  private search(destination: number): Uint16Array {
    const { vertices, starts, ends, reverse } = this.topology;
    const field = new Uint16Array(vertices).fill(unreachable);
    const queue = new Int32Array(vertices);
    let length = 1;
    queue[0] = destination;
    field[destination] = 0;
    for (let at = 0; at < length; at++) {
      const vertex = queue[at]!;
      if (!this.passes(vertex, destination)) continue;
      for (let link = starts[vertex]!; link < starts[vertex + 1]!; link++) {
        const next = ends[link]!;
        if (field[next] !== unreachable || !this.works(reverse[link]!)) continue;
        field[next] = field[vertex]! + 1;
        queue[length++] = next;
      }
    }
    return field;
  }

  private passes(vertex: number, destination: number): boolean {
    if (this.failures?.vertices.has(vertex)) return false;
    if (vertex === destination || this.passing === "all") return true;
    return vertex >= this.topology.accelerators + this.topology.ports;
  }

  private works(link: number): boolean {
    return !this.failures?.links.has(link);
  }
}
