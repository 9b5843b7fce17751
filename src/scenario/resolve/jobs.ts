/** Jobs of a traffic scenario: where they sit, and what they do in a round. */

import { random } from "../../base/random.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import { type FlowAlgorithm, type FlowOperation, type PlacementRequest, placeJobs } from "../../network/index.ts";
import type { JobText, PhaseText } from "../schema/traffic.ts";
import type { JobDesign, PhaseDesign } from "../traffic/design.ts";
import { resolveAccelerators } from "./accelerators.ts";
import { given, type Notes, problem } from "./notes.ts";
import { resolveGroups, resolvePattern } from "./pattern.ts";

interface Context {
  readonly cluster: Cluster;
  readonly seed: number;
  readonly path: string;
}

/** Nothing where a problem stands in the way of one. */
export function resolveJobs(
  written: readonly JobText[],
  context: Context,
  notes: Notes,
): readonly JobDesign[] | undefined {
  const members = placesOf(written, context, notes);
  const jobs = written.map((job, index): JobDesign | undefined => {
    const path = `${context.path}[${index}]`;
    if (written.findIndex(({ name }) => name === job.name) !== index) {
      problem(notes, `${path}.name`, `"${job.name}" is there twice`, "give each job a name of its own");
    }
    const accelerators = members?.[index];
    if (accelerators === undefined) return undefined;
    const phases = job.phases.map((phase, each) => {
      return resolvePhase(phase, { path: `${path}.phases[${each}]`, members: accelerators }, notes);
    });
    if (!phases.every((phase) => phase !== undefined)) return undefined;
    const rounds = given(notes, `${path}.rounds`, job.rounds, 1, "not given");
    return { name: job.name, accelerators, start: job.start ?? 0, rounds, phases };
  });
  return jobs.every((job) => job !== undefined) ? jobs : undefined;
}

/** Accelerators of each job: a count is placed, all else is named. */
function placesOf(
  written: readonly JobText[],
  { cluster, seed, path }: Context,
  notes: Notes,
): readonly (readonly number[])[] | undefined {
  const requests = written.map((job, index): PlacementRequest | undefined => {
    const at = `${path}[${index}]`;
    if (typeof job.accelerators === "number") {
      const placement = given(notes, `${at}.placement`, job.placement, "packed", "not given; the next free nodes");
      return { count: job.accelerators, placement };
    }
    if (job.placement !== undefined) {
      problem(notes, `${at}.placement`, "has no effect where accelerators are named", "remove it, or write a count");
    }
    const where = { path: `${at}.accelerators`, available: cluster.accelerators };
    const accelerators = resolveAccelerators(job.accelerators, where, notes);
    return accelerators === undefined ? undefined : { accelerators };
  });
  if (!requests.every((request) => request !== undefined)) return undefined;
  const shape = { accelerators: cluster.accelerators, acceleratorsPerNode: cluster.node.acceleratorsPerNode };
  const { accelerators, problems } = placeJobs(shape, requests, random(seed).stream("traffic/placement"));
  for (const { job, message } of problems) {
    problem(
      notes,
      `${path}[${job}].accelerators`,
      message,
      "jobs may not overlap, and counts are placed on whole nodes",
    );
  }
  return problems.length > 0 ? undefined : accelerators;
}

const whats = ["compute", "collective", "pattern"] as const;
const keysOf: Readonly<Record<(typeof whats)[number], readonly (keyof PhaseText)[]>> = {
  compute: ["compute"],
  collective: ["collective", "size", "algorithm", "groups"],
  pattern: ["pattern", "size", "groups", "shift", "fanIn", "targets", "grid", "boundary"],
};

function resolvePhase(
  written: PhaseText,
  { path, members }: { readonly path: string; readonly members: readonly number[] },
  notes: Notes,
): PhaseDesign | undefined {
  const [what, other] = whats.filter((each) => written[each] !== undefined);
  if (what === undefined || other !== undefined) {
    const found = what === undefined ? "none" : "several";
    problem(
      notes,
      path,
      `a phase is one of compute, collective and pattern; here ${found} of them`,
      "write two phases",
    );
    return undefined;
  }
  for (const key of Object.keys(written) as (keyof PhaseText)[]) {
    if (!keysOf[what].includes(key)) problem(notes, `${path}.${key}`, `has no effect with ${what}`, "remove it");
  }
  if (what === "compute") return { what, time: written.compute ?? 0 };
  if (what === "collective") return collectivePhase(written, { path, members }, notes);
  const pattern = resolvePattern(written, { path, members, rounds: 1 }, notes);
  return pattern === undefined ? undefined : { what, ...pattern };
}

/** Ways that a collective goes, the usual one first. What is sent to all passes every link once, in stages or not. */
function algorithmsOf(operation: FlowOperation): readonly [FlowAlgorithm, ...FlowAlgorithm[]] {
  switch (operation) {
    case "all-to-all":
      return ["direct"];
    case "broadcast":
    case "reduce":
      return ["ring"];
    default:
      return ["hierarchical", "ring"];
  }
}

function collectivePhase(
  written: PhaseText,
  { path, members }: { readonly path: string; readonly members: readonly number[] },
  notes: Notes,
): PhaseDesign | undefined {
  const operation = written.collective ?? "all-reduce";
  const usual = algorithmsOf(operation)[0];
  const algorithm = given(notes, `${path}.algorithm`, written.algorithm, usual, "not given");
  if (!algorithmsOf(operation).includes(algorithm)) {
    problem(notes, `${path}.algorithm`, `${operation} does not go ${algorithm}`, `write ${usual}, or leave it out`);
    return undefined;
  }
  const groups = resolveGroups(written.groups, { path, members }, notes);
  if (written.size === undefined) {
    problem(notes, `${path}.size`, "missing; expected the size of the buffer", "e.g. size: 1 GB");
    return undefined;
  }
  if (groups === undefined) return undefined;
  const pairs = groups.reduce((sum, { length }) => sum + length * length, 0);
  if (operation === "all-to-all" && pairs > 4_200_000) {
    problem(notes, `${path}.collective`, `${pairs} messages are too many to run`, "write smaller groups");
    return undefined;
  }
  return { what: "collective", operation, algorithm, groups, size: written.size };
}
