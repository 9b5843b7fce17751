/** Latencies of requests that were answered, as clients see them. */

import type { Seconds } from "../../base/quantity.ts";
import { mean, percentileOfSorted } from "../../base/statistics.ts";
import type { TokenGaps } from "../engine/token-gaps.ts";
import { phases, type RequestState } from "../request-state.ts";

export const latencyNames = ["timeToFirstToken", "timePerOutputToken", "endToEndLatency"] as const;
export type LatencyName = (typeof latencyNames)[number];

export const latencyStatistics = ["mean", "p50", "p90", "p95", "p99"] as const;
export type LatencyStatistic = (typeof latencyStatistics)[number];

/** A latency of one request; NaN where it has none: a single token has no time per further token. */
export function latencyOf(state: RequestState, name: LatencyName, row: number): Seconds {
  switch (name) {
    case "timeToFirstToken":
      return state.firstToken[row]! - state.released[row]!;
    case "endToEndLatency":
      return state.ended[row]! - state.released[row]!;
    case "timePerOutputToken": {
      const further = state.made[row]! - state.list.input[row]! - 1;
      return further > 0 ? (state.ended[row]! - state.firstToken[row]!) / further : Number.NaN;
    }
  }
}

/** Rows that were answered in full, of those that a test lets through. */
export function answeredRows(state: RequestState, wanted: (row: number) => boolean = () => true): Int32Array {
  const rows = new Int32Array(state.list.count);
  let count = 0;
  for (let row = 0; row < rows.length; row++) {
    if (state.phase[row] !== phases.done || !wanted(row)) continue;
    rows[count] = row;
    count += 1;
  }
  return rows.subarray(0, count);
}

/** `timeToFirstToken.p90` and so on, of some rows. Names without a value are left out. */
export function latencyMetrics(state: RequestState, rows: Int32Array): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const name of latencyNames) {
    const values = new Float64Array(rows.length);
    let count = 0;
    for (const row of rows) {
      const value = latencyOf(state, name, row);
      if (Number.isNaN(value)) continue;
      values[count] = value;
      count += 1;
    }
    Object.assign(metrics, statisticsOf(name, values.subarray(0, count).sort()));
  }
  return metrics;
}

function statisticsOf(name: string, sorted: Float64Array): Record<string, number> {
  if (sorted.length === 0) return {};
  return {
    [`${name}.mean`]: mean(sorted),
    [`${name}.p50`]: percentileOfSorted(sorted, 0.5),
    [`${name}.p90`]: percentileOfSorted(sorted, 0.9),
    [`${name}.p95`]: percentileOfSorted(sorted, 0.95),
    [`${name}.p99`]: percentileOfSorted(sorted, 0.99),
  };
}

/** Statistics of the pooled times between tokens. */
export function gapMetrics(gaps: TokenGaps): Record<string, number> {
  if (gaps.count === 0) return {};
  const name = "interTokenLatency";
  return {
    [`${name}.mean`]: gaps.sum / gaps.count,
    [`${name}.p50`]: gaps.quantile(0.5),
    [`${name}.p90`]: gaps.quantile(0.9),
    [`${name}.p95`]: gaps.quantile(0.95),
    [`${name}.p99`]: gaps.quantile(0.99),
  };
}
