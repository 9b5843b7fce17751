/** A sweep with the calibration profile that the scenario names: its curve answers, the prediction without it stands beside. */

import { leaf, type Term } from "../../base/term.ts";
import { type ProfileCurve, profileCurve, profileTime } from "../../network/index.ts";
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

/** Curves are of the library's own choice, on the machines as they were: a fault that is supposed is not in them. */
function curveOf(design: CollectiveDesign): ProfileCurve | undefined {
  const { calibration, exchange, call, cluster } = design;
  const own = exchange === undefined && Object.keys(call).length === 0;
  const sound = (cluster.fabric.failures ?? []).length === 0;
  return calibration === undefined || !own || !sound ? undefined : profileCurve(calibration, design);
}

/** A profile that has no such curve changes nothing, which is said. */
export function unusedProfile(design: CollectiveDesign): readonly string[] {
  const { calibration, operation, group } = design;
  if (calibration === undefined || curveOf(design) !== undefined) return [];
  const asked = `${operation} over ${group.size} accelerators, ${Math.min(group.perDomain, group.size)} a domain`;
  return [`the calibration profile ${calibration.name} has no such ${asked}: the prediction is as without it`];
}

/** A measured curve has no parts. */
export function calibratedTerm({ metrics, how = "" }: Point): Term {
  const label = `one call, from the calibration profile ${how}`;
  return leaf({ name: "time", label, value: metrics.time ?? 0, origin: "calibrated" });
}
