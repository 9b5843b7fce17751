/** What a fabric is asked for: nodes to be joined, rates, tiers. Fabrics live beside this file; `index.ts` lists them. */

import type { BytesPerSecond, Seconds } from "../../base/quantity.ts";
import type { Topology } from "./graph.ts";
import type { NodeShape } from "./nodes.ts";

export interface FabricShape {
  readonly node: NodeShape;
  readonly nodes: number;
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
}

export interface FabricKind {
  readonly name: string;
  readonly summary: string;
  build(shape: FabricShape): Topology;
}

/** Leaves hold this many ports where nobody says: half of a switch. */
const usualDownPorts = 32;

/** Ports below one leaf when ports of `perNode` of each node meet in it. */
export function downPortsOf(shape: FabricShape, perNode: number): number {
  if (shape.nodesPerLeaf !== undefined) return shape.nodesPerLeaf * perNode;
  const half = Math.floor((shape.radix ?? 2 * usualDownPorts) / 2);
  return Math.max(1, half - (half % perNode));
}

/** The rest of what a Clos needs, with `leavesPerNodes(nodes)` leaves for so many nodes of a pod. */
export function closShape(
  shape: FabricShape,
  downPorts: number,
  leavesOf: (nodes: number) => number,
): {
  readonly tiers: number;
  readonly downPorts: number;
  readonly uplinkBandwidth: BytesPerSecond;
  readonly oversubscription: readonly number[];
  readonly leavesPerPod: number;
  readonly latency: Seconds;
  readonly portBandwidth: BytesPerSecond;
  readonly radix?: number;
} {
  const { tiers, oversubscription, radix, hopLatency, node } = shape;
  const half = Math.floor((radix ?? 2 * usualDownPorts) / 2);
  return {
    tiers,
    downPorts,
    uplinkBandwidth: shape.uplinkBandwidth ?? node.portBandwidth,
    oversubscription,
    leavesPerPod: shape.nodesPerPod === undefined ? half : leavesOf(shape.nodesPerPod),
    latency: hopLatency,
    portBandwidth: node.portBandwidth,
    ...(radix === undefined ? {} : { radix }),
  };
}
