/** A measurement of serving beside a prediction, metric by metric, and whether both are of the same requests. */

import type { Prediction } from "../scenario/index.ts";
import { type ServingMeasurement, type ServingMetric, servingMetrics } from "./serving-measurement.ts";

export interface ServingLine {
  readonly metric: ServingMetric;
  readonly unit: string;
  readonly measured: number;
  readonly predicted: number;
  /** predicted / measured - 1. */
  readonly error: number;
  /** Interval of the prediction, and whether the measurement lies inside; null where no measured runs say. */
  readonly interval: readonly [low: number, high: number] | null;
  readonly inside: boolean | null;
}

export interface ServingComparison {
  readonly lines: readonly ServingLine[];
  readonly notes: readonly string[];
}

/** Requests of a run and of a scenario that differ by more are not the same. */
const alike = 0.1;

export function servingComparison(prediction: Prediction, measurement: ServingMeasurement): ServingComparison {
  const lines = servingMetrics.flatMap((metric): ServingLine[] => {
    const [measured, predicted] = [measurement.values[metric], prediction.metrics[metric]];
    if (measured === undefined || predicted === undefined) return [];
    const interval = prediction.basis[metric]?.interval ?? null;
    const inside = interval === null ? null : measured >= interval[0] && measured <= interval[1];
    const unit = prediction.units[metric] ?? "1";
    return [{ metric, unit, measured, predicted, error: predicted / measured - 1, interval, inside }];
  });
  return { lines, notes: [...measurement.notes, ...doubts(prediction, measurement)] };
}

/** Prompts and answers of another length, and a fleet that the prediction sees overloaded. */
function doubts({ metrics, verdict }: Prediction, { tokens, values }: ServingMeasurement): string[] {
  const {
    requestsPerSecond: requests = 0,
    outputTokensPerSecond: output = 0,
    totalTokensPerSecond: total = 0,
  } = metrics;
  const own = { input: (total - output) / requests, output: output / requests };
  const said = {
    ...(values.outputTokensPerSecond !== undefined && values.requestsPerSecond !== undefined
      ? { output: values.outputTokensPerSecond / values.requestsPerSecond }
      : {}),
    ...tokens,
  };
  const lengths = (["input", "output"] as const).flatMap((side) => {
    const found = said[side];
    if (found === undefined || !(own[side] > 0) || Math.abs(found / own[side] - 1) <= alike) return [];
    const what = side === "input" ? "prompt" : "answer";
    return [
      `a measured ${what} has ${Math.round(found)} tokens, one of the scenario ${Math.round(own[side])}: are they the same requests?`,
    ];
  });
  if (verdict === undefined || verdict === "stable") return lengths;
  return [
    ...lengths,
    `the prediction is ${verdict}: latencies then say more of the length of a run than of the engine`,
  ];
}
