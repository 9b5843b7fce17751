/**
 * Several workloads on one cluster as jobs side by side: patterns and collectives, each a job of one phase. What else
 * could stand there is refused by name.
 */

import type { FlowAlgorithm } from "../../network/index.ts";
import type { CollectiveText } from "../schema/collective.ts";
import type { Scenario } from "../schema/parse.ts";
import type { JobText, PhaseText, TrafficText } from "../schema/traffic.ts";
import type { SharedWorkloadText } from "../schema/workloads.ts";
import type { TrafficDesign } from "../traffic/design.ts";
import { resolveCluster } from "./hardware.ts";
import { resolveJobs } from "./jobs.ts";
import { emptyNotes, type Notes, problem, throwProblems } from "./notes.ts";
import { trafficDesign } from "./traffic.ts";

/**
 * The design of a scenario with several workloads.
 * @throws ProblemError with every problem found.
 */
export function resolveWorkloads(scenario: Scenario, workloads: readonly SharedWorkloadText[]): TrafficDesign {
  const notes = emptyNotes();
  const cluster = resolveCluster(scenario.cluster, notes);
  const written = workloads.map((entry, index) => jobOf(entry, `workloads[${index}]`, notes));
  throwProblems(notes, scenario.places);
  const context = { seed: scenario.seed ?? 0, path: "workloads", phases: () => "workload" };
  const jobs = cluster === undefined ? undefined : resolveJobs(written, { ...context, cluster }, notes);
  return trafficDesign(scenario, cluster, jobs === undefined ? undefined : { what: "jobs", jobs }, notes);
}

function jobOf({ name, workload, ...where }: SharedWorkloadText, path: string, notes: Notes): JobText {
  const at = `${path}.workload`;
  const phase =
    workload.kind === "collective"
      ? collectivePhase(workload as CollectiveText, at, notes)
      : patternPhase(workload as TrafficText, at, notes);
  return { name, ...where, phases: [phase] };
}

function refuse(notes: Notes, path: string, what: string, hint: string): void {
  problem(notes, path, `${what} beside other workloads: not modelled`, hint);
}

function collectivePhase(
  { operation, sizes, algorithm, group, ...rest }: CollectiveText,
  path: string,
  notes: Notes,
): PhaseText {
  const list = "from" in sizes ? [] : sizes;
  const [size] = list;
  if (size === undefined || list.length > 1) refuse(notes, `${path}.sizes`, "a sweep of sizes", "write a single size");
  if (group !== undefined) refuse(notes, `${path}.group`, "a group", "write accelerators beside the workload");
  for (const key of Object.keys(rest)) {
    if (key !== "kind") refuse(notes, `${path}.${key}`, key, "remove it");
  }
  const found = operations.find((each) => each === operation);
  if (found === undefined) refuse(notes, `${path}.operation`, operation, `write ${operations.join(", ")}`);
  const chosen = algorithms.find((each) => each === algorithm);
  if (algorithm !== undefined && algorithm !== "auto" && chosen === undefined) {
    refuse(notes, `${path}.algorithm`, algorithm, `write ${algorithms.join(", ")}, or leave it out`);
  }
  return {
    collective: found ?? "all-reduce",
    size: size ?? 0,
    ...(chosen === undefined ? {} : { algorithm: chosen }),
  };
}

const operations = ["all-reduce", "all-gather", "reduce-scatter", "all-to-all", "broadcast"] as const;
const algorithms = ["ring", "hierarchical", "direct"] as const satisfies readonly FlowAlgorithm[];

function patternPhase(workload: TrafficText, path: string, notes: Notes): PhaseText {
  const { kind: _, accelerators, rounds, overhead, trace, jobs, ...pattern } = workload;
  if (trace !== undefined) refuse(notes, `${path}.trace`, "a trace", "write a pattern");
  if (jobs !== undefined) refuse(notes, `${path}.jobs`, "a list of jobs", "write each as a workload");
  if (accelerators !== undefined) refuse(notes, `${path}.accelerators`, "accelerators inside", "write them beside it");
  if (rounds !== undefined) refuse(notes, `${path}.rounds`, "rounds inside", "write them beside the workload");
  if (overhead !== undefined) refuse(notes, `${path}.overhead`, "overhead", "remove it");
  if (trace === undefined && jobs === undefined && pattern.pattern === undefined) {
    problem(notes, `${path}.pattern`, "missing; expected a pattern", "e.g. pattern: halo-3d, size: 1 MiB");
  }
  return pattern;
}
