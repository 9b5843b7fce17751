/**
 * The inside of nodes: accelerators on their scale-up network, and on the network ports next to them. A port belongs to
 * the accelerators whose turn it is (with fewer ports than accelerators several share one, with more each has several).
 */

import type { BytesPerSecond, Seconds } from "../../base/quantity.ts";
import type { GraphBuilder, NodeStarts } from "./graph.ts";

export interface NodeShape {
  readonly acceleratorsPerNode: number;
  readonly portsPerNode: number;
  /** One port, one direction. */
  readonly portBandwidth: BytesPerSecond;
  /** What a port is sold as; absent: its bandwidth. */
  readonly portLine?: BytesPerSecond;
  readonly scaleUp: {
    /** Accelerators in one domain; may span nodes, or be a part of one. */
    readonly domain: number;
    readonly topology: "switch" | "mesh" | "torus-2d" | "torus-3d" | "pcie";
    /** Per accelerator, one direction. */
    readonly bandwidth: BytesPerSecond;
    readonly latency: Seconds;
    /** Of a torus: the shortest side that is closed to a ring; absent: all are. */
    readonly wrapped?: number;
  };
  /** Accelerator to all its ports together (PCIe). Absent: as fast as they are. */
  readonly hostBandwidth?: BytesPerSecond;
  /** Accelerator to those of its node in other domains (PCIe). Absent: only the network joins them. */
  readonly bridgeBandwidth?: BytesPerSecond;
  readonly hostLatency: Seconds;
}

/** Nodes of one kind. */
export interface NodePool {
  readonly node: NodeShape;
  readonly nodes: number;
}

/** Vertices that all nodes have, pool after pool. */
export function nodeStarts(pools: readonly NodePool[]): NodeStarts {
  const count = pools.reduce((sum, { nodes }) => sum + nodes, 0);
  const starts = { accelerators: new Int32Array(count + 1), ports: new Int32Array(count + 1) };
  let at = 0;
  for (const { node, nodes } of pools) {
    for (let each = 0; each < nodes; each++, at++) {
      starts.accelerators[at + 1] = starts.accelerators[at]! + node.acceleratorsPerNode;
      starts.ports[at + 1] = starts.ports[at]! + node.portsPerNode;
    }
  }
  return starts;
}

export interface NodeCounts {
  readonly accelerators: number;
  readonly ports: number;
}

export function nodeCounts({ accelerators, ports }: NodeStarts): NodeCounts {
  return { accelerators: accelerators.at(-1) ?? 0, ports: ports.at(-1) ?? 0 };
}

/** Adds scale-up networks, bridges and the way to the ports of all nodes. */
export function addNodes(builder: GraphBuilder, pools: readonly NodePool[]): void {
  let first: NodeCounts = { accelerators: 0, ports: 0 };
  for (const pool of pools) {
    const { node, nodes } = pool;
    addScaleUp(builder, node, first.accelerators, nodes * node.acceleratorsPerNode);
    first = { accelerators: first.accelerators + nodes * node.acceleratorsPerNode, ports: first.ports };
  }
  first = { accelerators: 0, ports: 0 };
  for (const pool of pools) {
    addBridges(builder, pool, first.accelerators);
    addPorts(builder, pool, first);
    const { acceleratorsPerNode, portsPerNode } = pool.node;
    first = {
      accelerators: first.accelerators + pool.nodes * acceleratorsPerNode,
      ports: first.ports + pool.nodes * portsPerNode,
    };
  }
}

/** Ports of the local-th accelerator of a node, [first, end) in the node: shared by several where there are few. */
export function portsOf(shape: NodeShape, local: number): readonly [first: number, end: number] {
  const { acceleratorsPerNode: count, portsPerNode: ports } = shape;
  if (ports <= count) {
    const port = Math.floor((local * ports) / count);
    return [port, ports === 0 ? port : port + 1];
  }
  return [Math.ceil((local * ports) / count), Math.ceil(((local + 1) * ports) / count)];
}

function addPorts(builder: GraphBuilder, { node: shape, nodes }: NodePool, first: NodeCounts): void {
  const { acceleratorsPerNode: count, portsPerNode: ports, portBandwidth } = shape;
  if (ports === 0) return;
  for (let local = 0; local < count; local++) {
    const [own, end] = portsOf(shape, local);
    const capacity = Math.min(portBandwidth, (shape.hostBandwidth ?? Number.POSITIVE_INFINITY) / (end - own));
    const latency = shape.hostLatency;
    const link = builder.linkClass({ name: "accelerator-port", medium: "host", capacity, latency });
    for (let node = 0; node < nodes; node++) {
      const accelerator = first.accelerators + node * count + local;
      for (let port = own; port < end; port++) {
        builder.cable(accelerator, builder.port(first.ports + node * ports + port), link);
      }
    }
  }
}

/** Domains of one node reach each other over the host. */
function addBridges(builder: GraphBuilder, { node: shape, nodes }: NodePool, first: number): void {
  const { acceleratorsPerNode: count, bridgeBandwidth: capacity, hostLatency: latency } = shape;
  if (capacity === undefined || shape.scaleUp.domain >= count) return;
  const link = builder.linkClass({ name: "bridge", medium: "host", capacity, latency });
  const bridge = builder.switchGroup({ name: "bridge", count: nodes });
  for (let each = 0; each < nodes * count; each++) builder.cable(first + each, bridge + Math.floor(each / count), link);
}

function addScaleUp(builder: GraphBuilder, shape: NodeShape, begin: number, accelerators: number): void {
  const { domain: asked, topology, bandwidth, latency, wrapped = 0 } = shape.scaleUp;
  const domain = Math.min(asked, accelerators);
  if (domain <= 1) return;
  const degree = { switch: 1, pcie: 1, mesh: domain - 1, "torus-2d": 4, "torus-3d": 6 }[topology];
  const link = builder.linkClass({ name: "scale-up", medium: "scale-up", capacity: bandwidth / degree, latency });
  const domains = Math.ceil(accelerators / domain);
  if (topology === "switch" || topology === "pcie") {
    const first = builder.switchGroup({ name: topology === "pcie" ? "host" : "scale-up", count: domains });
    for (let each = 0; each < accelerators; each++) {
      builder.cable(begin + each, first + Math.floor(each / domain), link);
    }
    return;
  }
  for (let place = 0; place < accelerators; place += domain) {
    const start = begin + place;
    const size = Math.min(domain, accelerators - place);
    if (topology === "mesh") addMesh(builder, start, size, link);
    else addTorus(builder, { start, sides: torusSides(size, topology === "torus-2d" ? 2 : 3), link, wrapped });
  }
}

function addMesh(builder: GraphBuilder, start: number, size: number, link: number): void {
  for (let a = 0; a < size; a++) for (let b = a + 1; b < size; b++) builder.cable(start + a, start + b, link);
}

/** Sides of a torus of so many accelerators, as near to a cube (or square) as divisors allow, longest last. */
export function torusSides(size: number, dimensions: 2 | 3): readonly number[] {
  let best: readonly number[] = [1, 1, size];
  for (let a = 1; a * a <= size; a++) {
    if (size % a !== 0) continue;
    if (dimensions === 2) {
      best = [a, size / a];
      continue;
    }
    for (let b = a; a * b * b <= size; b++) if ((size / a) % b === 0) best = [a, b, size / a / b];
  }
  return dimensions === 2 ? best.slice(-2) : best;
}

/**
 * A torus: each accelerator is joined to its neighbours in every dimension, the last to the first where the side is long
 * enough to be wrapped; a dimension of two has one cable, of one none.
 */
export function addTorus(
  builder: GraphBuilder,
  torus: { readonly start: number; readonly sides: readonly number[]; readonly link: number; readonly wrapped: number },
): void {
  const { start, sides, link, wrapped } = torus;
  const size = sides.reduce((product, side) => product * side, 1);
  let stride = 1;
  for (const side of sides) {
    const closed = side > 2 && side >= wrapped;
    for (let each = 0; each < size; each++) {
      const place = Math.floor(each / stride) % side;
      if (place + 1 < side) builder.cable(start + each, start + each + stride, link);
      else if (closed) builder.cable(start + each, start + each - place * stride, link);
    }
    stride *= side;
  }
}
