/**
 * A network as a graph in typed arrays: accelerators, network ports and switches are vertices, every direction of a
 * cable is a link with its own capacity. Ignores: buffers, lanes and everything else inside a switch, which passes all
 * it is sent (non-blocking).
 */

import type { BytesPerSecond, Seconds } from "../../base/quantity.ts";

export type VertexKind = "accelerator" | "port" | "switch";

/** What a group of links is made of, for routing, for the bill of materials and for explanations. */
export interface LinkClass {
  /** `port-leaf`, `leaf-spine`, `scale-up`. */
  readonly name: string;
  /** scale-up: NVLink and the like; host: accelerator to network port; fabric: cables between ports and switches. */
  readonly medium: "scale-up" | "host" | "fabric" | "long-haul";
  /** What data gets of one link, one direction. */
  readonly capacity: BytesPerSecond;
  /** What the cable is sold as; absent: its capacity. */
  readonly line?: BytesPerSecond;
  readonly latency: Seconds;
}

export interface SwitchGroup {
  /** `leaf`, `spine`, `core`, `scale-up`. */
  readonly name: string;
  readonly first: number;
  readonly count: number;
  /** Number of its first switch: more than 0 where others of the name come before. */
  readonly from: number;
  /** Ports one switch has; absent: not limited. A cable faster than `portRate` takes several. */
  readonly radix?: number;
  readonly portRate?: BytesPerSecond;
  /** Switches in turn belong to so many rails; absent: to none. */
  readonly rails?: number;
}

/** Where each node's accelerators and network ports begin, one entry more than there are nodes. */
export interface NodeStarts {
  readonly accelerators: Int32Array;
  readonly ports: Int32Array;
}

export interface Topology {
  readonly name: string;
  /** Vertices [0, accelerators) are accelerators, [accelerators, accelerators + ports) network ports, then switches. */
  readonly accelerators: number;
  readonly ports: number;
  readonly vertices: number;
  /** Links that leave vertex v: [starts[v], starts[v + 1]). */
  readonly starts: Int32Array;
  /** By link: where it ends, its class, its capacity, and the link of the other direction. */
  readonly ends: Int32Array;
  readonly classOf: Uint8Array;
  readonly capacity: Float64Array;
  readonly reverse: Int32Array;
  readonly classes: readonly LinkClass[];
  readonly switches: readonly SwitchGroup[];
  /** Absent where nobody says which accelerators share a node. */
  readonly nodes?: NodeStarts;
  /** What vertices are called where a description names them. */
  readonly names?: readonly string[];
}

/** Collects vertices and cables, then lays them out. It has a life: one topology, one builder. */
export class GraphBuilder {
  private readonly name: string;
  private readonly accelerators: number;
  private readonly ports: number;
  private vertices: number;
  private cables = 0;
  private from = new Int32Array(1024);
  private to = new Int32Array(1024);
  private kind = new Uint8Array(1024);
  private readonly classes: LinkClass[] = [];
  private readonly groups: SwitchGroup[] = [];

  private readonly nodes: NodeStarts | undefined;

  constructor(name: string, counts: { readonly accelerators: number; readonly ports: number }, nodes?: NodeStarts) {
    this.name = name;
    this.accelerators = counts.accelerators;
    this.ports = counts.ports;
    this.vertices = counts.accelerators + counts.ports;
    this.nodes = nodes;
  }

  /** Vertex of the index-th network port. */
  port(index: number): number {
    return this.accelerators + index;
  }

  /** A class of links; returns its number for `cable`, that of an equal one where there is one. */
  linkClass(link: LinkClass): number {
    if (!(link.capacity > 0)) throw new Error(`links of class ${link.name} have capacity ${link.capacity}`);
    const known = this.classes.findIndex(
      ({ name, medium, capacity, latency }) =>
        name === link.name && medium === link.medium && capacity === link.capacity && latency === link.latency,
    );
    if (known >= 0) return known;
    if (this.classes.length === 255) throw new Error("more than 255 classes of links");
    return this.classes.push(link) - 1;
  }

  /** Adds switches; returns the first one's vertex. Those of one name in a row are numbered on. */
  switchGroup(group: Omit<SwitchGroup, "first" | "from">): number {
    const first = this.vertices;
    this.vertices += group.count;
    const last = this.groups.at(-1);
    if (last?.name === group.name) {
      this.groups[this.groups.length - 1] = { ...last, count: last.count + group.count };
      return first;
    }
    const before = this.groups.findLast(({ name }) => name === group.name);
    this.groups.push({ ...group, first, from: before === undefined ? 0 : before.from + before.count });
    return first;
  }

  /** Joins two vertices with a cable: a link in each direction. */
  cable(a: number, b: number, linkClass: number): void {
    if (this.cables === this.from.length) this.grow();
    this.from[this.cables] = a;
    this.to[this.cables] = b;
    this.kind[this.cables] = linkClass;
    this.cables++;
  }

  finish(): Topology {
    const { vertices, cables, from, to, kind, classes } = this;
    const starts = new Int32Array(vertices + 1);
    for (let cable = 0; cable < cables; cable++) {
      starts[from[cable]! + 1]! += 1;
      starts[to[cable]! + 1]! += 1;
    }
    for (let vertex = 0; vertex < vertices; vertex++) starts[vertex + 1]! += starts[vertex]!;
    const next = starts.slice(0, vertices);
    const links = 2 * cables;
    const ends = new Int32Array(links);
    const reverse = new Int32Array(links);
    const classOf = new Uint8Array(links);
    const capacity = new Float64Array(links);
    for (let cable = 0; cable < cables; cable++) {
      const there = next[from[cable]!]!++;
      const back = next[to[cable]!]!++;
      ends[there] = to[cable]!;
      ends[back] = from[cable]!;
      reverse[there] = back;
      reverse[back] = there;
      classOf[there] = classOf[back] = kind[cable]!;
      capacity[there] = capacity[back] = classes[kind[cable]!]!.capacity;
    }
    const { name, accelerators, ports, groups: switches, nodes } = this;
    const graph = { name, accelerators, ports, vertices, starts, ends, classOf, capacity, reverse, classes, switches };
    return nodes === undefined ? graph : { ...graph, nodes };
  }

  private grow(): void {
    this.from = doubled(this.from, new Int32Array(2 * this.from.length));
    this.to = doubled(this.to, new Int32Array(2 * this.to.length));
    this.kind = doubled(this.kind, new Uint8Array(2 * this.kind.length));
  }
}

function doubled<Values extends Int32Array | Uint8Array>(values: Values, larger: Values): Values {
  larger.set(values);
  return larger;
}

export function vertexKind({ accelerators, ports }: Topology, vertex: number): VertexKind {
  if (vertex < accelerators) return "accelerator";
  return vertex < accelerators + ports ? "port" : "switch";
}

/** What people call a vertex: `accelerator 12`, `leaf 3`. */
export function vertexName(topology: Topology, vertex: number): string {
  const given = topology.names?.[vertex];
  if (given !== undefined) return given;
  const kind = vertexKind(topology, vertex);
  if (kind === "accelerator") return `accelerator ${vertex}`;
  if (kind === "port") return `port ${vertex - topology.accelerators}`;
  const group = topology.switches.find(({ first, count }) => vertex >= first && vertex < first + count);
  return group === undefined ? `vertex ${vertex}` : switchName(group, group.from + vertex - group.first);
}

/** `spine 7`; of rails `rail 2 leaf 0`. */
export function switchName({ name, rails }: SwitchGroup, index: number): string {
  return rails === undefined ? `${name} ${index}` : `rail ${index % rails} ${name} ${Math.floor(index / rails)}`;
}

/** What people call a link: `leaf 3 -> spine 7`. */
export function linkName(topology: Topology, link: number): string {
  const from = vertexName(topology, topology.ends[topology.reverse[link]!]!);
  return `${from} -> ${vertexName(topology, topology.ends[link]!)}`;
}
