/**
 * From clusters of the catalog to a graph and its ways: nodes of one or several kinds on one fabric. Capacities are what
 * data gets: line rate times the goodput of the transport, and the rates that scale-up links reach in practice, as the
 * closed forms have them. Ignores: in-switch reduction, cable lengths other than those in the fabric's hop latency.
 */

import { type Problem, ProblemError } from "../base/problem.ts";
import type { Cluster, Fabric, FabricRouting, NodeType } from "../catalog/cluster.ts";
import { platformOf } from "./platform.ts";
import { failuresOf, Routes } from "./routing/index.ts";
import {
  type FabricKind,
  type FabricShape,
  fabricKind,
  type NodePool,
  type NodeShape,
  type Topology,
  topologyProblems,
} from "./topology/index.ts";
import { tuningOf } from "./tuning.ts";

/**
 * The graph of a cluster, or of pools of unlike nodes on one fabric: that of the first.
 * @throws ProblemError with everything that makes it impossible.
 */
export function clusterTopology(clusters: Cluster | readonly Cluster[]): Topology {
  const pools = listOf(clusters);
  const problems = shapeProblems(pools);
  if (problems.length > 0) throw new ProblemError(problems);
  const topology = kindOf(pools).build(fabricShapeOf(pools));
  const impossible = topologyProblems(topology);
  if (impossible.length > 0) throw new ProblemError(impossible);
  return topology;
}

/**
 * Ways through it, as the fabric says or as its transport does it, round what is down.
 * @throws ProblemError where a failure has a name that means nothing.
 */
export function clusterRoutes(clusters: Cluster | readonly Cluster[], topology: Topology, seed: number): Routes {
  const [first] = listOf(clusters);
  const { fabric, node } = first;
  const { policy, forwarding, queuePairs } = fabric.routing ?? usualRouting(fabric, node);
  const failures = failuresOf(topology, fabric.failures ?? []);
  if ("problems" in failures) throw new ProblemError(failures.problems);
  return new Routes(topology, { policy, forwarding, queuePairs, seed, failures });
}

/**
 * Routing where the fabric says nothing. InfiniBand: adaptive, which the library turns on there and nowhere else; EFA:
 * packets sprayed over many paths; others: hashed, one queue pair. Forwarding by rail (PXN) where a scale-up switch or
 * mesh can carry it.
 * @source nccl-environment (NCCL_IB_ADAPTIVE_ROUTING, NCCL_IB_QPS_PER_CONNECTION), shalev-2020-srd, nccl-pxn
 */
export function usualRouting(fabric: Fabric, node: NodeType): FabricRouting {
  const policies = { infiniband: "adaptive", roce: "ecmp", ethernet: "ecmp", efa: "spray", dcn: "ecmp", none: "ecmp" };
  const policy = policies[fabric.transport] as FabricRouting["policy"];
  const switched = node.scaleUp.topology === "switch" || node.scaleUp.topology === "mesh";
  return { policy, queuePairs: 1, forwarding: switched ? "rail" : "own" };
}

/** What the topologies read of a cluster. */
export function fabricShapeOf(clusters: Cluster | readonly Cluster[]): FabricShape {
  const pools = listOf(clusters);
  const { fabric } = pools[0];
  const [first, ...others] = pools.map((cluster): NodePool => ({ node: nodeShapeOf(cluster), nodes: cluster.nodes }));
  const { radix, nodesPerLeaf, nodesPerPod, uplinkBandwidth, buildings } = fabric;
  return {
    node: first!.node,
    nodes: first!.nodes,
    ...(others.length === 0 ? {} : { others }),
    tiers: fabric.tiers,
    oversubscription: fabric.oversubscription,
    hopLatency: fabric.hopLatency,
    ...(radix === undefined ? {} : { radix }),
    ...(nodesPerLeaf === undefined ? {} : { nodesPerLeaf }),
    ...(nodesPerPod === undefined ? {} : { nodesPerPod }),
    ...(uplinkBandwidth === undefined ? {} : { uplinkBandwidth: uplinkBandwidth * goodputOf(pools[0]) }),
    ...(buildings === undefined ? {} : { buildings }),
  };
}

/** One direction over PCIe or NVLink and its switch: what one message waits on the way. @source nccl-tuning */
const scaleUpLatency = 0.6e-6;
/** Accelerator to its port, without the fabric. @source nccl-tuning (half of the least network latency of a ring) */
const hostLatency = 1.35e-6;

function nodeShapeOf(cluster: Cluster): NodeShape {
  const { node } = cluster;
  const platform = platformOf(cluster);
  const { ring, host } = platform.tuning ?? tuningOf(platform);
  const { domain, topology } = node.scaleUp;
  return {
    acceleratorsPerNode: node.acceleratorsPerNode,
    portsPerNode: node.nics.count,
    portBandwidth: node.nics.bandwidth * goodputOf(cluster),
    portLine: node.nics.bandwidth,
    scaleUp: { domain, topology, bandwidth: ring, latency: scaleUpLatency },
    bridgeBandwidth: host,
    hostLatency,
  };
}

function goodputOf(cluster: Cluster): number {
  const platform = platformOf(cluster);
  return (platform.tuning ?? tuningOf(platform)).transport.goodput;
}

/** `torus` joins the nodes of slices whose inside is one: a tree between their ports. */
function kindOf([{ fabric }]: Pools): FabricKind {
  const kind = fabricKind(fabric.topology === "torus" ? "fat-tree" : fabric.topology);
  if (kind === undefined) throw new Error(`no topology ${fabric.topology}`);
  return kind;
}

type Pools = readonly [Cluster, ...Cluster[]];

function listOf(clusters: Cluster | readonly Cluster[]): Pools {
  const [first, ...rest] = "node" in clusters ? [clusters] : clusters;
  if (first === undefined) throw new Error("a topology of no cluster");
  return [first, ...rest];
}

/** What is wrong before anything is built. */
function shapeProblems(pools: Pools): Problem[] {
  const { fabric } = pools[0];
  const nodes = pools.reduce((sum, cluster) => sum + cluster.nodes, 0);
  return [...pools.flatMap(rateProblems), ...tierProblems(pools[0], nodes), ...placeProblems(pools, fabric, nodes)];
}

function rateProblems({ node }: Cluster): Problem[] {
  const rates: readonly (readonly [path: string, rate: number, need: boolean])[] = [
    ["cluster.node.nics.bandwidth", node.nics.bandwidth, node.nics.count > 0],
    ["cluster.node.scaleUp.bandwidth", node.scaleUp.bandwidth, node.scaleUp.domain > 1],
  ];
  return rates
    .filter(([, rate, need]) => need && !(rate > 0 && rate < Number.POSITIVE_INFINITY))
    .map(([path, rate]) => ({ path, message: `${rate} bytes/s`, hint: "expected more than 0" }));
}

function tierProblems({ fabric }: Cluster, nodes: number): Problem[] {
  const problems: Problem[] = [];
  const { tiers, topology } = fabric;
  if (topology !== "direct" && !topology.startsWith("torus-") && ![1, 2, 3].includes(tiers)) {
    problems.push({ path: "cluster.fabric.tiers", message: `${tiers} tiers of switches`, hint: "expected 1, 2 or 3" });
  }
  if (topology === "direct" && nodes > 2) {
    const message = `${nodes} nodes without switches between them`;
    problems.push({
      path: "cluster.fabric.topology",
      message,
      hint: "two nodes can be joined directly; name a fabric",
    });
  }
  fabric.oversubscription.forEach((factor, index) => {
    if (factor > 0 && factor < Number.POSITIVE_INFINITY) return;
    const path = `cluster.fabric.oversubscription[${index}]`;
    problems.push({ path, message: `oversubscription ${factor}`, hint: "expected more than 0; 1 is non-blocking" });
  });
  if (fabric.uplinkBandwidth !== undefined && !(fabric.uplinkBandwidth > 0)) {
    const message = `${fabric.uplinkBandwidth} bytes/s`;
    problems.push({ path: "cluster.fabric.uplinkBandwidth", message, hint: "expected more than 0" });
  }
  return problems;
}

function placeProblems(pools: Pools, { buildings, topology }: Fabric, nodes: number): Problem[] {
  if (buildings === undefined) return [];
  const problems: Problem[] = [];
  const path = "cluster.fabric.buildings";
  if (!(buildings.bandwidth > 0)) {
    const message = `${buildings.bandwidth} bytes/s`;
    problems.push({ path: `${path}.bandwidth`, message, hint: "expected more than 0" });
  }
  if (!(buildings.roundTrip >= 0)) {
    problems.push({ path: `${path}.roundTrip`, message: `${buildings.roundTrip} s`, hint: "expected 0 or more" });
  }
  if (!Number.isInteger(buildings.count) || buildings.count < 1 || buildings.count > nodes) {
    const message = `${buildings.count} buildings for ${nodes} nodes`;
    problems.push({ path: `${path}.count`, message, hint: "expected at least one node in each" });
    return problems;
  }
  if (topology === "direct" || topology.startsWith("torus-")) {
    problems.push({ path, message: `${topology} has no switches to leave a building from`, hint: "use a tree" });
  }
  const split = splitDomain(pools, buildings.count, nodes);
  if (split !== undefined) {
    const hint = "nodes are dealt evenly: choose a number that keeps domains whole";
    problems.push({ path: `${path}.count`, message: split, hint });
  }
  return problems;
}

/** Where the border between two buildings goes through a scale-up domain. */
function splitDomain(pools: Pools, count: number, nodes: number): string | undefined {
  for (let building = 1; building < count; building++) {
    let place = Math.floor((building * nodes) / count);
    for (const { node, nodes: own, accelerators } of pools) {
      if (place >= own) {
        place -= own;
        continue;
      }
      const domain = Math.min(node.scaleUp.domain, accelerators);
      if (domain > node.acceleratorsPerNode && (place * node.acceleratorsPerNode) % domain !== 0) {
        return `a scale-up domain of ${domain} accelerators would lie in two buildings`;
      }
      break;
    }
  }
  return undefined;
}
