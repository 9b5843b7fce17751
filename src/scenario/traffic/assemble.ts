/** Traffic on the graph of its cluster: messages one by one, or jobs side by side; a design in, a prediction out. */

import { random } from "../../base/random.ts";
import { mean, percentileOfSorted } from "../../base/statistics.ts";
import { leaf, sumOf, type Term } from "../../base/term.ts";
import {
  clusterTopology,
  hottestLinks,
  type NoWay,
  type Routes,
  runPattern,
  runTrace,
  type TrafficRun,
  trafficPatterns,
} from "../../network/index.ts";
import type { Prediction } from "../prediction.ts";
import { version } from "../version.ts";
import { type Answer, basisOfTraffic, linksShown, messageRoutes, reached, trafficUnit } from "./answer.ts";
import type { TrafficDesign } from "./design.ts";
import { jobsAnswer } from "./jobs.ts";
import { boundedBasis, boundedMetrics, overloadBounds } from "./overload.ts";

export function predictTrafficDesign(design: TrafficDesign): Prediction {
  const topology = clusterTopology(design.cluster);
  const routes = messageRoutes(design, topology);
  const answer = design.traffic.what === "jobs" ? jobsAnswer(design, routes) : messagesAnswer(design, routes);
  const { metrics, terms, points, links, sharedLinks, assumptions, warnings } = answer;
  return {
    name: design.name,
    kind: "traffic",
    fit: "fits",
    feasible: true,
    metrics,
    units: Object.fromEntries(Object.keys(metrics).map((name) => [name, trafficUnit(name)])),
    terms,
    ...(points === undefined ? {} : { points }),
    links,
    ...(sharedLinks === undefined ? {} : { sharedLinks }),
    assumptions: [...design.assumptions, ...assumptions],
    warnings: [...design.warnings, ...warnings],
    basis: { ...basisOfTraffic(metrics), ...answer.basis },
    provenance: { version, seed: design.seed },
  };
}

function messagesAnswer(design: TrafficDesign, routes: Routes): Answer {
  const { traffic, seed } = design;
  if (traffic.what === "jobs") throw new Error("jobs are answered as jobs");
  const run = reached(
    traffic.what === "trace" ? runTrace(routes, traffic.messages) : patternRun(traffic, seed, routes),
    design.cluster,
  );
  const { topology } = routes;
  const steps = traffic.what === "trace" ? 1 : traffic.rounds * stepsOf(traffic);
  const overhead = steps * traffic.overhead;
  const time = run.time + overhead;
  const links = hottestLinks(topology, run.carried, { time, most: linksShown });
  const metrics = messageMetrics(run, { time, overhead: traffic.overhead, hottest: links[0]?.utilization ?? 0 });
  const bounds = overloadBounds(run, { time, steps, transport: design.cluster.fabric.transport });
  const least = bounds?.last === "overloaded" ? "at least: " : "";
  return {
    metrics: bounds === undefined ? metrics : boundedMetrics(metrics, bounds),
    terms: termOf(run, { overhead, what: traffic.what, least }),
    links: links.map(({ users: _, ...link }) => link),
    assumptions: [...paceAssumption(traffic), ...pauseAssumption(run)],
    warnings: bounds === undefined ? [] : [bounds.warning],
    ...(bounds === undefined ? {} : { basis: boundedBasis(bounds) }),
  };
}

type MessagesCase = Exclude<TrafficDesign["traffic"], { readonly what: "jobs" }>;
type PatternCase = Extract<MessagesCase, { readonly what: "pattern" }>;

function patternRun(traffic: PatternCase, seed: number, routes: Routes): TrafficRun | NoWay {
  const { options, groups, size, rounds } = traffic;
  const pattern = trafficPatterns.get(traffic.pattern);
  const stream = random(seed).stream("traffic/pattern");
  return runPattern(routes, { pattern, options, groups, size, rounds, stream });
}

/** Steps of a round that wait for each other, each of which pays the overhead of a message. */
function stepsOf({ pattern, options, groups }: PatternCase): number {
  const stream = random(0).stream("traffic/steps");
  return trafficPatterns.get(pattern).steps(groups[0]?.length ?? 0, options, stream).length;
}

function messageMetrics(
  { completion, slowdown, bytes, senders }: TrafficRun,
  { time, overhead, hottest }: { readonly time: number; readonly overhead: number; readonly hottest: number },
): Record<string, number> {
  const times = completion.map((value) => value + overhead).sort();
  const slow = Float64Array.from(slowdown).sort();
  return {
    time,
    endpointGoodput: bytes / senders / time,
    "flowCompletionTime.mean": mean(times),
    "flowCompletionTime.p50": percentileOfSorted(times, 0.5),
    "flowCompletionTime.p90": percentileOfSorted(times, 0.9),
    "flowCompletionTime.p99": percentileOfSorted(times, 0.99),
    "flowCompletionTime.max": times.at(-1) ?? 0,
    "slowdown.mean": mean(slow),
    "slowdown.max": slow.at(-1) ?? 1,
    hottestLinkUtilization: hottest,
  };
}

/** Of the message that arrives last in each step. */
function termOf(
  { parts }: TrafficRun,
  { overhead, what, least }: { readonly overhead: number; readonly what: MessagesCase["what"]; readonly least: string },
): Term {
  const part = (name: string, label: string, value: number, formula: string): Term => {
    return leaf({ name, label, value, formula, origin: "derived", source: "bertsekas-gallager-1992" });
  };
  const label =
    what === "trace" ? "until the last transfer has arrived" : "all rounds, by the last message of each step";
  return sumOf({ name: "time", label: `${least}${label}` }, [
    ...(what === "trace" ? [part("waiting", "until it starts", parts.waiting, "start of the last to arrive")] : []),
    leaf({ name: "overhead", label: "software of a message", value: overhead, origin: "given" }),
    part("latency", "latency of the way", parts.latency, "sum of the latencies of its links"),
    part("transfer", "transfer, were it alone", parts.transfer, "size / rate of its narrowest link"),
    part("contention", "waiting for other messages", parts.contention, "completion - latency - transfer"),
  ]);
}

function paceAssumption(traffic: MessagesCase): Answer["assumptions"] {
  if (traffic.what === "trace" || trafficPatterns.get(traffic.pattern).pace === "free") return [];
  const reason = "as libraries schedule it; every message then takes as long as the whole";
  return [{ path: "workload.pattern", value: "all messages move in step", reason }];
}

function pauseAssumption({ pause }: TrafficRun): Answer["assumptions"] {
  if (pause === 0) return [];
  const reason = "very many messages: after each solution changes gather for so long at most";
  return [{ path: "rates", value: `held up to ${(pause * 1e6).toPrecision(3)} us`, reason }];
}
