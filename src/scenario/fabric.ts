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
  failuresOf,
  type GroupTraffic,
  linkName,
  type Routes,
  type Topology,
  usualRouting,
  vertexName,
} from "../network/index.ts";
import type { LinkUse } from "./prediction.ts";
import { type Notes, problem } from "./resolve/notes.ts";

export interface FabricGraph {
  readonly topology: Topology;
  readonly routes: Routes;
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
    const inside = failuresInside(cluster, topology);
    if (inside.length > 0) throw new ProblemError(inside);
    noteRouting(cluster, notes);
    return { topology, routes };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    notes.problems.push(...error.problems);
    return undefined;
  }
}

/** Scale-up links and switches belong to the closed forms, which know none that is down. */
function failuresInside({ fabric }: Cluster, topology: Topology): readonly Problem[] {
  const { starts, reverse, classOf, classes } = topology;
  const inside = (link: number): boolean => classes[classOf[link]!]!.medium === "scale-up";
  return (fabric.failures ?? []).flatMap((name, index): Problem[] => {
    const found = failuresOf(topology, [name]);
    if ("problems" in found) return [];
    const own = [...found.vertices].some((vertex) => {
      const links = Array.from({ length: starts[vertex + 1]! - starts[vertex]! }, (_, at) => starts[vertex]! + at);
      return vertex >= topology.accelerators && links.length > 0 && links.every(inside);
    });
    const cut = [...found.links].some((link) => inside(link) || inside(reverse[link] ?? link));
    if (!own && !cut) return [];
    const message = `"${name}" is inside a scale-up domain, whose failures are not modelled here`;
    return [{ path: `cluster.fabric.failures[${index}]`, message, hint: "ports, leaves, spines and their links are" }];
  });
}

function noteRouting({ fabric, node }: Cluster, notes: Notes): void {
  if (fabric.routing !== undefined) return;
  const { policy, queuePairs, forwarding } = usualRouting(fabric, node);
  const value = `${policy}, queue pairs ${queuePairs}, forwarding ${forwarding}`;
  const reason = `not given; as ${fabric.transport} does it with ${node.name}`;
  notes.assumptions.push({ path: "cluster.fabric.routing", value, reason });
}

/** Closed forms of hashed fabrics see no collisions: said, so that nobody takes the best case for the usual one. */
export function noteCollisions(cluster: Cluster, notes: Notes): void {
  const { fabric, node } = cluster;
  if (cluster.nodes === 1 || usualRouting(fabric, node).policy !== "ecmp") return;
  const reason =
    "closed forms see ports and tiers; write routing: { policy: ecmp, queuePairs: 16 } to lay flows over links";
  notes.assumptions.push({ path: "cluster.fabric.routing", value: "no collisions of hashed flows", reason });
}

/** What the fabric does to groups; nothing where two of them cannot reach each other, which is a problem then. */
export function contention(
  graph: FabricGraph,
  traffic: GroupTraffic,
  rate: BytesPerSecond,
  notes: Notes,
): Contention | undefined {
  const found = contentionOf(graph.routes, traffic, rate);
  if (!("from" in found)) return found;
  const [from, to] = [found.from, found.to].map((vertex) => vertexName(graph.topology, vertex));
  problem(notes, "cluster.fabric", `no way leads from ${from} to ${to}`, unreachableHint);
  return undefined;
}

const unreachableHint: NonNullable<Problem["hint"]> =
  "fewer failures, more tiers, or forwarding: rail where rails meet only inside nodes; a group without that accelerator";

/** The busiest link of each class over a time, first the busiest, and how many of its class are as busy. */
export function busiestByClass(topology: Topology, busy: Float64Array, time: Seconds, most = 8): readonly LinkUse[] {
  const order: number[] = [];
  for (let link = 0; link < busy.length; link++) {
    // Inside domains only what is forwarded was laid over links.
    const { medium } = topology.classes[topology.classOf[link]!]!;
    if (busy[link]! > 0 && medium !== "scale-up") order.push(link);
  }
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
