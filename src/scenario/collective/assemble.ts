/** One collective operation at every size asked for: the closed form of the library's choice, and what the fabric adds. */

import type { Bytes, BytesPerSecond, Seconds } from "../../base/quantity.ts";
import { leaf, maxOf, sumOf, type Term } from "../../base/term.ts";
import {
  type CollectiveOperation,
  type CollectiveTime,
  collectiveTime,
  platformOf,
  profileCurve,
  profileTime,
} from "../../network/index.ts";
import type { Basis, Point, Prediction } from "../prediction.ts";
import { version } from "../version.ts";
import type { CollectiveDesign } from "./design.ts";

export function predictCollectiveDesign(design: CollectiveDesign): Prediction {
  const { operation, group, algorithm } = design;
  const platform = platformOf(design.cluster);
  const answers = design.sizes.map((size) => {
    const found = collectiveTime(platform, {
      operation,
      size,
      group,
      ...(algorithm === undefined ? {} : { algorithm }),
    });
    return { size, found };
  });
  const points = answers.map(({ size, found }): Point => pointOf(design, size, found));
  const last = answers.at(-1);
  const largest = points.at(-1);
  if (last === undefined || largest === undefined) throw new Error("a collective without sizes");
  return {
    name: design.name,
    kind: "collective",
    fit: "fits",
    feasible: true,
    metrics: largest.metrics,
    units: { time: "s", algorithmBandwidth: "B/s", busBandwidth: "B/s" },
    terms: largest.raw === undefined ? termOf(last.found) : calibratedTerm(largest),
    points,
    assumptions: design.assumptions,
    warnings: [...design.warnings, ...unusedProfile(design)],
    basis: basisOfMetrics(largest.metrics, largest.trust ?? last.found.basis),
    provenance: { version, seed: design.seed },
  };
}

/** One size; where a profile has the curve it answers, and the prediction without it stands beside. */
function pointOf(design: CollectiveDesign, size: Bytes, found: CollectiveTime): Point {
  const metrics = metricsOf(design, size, found.time);
  const curve = design.calibration === undefined ? undefined : profileCurve(design.calibration, design);
  if (design.calibration === undefined || curve === undefined) {
    return { at: { size }, metrics, how: found.algorithm, trust: found.basis };
  }
  const { time, trust } = profileTime(curve, size);
  const how = `${design.calibration.name} ${design.calibration.date}`;
  return { at: { size }, metrics: metricsOf(design, size, time), how, trust, raw: metrics };
}

/** A profile that has no such curve changes nothing, which is said. */
function unusedProfile(design: CollectiveDesign): readonly string[] {
  const { calibration, operation, group } = design;
  if (calibration === undefined || profileCurve(calibration, design) !== undefined) return [];
  const asked = `${operation} over ${group.size} accelerators, ${Math.min(group.perDomain, group.size)} a domain`;
  return [`the calibration profile ${calibration.name} has no ${asked}: the prediction is as without it`];
}

/** A measured curve has no parts. */
function calibratedTerm({ metrics, how = "" }: Point): Term {
  const label = `one call, from the calibration profile ${how}`;
  return leaf({ name: "time", label, value: metrics.time ?? 0, origin: "calibrated" });
}

/** Time of one call, and the two bandwidths of nccl-tests; a group of one moves nothing. */
function metricsOf(design: CollectiveDesign, size: Bytes, time: Seconds): Record<string, number> {
  if (time === 0) return { time };
  const algorithmBandwidth: BytesPerSecond = size / time;
  return {
    time,
    algorithmBandwidth,
    busBandwidth: algorithmBandwidth * busFactor(design.operation, design.group.size),
  };
}

/** Bus bandwidth over algorithm bandwidth for n ranks. @source nccl-tests-performance */
export function busFactor(operation: CollectiveOperation, n: number): number {
  if (operation === "all-reduce") return (2 * (n - 1)) / n;
  return operation === "broadcast" || operation === "send-receive" ? 1 : (n - 1) / n;
}

/** Latency, then both transfers: at once where they run in a pipeline, else one after the other. */
function termOf({ time, latency, scaleUp, scaleOut, algorithm, basis }: CollectiveTime): Term {
  const measured = basis !== "extrapolated";
  const origin = measured ? "calibrated" : "derived";
  const source = measured ? "aiconfigurator-comm" : "nccl-tuning";
  const transfers = [
    leaf({ name: "scaleUp", label: "transfer on the scale-up links", value: scaleUp, origin, source }),
    leaf({ name: "scaleOut", label: "transfer on the network ports", value: scaleOut, origin, source }),
  ];
  const atOnce = time - latency <= Math.max(scaleUp, scaleOut) * (1 + 1e-9);
  const head = { name: "transfer", label: "transfer" };
  return sumOf({ name: "time", label: `one call, ${algorithm}`, source }, [
    leaf({ name: "latency", label: "part that does not shrink with the size", value: latency, origin, source }),
    atOnce
      ? maxOf({ ...head, formula: "max(scaleUp, scaleOut): a pipeline of chunks" }, transfers)
      : sumOf({ ...head, formula: "scaleUp + scaleOut: one after the other" }, transfers),
  ]);
}

function basisOfMetrics(metrics: Readonly<Record<string, number>>, trust: Basis["trust"]): Record<string, Basis> {
  return Object.fromEntries(Object.keys(metrics).map((name) => [name, { interval: null, level: 0.9, trust }]));
}
