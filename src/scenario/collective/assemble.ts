/** One collective operation at every size asked for: the closed form of the library's choice, and what the fabric adds. */

import { type Bytes, type BytesPerSecond, formatQuantity, type Seconds } from "../../base/quantity.ts";
import { leaf, maxOf, sumOf, type Term } from "../../base/term.ts";
import { expectedTime } from "../../catalog/accuracy/collectives.ts";
import {
  addBusy,
  busFactor,
  type CollectiveTime,
  collectiveTime,
  expertExchangeTime,
  type Platform,
  platformOf,
} from "../../network/index.ts";
import { busiestByClass } from "../fabric.ts";
import type { Assumption, Basis, Point, Prediction } from "../prediction.ts";
import { version } from "../version.ts";
import { calibratedPoint, calibratedTerm, unusedProfile } from "./calibrated.ts";
import type { CollectiveDesign } from "./design.ts";

export function predictCollectiveDesign(design: CollectiveDesign): Prediction {
  const platform = platformOf(design.cluster);
  const answers = design.sizes.map((size) => ({ size, found: answer(design, platform, size) }));
  const points = answers.map(({ size, found }): Point => {
    const metrics = metricsOf(design, size, found.time);
    const raw: Point = { at: { size }, metrics, how: found.algorithm, trust: found.basis };
    return calibratedPoint(design, raw, (each, time) => metricsOf(design, each, time));
  });
  const last = answers.at(-1);
  const largest = points.at(-1);
  if (last === undefined || largest === undefined) throw new Error("a collective without sizes");
  return {
    name: design.name,
    kind: "collective",
    fit: "fits",
    feasible: true,
    metrics: largest.metrics,
    units: Object.fromEntries(Object.keys(largest.metrics).map((name) => [name, name === "time" ? "s" : "B/s"])),
    terms: largest.raw === undefined ? termOf(design, last.found) : calibratedTerm(largest),
    points,
    ...linksOf(design, last.size, largest.metrics.time ?? 0),
    assumptions: [...design.assumptions, ...(largest.raw === undefined ? reached(design, last.size, last.found) : [])],
    warnings: [...design.warnings, ...unusedProfile(design), ...beyondChoice(design, platform, answers)],
    basis: basisOfMetrics(design, largest, decidedByLinks(design, last.found)),
    provenance: { version, seed: design.seed },
  };
}

/** A forced choice that comes out faster than the measured one of the library: closed forms err there. */
function beyondChoice(
  { operation, group, algorithm, call, exchange }: CollectiveDesign,
  platform: Platform,
  answers: readonly { readonly size: Bytes; readonly found: Answer }[],
): readonly string[] {
  const forced = algorithm !== undefined || call.channels !== undefined;
  if (!forced || exchange !== undefined || (call.library ?? "nccl") !== "nccl" || group.size < 2) return [];
  const launch = call.launch === undefined ? {} : { launch: call.launch };
  const faster = answers.filter(({ size, found }) => {
    const own = collectiveTime(platform, { operation, size, group, ...launch });
    return own.basis !== "extrapolated" && found.time < 0.95 * own.time;
  });
  if (faster.length === 0) return [];
  const sizes = faster.map(({ size }) => formatQuantity(size, "bytes", "binary")).join(", ");
  return [
    `at ${sizes} the forced choice comes out faster than what the library was measured to choose by itself: closed forms are that much too fast on this machine, compare forced choices with each other only`,
  ];
}

/** How far measurements of such a call reach, where the largest size or the group is beyond them. */
function reached(design: CollectiveDesign, size: Bytes, { basis, reach }: CollectiveTime): readonly Assumption[] {
  if (basis !== "extrapolated" || design.exchange !== undefined || design.group.size < 2) return [];
  const known =
    reach === undefined
      ? "this operation was not measured on such links"
      : `measured up to ${formatQuantity(reach.size, "bytes", "binary")} over ${reach.ranks} ranks of one domain`;
  const value = `${formatQuantity(size, "bytes", "binary")} over ${design.group.size} ranks`;
  return [
    { path: "workload.sizes", value, reason: `${known}; beyond that curves are extended, or closed forms answer` },
  ];
}

/** The busiest links while the largest size moves. */
function linksOf({ fabric }: CollectiveDesign, size: Bytes, time: Seconds): Pick<Prediction, "links"> {
  if (fabric === undefined) return {};
  const { topology, contention } = fabric;
  const busy = new Float64Array(topology.ends.length);
  addBusy(busy, topology, contention.loads, size);
  return { links: busiestByClass(topology, busy, time) };
}

/** One call on the fabric; its time holds the wait. */
interface Answer extends CollectiveTime {
  /** Time that the fullest link needs beyond what a member of the group does. */
  readonly wait: Seconds;
}

function answer(design: CollectiveDesign, platform: Platform, size: Bytes): Answer {
  const { operation, group, algorithm, call, exchange } = design;
  if (exchange !== undefined) {
    const tokens = size / (exchange.hidden * exchange.bytesPerElement);
    return { ...expertExchangeTime(platform, { ...exchange, tokens, group }), wait: 0 };
  }
  const forced = algorithm === undefined ? {} : { algorithm };
  return filled(design, size, collectiveTime(platform, { operation, size, group, ...forced, ...call }));
}

/** No call is shorter than the fullest link needs for its bytes: unlike members load links in their own ways. */
function filled({ fabric }: CollectiveDesign, size: Bytes, found: CollectiveTime): Answer {
  const least = found.latency + (fabric?.contention.slowest ?? 0) * size;
  const wait = Math.max(0, least - found.time);
  return { ...found, time: found.time + wait, wait };
}

/** Smaller shares are rounding. */
const noticed = 1e-3;

/** Whether links, whose contention no measured run judges, make the call longer than its ports do. */
function decidedByLinks({ group }: CollectiveDesign, { time, wait }: Answer): boolean {
  return (group.contention ?? 1) > 1 + noticed || wait > noticed * time;
}

/** Time of one call, and the two bandwidths of nccl-tests; a group of one moves nothing. */
function metricsOf(design: CollectiveDesign, size: Bytes, time: Seconds): Record<string, number> {
  if (time === 0) return { time };
  const algorithmBandwidth: BytesPerSecond = size / time;
  // What links carry of an exchange depends on where experts are: nothing like a bus bandwidth is defined.
  if (design.exchange !== undefined) return { time, algorithmBandwidth };
  return {
    time,
    algorithmBandwidth,
    busBandwidth: algorithmBandwidth * busFactor(design.operation, design.group.size),
  };
}

const calibrated = { origin: "calibrated", source: "ml-engineering-nccl" } as const;

/** Latency, then both transfers: at once where they run in a pipeline, else one after the other. */
function termOf({ group }: CollectiveDesign, found: Answer): Term {
  const { time, latency, launch, scaleUp, scaleOut, algorithm, basis, wait } = found;
  const measured = basis !== "extrapolated";
  const origin = measured ? "calibrated" : "derived";
  const source = measured ? "aiconfigurator-comm" : "nccl-tuning";
  const transfers = [
    leaf({ name: "scaleUp", label: "transfer on the scale-up links", value: scaleUp, origin, source }),
    networkTerm(scaleOut, group.contention ?? 1, { origin, source }),
  ];
  const atOnce = time - wait - latency <= Math.max(scaleUp, scaleOut) * (1 + 1e-9);
  const head = { name: "transfer", label: "transfer" };
  return sumOf({ name: "time", label: `one call, ${algorithm}`, source }, [
    ...(launch === 0
      ? []
      : [leaf({ name: "launch", label: "starting each call by itself", value: launch, ...calibrated })]),
    leaf({
      name: "latency",
      label: "part that does not shrink with the size",
      value: latency - launch,
      origin,
      source,
    }),
    atOnce
      ? maxOf({ ...head, formula: "max(scaleUp, scaleOut): a pipeline of chunks" }, transfers)
      : sumOf({ ...head, formula: "scaleUp + scaleOut: one after the other" }, transfers),
    ...(wait === 0 ? [] : [waitTerm(wait)]),
  ]);
}

/** Ports by themselves, and what links, ways and failures behind them add. */
function networkTerm(
  value: Seconds,
  contention: number,
  from: Pick<Term, "origin"> & { readonly source: string },
): Term {
  const ports = { name: "scaleOut", label: "transfer on the network ports" };
  if (contention === 1 || value === 0) return leaf({ ...ports, value, ...from });
  const alone = value / contention;
  const formula = `(contention - 1) x ports, contention ${contention.toFixed(3)}: busiest link over ports alone`;
  return sumOf({ name: "network", label: "transfer on the network" }, [
    leaf({ ...ports, value: alone, ...from }),
    leaf({ name: "contention", label: "contention on the fabric", value: value - alone, formula, origin: "derived" }),
  ]);
}

/** What other members' bytes on the fullest link add. */
function waitTerm(value: Seconds): Term {
  const formula = "bytes on the fullest link / its bandwidth - transfer";
  return leaf({ name: "fullestLink", label: "waiting for the fullest link", value, formula, origin: "derived" });
}

/** Share of the truth that an interval should hold. */
const level = 0.9;

/** The interval of measured calls; none where links decide, or for exchanges. */
function basisOfMetrics(
  { group, cluster, exchange }: CollectiveDesign,
  { at, metrics, trust = "extrapolated" }: Point,
  decided: boolean,
): Record<string, Basis> {
  const { time } = metrics;
  if (time === undefined || time === 0 || decided || exchange !== undefined) {
    const own = decided ? "assumed" : trust;
    return Object.fromEntries(Object.keys(metrics).map((name) => [name, { interval: null, level, trust: own }]));
  }
  const domains = Math.ceil(group.size / group.perDomain);
  const link = cluster.node.scaleUp.topology === "pcie" ? "pcie" : "nvlink";
  // What is given, the way between buildings, is not uncertain.
  const delay = group.delay ?? 0;
  const around = expectedTime(time - delay, { size: Number(at.size), domains, link });
  const [slowest, fastest] = [around.slowest + delay, around.fastest + delay];
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]): [string, Basis] => {
      const interval = name === "time" ? [fastest, slowest] : [(value * time) / slowest, (value * time) / fastest];
      return [name, { interval: [interval[0]!, interval[1]!], level, trust }];
    }),
  );
}
