/** What a reader of training logs is: one per framework, one line in `index.ts`. */

import { type Dimension, parseQuantity, type Seconds } from "../../base/quantity.ts";
import type { FlopConvention } from "../../training/result.ts";

/** What a step line can state, in SI. `samplesPerSecond` counts sequences, `globalBatch` sequences of one step. */
export type LogMetric =
  | "stepTime"
  | "tokensPerSecond"
  | "tokensPerSecondPerAccelerator"
  | "samplesPerSecond"
  | "modelFlopsPerSecondPerAccelerator"
  | "modelFlopsUtilization"
  | "memoryPerAccelerator"
  | "globalBatch";

/** What the log says of one optimizer step, or of a stretch of steps. */
export interface LogSample {
  readonly step?: number;
  readonly values: Readonly<Partial<Record<LogMetric, number>>>;
  /** Timers of the framework by its own names, of the slowest rank. */
  readonly timers?: Readonly<Record<string, Seconds>>;
}

export interface LogFormat {
  readonly name: string;
  /** Who writes it. */
  readonly summary: string;
  /** What a step line looks like, for logs that have none. */
  readonly expects: string;
  /** How its FLOP rates count; absent where it states none. */
  readonly flopConvention?: FlopConvention;
  /** True where one line is the mean of the whole run, its start included. */
  readonly scope: "step" | "run";
  /** Samples in the order of the log; none where it is another framework's. Lines come without colours. */
  read(lines: readonly string[]): readonly LogSample[];
}

/** The number behind a pattern's first group; undefined where absent or not above 0, which no measurement is. */
export function numberIn(line: string, pattern: RegExp): number | undefined {
  const text = pattern.exec(line)?.[1];
  const value = text === undefined ? Number.NaN : Number(text.replace(/,/g, ""));
  return value > 0 && Number.isFinite(value) ? value : undefined;
}

/** Values without those that are absent, each times its factor to SI. */
export function present(
  values: Readonly<Partial<Record<LogMetric, readonly [value: number | undefined, factor: number]>>>,
): LogSample["values"] {
  const found = Object.entries(values).flatMap(([name, [value, factor]]) =>
    value === undefined ? [] : [[name, value * factor] as const],
  );
  return Object.fromEntries(found);
}

/** Factors to SI of the units that logs print. */
export const units: Readonly<Record<"tera" | "giga" | "milli" | "micro" | "percent" | "gibi" | "mebi", number>> =
  Object.freeze({
    tera: factor("TFLOP/s", "flopPerSecond"),
    giga: factor("GB", "bytes"),
    milli: factor("ms", "seconds"),
    micro: factor("us", "seconds"),
    percent: factor("%", "ratio"),
    gibi: factor("GiB", "bytes"),
    mebi: factor("MiB", "bytes"),
  });

function factor(unit: string, dimension: Dimension): number {
  const one = parseQuantity(`1 ${unit}`, dimension);
  if (!one.ok) throw new Error(`1 ${unit} is not ${dimension}: ${one.message}`);
  return one.value;
}
