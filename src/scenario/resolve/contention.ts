/**
 * Where the groups of a training job sit on the fabric's graph, and what its links do to them: each dimension by itself,
 * all of its groups at once. Rank r is accelerator r, nodes in order.
 */

import type { Cluster } from "../../catalog/cluster.ts";
import { type Contention, platformOf, rankRate } from "../../network/index.ts";
import { layoutGroups, type StepTraffic, stepTraffic, type TrainingCase } from "../../training/index.ts";
import { asksForGraph, contention, type FabricGraph, fabricGraph } from "../fabric.ts";
import type { TrainingDesign, TrainingFabric } from "../training/design.ts";
import { busiestTime, groupsOver } from "../training/links.ts";
import { emptyNotes, type Notes, problem } from "./notes.ts";

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
  noteContention(fabric, c.cluster, notes);
  return { case: { ...c, contention: fabricCosts(fabric.dimensions) }, fabric };
}

/** A design whose hardware has changed, laid on its fabric again. */
export function relaidTraining(design: TrainingDesign): TrainingDesign {
  const { contention: _, ...plain } = design.case;
  const { case: laid, fabric } = layOnFabric(plain, design.seed, emptyNotes());
  return fabric === undefined ? design : { ...design, case: laid, fabric, leastStep: busiestTime(fabric) };
}

/**
 * What every dimension of a job puts on the links of a graph.
 * @param members the accelerator of each rank; absent: rank r is accelerator r.
 */
export function trainingFabric(
  c: TrainingCase,
  graph: FabricGraph,
  notes: Notes,
  members?: readonly number[],
): TrainingFabric {
  const platform = platformOf(c.cluster);
  const placed = layoutGroups(c.layout, platform);
  const dimensions: { traffic: StepTraffic; contention: Contention }[] = [];
  for (const traffic of stepTraffic(c)) {
    const { operation, dimension, way } = traffic;
    const ranks = groupsOver(c.cluster.accelerators, traffic);
    const groups = members === undefined ? ranks : ranks.map((group) => group.map((rank) => members[rank]!));
    const rate = rankRate(platform, placed[dimension], operation);
    const asked = { operation, groups, ...(way === undefined ? {} : { way }) };
    const found = contention(graph, asked, rate, notes);
    if (found === undefined) break;
    dimensions.push({ traffic, contention: found });
  }
  return { topology: graph.topology, dimensions };
}

/** Costs of a fabric, as a case takes them. */
export function fabricCosts(dimensions: TrainingFabric["dimensions"]): NonNullable<TrainingCase["contention"]> {
  return Object.fromEntries(
    dimensions.map(({ traffic, contention: { factor, delay } }) => [traffic.dimension, { factor, delay }]),
  );
}

function noteContention({ dimensions }: TrainingFabric, { fabric }: Cluster, notes: Notes): void {
  const slowed = dimensions.filter(({ contention: { factor } }) => factor > 1.005);
  const words = slowed.map(({ traffic, contention: { factor } }) => `${traffic.dimension} x ${factor.toFixed(2)}`);
  const value = words.length === 0 ? "nothing is slowed" : words.join(", ");
  const reason = `bytes of each dimension on the links of ${fabric.name}, all its groups at once, over what ports alone give`;
  notes.assumptions.push({ path: "cluster.fabric", value, reason });
}
