/** A list of requests in figures: how many, how fast, how long, how alike. */

import type { PerSecond, Seconds } from "../../base/quantity.ts";
import { mean, percentileOfSorted, standardDeviation } from "../../base/statistics.ts";
import type { RequestList } from "./list.ts";
import { type PrefixReuse, prefixReuse } from "./reuse.ts";

export interface RequestStatistics {
  readonly requests: number;
  /** Requests that wait for no other: they come by the clock. */
  readonly roots: number;
  readonly sessions: number;
  /** From the first root to the last. */
  readonly duration: Seconds;
  /** Roots over duration; NaN where all come at once. */
  readonly rate: PerSecond;
  /** Deviation of the gaps between roots over their mean; NaN with fewer than two gaps. */
  readonly gapVariation: number;
  /** Times at which roots come, without repeats: few of them mean a coarse clock. */
  readonly distinctTimes: number;
  readonly input: LengthStatistics;
  readonly output: LengthStatistics;
  /** Mean of the delays after other requests: think times, tool waits. */
  readonly pauseMean: Seconds;
  /** With a cache without end. */
  readonly reuse: PrefixReuse;
}

export interface LengthStatistics {
  readonly total: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export function describeRequests(list: RequestList): RequestStatistics {
  const { times, pauses } = timesOf(list);
  const gaps = new Float64Array(Math.max(times.length - 1, 0));
  let distinctTimes = times.length === 0 ? 0 : 1;
  for (let at = 0; at < gaps.length; at++) {
    gaps[at] = (times[at + 1] as number) - (times[at] as number);
    if ((gaps[at] as number) !== 0) distinctTimes += 1;
  }
  const duration = times.length === 0 ? 0 : (times[times.length - 1] as number) - (times[0] as number);
  return {
    requests: list.count,
    roots: times.length,
    sessions: sessionCount(list),
    duration,
    rate: duration > 0 ? times.length / duration : Number.NaN,
    gapVariation: gaps.length > 1 && duration > 0 ? standardDeviation(gaps) / mean(gaps) : Number.NaN,
    distinctTimes,
    input: lengthStatistics(list.input),
    output: lengthStatistics(list.output),
    pauseMean: mean(pauses),
    reuse: prefixReuse(list),
  };
}

/** Times of roots, and delays of the others. */
function timesOf(list: RequestList): { times: Float64Array; pauses: Float64Array } {
  const times = new Float64Array(list.count);
  const pauses = new Float64Array(list.count);
  let roots = 0;
  let others = 0;
  for (let row = 0; row < list.count; row++) {
    const release = list.release[row] as number;
    if (list.parentStart[row] === list.parentStart[row + 1]) times[roots++] = release;
    else pauses[others++] = release;
  }
  return { times: times.subarray(0, roots), pauses: pauses.subarray(0, others) };
}

function sessionCount(list: RequestList): number {
  const seen = new Set<number>();
  for (let row = 0; row < list.count; row++)
    if ((list.session[row] as number) >= 0) seen.add(list.session[row] as number);
  return seen.size;
}

function lengthStatistics(lengths: Int32Array): LengthStatistics {
  const sorted = lengths.slice().sort();
  let total = 0;
  for (let at = 0; at < sorted.length; at++) total += sorted[at] as number;
  return {
    total,
    mean: total / sorted.length,
    p50: percentileOfSorted(sorted, 0.5),
    p90: percentileOfSorted(sorted, 0.9),
    p99: percentileOfSorted(sorted, 0.99),
    max: sorted.length === 0 ? Number.NaN : (sorted[sorted.length - 1] as number),
  };
}
