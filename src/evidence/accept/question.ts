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
import {
  type CollectiveDesign,
  type Design,
  type Files,
  predictDesign,
  resolve,
  type Scenario,
  unusedProfile,
} from "../../scenario/index.ts";
import { type GroupSection, groupOf, type Machines, machinesOn, type NcclRun } from "../nccl-tests/index.ts";
import { configured } from "./settings.ts";

export interface Question {
  readonly run: NcclRun;
  readonly cluster: Cluster;
  readonly operation: CollectiveOperation;
  readonly group: GroupPlacement;
  /** The platform as the log's command set it. */
  readonly platform: Platform;
  /** Left by the log's command or the scenario: the fastest of them counts. Absent: the library chooses among all. */
  readonly algorithms?: readonly string[];
  /** What else the scenario says of the call. */
  readonly call: CollectiveDesign["call"];
  /** Times of the calibration profile that the scenario names, by size. */
  readonly calibrated: ReadonlyMap<Bytes, Seconds>;
  readonly machines: Machines;
  readonly notes: readonly string[];
}

export interface QuestionOptions {
  /** Nodes of logs that list no hosts. */
  readonly nodes?: number;
}

/** A scenario with the texts of the files that it names. */
export interface Named {
  readonly scenario: Scenario;
  readonly files: Files;
}

/** The question that a run puts to a scenario's cluster; problems where they do not belong together. */
export function questionOf(
  { scenario, files }: Named,
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
  const asked = (group: GroupSection): Asked => ({ operation, sizes, group });
  const { workload: _, ...machinesOnly } = scenario;
  const { cluster } = designOf({ scenario: machinesOnly, files }, asked({ size: 1 }));
  const machines = machinesOn(run, cluster.node, options.nodes);
  if ("message" in machines) return [machines];
  if (machines.nodes > cluster.nodes) {
    const message = `${run.ranks} ranks on ${machines.nodes} nodes, the scenario has ${cluster.nodes}`;
    return [{ path: "cluster.nodes", message, hint: "name the cluster that was measured", location: at }];
  }
  try {
    const design = designOf({ scenario, files }, asked(groupOf(run, machines)));
    return configuredQuestion(run, design, machines);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map((problem) => ({ ...problem, location: at }));
  }
}

function configuredQuestion(run: NcclRun, design: CollectiveDesign, machines: Machines): Question {
  const { operation, group, cluster, call } = design;
  const own = platformOf(cluster);
  const asked = configured(run.settings, own, { operation, group, size: 1 });
  const { platform, notes } = asked;
  const algorithms = asked.algorithms ?? (design.algorithm === undefined ? undefined : [design.algorithm]);
  const asDesigned = platform === own && asked.algorithms === undefined;
  return {
    run,
    cluster,
    operation,
    group,
    platform,
    ...(algorithms === undefined ? {} : { algorithms }),
    call,
    calibrated: asDesigned ? calibratedTimes(design) : new Map(),
    machines,
    notes: [...machines.notes, ...notes, ...profileNotes(design, asDesigned ? "as designed" : "set by the command")],
  };
}

function calibratedTimes(design: CollectiveDesign): ReadonlyMap<Bytes, Seconds> {
  const { points = [] } = predictDesign({ kind: "collective", collective: design });
  const known = points.filter(({ raw }) => raw !== undefined);
  return new Map(known.map(({ at, metrics }) => [Number(at.size), metrics.time ?? 0]));
}

function profileNotes(design: CollectiveDesign, as: "as designed" | "set by the command"): readonly string[] {
  const { calibration } = design;
  if (calibration === undefined) return [];
  if (as === "set by the command") {
    return [`the calibration profile ${calibration.name} is set aside: the command sets what its curves left free`];
  }
  const unused = unusedProfile(design);
  return unused.length > 0 ? unused : [`the calibration profile ${calibration.name} answers`];
}

interface Asked {
  readonly operation: CollectiveOperation;
  readonly sizes: readonly Bytes[];
  readonly group: GroupSection;
}

/** Keys of a collective scenario that hold for a log of the same operation too; its sizes and group are the log's. */
const carried = ["algorithm", "channels", "library", "launch", "calibration", "method"] as const;

/** The scenario's cluster with the workload of a run, and what the scenario says of such a call. */
function designOf({ scenario, files }: Named, asked: Asked): CollectiveDesign {
  const { windtunnel, name, cluster, seed, places } = scenario;
  const said = scenario.workload as Readonly<Record<string, unknown>> | undefined;
  const same = said?.kind === "collective" && said.operation === asked.operation;
  const kept = same
    ? Object.fromEntries(carried.flatMap((key) => (said[key] === undefined ? [] : [[key, said[key]]])))
    : {};
  const whole = {
    windtunnel,
    name,
    cluster,
    workload: { kind: "collective", ...kept, ...asked },
    ...(seed === undefined ? {} : { seed }),
    ...(places === undefined ? {} : { places }),
  } as Scenario;
  const design: Design = resolve(whole, files);
  if (design.kind !== "collective") throw new Error("a collective resolved to another kind");
  return design.collective;
}

export interface HealthyTime {
  readonly time: Seconds;
  /** The library's choice. */
  readonly algorithm: string;
  readonly basis: CollectiveTime["basis"];
}

/** Time of one size on the machines as they should be. */
export function healthyTime(question: Question, size: Bytes): HealthyTime {
  const { time, algorithm, basis } = fastest(question, size, question);
  const calibrated = question.calibrated.get(size);
  return calibrated === undefined ? { time, algorithm, basis } : { time: calibrated, algorithm, basis: "measured" };
}

/** A way to run the question: the platform, and the algorithms that are left; undefined is the library's choice. */
interface Way {
  readonly platform: Platform;
  readonly algorithms?: readonly (string | undefined)[];
}

function fastest({ operation, group, call }: Question, size: Bytes, { platform, algorithms = [undefined] }: Way) {
  const request = { operation, group, size, ...call };
  const times = algorithms.map((algorithm) =>
    collectiveTime(platform, { ...request, ...(algorithm === undefined ? {} : { algorithm }) }),
  );
  return times.reduce((best, each) => (each.time < best.time ? each : best));
}

/** Scale-up domains of the group. */
export function domainsOf({ group }: Question): number {
  return Math.ceil(group.size / Math.min(group.perDomain, group.size));
}

/**
 * Time of one size with something wrong: the fastest of the algorithms that are left. What a profile knows of the sound
 * machines holds for the others too.
 */
export function faultyTime(question: Question, size: Bytes, way: Way): Seconds {
  const { time } = fastest(question, size, way);
  const calibrated = question.calibrated.get(size);
  return calibrated === undefined ? time : (time * calibrated) / fastest(question, size, question).time;
}
