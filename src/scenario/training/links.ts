/** How long the links of the fabric are busy with what a training step sends, and where a step laid on them can be looked at. */

import { ProblemError } from "../../base/problem.ts";
import type { Seconds } from "../../base/quantity.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import {
  addBusy,
  clusterRoutes,
  clusterTopology,
  type LinkLoads,
  linkLoads,
  type Topology,
} from "../../network/index.ts";
import { type StepTraffic, stepTraffic } from "../../training/index.ts";
import { busiestByClass } from "../fabric.ts";
import type { LinkUse } from "../prediction.ts";
import type { TrainingDesign, TrainingFabric } from "./design.ts";

/** Time that the fullest link needs for what a step sends. */
export function busiestTime({ topology, dimensions }: TrainingFabric): Seconds {
  const busy = new Float64Array(topology.ends.length);
  for (const { traffic, contention } of dimensions) addBusy(busy, topology, contention.loads, traffic.bytes);
  let most = 0;
  for (const time of busy) most = Math.max(most, time);
  return most;
}

interface Laid {
  readonly topology: Topology;
  readonly loads: readonly { readonly traffic: StepTraffic; readonly loads: LinkLoads }[];
}

/**
 * The busiest links of a step, by class; nothing on one node, over pools, or where the fabric's tiers make no graph
 * (a switch with too few ports, more than three tiers), which closed forms do not need.
 */
export function trainingLinks(design: TrainingDesign, stepTime: Seconds): readonly LinkUse[] | undefined {
  const laid = laidStep(design);
  if (laid === undefined) return undefined;
  const busy = new Float64Array(laid.topology.ends.length);
  for (const { traffic, loads } of laid.loads) addBusy(busy, laid.topology, loads, traffic.bytes);
  return busiestByClass(laid.topology, busy, stepTime);
}

function laidStep({ fabric, case: c, seed }: TrainingDesign): Laid | undefined {
  if (fabric !== undefined) {
    const loads = fabric.dimensions.map(({ traffic, contention }) => ({ traffic, loads: contention.loads }));
    return { topology: fabric.topology, loads };
  }
  if (c.cluster.nodes === 1 || c.pools !== undefined) return undefined;
  const graph = graphOf(c.cluster, seed);
  if (graph === undefined) return undefined;
  const loads: { traffic: StepTraffic; loads: LinkLoads }[] = [];
  for (const traffic of stepTraffic(c)) {
    const { operation, way } = traffic;
    const groups = groupsOver(c.cluster.accelerators, traffic);
    const found = linkLoads(graph.routes, { operation, groups, ...(way === undefined ? {} : { way }) });
    if ("from" in found) return undefined;
    loads.push({ traffic, loads: found });
  }
  return { topology: graph.topology, loads };
}

function graphOf(cluster: Cluster, seed: number): ReturnType<typeof graph> | undefined {
  try {
    return graph(cluster, seed);
  } catch (error) {
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

function graph(cluster: Cluster, seed: number) {
  const topology = clusterTopology(cluster);
  return { topology, routes: clusterRoutes(cluster, topology, seed) };
}

/** Ranks of every group of this size and stride, one block of size x stride after the other. */
export function groupsOver(
  ranks: number,
  { size, stride }: Pick<StepTraffic, "size" | "stride">,
): readonly (readonly number[])[] {
  const groups: number[][] = [];
  for (let block = 0; block < ranks; block += size * stride) {
    for (let offset = 0; offset < stride; offset++) {
      groups.push(Array.from({ length: size }, (_, place) => block + offset + place * stride));
    }
  }
  return groups;
}
