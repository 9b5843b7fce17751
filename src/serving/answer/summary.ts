/** A run of a fleet in numbers: the metrics of DESIGN 2.3, of the whole run, of each class and of each stage. */

import type { PerSecond, Seconds } from "../../base/quantity.ts";
import { TokenGaps } from "../engine/token-gaps.ts";
import type { FleetRun } from "../fleet/spec.ts";
import { phases, type RequestState } from "../request-state.ts";
import {
  answeredRows,
  gapMetrics,
  type LatencyName,
  type LatencyStatistic,
  latencyMetrics,
  latencyOf,
} from "./latency.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** A limit on a latency; of one class where it names one. */
export interface LatencyTarget {
  readonly metric: LatencyName | "interTokenLatency";
  readonly statistic: LatencyStatistic;
  readonly most: Seconds;
  readonly className?: string;
}

/** How a target came out. */
export interface TargetResult {
  readonly target: LatencyTarget;
  /** Undefined where no request has such a latency. */
  readonly value: Seconds | undefined;
  readonly met: "met" | "missed";
}

export interface ServingSummary {
  readonly metrics: Readonly<Record<string, number>>;
  /** From the first request to the end of the last, answered or given up. */
  readonly duration: Seconds;
  readonly verdict: Verdict;
  /** What the verdict rests on, in one sentence. */
  readonly reason: string;
  readonly targets: readonly TargetResult[];
  readonly classes: readonly { readonly name: string; readonly metrics: Readonly<Record<string, number>> }[];
  /** How requests ended. */
  readonly ends: Readonly<Record<"done" | "timedOut" | "rejected" | "tooLong" | "unfinished", number>>;
}

/** @param accelerators of all replicas together. */
export function summarise(run: FleetRun, targets: readonly LatencyTarget[], accelerators: number): ServingSummary {
  const { state } = run;
  const rows = answeredRows(state);
  const gaps = new TokenGaps();
  for (const engine of run.engines) gaps.merge(engine.gaps);
  const [first, last] = wholeSpan(state);
  const duration = last - first;
  const metrics = {
    ...throughput(state, rows, duration, accelerators),
    ...latencyMetrics(state, rows),
    ...gapMetrics(gaps),
    ...cacheMetrics(run),
    utilization: busyShare(run),
    ...(targets.length === 0 ? {} : { sloGoodput: goodput(state, rows, targets, duration) }),
  };
  const { classes } = state.list;
  const byClass = classes.map(({ name }, index) => {
    const own = answeredRows(state, (row) => state.list.classOf[row] === index);
    return { name, metrics: { ...throughput(state, own, duration, accelerators), ...latencyMetrics(state, own) } };
  });
  const metricsOf = (className: string | undefined): Readonly<Record<string, number>> =>
    className === undefined ? metrics : (byClass.find(({ name }) => name === className)?.metrics ?? {});
  return {
    metrics,
    duration,
    ...verdictOf(state),
    targets: targets.map((target) => resultOf(target, metricsOf(target.className))),
    classes: byClass,
    ends: endsOf(state),
  };
}

/**
 * Metrics of the requests that were due in a stretch of time, from the first of them that was sent until the last is
 * answered: clients at their limit send later than is due.
 */
export function stageMetrics(
  state: RequestState,
  from: Seconds,
  until: Seconds,
  accelerators: number,
): Readonly<Record<string, number>> {
  const { release } = state.list;
  const rows = answeredRows(state, (row) => release[row]! >= from && release[row]! < until);
  const [first, last] = span(state, rows);
  return { ...throughput(state, rows, last - first, accelerators), ...latencyMetrics(state, rows) };
}

function throughput(
  state: RequestState,
  rows: Int32Array,
  duration: Seconds,
  accelerators: number,
): Record<string, number> {
  let [input, output] = [0, 0];
  for (const row of rows) {
    input += state.list.input[row]!;
    output += state.made[row]! - state.list.input[row]!;
  }
  const rate = (count: number): PerSecond => (duration > 0 ? count / duration : 0);
  return {
    requestsPerSecond: rate(rows.length),
    outputTokensPerSecond: rate(output),
    totalTokensPerSecond: rate(input + output),
    outputTokensPerSecondPerAccelerator: rate(output) / accelerators,
  };
}

function cacheMetrics({ engines }: FleetRun): Record<string, number> {
  let [asked, found, preemptions] = [0, 0, 0];
  for (const { ranks } of engines) {
    for (const rank of ranks) {
      asked += rank.promptTokens;
      found += rank.promptTokensCached;
      preemptions += rank.preemptions;
    }
  }
  return { prefixHitRate: asked === 0 ? 0 : found / asked, preemptions };
}

/** Share of the time that replicas were held in which an iteration was under way. */
function busyShare({ engines, held }: FleetRun): number {
  let [busy, time] = [0, 0];
  for (const engine of engines) busy += engine.busyTime;
  for (const each of held) time += each;
  return time > 0 ? Math.min(1, busy / time) : 0;
}

/** Requests a second whose own latencies keep within every limit that applies to them. */
function goodput(
  state: RequestState,
  rows: Int32Array,
  targets: readonly LatencyTarget[],
  duration: Seconds,
): PerSecond {
  let good = 0;
  for (const row of rows) {
    if (withinTargets(state, row, targets)) good += 1;
  }
  return duration > 0 ? good / duration : 0;
}

/** Whether a request's own latencies keep within every limit that applies to it. */
export function withinTargets(state: RequestState, row: number, targets: readonly LatencyTarget[]): boolean {
  const className = state.list.classes[state.list.classOf[row]!]!.name;
  const applies = targets.filter((target) => target.className === undefined || target.className === className);
  return applies.every((target) => keeps(state, row, target));
}

function keeps(state: RequestState, row: number, { metric, most }: LatencyTarget): boolean {
  // Times between tokens are kept pooled; of one request their mean is its time per output token.
  const value = latencyOf(state, metric === "interTokenLatency" ? "timePerOutputToken" : metric, row);
  return Number.isNaN(value) || value <= most;
}

function resultOf(target: LatencyTarget, metrics: Readonly<Record<string, number>>): TargetResult {
  const value = metrics[`${target.metric}.${target.statistic}`];
  return { target, value, met: value !== undefined && value <= target.most ? "met" : "missed" };
}

/** From the first request to the end of the last, answered or given up: while clients still wait, the run goes on. */
function wholeSpan({ released, ended, phase }: RequestState): readonly [Seconds, Seconds] {
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (let row = 0; row < phase.length; row++) {
    if (phase[row] !== phases.done && phase[row] !== phases.timedOut) continue;
    if (released[row]! < first) first = released[row]!;
    if (ended[row]! > last) last = ended[row]!;
  }
  return last === 0 ? [0, 0] : [first, last];
}

function span(state: RequestState, rows: Int32Array): readonly [Seconds, Seconds] {
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const row of rows) {
    if (state.released[row]! < first) first = state.released[row]!;
    if (state.ended[row]! > last) last = state.ended[row]!;
  }
  return rows.length === 0 ? [0, 0] : [first, last];
}

function endsOf({ phase }: RequestState): ServingSummary["ends"] {
  const ends = { done: 0, timedOut: 0, rejected: 0, tooLong: 0, unfinished: 0 };
  for (const each of phase) {
    if (each === phases.done) ends.done += 1;
    else if (each === phases.timedOut) ends.timedOut += 1;
    else if (each === phases.rejected) ends.rejected += 1;
    else if (each === phases.tooLong) ends.tooLong += 1;
    else ends.unfinished += 1;
  }
  return ends;
}
