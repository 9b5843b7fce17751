/**
 * Measured values of a training row in Windtunnel's metrics. One of them is primary: step time, else tokens per second
 * (per accelerator), else the FLOP rate. Values that were computed from another one of the same row are set aside.
 */

import type { EvidenceRecord, Measured } from "../record.ts";
import { numberOf, type RawRow } from "./raw.ts";

type Readings = Pick<EvidenceRecord, "measured" | "unconverted">;

interface Rule {
  readonly metric: string;
  readonly text: (value: number, row: RawRow) => string;
  readonly needs?: (row: RawRow) => boolean;
}

/** In order of preference: the first that a row has is its primary metric. */
const stepRules: Readonly<Record<string, Rule>> = {
  step_time: { metric: "stepTime", text: (value) => `${value} s` },
  tokens_per_s_per_gpu: { metric: "tokensPerSecondPerAccelerator", text: (value) => `${value} tokens/s` },
  tokens_per_s_per_gpu_derived: { metric: "tokensPerSecondPerAccelerator", text: (value) => `${value} tokens/s` },
  tokens_per_s: { metric: "tokensPerSecond", text: (value) => `${value} tokens/s` },
  samples_per_s: {
    metric: "tokensPerSecond",
    text: (value, row) => `${tidy(value * (numberOf(row.workload.seq) ?? 0))} tokens/s`,
    needs: (row) => numberOf(row.workload.seq) !== undefined,
  },
  model_tflops_per_gpu: { metric: "modelFlopsPerSecondPerAccelerator", text: (value) => `${value} Tflop/s` },
};

/** Why a value of the row is not kept as a measurement. */
const setAside: Readonly<Record<string, string>> = {
  step_time_derived: "computed from the tokens per second of the same row",
  mfu: "the FLOP rate or the time of the same row over a peak",
  hfu: "counts recomputed FLOPs; the same measurement as the throughput",
  time_to_train: "time to a target quality: includes evaluation, and the tokens it took are not stated",
  model_tflops_per_gpu_reported: "counted under a convention that the source does not name; tokens per second are kept",
  tflops_per_gpu: "hardware FLOPs of the same step time",
  tokens_per_s_per_gpu_1node: "a second run on one node, under unstated settings",
  accelerator_hours_pretrain: "tokens per second per accelerator follow from it",
  accelerator_hours_total: "adds context extension and post-training",
  tokens: "length of the run, not a rate",
  speedup_vs_megatron_lm: "relative to a run that is not described",
  two_pod_weak_scaling: "relative to a run that is not described",
};

/** Readings of a training-step row, in order of preference; the first is primary. */
export function stepReadings(row: RawRow, keepRates: "all" | "no-flops"): Readings {
  const measured: Measured[] = [];
  const unconverted: { metric: string; reason: string }[] = [];
  for (const [name, rule] of Object.entries(stepRules)) {
    const found = row.measured.find((entry) => entry.metric === name);
    if (found === undefined || rule.needs?.(row) === false) continue;
    if (name === "model_tflops_per_gpu" && keepRates === "no-flops" && measured.length > 0) continue;
    if (measured.some((entry) => entry.metric === rule.metric)) continue;
    measured.push({ metric: rule.metric, value: rule.text(found.value, row), primary: measured.length === 0 });
  }
  for (const entry of row.measured) {
    if (kept(entry.metric, measured)) continue;
    unconverted.push({ metric: entry.metric, reason: setAside[entry.metric] ?? "no metric of this name" });
  }
  return { measured, unconverted };
}

function kept(name: string, measured: readonly Measured[]): boolean {
  const metric = stepRules[name]?.metric;
  return metric !== undefined && measured.some((entry) => entry.metric === metric);
}

/** Rounds away the noise of a product of decimals. */
export function tidy(value: number): number {
  return Number(value.toPrecision(8));
}
