/** From several training jobs on one cluster to their designs: nodes dealt, each job's groups laid on the fabric's graph. */

import { type Problem, ProblemError } from "../../base/problem.ts";
import { random } from "../../base/random.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import { placeJobs } from "../../network/index.ts";
import { type FabricGraph, fabricGraph } from "../fabric.ts";
import type { Scenario } from "../schema/parse.ts";
import { inOrder, locate } from "../schema/problems.ts";
import type { SharedWorkloadText } from "../schema/shared.ts";
import type { TrainingText } from "../schema/workload.ts";
import type { SharedDesign, SharedJob } from "../shared/design.ts";
import type { TrainingDesign } from "../training/design.ts";
import { busiestTime } from "../training/links.ts";
import { fabricCosts, trainingFabric } from "./contention.ts";
import { resolveCluster } from "./hardware.ts";
import type { Files } from "./model.ts";
import { emptyNotes, given, type Notes, problem, throwProblems } from "./notes.ts";
import { resolveTraining } from "./training.ts";

/**
 * @throws ProblemError with every problem of the cluster and of every job.
 */
export function resolveShared(scenario: Scenario, entries: readonly SharedWorkloadText[], files: Files): SharedDesign {
  const notes = emptyNotes();
  const cluster = resolveCluster(scenario.cluster, notes);
  checkEntries(scenario, entries, notes);
  throwProblems(notes, scenario.places);
  if (cluster === undefined) throw new Error("a part is missing");
  const seed = scenario.seed ?? 0;
  const places = placesOf(entries, cluster, seed, notes);
  const designs = entries.map((entry, index) => {
    return designOf(scenario, entry, { index, files, part: partOf(cluster, places[index] ?? []) }, notes);
  });
  const graph = fabricGraph(cluster, seed, notes);
  throwProblems(notes, scenario.places);
  if (graph === undefined) throw new Error("a part is missing");
  const jobs = entries.map(({ name }, index) =>
    laidJob(name, designs[index]!, { graph, members: places[index]! }, notes),
  );
  throwProblems(notes, scenario.places);
  const { assumptions, warnings } = notes;
  return { name: scenario.name, seed, cluster, topology: graph.topology, jobs, assumptions, warnings };
}

function checkEntries(scenario: Scenario, entries: readonly SharedWorkloadText[], notes: Notes): void {
  if (scenario.cluster.pools !== undefined) {
    problem(notes, "cluster.pools", "several jobs run on one kind of node", "write node and nodes");
  }
  for (const key of ["layout", "software", "stragglers", "jitter", "reliability", "storage"] as const) {
    if (scenario[key] === undefined) continue;
    const hint = key === "layout" || key === "software" ? "write it in each of the workloads" : "remove it";
    problem(notes, key, "belongs to one job, and this scenario has several", hint);
  }
  entries.forEach(({ name, workload }, index) => {
    const path = `workloads[${index}]`;
    if (entries.findIndex((other) => other.name === name) !== index) {
      problem(notes, `${path}.name`, `"${name}" is there twice`, "give each workload a name of its own");
    }
    if (workload.kind !== "training") {
      const hint = workload.kind === "collective" ? "write workload with jobs of kind traffic" : "remove it";
      problem(notes, `${path}.workload.kind`, `kind ${workload.kind} is not modelled beside others`, hint);
    }
  });
}

/** Accelerators of every job, in rank order. */
function placesOf(
  entries: readonly SharedWorkloadText[],
  cluster: Cluster,
  seed: number,
  notes: Notes,
): readonly (readonly number[])[] {
  const { acceleratorsPerNode } = cluster.node;
  const requests = entries.map(({ nodes, placement }, index) => ({
    count: nodes * acceleratorsPerNode,
    placement: given(notes, `workloads[${index}].placement`, placement, "packed", "not given; the next free nodes"),
  }));
  const shape = { accelerators: cluster.accelerators, acceleratorsPerNode };
  const { accelerators, problems } = placeJobs(shape, requests, random(seed).stream("workloads/placement"));
  for (const { job, message } of problems)
    problem(notes, `workloads[${job}].nodes`, message, "more nodes, or smaller jobs");
  return accelerators;
}

/**
 * The nodes of one job as a cluster of their own. A scale-up domain over several nodes counts as far as the job's ranks
 * in a row sit in one: on every second node of a rack half of it, on nodes drawn at random a node.
 */
function partOf(cluster: Cluster, members: readonly number[]): Cluster {
  const { node } = cluster;
  const { acceleratorsPerNode: each, scaleUp } = node;
  const accelerators = members.length;
  const nodes = accelerators / each;
  const inOne = (domain: number): boolean =>
    members.every((member, rank) => {
      const first = members[rank - (rank % domain)]!;
      return Math.floor(member / scaleUp.domain) === Math.floor(first / scaleUp.domain);
    });
  let domain = scaleUp.domain;
  while (domain > each && (scaleUp.domain % domain !== 0 || domain % each !== 0 || !inOne(domain))) domain -= each;
  const joined = domain === scaleUp.domain ? node : { ...node, scaleUp: { ...scaleUp, domain } };
  return { ...cluster, node: joined, nodes, accelerators };
}

/** One job as if the cluster had its nodes only; contention comes from the whole cluster's graph. */
function designOf(
  scenario: Scenario,
  { name, workload, layout, software }: SharedWorkloadText,
  { index, files, part }: { readonly index: number; readonly files: Files; readonly part: Cluster },
  notes: Notes,
): TrainingDesign | undefined {
  const { economics, flopConvention, seed } = scenario;
  const plain = Object.fromEntries(
    Object.entries({ economics, flopConvention, seed, layout, software }).filter(([, value]) => value !== undefined),
  );
  const alone = { windtunnel: 1, name, cluster: scenario.cluster, workload, ...plain } as unknown as Scenario;
  try {
    return resolveTraining(alone, workload as TrainingText, files, part);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const moved = error.problems.map((found): Problem => {
      const path = /^(cluster|economics|flopConvention)\b/.test(found.path)
        ? found.path
        : `workloads[${index}].${found.path}`;
      return locate({ ...found, path }, scenario.places);
    });
    notes.problems.push(...inOrder(moved));
    return undefined;
  }
}

function laidJob(
  name: string,
  alone: TrainingDesign,
  { graph, members }: { readonly graph: FabricGraph; readonly members: readonly number[] },
  notes: Notes,
): SharedJob {
  const { dimensions } = trainingFabric(alone.case, graph, notes, members);
  const leastStep = busiestTime({ topology: graph.topology, dimensions });
  const laid = { ...alone, case: { ...alone.case, contention: fabricCosts(dimensions) }, leastStep };
  return { name, dimensions, alone: laid };
}
