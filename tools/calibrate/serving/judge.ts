/** Predicts measured rows with the quick loop, and sums up the errors. */
import type { ServingError } from "../../../src/catalog/calibration/serving.ts";
import { engineTimes } from "../../../src/serving/step/engine-times.ts";
import { stepTimeOf } from "../../../src/serving/step/step-time.ts";
import { type LoopResult, runLoop } from "./loop.ts";
import type { ServingRow } from "./rows.ts";

export interface Constants {
  readonly iteration: number;
  readonly hops: number;
}

export type Metric = "firstToken" | "perToken" | "endToEnd" | "outputPerSecond";

/** Undefined where not one request fits. */
export function predict(row: ServingRow, values?: Constants): LoopResult | undefined {
  const { constants, host } = engineTimes(values);
  return runLoop(
    {
      step: stepTimeOf({ ...row.options, constants }),
      host,
      maxBatchedTokens: row.maxBatchedTokens,
      maxSequences: row.maxSequences,
      cacheTokens: row.cacheTokens,
      ranks: row.layout.attentionData,
      stages: row.layout.pipeline,
      ahead: "yes",
      promptsFirst: row.engine.name === "sglang" ? "yes" : "no",
    },
    row.workload,
  );
}

/** Signed relative errors of one metric. */
export function errorsOf(rows: readonly ServingRow[], metric: Metric, values?: Constants): readonly number[] {
  const known = new Map<string, LoopResult | undefined>();
  return rows.flatMap((row) => {
    const measured = row.measured[metric];
    if (measured === undefined) return [];
    // Many systems submit one configuration.
    const { accelerator, model, layout, workload, maxBatchedTokens, maxSequences } = row;
    const key = JSON.stringify([
      accelerator,
      model,
      layout,
      row.options.precision,
      workload,
      maxBatchedTokens,
      maxSequences,
    ]);
    if (!known.has(key)) known.set(key, predict(row, values));
    const found = known.get(key);
    return found === undefined ? [] : [found[metric] / measured - 1];
  });
}

export function summary(metric: string, errors: readonly number[]): ServingError {
  const sorted = errors.map(Math.abs).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const bias = errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length);
  const round = (value: number): number => Math.round(1e4 * value) / 1e4;
  return { metric, rows: errors.length, median: round(at(0.5)), p90: round(at(0.9)), bias: round(bias) };
}
