/**
 * What a fabric is asked for: nodes to be joined, rates, tiers; and how a kind of fabric becomes a topology. Kinds live
 * beside this file; `index.ts` lists them.
 */

import type { BytesPerSecond, Seconds } from "../../base/quantity.ts";
import type { Buildings } from "../../catalog/cluster.ts";
import { buildingRanges, joinBuildings } from "./buildings.ts";
import { GraphBuilder, type NodeStarts, type Topology } from "./graph.ts";
import { addNodes, type NodePool, type NodeShape, nodeCounts, nodeStarts } from "./nodes.ts";

export interface FabricShape {
  readonly node: NodeShape;
  readonly nodes: number;
  /** Nodes of other kinds on the same fabric, after the first ones. */
  readonly others?: readonly NodePool[];
  /** Switch tiers above the ports. */
  readonly tiers: number;
  /** One entry per tier boundary, from the leaf up; 1 is non-blocking. */
  readonly oversubscription: readonly number[];
  /** Ports of one switch at the rate of the network ports; absent: as many as needed. */
  readonly radix?: number;
  /** Nodes below one leaf, or one group of rail leaves; absent: half of the radix. */
  readonly nodesPerLeaf?: number;
  /** With three tiers: nodes in one pod. */
  readonly nodesPerPod?: number;
  /** Rate of a cable above the leaves; absent: that of the network ports. */
  readonly uplinkBandwidth?: BytesPerSecond;
  /** One hop: switch and cable. */
  readonly hopLatency: Seconds;
  /** Each with a fabric of its own, joined by long-haul links; absent: one. */
  readonly buildings?: Buildings;
  /** Lengths of the dimensions of a torus; absent: as near to a cube as divisors allow. */
  readonly sides?: readonly number[];
}

export interface FabricKind {
  readonly name: string;
  readonly summary: string;
  build(shape: FabricShape): Topology;
}

/** The switches of one building, in the making. */
export interface FabricPart {
  readonly builder: GraphBuilder;
  readonly shape: FabricShape;
  /** Network ports as vertices, by node of this building. */
  readonly ports: readonly (readonly number[])[];
  /** Ports of the node that has most, and the rates of the fastest: switches are alike, made for them. */
  readonly portsPerNode: number;
  readonly portBandwidth: BytesPerSecond;
  readonly portLine: BytesPerSecond;
  rateOf(port: number): PortRate;
  /** In front of the names of switches: `building 1 `. */
  readonly prefix: string;
}

export interface PortRate {
  readonly bandwidth: BytesPerSecond;
  readonly line: BytesPerSecond;
}

/** Topmost switches by plane: networks that meet nowhere have one each. */
export type Planes = readonly (readonly number[])[];

/** A kind of fabric made of switches. `node` changes nodes before they are laid out; `join` adds the switches. */
export function switched(kind: {
  readonly name: string;
  readonly summary: string;
  readonly node?: (node: NodeShape) => NodeShape;
  readonly join: (part: FabricPart) => Planes;
}): FabricKind {
  const { name, summary, node: change = (node: NodeShape) => node, join } = kind;
  return {
    name,
    summary,
    build(shape) {
      const pools = poolsOf(shape).map((pool) => ({ ...pool, node: change(pool.node) }));
      const starts = nodeStarts(pools);
      const builder = new GraphBuilder(name, nodeCounts(starts), starts);
      addNodes(builder, pools);
      const ranges = buildingRanges(starts.ports.length - 1, shape.buildings);
      const planes = ranges.map(([first, end], building) => {
        const prefix = ranges.length === 1 ? "" : `building ${building} `;
        return join({ builder, shape, prefix, ...portsOf(builder, pools, starts, [first, end]) });
      });
      if (shape.buildings !== undefined) joinBuildings(builder, planes, shape.buildings, shape.hopLatency);
      return builder.finish();
    },
  };
}

/** All nodes of a shape by kind. */
export function poolsOf({ node, nodes, others = [] }: FabricShape): readonly NodePool[] {
  return [{ node, nodes }, ...others];
}

function portsOf(
  builder: GraphBuilder,
  pools: readonly NodePool[],
  starts: NodeStarts,
  [first, end]: readonly [number, number],
): Pick<FabricPart, "ports" | "portsPerNode" | "portBandwidth" | "portLine" | "rateOf"> {
  const ports = Array.from({ length: end - first }, (_, index) => {
    const start = starts.ports[first + index]!;
    return Array.from({ length: starts.ports[first + index + 1]! - start }, (_, port) => builder.port(start + port));
  });
  // Ports are numbered pool after pool.
  let begin = builder.port(0);
  const rates = pools.map(({ node, nodes }) => {
    begin += nodes * node.portsPerNode;
    return { end: begin, bandwidth: node.portBandwidth, line: node.portLine ?? node.portBandwidth };
  });
  const fastest = rates
    .filter((_, pool) => pools[pool]!.node.portsPerNode > 0)
    .sort((a, b) => b.bandwidth - a.bandwidth);
  return {
    ports,
    portsPerNode: Math.max(1, ...pools.map(({ node }) => node.portsPerNode)),
    portBandwidth: fastest[0]?.bandwidth ?? 1,
    portLine: fastest[0]?.line ?? 1,
    rateOf: (port) => rates.find(({ end: after }) => port < after) ?? { bandwidth: 0, line: 0 },
  };
}

/** Leaves hold this many ports where nobody says: half of a switch. */
const usualDownPorts = 32;

/** Ports below one leaf when ports of `perNode` of each node meet in it: all it has where nothing is above. */
export function downPortsOf(shape: FabricShape, perNode: number): number {
  if (shape.nodesPerLeaf !== undefined) return shape.nodesPerLeaf * perNode;
  if (shape.tiers < 2) return shape.radix ?? Number.MAX_SAFE_INTEGER;
  const radix = shape.radix ?? 2 * usualDownPorts;
  const factor = Math.min(1, shape.oversubscription[0] ?? 1);
  const down = Math.max(1, Math.floor((radix * factor) / (1 + factor)));
  return down < perNode ? down : down - (down % perNode);
}
