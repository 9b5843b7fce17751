/** A run of a log on the machines of a scenario: what is predicted for each of its sizes, and what is known of them. */

import { type Problem, ProblemError } from "../../base/problem.ts";
import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import {
  type CollectiveOperation,
  type CollectiveTime,
  collectiveTime,
  type GroupPlacement,
  type Platform,
  platformOf,
} from "../../network/index.ts";
import { type CollectiveDesign, type Design, resolve, type Scenario } from "../../scenario/index.ts";
import { groupOf, type Machines, machinesOn, type NcclRun } from "../nccl-tests/index.ts";
import { configured } from "./settings.ts";

export interface Question {
  readonly run: NcclRun;
  readonly cluster: Cluster;
  readonly operation: CollectiveOperation;
  readonly group: GroupPlacement;
  /** The platform as the log's command set it. */
  readonly platform: Platform;
  /** Forced by the log's command. */
  readonly algorithm?: string;
  readonly machines: Machines;
  readonly notes: readonly string[];
}

export interface QuestionOptions {
  /** Nodes of logs that list no hosts. */
  readonly nodes?: number;
}

/** The question that a run puts to a scenario's cluster; problems where they do not belong together. */
export function questionOf(
  scenario: Scenario,
  run: NcclRun,
  options: QuestionOptions = {},
): Question | readonly Problem[] {
  const { operation } = run.program;
  const at = { file: run.file, line: run.line, column: 1 };
  if (operation === undefined) {
    const message = `${run.program.name} is read, but no such collective is modelled`;
    return [
      { path: "", message, hint: "judge it against a run of the same machines that is known good", location: at },
    ];
  }
  const sizes = run.points.map(({ size }) => size);
  const cluster = designOf(scenario, { operation, sizes, group: { size: 1 } }).cluster;
  const machines = machinesOn(run, cluster.node, options.nodes);
  if ("message" in machines) return [machines];
  if (machines.nodes > cluster.nodes) {
    const message = `${run.ranks} ranks on ${machines.nodes} nodes, the scenario has ${cluster.nodes}`;
    return [{ path: "cluster.nodes", message, hint: "name the cluster that was measured", location: at }];
  }
  try {
    const design = designOf(scenario, { operation, sizes, group: groupOf(run, machines) });
    return configuredQuestion(run, design, machines);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map((problem) => ({ ...problem, location: at }));
  }
}

function configuredQuestion(run: NcclRun, design: CollectiveDesign, machines: Machines): Question {
  const { operation, group, cluster } = design;
  const asked = { operation, group, size: 1 };
  const { platform, algorithm, notes } = configured(run.settings, platformOf(cluster), asked);
  return {
    run,
    cluster,
    operation,
    group,
    platform,
    ...(algorithm === undefined ? {} : { algorithm }),
    machines,
    notes,
  };
}

/** The scenario's cluster with a workload of the run's own. */
function designOf(
  { windtunnel, name, cluster, places }: Scenario,
  asked: { readonly operation: CollectiveOperation; readonly sizes: readonly Bytes[]; readonly group: object },
): CollectiveDesign {
  const scenario = { windtunnel, name, cluster, workload: { kind: "collective", ...asked } } as Scenario;
  const design: Design = resolve(places === undefined ? scenario : { ...scenario, places });
  if (design.kind !== "collective") throw new Error("a collective resolved to another kind");
  return design.collective;
}

/** Time of one size on the machines as they should be. */
export function healthyTime({ platform, operation, group, algorithm }: Question, size: Bytes): CollectiveTime {
  return collectiveTime(platform, { operation, group, size, ...(algorithm === undefined ? {} : { algorithm }) });
}

/** Scale-up domains of the group. */
export function domainsOf({ group }: Question): number {
  return Math.ceil(group.size / Math.min(group.perDomain, group.size));
}

/** Time of one size with something wrong: the fastest of the algorithms that are left. */
export function faultyTime(
  { operation, group }: Question,
  size: Bytes,
  { platform, algorithms }: { readonly platform: Platform; readonly algorithms: readonly (string | undefined)[] },
): Seconds {
  const times = algorithms.map(
    (algorithm) =>
      collectiveTime(platform, { operation, group, size, ...(algorithm === undefined ? {} : { algorithm }) }).time,
  );
  return Math.min(...times);
}
