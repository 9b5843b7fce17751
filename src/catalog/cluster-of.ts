/**
 * From a node type and a count to a complete cluster: which fabric joins the nodes when a scenario names none,
 * and how many switch tiers that size needs. Ignores cables, rails and spare ports.
 */

import type { Cluster, Fabric, NodeType } from "./cluster.ts";
import { gigabits } from "./cluster.ts";
import { fabrics } from "./fabrics/index.ts";

export interface ClusterOptions {
  readonly node: NodeType;
  readonly nodes: number;
  /** Absent: the default fabric of the node, with the tiers that the size needs. */
  readonly fabric?: Fabric;
}

/** A cluster of so many equal nodes; `nodes` is a positive integer. */
export function clusterOf({ node, nodes, fabric }: ClusterOptions): Cluster {
  if (!Number.isSafeInteger(nodes) || nodes < 1) throw new RangeError(`a cluster of ${nodes} nodes`);
  return {
    node,
    nodes,
    fabric: fabric ?? defaultFabric(node, nodes),
    accelerators: nodes * node.acceleratorsPerNode,
  };
}

/**
 * The fabric that joins nodes of this type when none is named: the node's own, else by the speed of its ports.
 * Tiers are raised or lowered to what `nodes` of them need; the tiers added are non-blocking.
 */
export function defaultFabric(node: NodeType, nodes: number = 1): Fabric {
  const fabric = fabrics.get(node.fabric ?? fabricOfPorts(node));
  const tiers = tiersNeeded(fabric, node, nodes);
  if (tiers === fabric.tiers) return fabric;
  const boundaries = Array.from({ length: Math.max(0, tiers - 1) }, (_, index) => fabric.oversubscription[index] ?? 1);
  return { ...fabric, tiers, oversubscription: boundaries };
}

/**
 * Tiers of equal switches that join all ports without blocking.
 *
 *     ports <= 2 (k/2)^t
 *
 * k ports a switch, t tiers (a single switch joins k). A fabric that states no radix, or states its pods, keeps
 * its tiers.
 * @source al-fares-2008
 */
export function tiersNeeded(fabric: Fabric, node: NodeType, nodes: number): number {
  if (fabric.radix === undefined || fabric.nodesPerPod !== undefined) return fabric.tiers;
  const ports = nodes * node.nics.count;
  let tiers = 1;
  for (let reach = fabric.radix; reach < ports; reach *= fabric.radix / 2) tiers += 1;
  return tiers;
}

/** A hypothetical node states ports only; the speed of one port names the generation of the fabric. */
function fabricOfPorts(node: NodeType): string {
  if (node.nics.count === 0) return "none";
  if (node.nics.bandwidth >= gigabits(800)) return "infiniband-xdr";
  return node.nics.bandwidth >= gigabits(400) ? "infiniband-ndr" : "infiniband-hdr";
}
