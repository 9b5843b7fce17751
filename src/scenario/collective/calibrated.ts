/** A sweep with the calibration profile that the scenario names: its curve answers, the prediction without it stands beside. */

import { leaf, type Term } from "../../base/term.ts";
import { otherMachines, type Profile, type ProfileCurve, profileCurve, profileTime } from "../../network/index.ts";
import type { Point } from "../prediction.ts";
import type { CollectiveDesign } from "./design.ts";

/** Metrics of a time at a size, as without a profile. */
type MetricsAt = (size: number, time: number) => Readonly<Record<string, number>>;

/** The point from the profile, where it has the curve. */
export function calibratedPoint(design: CollectiveDesign, raw: Point, metricsAt: MetricsAt): Point {
  const { calibration } = design;
  const curve = curveOf(design);
  if (calibration === undefined || curve === undefined) return raw;
  const size = Number(raw.at.size);
  const { time, trust } = profileTime(curve, size);
  const how = `${calibration.name} ${calibration.date}`;
  return { at: raw.at, metrics: metricsAt(size, time), how, trust, raw: raw.metrics };
}

function curveOf(design: CollectiveDesign): ProfileCurve | undefined {
  const { calibration } = design;
  return calibration === undefined || otherCall(design).length > 0 || otherPlace(design, calibration).length > 0
    ? undefined
    : profileCurve(calibration, design);
}

/** A profile that does not answer changes nothing, which is said with its reason. */
export function unusedProfile(design: CollectiveDesign): readonly string[] {
  const { calibration, operation, group } = design;
  if (calibration === undefined || curveOf(design) !== undefined) return [];
  const other = [...otherCall(design), ...otherPlace(design, calibration)];
  const asked = `${operation} over ${group.size} accelerators, ${Math.min(group.perDomain, group.size)} a domain`;
  const sharing = group.sharing === undefined ? "" : `, ${group.sharing} groups side by side`;
  const reason = other.length > 0 ? other.join("; ") : `it has no such ${asked}${sharing}`;
  return [`the calibration profile ${calibration.name} is set aside, the prediction is as without it: ${reason}`];
}

/** Curves are of the library's own choice, with its own kernels. */
function otherCall({ exchange, algorithm, call }: CollectiveDesign): readonly string[] {
  const { channels, library = "nccl", launch = "back-to-back" } = call;
  return [
    ...(exchange === undefined ? [] : ["an exchange of tokens has kernels of its own"]),
    ...(algorithm === undefined ? [] : [`${algorithm} is forced, and measured was the library's choice`]),
    ...(channels === undefined ? [] : [`${channels} channels are forced, and measured was the library's choice`]),
    ...(library === "nccl" ? [] : [`the kernels are of ${library}, and measured were those of the collective library`]),
    ...(launch === "back-to-back" ? [] : [`calls start ${launch}, and measured were calls queued back to back`]),
  ];
}

/** Contention that is none: what shares of links add up to, but for rounding. */
const rounding = 1e-3;

/** Curves are of the machines as they were: other links, ways, failures and neighbours are not in them. */
function otherPlace({ cluster, group }: CollectiveDesign, { machines }: Profile): readonly string[] {
  const { failures = [], buildings } = cluster.fabric;
  const { contention = 1, delay = 0 } = group;
  const reach = group.size > group.perDomain ? "several domains" : "one domain";
  const slowed = Math.abs(contention - 1) > rounding;
  return [
    ...otherMachines(machines, cluster, reach),
    ...(failures.length === 0 ? [] : [`${failures.join(", ")} failed, and measured was a sound fabric`]),
    ...(buildings === undefined && delay === 0 ? [] : ["the cluster is in several buildings, measured was one"]),
    ...(slowed ? [`links of the fabric make bytes take ${contention.toFixed(2)} times as long`] : []),
  ];
}

/** A measured curve has no parts. */
export function calibratedTerm({ metrics, how = "" }: Point): Term {
  const label = `one call, from the calibration profile ${how}`;
  return leaf({ name: "time", label, value: metrics.time ?? 0, origin: "calibrated" });
}
