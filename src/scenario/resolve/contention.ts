/**
 * Where the groups of a training job sit on the fabric's graph, and what its links do to them: each dimension by itself,
 * all of its groups at once. Rank r is accelerator r, nodes in order.
 */

import type { Cluster } from "../../catalog/cluster.ts";
import type { Contention } from "../../network/index.ts";
import { type StepTraffic, stepTraffic, type TrainingCase } from "../../training/index.ts";
import { asksForGraph, contention, type FabricGraph, fabricGraph } from "../fabric.ts";
import type { TrainingFabric } from "../training/design.ts";
import { groupsOver } from "../training/links.ts";
import { type Notes, problem } from "./notes.ts";

export interface LaidTraining {
  readonly case: TrainingCase;
  readonly fabric?: TrainingFabric;
}

/** The case with the contention of each dimension, where its fabric asks for a graph. */
export function layOnFabric(c: TrainingCase, seed: number, notes: Notes): LaidTraining {
  const asked = asksForGraph(c.cluster);
  if (!asked) return { case: c };
  if (c.pools !== undefined) {
    const message = "routing, failures, buildings and other topologies are not modelled with pools";
    problem(
      notes,
      "cluster.fabric",
      message,
      "write node and nodes, or a fat-tree or rail-optimised fabric without them",
    );
    return { case: c };
  }
  const graph = fabricGraph(c.cluster, seed, notes);
  if (graph === undefined) return { case: c };
  const fabric = trainingFabric(c, graph, notes);
  const factors = fabric.dimensions.map(({ traffic, contention: { factor, delay } }) => {
    return [traffic.dimension, { factor, delay }] as const;
  });
  noteContention(fabric, c.cluster, notes);
  return { case: { ...c, contention: Object.fromEntries(factors) }, fabric };
}

/** What every dimension of a job puts on the links of a graph. */
export function trainingFabric(c: TrainingCase, graph: FabricGraph, notes: Notes): TrainingFabric {
  const dimensions: { traffic: StepTraffic; contention: Contention }[] = [];
  for (const traffic of stepTraffic(c)) {
    const groups = groupsOver(c.cluster.accelerators, traffic);
    const found = contention(graph, { operation: traffic.operation, groups }, notes);
    if (found === undefined) break;
    dimensions.push({ traffic, contention: found });
  }
  return { topology: graph.topology, dimensions };
}

function noteContention({ dimensions }: TrainingFabric, { fabric }: Cluster, notes: Notes): void {
  const slowed = dimensions.filter(({ contention: { factor } }) => factor > 1.005);
  const words = slowed.map(({ traffic, contention: { factor } }) => `${traffic.dimension} x ${factor.toFixed(2)}`);
  const value = words.length === 0 ? "nothing is slowed" : words.join(", ");
  const reason = `bytes of each dimension on the links of ${fabric.name}, all its groups at once, over ports of their own`;
  notes.assumptions.push({ path: "cluster.fabric", value, reason });
}
