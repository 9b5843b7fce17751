/**
 * The fabric as a graph: what its links, ways, failures and buildings do to groups that communicate, where closed forms
 * (rates of ports, tiers, oversubscription) are not enough or were not asked for.
 */

import { type Problem, ProblemError } from "../base/problem.ts";
import type { BytesPerSecond, Seconds } from "../base/quantity.ts";
import type { Cluster } from "../catalog/cluster.ts";
import {
  type Contention,
  clusterRoutes,
  clusterTopology,
  contentionOf,
  type GroupTraffic,
  linkName,
  Routes,
  type Topology,
  transportOf,
  usualRouting,
  vertexName,
} from "../network/index.ts";
import type { LinkUse } from "./prediction.ts";
import { type Notes, problem } from "./resolve/notes.ts";

export interface FabricGraph {
  readonly topology: Topology;
  readonly routes: Routes;
  /** The same without failures, packets over all ways: what ports alone would do. */
  readonly ideal: Routes;
  /** Of a graph of one's own: what closed forms take a port for. */
  readonly portRate?: BytesPerSecond;
}

/** Whether the fabric says something that only its graph can answer. */
export function asksForGraph({ fabric, nodes }: Cluster): boolean {
  if (nodes === 1) return false;
  const { topology, routing, failures, buildings, uplinkBandwidth, graph } = fabric;
  const plain = topology === "fat-tree" || topology === "rail-optimised" || topology === "torus";
  return !plain || (routing ?? failures ?? buildings ?? uplinkBandwidth ?? graph) !== undefined;
}

/** The graph, or nothing where it cannot be: its problems are in the notes. */
export function fabricGraph(cluster: Cluster, seed: number, notes: Notes): FabricGraph | undefined {
  try {
    const topology = clusterTopology(cluster);
    const routes = clusterRoutes(cluster, topology, seed);
    const { forwarding } = cluster.fabric.routing ?? usualRouting(cluster.fabric, cluster.node);
    const ideal = new Routes(topology, { policy: "spray", forwarding, seed });
    return { topology, routes, ideal, ...(cluster.fabric.graph === undefined ? {} : { portRate: portRate(cluster) }) };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    notes.problems.push(...error.problems);
    return undefined;
  }
}

function portRate({ node, fabric }: Cluster): BytesPerSecond {
  return node.nics.bandwidth * transportOf(fabric.transport).goodput;
}

/** What the fabric does to groups; nothing where two of them cannot reach each other, which is a problem then. */
export function contention(graph: FabricGraph, traffic: GroupTraffic, notes: Notes): Contention | undefined {
  const found = contentionOf(graph.routes, graph.ideal, traffic, graph.portRate);
  if (!("from" in found)) return found;
  const [from, to] = [found.from, found.to].map((vertex) => vertexName(graph.topology, vertex));
  problem(notes, "cluster.fabric", `no way leads from ${from} to ${to}`, unreachableHint);
  return undefined;
}

const unreachableHint: NonNullable<Problem["hint"]> =
  "fewer failures, more tiers, or routing: { forwarding: rail } where rails meet only inside nodes";

/** The links that are busy for the largest share of a time, first the busiest; links of one name and share once. */
export function hottestLinks(topology: Topology, busy: Float64Array, time: Seconds, most = 8): readonly LinkUse[] {
  const order: number[] = [];
  for (let link = 0; link < busy.length; link++) if (busy[link]! > 0) order.push(link);
  order.sort((a, b) => busy[b]! - busy[a]! || a - b);
  const byClass = new Map<string, { link: number; count: number }>();
  for (const link of order) {
    const { name } = topology.classes[topology.classOf[link]!]!;
    const found = byClass.get(name);
    if (found === undefined) byClass.set(name, { link, count: 1 });
    else if (busy[link]! >= busy[found.link]! * (1 - 1e-6)) found.count += 1;
  }
  return [...byClass].slice(0, most).map(([name, { link, count }]) => ({
    class: name,
    link: linkName(topology, link),
    alike: count,
    utilization: time === 0 ? 0 : busy[link]! / time,
  }));
}
