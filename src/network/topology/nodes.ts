/**
 * The inside of nodes: accelerators on their scale-up network, and on the network ports next to them. A port belongs to
 * the accelerators whose turn it is (with fewer ports than accelerators several share one, with more each has several).
 */

import type { BytesPerSecond, Seconds } from "../../base/quantity.ts";
import type { GraphBuilder } from "./graph.ts";

export interface NodeShape {
  readonly acceleratorsPerNode: number;
  readonly portsPerNode: number;
  /** One port, one direction. */
  readonly portBandwidth: BytesPerSecond;
  readonly scaleUp: {
    /** Accelerators in one domain; may span nodes, or be a part of one. */
    readonly domain: number;
    readonly topology: "switch" | "mesh" | "torus-2d" | "torus-3d" | "pcie";
    /** Per accelerator, one direction. */
    readonly bandwidth: BytesPerSecond;
    readonly latency: Seconds;
  };
  /** Accelerator to its port. Absent: as fast as its ports. */
  readonly hostBandwidth?: BytesPerSecond;
  readonly hostLatency: Seconds;
}

export interface NodeCounts {
  readonly accelerators: number;
  readonly ports: number;
}

/** Vertices that so many nodes have. */
export function nodeCounts(shape: NodeShape, nodes: number): NodeCounts {
  return { accelerators: nodes * shape.acceleratorsPerNode, ports: nodes * shape.portsPerNode };
}

/** Adds scale-up networks and the way to the ports of all nodes. */
export function addNodes(builder: GraphBuilder, shape: NodeShape, nodes: number): void {
  addScaleUp(builder, shape, nodes * shape.acceleratorsPerNode);
  addPorts(builder, shape, nodes);
}

/** Ports of an accelerator, numbered over all nodes: its own rails. */
export function portsOf(shape: NodeShape, accelerator: number): readonly number[] {
  const { acceleratorsPerNode: count, portsPerNode: ports } = shape;
  const node = Math.floor(accelerator / count);
  const local = accelerator % count;
  if (ports <= count) return ports === 0 ? [] : [node * ports + Math.floor((local * ports) / count)];
  const each = ports / count;
  return Array.from({ length: Math.floor(each) }, (_, index) => node * ports + Math.floor(local * each) + index);
}

function addPorts(builder: GraphBuilder, shape: NodeShape, nodes: number): void {
  const { acceleratorsPerNode: count, portsPerNode: ports } = shape;
  if (ports === 0) return;
  const perAccelerator = Math.max(1, ports / count) * shape.portBandwidth;
  const link = builder.linkClass({
    name: "accelerator-port",
    medium: "host",
    capacity: (shape.hostBandwidth ?? perAccelerator) / Math.max(1, Math.floor(ports / count)),
    latency: shape.hostLatency,
  });
  for (let accelerator = 0; accelerator < nodes * count; accelerator++) {
    for (const port of portsOf(shape, accelerator)) builder.cable(accelerator, builder.port(port), link);
  }
}

function addScaleUp(builder: GraphBuilder, shape: NodeShape, accelerators: number): void {
  const { domain: asked, topology, bandwidth, latency } = shape.scaleUp;
  const domain = Math.min(asked, accelerators);
  if (domain <= 1) return;
  const degree = { switch: 1, pcie: 1, mesh: domain - 1, "torus-2d": 4, "torus-3d": 6 }[topology];
  const link = builder.linkClass({ name: "scale-up", medium: "scale-up", capacity: bandwidth / degree, latency });
  const domains = Math.ceil(accelerators / domain);
  if (topology === "switch" || topology === "pcie") {
    const first = builder.switchGroup({ name: topology === "pcie" ? "host" : "scale-up", count: domains });
    for (let each = 0; each < accelerators; each++) builder.cable(each, first + Math.floor(each / domain), link);
    return;
  }
  for (let start = 0; start < accelerators; start += domain) {
    const size = Math.min(domain, accelerators - start);
    if (topology === "mesh") addMesh(builder, start, size, link);
    else addTorus(builder, { start, sides: torusSides(size, topology === "torus-2d" ? 2 : 3), link });
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
 * A torus: each accelerator is joined to its neighbours in every dimension, the last to the first; a dimension of two
 * has one cable, of one none.
 */
export function addTorus(
  builder: GraphBuilder,
  { start, sides, link }: { readonly start: number; readonly sides: readonly number[]; readonly link: number },
): void {
  const size = sides.reduce((product, side) => product * side, 1);
  let stride = 1;
  for (const side of sides) {
    for (let each = 0; each < size; each++) {
      const place = Math.floor(each / stride) % side;
      const next = place + 1 < side ? each + stride : each - place * stride;
      if (side > 2 || (side === 2 && place === 0)) builder.cable(start + each, start + next, link);
    }
    stride *= side;
  }
}
