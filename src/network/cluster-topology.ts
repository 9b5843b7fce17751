/**
 * From clusters of the catalog to a graph and its ways: nodes of one or several kinds on one fabric. Capacities are what
 * data gets: line rate times the goodput of the transport, and the rates that scale-up links reach in practice, as the
 * closed forms have them. Ignores: in-switch reduction, cable lengths other than those in the fabric's hop latency.
 */

import { ProblemError } from "../base/problem.ts";
import type { Cluster, Fabric, FabricRouting, NodeType } from "../catalog/cluster.ts";
import { type Pools, shapeProblems } from "./cluster-problems.ts";
import { customCluster } from "./custom-cluster.ts";
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
  const topologyOf = pools[0].fabric.graph === undefined ? builtTopology : customTopologyOf;
  const topology = topologyOf(pools);
  const impossible = topologyProblems(topology);
  if (impossible.length > 0) throw new ProblemError(impossible);
  return topology;
}

function customTopologyOf(pools: Pools): Topology {
  if (pools.length === 1) return customCluster(pools[0]);
  const message = "a graph of one's own joins nodes of one kind";
  throw new ProblemError([{ path: "cluster.fabric.graph", message, hint: "write node and nodes" }]);
}

function builtTopology(pools: Pools): Topology {
  const problems = shapeProblems(pools);
  if (problems.length > 0) throw new ProblemError(problems);
  return kindOf(pools).build(fabricShapeOf(pools));
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
  const { ring, host, torus } = platform.tuning ?? tuningOf(platform);
  const { domain, topology } = node.scaleUp;
  return {
    acceleratorsPerNode: node.acceleratorsPerNode,
    portsPerNode: node.nics.count,
    portBandwidth: node.nics.bandwidth * goodputOf(cluster),
    portLine: node.nics.bandwidth,
    scaleUp: {
      domain,
      topology,
      bandwidth: ring,
      latency: scaleUpLatency,
      ...(torus === undefined ? {} : { wrapped: torus.wrapped }),
    },
    ...(node.nics.link === undefined ? {} : { hostBandwidth: node.nics.link }),
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

function listOf(clusters: Cluster | readonly Cluster[]): Pools {
  const [first, ...rest] = "node" in clusters ? [clusters] : clusters;
  if (first === undefined) throw new Error("a topology of no cluster");
  return [first, ...rest];
}
