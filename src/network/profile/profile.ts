/**
 * A profile: curves that somebody measured on a platform of their own. A collective of the same operation over as many
 * ranks, as many of them in a domain, takes its time from the curve; others stay as predicted.
 */

import type { Problem } from "../../base/problem.ts";
import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { CollectiveOperation, CollectiveRequest, CollectiveTime } from "../collective/collective.ts";
import { type Curve, curveTime } from "./curve.ts";
import type { ProfileMachines } from "./machines.ts";

/** One size of the log that a curve was made from. */
export interface ProfilePoint {
  readonly size: Bytes;
  readonly measured: Seconds;
  /** What is predicted without the profile, and with it. */
  readonly raw: Seconds;
  readonly calibrated: Seconds;
  readonly use: "fitted" | "held out";
}

export interface ProfileCurve extends Curve {
  readonly operation: CollectiveOperation;
  readonly ranks: number;
  readonly ranksPerDomain: number;
  /** Ranks in the emptiest domain, and how many domains; absent: all hold `ranksPerDomain`. */
  readonly ranksPerDomainMin?: number;
  readonly domains?: number;
  /** Groups that ran beside each other on the same ports. */
  readonly sharing: number;
  /** The log and the line of its table. */
  readonly from: string;
  readonly library?: string;
  /** Mean absolute errors, as shares: on fitted sizes, on sizes held out, and without the profile on the latter. */
  readonly error: { readonly fitted: number; readonly heldOut: number; readonly raw: number };
  readonly points: readonly ProfilePoint[];
}

export interface Profile {
  readonly windtunnelProfile: 1;
  readonly name: string;
  /** When it was measured: 2026-11-22. */
  readonly date: string;
  /** Catalog name of the kind of node. */
  readonly node: string;
  readonly machines: ProfileMachines;
  readonly curves: readonly ProfileCurve[];
}

export interface ProfileTime {
  readonly time: Seconds;
  readonly trust: CollectiveTime["basis"];
}

/** The curve of a request, where the profile has it. A forced algorithm is another question. */
export function profileCurve(profile: Profile, request: Omit<CollectiveRequest, "size">): ProfileCurve | undefined {
  const { operation, group, algorithm } = request;
  if (algorithm !== undefined || group.size < 2) return undefined;
  return profile.curves.find(
    (curve) =>
      curve.operation === operation &&
      curve.ranks === group.size &&
      curve.sharing === (group.sharing ?? 1) &&
      curve.ranksPerDomain === Math.min(group.perDomain, group.size) &&
      curve.ranksPerDomainMin === group.perDomainMin &&
      curve.domains === group.domains,
  );
}

/** Time of a size on a curve: measured at its own sizes, interpolated between them, extrapolated beyond. */
export function profileTime(curve: ProfileCurve, size: Bytes): ProfileTime {
  const sizes = curve.points.map((point) => point.size);
  const inside = size >= Math.min(...sizes) && size <= Math.max(...sizes);
  return {
    time: curveTime(curve, size),
    trust: sizes.includes(size) ? "measured" : inside ? "interpolated" : "extrapolated",
  };
}

/** A profile from the text of its file; problems where it is none. */
export function parseProfile(text: string, file: string): Profile | readonly Problem[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [problem(file, "not JSON", "a profile is written by windtunnel import nccl-tests LOG --profile FILE")];
  }
  const problems = problemsOf(value, file);
  return problems.length > 0 ? problems : (value as Profile);
}

function problemsOf(value: unknown, file: string): readonly Problem[] {
  const written = "a profile is written by windtunnel import nccl-tests LOG --profile FILE";
  if (!isObject(value) || value.windtunnelProfile !== 1)
    return [problem(file, "this is no calibration profile", written)];
  const { name, date, node, machines, curves } = value;
  const problems: Problem[] = [];
  for (const [key, text] of Object.entries({ name, date, node })) {
    if (typeof text !== "string") problems.push(problem(`${file}.${key}`, "expected text"));
  }
  problems.push(...machineProblems(machines, `${file}.machines`));
  const list = Array.isArray(curves) ? (curves as readonly unknown[]) : [];
  if (list.length === 0) problems.push(problem(`${file}.curves`, "expected a list of curves"));
  return [...problems, ...list.flatMap((curve, index) => curveProblems(curve, `${file}.curves[${index}]`))];
}

function machineProblems(value: unknown, path: string): readonly Problem[] {
  const made = "make the profile again: windtunnel import nccl-tests LOG --profile FILE";
  if (!isObject(value)) return [problem(path, "expected the machines that were measured", made)];
  const { accelerator, acceleratorsPerNode, scaleUp, ports, transport, oversubscription } = value;
  const { domain, topology, bandwidth, reduction } = isObject(scaleUp) ? scaleUp : {};
  const { count, bandwidth: rate } = isObject(ports) ? ports : {};
  const sound: Readonly<Record<string, boolean>> = {
    accelerator: typeof accelerator === "string",
    acceleratorsPerNode: isCount(acceleratorsPerNode, 1),
    "scaleUp.domain": isCount(domain, 1),
    "scaleUp.topology": typeof topology === "string",
    "scaleUp.bandwidth": isPositive(bandwidth),
    "scaleUp.reduction": typeof reduction === "string",
    "ports.count": isCount(count, 0),
    "ports.bandwidth": typeof rate === "number" && rate >= 0,
    transport: typeof transport === "string",
    oversubscription: isPositive(oversubscription),
  };
  return Object.entries(sound).flatMap(([key, good]) =>
    good ? [] : [problem(`${path}.${key}`, "missing, or not as it is written", made)],
  );
}

function curveProblems(value: unknown, path: string): readonly Problem[] {
  if (!isObject(value)) return [problem(path, "expected an object")];
  const { operation, ranks, ranksPerDomain, sharing, first, seconds, slope, points } = value;
  const problems: Problem[] = [];
  const expect = (sound: boolean, key: string, expected: string): void => {
    if (!sound) problems.push(problem(`${path}.${key}`, `expected ${expected}`));
  };
  expect(typeof operation === "string", "operation", "a collective operation");
  expect(isCount(ranks, 2), "ranks", "a whole number of at least 2");
  expect(isCount(ranksPerDomain, 1), "ranksPerDomain", "a whole number of at least 1");
  expect(isCount(sharing, 1), "sharing", "a whole number of at least 1");
  expect(isCount(first, 0) && first <= 60, "first", "log2 of a size, 0 to 60");
  const times = Array.isArray(seconds) ? (seconds as readonly unknown[]) : [];
  expect(times.length > 0 && times.length <= 64 && times.every(isPositive), "seconds", "1 to 64 times above 0");
  expect(typeof slope === "number" && Number.isFinite(slope) && slope >= 0, "slope", "a number of at least 0");
  const list = Array.isArray(points) ? (points as readonly unknown[]) : [];
  const sized = list.length > 0 && list.every((point) => isObject(point) && isPositive(point.size));
  expect(sized, "points", "the sizes that were measured");
  return problems;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown, least: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= least;
}

function isPositive(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function problem(path: string, message: string, hint?: string): Problem {
  return hint === undefined ? { path, message } : { path, message, hint };
}
