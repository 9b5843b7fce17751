/**
 * A calibration profile from runs of nccl-tests: every second size is fitted, the others are held out and say how far
 * the curve can be trusted. The raw prediction stands beside it at every size.
 */

import { log2 } from "../../base/math.ts";
import type { Problem } from "../../base/problem.ts";
import {
  type CollectiveRequest,
  collectiveTime,
  fitCurve,
  type Profile,
  type ProfileCurve,
  type ProfileMachines,
  type ProfilePoint,
  platformOf,
  profileMachinesOf,
  profileTime,
} from "../../network/index.ts";
import { type CollectiveDesign, resolve, scenarioFromValue } from "../../scenario/index.ts";
import { type EvidenceRecord, scenarioOf } from "../record.ts";
import type { NcclRun } from "./run.ts";

export interface ProfileFacts {
  readonly name: string;
  readonly date: string;
}

/** A run with its record. */
export interface Recorded {
  readonly run: NcclRun;
  readonly record: EvidenceRecord;
}

/** Fewer sizes leave nothing to hold out. */
const sizesLeast = 5;

/** The profile of all runs, one curve each; problems where they are too short or of unlike machines. */
export function profileOf(recorded: readonly Recorded[], { name, date }: ProfileFacts): Profile | readonly Problem[] {
  const problems: Problem[] = [];
  const curves: ProfileCurve[] = [];
  const nodes = new Map<string, ProfileMachines>();
  for (const each of recorded) {
    const design = designOf(each.record);
    nodes.set(design.cluster.node.name, profileMachinesOf(design.cluster));
    const curve = curveOf(each.run, design);
    if ("message" in curve) problems.push(curve);
    else if (curves.some((known) => sameQuestion(known, curve))) problems.push(twice(each.run));
    else curves.push(curve);
  }
  const [first] = nodes;
  if (nodes.size > 1) {
    const message = `the logs are of different machines: ${[...nodes.keys()].join(", ")}`;
    problems.push({ path: "--profile", message, hint: "one profile for each kind of node" });
  }
  if (problems.length > 0 || first === undefined) return problems;
  const [node, machines] = first;
  return { windtunnelProfile: 1, name, date, node, machines, curves };
}

function designOf(record: EvidenceRecord): CollectiveDesign {
  const design = resolve(scenarioFromValue(scenarioOf(record)));
  if (design.kind !== "collective") throw new Error("the record of a collective resolved to another kind");
  return design.collective;
}

function sameQuestion(one: ProfileCurve, other: ProfileCurve): boolean {
  const keys = ["operation", "ranks", "ranksPerDomain", "ranksPerDomainMin", "domains", "sharing"] as const;
  return keys.every((key) => one[key] === other[key]);
}

function twice({ file, line, program, ranks }: NcclRun): Problem {
  const message = `a second run of ${program.name} over ${ranks} ranks`;
  return {
    path: "--profile",
    message,
    hint: "one run of each collective and group",
    location: { file, line, column: 1 },
  };
}

function curveOf(run: NcclRun, design: CollectiveDesign): ProfileCurve | Problem {
  const { points, file, line } = run;
  if (points.length < sizesLeast) {
    const message = `${points.length} sizes, a profile needs ${sizesLeast} to hold some of them out`;
    return { path: "--profile", message, hint: "e.g. -b 8 -e 8G -f 2", location: { file, line, column: 1 } };
  }
  const { operation, group, cluster } = design;
  const use = (index: number): ProfilePoint["use"] =>
    index % 2 === 0 || index === points.length - 1 ? "fitted" : "held out";
  const fit = fitCurve(
    points
      .filter((_, index) => use(index) === "fitted")
      .map(({ size, time }) => ({ exponent: log2(size), seconds: time })),
  );
  const bare: ProfileCurve = {
    operation,
    ranks: group.size,
    ranksPerDomain: Math.min(group.perDomain, group.size),
    ...(group.perDomainMin === undefined ? {} : { ranksPerDomainMin: group.perDomainMin }),
    ...(group.domains === undefined ? {} : { domains: group.domains }),
    sharing: group.sharing ?? 1,
    from: `${file}:${line}`,
    ...(run.library === undefined ? {} : { library: run.library }),
    ...fit,
    seconds: fit.seconds.map(rounded),
    slope: rounded(fit.slope),
    error: { fitted: 0, heldOut: 0, raw: 0 },
    points: [],
  };
  const platform = platformOf(cluster);
  const full = points.map(({ size, time }, index): ProfilePoint => {
    const request: CollectiveRequest = { operation, size, group };
    return {
      size,
      measured: rounded(time),
      raw: rounded(collectiveTime(platform, request).time),
      calibrated: rounded(profileTime(bare, size).time),
      use: use(index),
    };
  });
  return { ...bare, error: errorsOf(full), points: full };
}

function errorsOf(points: readonly ProfilePoint[]): ProfileCurve["error"] {
  const mean = (list: readonly ProfilePoint[], key: "raw" | "calibrated"): number => {
    const total = list.reduce((sum, point) => sum + Math.abs(point[key] / point.measured - 1), 0);
    return rounded(total / Math.max(1, list.length));
  };
  const heldOut = points.filter(({ use }) => use === "held out");
  const fitted = points.filter(({ use }) => use === "fitted");
  return { fitted: mean(fitted, "calibrated"), heldOut: mean(heldOut, "calibrated"), raw: mean(heldOut, "raw") };
}

/** Logs have three to five digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
