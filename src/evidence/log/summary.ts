/**
 * A log in a few numbers: warm-up left out, the median of the rest and how far it spreads.
 *
 * Warm-up is what stands first and is more than a tenth slower than the median of the later half: compilation, caches,
 * graph capture. A slow step in the middle (a checkpoint, an evaluation) stays in; a median does not mind it.
 */

import type { Seconds } from "../../base/quantity.ts";
import { median, percentile } from "../../base/statistics.ts";
import type { LogFormat, LogMetric, LogSample } from "./format.ts";

export interface Spread {
  readonly median: number;
  /** 10th and 90th percentile of the steps used. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

export interface LogSummary {
  readonly format: string;
  /** Steps that the log states, those left out as warm-up, and by which rule. */
  readonly steps: { readonly read: number; readonly warmUp: number; readonly used: number; readonly rule: string };
  readonly metrics: Readonly<Partial<Record<LogMetric, Spread>>>;
  /** Medians of the framework's timers. */
  readonly timers: Readonly<Record<string, Seconds>>;
}

/** Slower than the later half by more than this share is warm-up. */
const slower = 0.1;
/** Fewest steps of which the later half says anything about the earlier. */
const fewest = 4;

export function summarizeLog(format: LogFormat, samples: readonly LogSample[]): LogSummary {
  const { warmUp, rule } = warmUpOf(format, samples);
  const used = samples.slice(warmUp);
  return {
    format: format.name,
    steps: { read: samples.length, warmUp, used: used.length, rule },
    metrics: spreads(used),
    timers: timerMedians(used),
  };
}

function warmUpOf(format: LogFormat, samples: readonly LogSample[]): { warmUp: number; rule: string } {
  if (format.scope === "run") return { warmUp: 0, rule: "a mean of the whole run: its start is in it" };
  if (samples.length < fewest) {
    return { warmUp: 0, rule: `fewer than ${fewest} steps: none left out, so the start of the run may be in them` };
  }
  const times = samples.map(slowness);
  const half = Math.floor(times.length / 2);
  const usual = median(times.slice(half));
  const first = times.findIndex((time) => time <= (1 + slower) * usual);
  const rule = `leading steps more than ${slower * 100} % slower than the median of the later half`;
  return { warmUp: first < 0 ? half : Math.min(first, half), rule };
}

/** Something that grows with the time of a step. */
export function slowness({ values }: LogSample): number {
  if (values.stepTime !== undefined) return values.stepTime;
  const rate =
    values.tokensPerSecondPerAccelerator ??
    values.tokensPerSecond ??
    values.samplesPerSecond ??
    values.modelFlopsPerSecondPerAccelerator ??
    values.modelFlopsUtilization;
  return rate === undefined ? Number.NaN : 1 / rate;
}

function spreads(samples: readonly LogSample[]): LogSummary["metrics"] {
  const names = new Set(samples.flatMap(({ values }) => Object.keys(values) as LogMetric[]));
  const found = [...names].map((name): [LogMetric, Spread] => {
    const values = samples.flatMap((sample) => sample.values[name] ?? []);
    return [name, spreadOf(values)];
  });
  return Object.fromEntries(found);
}

function spreadOf(values: readonly number[]): Spread {
  return {
    median: median(values),
    low: percentile(values, 0.1),
    high: percentile(values, 0.9),
    count: values.length,
  };
}

function timerMedians(samples: readonly LogSample[]): Record<string, Seconds> {
  const names = new Set(samples.flatMap(({ timers }) => Object.keys(timers ?? {})));
  return Object.fromEntries(
    [...names].map((name) => [name, median(samples.flatMap(({ timers }) => timers?.[name] ?? []))]),
  );
}
