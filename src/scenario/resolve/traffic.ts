/** From a traffic scenario to its design: the cluster looked up, messages, groups and jobs placed. */

import { type Problem, ProblemError } from "../../base/problem.ts";
import type { Seconds } from "../../base/quantity.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import { readTrace } from "../../network/index.ts";
import { asksForGraph, fabricGraph } from "../fabric.ts";
import type { Scenario } from "../schema/parse.ts";
import type { PatternText, TrafficText } from "../schema/traffic.ts";
import { messageRoutes } from "../traffic/answer.ts";
import { predictTrafficDesign } from "../traffic/assemble.ts";
import type { TrafficCase, TrafficDesign } from "../traffic/design.ts";
import { resolveAccelerators } from "./accelerators.ts";
import { resolveCluster } from "./hardware.ts";
import { resolveJobs } from "./jobs.ts";
import type { Files } from "./model.ts";
import { emptyNotes, given, type Notes, problem, throwProblems } from "./notes.ts";
import { resolvePattern } from "./pattern.ts";
import { groupsOfTraffic, reachesAll, severalPorts } from "./traffic-ways.ts";
import { workProblems } from "./traffic-work.ts";

/**
 * The design of a traffic scenario.
 * @throws ProblemError with every problem found: unknown hardware, impossible patterns, broken traces, jobs that collide.
 */
export function resolveTraffic(scenario: Scenario, workload: TrafficText, files: Files): TrafficDesign {
  const notes = emptyNotes();
  const cluster = resolveCluster(scenario.cluster, notes);
  const seed = scenario.seed ?? 0;
  const traffic = cluster === undefined ? undefined : resolveCase(workload, { cluster, files, seed }, notes);
  return trafficDesign(scenario, cluster, traffic, notes);
}

/**
 * The design of what was found.
 * @throws ProblemError where a part is missing, or the fabric cannot be.
 */
function trafficDesign(
  scenario: Scenario,
  cluster: Cluster | undefined,
  traffic: TrafficCase | undefined,
  notes: Notes,
): TrafficDesign {
  if (cluster === undefined || traffic === undefined) {
    throwProblems(notes, scenario.places);
    throw new Error("a part is missing");
  }
  const seed = scenario.seed ?? 0;
  const forwarding = forwardingOf(scenario.cluster, cluster, notes);
  const { assumptions, warnings } = notes;
  const design = { name: scenario.name, seed, cluster, traffic, forwarding, assumptions, warnings };
  checkFabric(design, notes);
  throwProblems(notes, scenario.places);
  return design;
}

/** Going over a neighbour's port (PXN) is what the library of collectives does; plain messages leave by their own. */
function forwardingOf({ fabric }: Scenario["cluster"], cluster: Cluster, notes: Notes): TrafficDesign["forwarding"] {
  const written = typeof fabric === "object" ? fabric.routing?.forwarding : undefined;
  if (written !== undefined) return written;
  // Rails that never meet leave no other way.
  if (cluster.fabric.topology === "rail-only" || cluster.fabric.topology === "direct") return "rail";
  if (cluster.nodes > 1) {
    const reason = "not given; going over a neighbour's port (PXN) belongs to collectives";
    notes.assumptions.push({ path: "workload", value: "messages leave by the sender's own port", reason });
  }
  return "own";
}

/** That the fabric can be built, that the work is bounded, and that everybody reaches whom they have to. */
function checkFabric(design: TrafficDesign, notes: Notes): void {
  const { cluster, traffic } = design;
  const graph = fabricGraph(cluster, design.seed, notes);
  if (graph === undefined) return;
  const { failures, ...whole } = cluster.fabric;
  workProblems(traffic, messageRoutes({ ...design, cluster: { ...cluster, fabric: whole } }, graph.topology), notes);
  if (notes.problems.length > 0 || !asksForGraph(cluster)) return;
  const routes = messageRoutes(design, graph.topology);
  const doubtful = groupsOfTraffic(traffic).some((members) => {
    return !reachesAll(routes, members) || (failures !== undefined && severalPorts(routes, members));
  });
  if (!doubtful) return;
  // Somebody is cut off from somebody; whether messages go there, only running them says.
  try {
    predictTrafficDesign(design);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    notes.problems.push(...error.problems);
  }
}

interface Context {
  readonly cluster: Cluster;
  readonly files: Files;
  readonly seed: number;
}

const path = "workload";
const forms = ["pattern", "trace", "jobs"] as const;

function resolveCase(workload: TrafficText, context: Context, notes: Notes): TrafficCase | undefined {
  const written = forms.filter((form) => workload[form] !== undefined);
  const [form, other] = written;
  if (form === undefined) {
    const hint = "e.g. workload: { kind: traffic, pattern: permutation, size: 64 MiB }";
    problem(notes, `${path}.pattern`, "missing; expected a pattern, a trace or jobs", hint);
    return undefined;
  }
  if (other !== undefined) {
    problem(notes, `${path}.${other}`, `a traffic has either ${form} or ${other}`, "remove one of them");
    return undefined;
  }
  uselessKeys(workload, form, notes);
  switch (form) {
    case "pattern":
      return patternCase(workload, context, notes);
    case "trace":
      return traceCase(workload, context, notes);
    case "jobs": {
      const jobs = resolveJobs(workload.jobs ?? [], { ...context, path: `${path}.jobs` }, notes);
      return jobs === undefined ? undefined : { what: "jobs", jobs };
    }
  }
}

const patternKeys = [
  "size",
  "groups",
  "shift",
  "fanIn",
  "targets",
  "grid",
  "boundary",
] as const satisfies readonly Exclude<keyof PatternText, "pattern">[];

/** Keys of the other forms. */
function uselessKeys(workload: TrafficText, form: (typeof forms)[number], notes: Notes): void {
  const all = [...patternKeys, "accelerators", "rounds", "overhead"] as const;
  const read: Readonly<Record<typeof form, readonly string[]>> = { pattern: all, trace: ["overhead"], jobs: [] };
  for (const key of all) {
    if (workload[key] === undefined || read[form].includes(key)) continue;
    problem(notes, `${path}.${key}`, `has no effect with ${form}`, "remove it");
  }
}

function patternCase(workload: TrafficText, { cluster }: Context, notes: Notes): TrafficCase | undefined {
  const available = cluster.accelerators;
  const where = { path: `${path}.accelerators`, available };
  const members =
    workload.accelerators === undefined
      ? Array.from({ length: available }, (_, index) => index)
      : resolveAccelerators(workload.accelerators, where, notes);
  if (workload.accelerators === undefined) {
    const reason = "not given; all take part";
    notes.assumptions.push({ path: where.path, value: String(available), reason });
  }
  const rounds = given(notes, `${path}.rounds`, workload.rounds, 1, "not given");
  const overhead = overheadOf(workload, notes);
  if (members === undefined) return undefined;
  const pattern = resolvePattern(workload, { path, members, rounds }, notes);
  return pattern === undefined ? undefined : { what: "pattern", rounds, overhead, ...pattern };
}

function overheadOf({ overhead }: TrafficText, notes: Notes): Seconds {
  if (overhead !== undefined) return overhead;
  const reason = "not given; what software adds to a message is not counted";
  notes.assumptions.push({ path: `${path}.overhead`, value: "0 s", reason });
  return 0;
}

function traceCase(workload: TrafficText, { cluster, files }: Context, notes: Notes): TrafficCase | undefined {
  const file = workload.trace ?? "";
  const text = files[file];
  const where = `${path}.trace`;
  if (text === undefined) {
    problem(notes, where, `the text of "${file}" is not there`, "pass the files that requiredFiles names");
    return undefined;
  }
  const overhead = overheadOf(workload, notes);
  const { messages, problems } = readTrace(text, cluster.accelerators);
  for (const { location, message, hint } of problems) {
    const found: Problem = { path: where, message, location: { ...location, file } };
    notes.problems.push(hint === undefined ? found : { ...found, hint });
  }
  return problems.length > 0 ? undefined : { what: "trace", file, messages, overhead };
}
