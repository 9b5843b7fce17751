/**
 * Measured values of a serving row in Windtunnel's metrics. Primary are end-to-end latency, time to first token and time
 * per token of a latency row, at the mean, else the median, else as stated; of a throughput row output tokens per
 * second, else requests per second.
 */

import type { EvidenceRecord, Measured, Section } from "../../record.ts";
import type { RawRow } from "../raw.ts";

export type Readings = Pick<EvidenceRecord, "measured" | "unconverted">;

const latencies: Readonly<Record<string, string>> = {
  e2e: "endToEndLatency",
  ttft: "timeToFirstToken",
  itl: "interTokenLatency",
  tpot: "timePerOutputToken",
};

const statistics: Readonly<Record<string, string>> = {
  mean: "mean",
  mean_derived: "mean",
  median: "p50",
  p50: "p50",
  p90: "p90",
  p95: "p95",
  p99: "p99",
};

const rates: Readonly<Record<string, readonly [metric: string, unit: string]>> = {
  output_tokens_per_s: ["outputTokensPerSecond", "tokens/s"],
  requests_per_s: ["requestsPerSecond", "/s"],
};

/** `ttft_p90`: a latency and its statistic; a bare name is the mean, as the statistic is not stated. */
export function metricOf(name: string): string | undefined {
  const [, head = "", tail] = /^(e2e|ttft|itl|tpot)(?:_(.+))?$/.exec(name) ?? [];
  const latency = latencies[head];
  if (latency === undefined) return rates[name]?.[0];
  const statistic = statistics[tail ?? "mean"];
  return statistic === undefined ? undefined : `${latency}.${statistic}`;
}

/** A measured value as text with its unit. */
export function valueText(name: string, value: number, unit: string): string {
  return `${value} ${rates[name]?.[1] ?? unit}`;
}

/** Why a value of the row is not a measurement of its own. */
const setAside: Readonly<Record<string, string>> = {
  reported_inter_token_latency_mean: "counts empty chunks: half of the time per token",
  input_tokens_per_s: "requests per second times the prompt",
  duration: "of the whole run: follows from the rate",
  failures: "a count of time-outs",
  per_gpu_decode_power: "power is not judged yet",
  decode_tokens_per_s: "concurrency over the gap between tokens, which is kept",
};

/** Best statistic first. */
const preference = ["mean", "p50", "p90", "p95", "p99"];

/** Marks the primaries among latencies: one statistic each, and of the two times per token the measured gap. */
export function withPrimaries(entries: readonly Omit<Measured, "primary">[]): readonly Measured[] {
  const best = (latency: string): string | undefined =>
    preference.map((each) => `${latency}.${each}`).find((metric) => entries.some((entry) => entry.metric === metric));
  const perToken = best("interTokenLatency") ?? best("timePerOutputToken");
  const primary = new Set([best("endToEndLatency"), best("timeToFirstToken"), perToken]);
  return entries.map((entry) => ({ ...entry, primary: primary.has(entry.metric) }));
}

/** Rates of a throughput row: the first of them is primary. */
export function withRates(entries: readonly Omit<Measured, "primary">[]): readonly Measured[] {
  const order = ["outputTokensPerSecondPerAccelerator", "outputTokensPerSecond", "requestsPerSecond"];
  const chosen = order.find((metric) => entries.some((entry) => entry.metric === metric));
  return entries.map((entry) => ({ ...entry, primary: entry.metric === chosen }));
}

/** Every value of a row that is a metric, and the others with the reason. */
export function readingsOf(
  row: RawRow,
  at?: Section,
): {
  readonly entries: readonly Omit<Measured, "primary">[];
  readonly unconverted: Readings["unconverted"];
} {
  const entries: Omit<Measured, "primary">[] = [];
  const unconverted: { metric: string; reason: string }[] = [];
  for (const { metric: name, value, unit } of row.measured) {
    const metric = metricOf(name);
    if (metric === undefined) unconverted.push({ metric: name, reason: setAside[name] ?? "no metric of this name" });
    else entries.push({ metric, value: valueText(name, value, unit), ...(at === undefined ? {} : { at }) });
  }
  return { entries, unconverted };
}
