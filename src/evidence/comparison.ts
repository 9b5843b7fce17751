/** A measurement beside a prediction, metric by metric, and the step time that follows from it. */

import type { Seconds } from "../base/quantity.ts";
import type { Prediction, TrainingDesign } from "../scenario/index.ts";
import { type FlopConvention, modelFlop } from "../training/index.ts";
import { type MeasuredName, type MeasuredValue, type Measurement, measuredNames } from "./measurement.ts";

export interface ComparedMetric {
  readonly metric: MeasuredName;
  readonly unit: string;
  readonly measured: number;
  /** 10th and 90th percentile over the steps seen. */
  readonly spread?: MeasuredValue["spread"];
  readonly predicted: number;
  /** predicted / measured - 1. */
  readonly error: number;
  /** Interval of the prediction, and whether the measurement lies inside; null where no measured runs say. */
  readonly interval: readonly [low: number, high: number] | null;
  readonly inside: boolean | null;
}

export interface Comparison {
  readonly metrics: readonly ComparedMetric[];
  readonly step: {
    readonly time: Seconds;
    /** Standard error, from the spread of the steps; 0 where none was seen. */
    readonly error: Seconds;
    /** The metric it follows from; stepTime where that was measured. */
    readonly from: MeasuredName;
  };
  /** How FLOP rates are counted on both sides. */
  readonly flopConvention: FlopConvention;
  readonly notes: readonly string[];
}

/** What a measurement without a rate or a time is missing: undefined is what a memory alone gives. */
export function compare(
  design: TrainingDesign,
  prediction: Prediction,
  measurement: Measurement,
): Comparison | undefined {
  const flopConvention = design.flopConvention ?? measurement.flopConvention ?? "megatron-core-2024";
  const predicted = predictedValues(design, prediction, flopConvention);
  const step = stepOf(predicted, measurement);
  if (step === undefined) return undefined;
  const metrics = measuredNames.flatMap((metric): ComparedMetric[] => {
    const found = measurement.values[metric] ?? (metric === "stepTime" ? { value: step.time } : undefined);
    const value = predicted[metric];
    if (found === undefined || value === undefined) return [];
    return [compared(metric, found, value, prediction)];
  });
  return { metrics, step, flopConvention, notes: [...measurement.notes, ...doubts(predicted, measurement)] };
}

type Values = Readonly<Partial<Record<MeasuredName, number>>>;

/** The prediction's metrics, FLOP rates under this convention. */
function predictedValues(design: TrainingDesign, { metrics }: Prediction, convention: FlopConvention): Values {
  const flop = modelFlop(design.case, convention);
  const { accelerators, node } = design.case.cluster;
  const peak = node.accelerator.peak.bf16 ?? node.accelerator.peak.fp16;
  const rate = flop / (metrics.stepTime ?? Number.NaN) / accelerators;
  return {
    ...metrics,
    modelFlopsPerSecondPerAccelerator: rate,
    ...(peak === undefined ? {} : { modelFlopsUtilization: rate / peak }),
  };
}

/** What says most directly how long a step takes, first. */
const timed = measuredNames.filter((name) => name !== "memoryPerAccelerator");

/** Rates are in inverse proportion to the time of the step they were predicted with. */
function stepOf(predicted: Values, { values }: Measurement): Comparison["step"] | undefined {
  const from = timed.find((name) => values[name] !== undefined && predicted[name] !== undefined);
  const [found, rate, step] = [from && values[from], from && predicted[from], predicted.stepTime];
  if (from === undefined || found === undefined || rate === undefined || step === undefined) return undefined;
  const time = from === "stepTime" ? found.value : (step * rate) / found.value;
  return { time, error: time * relativeError(found), from };
}

/** 10th to 90th percentile of a normal distribution in standard deviations. */
const decileWidth = 2.563;
/** Standard error of a median over that of a mean, sqrt(pi / 2). */
const medianLoss = 1.2533;

/** Standard error of the median over the median. */
function relativeError({ value, spread }: MeasuredValue): number {
  if (spread === undefined) return 0;
  return (medianLoss * (spread.high - spread.low)) / decileWidth / Math.sqrt(spread.count) / value;
}

function compared(
  metric: MeasuredName,
  { value, spread }: MeasuredValue,
  predicted: number,
  prediction: Prediction,
): ComparedMetric {
  const basis = prediction.basis[metric];
  // Under another way of counting FLOP the interval is as wide in proportion.
  const scale = predicted / (prediction.metrics[metric] ?? predicted);
  const interval = basis?.interval == null ? null : ([basis.interval[0] * scale, basis.interval[1] * scale] as const);
  return {
    metric,
    unit: prediction.units[metric] ?? "1",
    measured: value,
    ...(spread === undefined ? {} : { spread }),
    predicted,
    error: predicted / value - 1,
    interval,
    inside: interval === null ? null : value >= interval[0] && value <= interval[1],
  };
}

/** Rates that do not belong to the step time measured beside them: the scenario is of another run, or of another size. */
function doubts(predicted: Values, { values }: Measurement): string[] {
  const { stepTime } = values;
  if (stepTime === undefined || predicted.stepTime === undefined) return [];
  const work: [MeasuredName, string][] = [
    ["tokensPerSecond", "tokens"],
    ["tokensPerSecondPerAccelerator", "tokens per accelerator"],
    ["modelFlopsPerSecondPerAccelerator", "model FLOP per accelerator"],
  ];
  return work.flatMap(([name, what]) => {
    const [rate, own] = [values[name]?.value, predicted[name]];
    if (rate === undefined || own === undefined) return [];
    const ratio = (rate * stepTime.value) / (own * (predicted.stepTime ?? Number.NaN));
    if (Math.abs(ratio - 1) <= 0.05) return [];
    return [
      `measured rate times measured step is ${ratio.toFixed(2)} times the scenario's ${what} of a step: is it the same run, and counted alike?`,
    ];
  });
}
