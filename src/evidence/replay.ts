/**
 * Replay: a record's scenario is predicted and every measured value is put beside its prediction. Nothing is dropped: a
 * scenario that is refused, or does not fit, gives lines without a prediction and with the reason.
 */

import { ProblemError } from "../base/problem.ts";
import { formatQuantity, parseQuantity } from "../base/quantity.ts";
import { architectureClass } from "../catalog/models/architecture-class.ts";
import { countParameters } from "../catalog/models/index.ts";
import {
  type Design,
  type Files,
  type Prediction,
  predictDesign,
  resolve,
  scenarioFromValue,
} from "../scenario/index.ts";
import { type EvidenceRecord, isStated, type Measured, scenarioOf } from "./record.ts";

/** One measured value beside its prediction. */
export interface Line {
  readonly id: string;
  readonly kind: string;
  readonly source: string;
  readonly metric: string;
  readonly at?: Readonly<Record<string, unknown>>;
  readonly primary: boolean;
  /** SI. */
  readonly measured: number;
  readonly predicted: number | null;
  /** predicted / measured - 1. */
  readonly error: number | null;
  /** Why there is no prediction. */
  readonly reason?: string;
}

/** What groups and trust are keyed by. Undefined fields: the scenario could not be resolved. */
export interface Features {
  readonly accelerator: string;
  readonly generation: string;
  readonly accelerators: number;
  readonly software: string;
  readonly architecture: "dense" | "moe" | "hybrid";
  readonly model: string;
  readonly parameters: number;
  readonly sequence: number;
}

export interface Replayed {
  readonly record: EvidenceRecord;
  readonly stated: boolean;
  readonly lines: readonly Line[];
  readonly features?: Features;
  /** Whether the model says that the run fits; undefined where it was refused. */
  readonly fit?: Prediction["fit"];
}

const dimensions = {
  stepTime: "seconds",
  tokensPerSecond: "perSecond",
  tokensPerSecondPerAccelerator: "perSecond",
  modelFlopsPerSecondPerAccelerator: "flopPerSecond",
  memoryPerAccelerator: "bytes",
  modelStateMemory: "bytes",
  activationMemory: "bytes",
} as const;

/** SI value of a measured entry: text with its unit, or a bare ratio. */
export function measuredValue(entry: Measured): number {
  if (typeof entry.value === "number") return entry.value;
  const dimension = dimensions[entry.metric as keyof typeof dimensions];
  if (dimension === undefined) return Number.NaN;
  const parsed = parseQuantity(entry.value, dimension);
  return parsed.ok ? parsed.value : Number.NaN;
}

/** Predicts one record. */
export function replay(record: EvidenceRecord, files: Files = {}): Replayed {
  const stated = isStated(record);
  let design: Design;
  let prediction: Prediction;
  try {
    design = resolve(scenarioFromValue(scenarioOf(record)), files);
    prediction = predictDesign(design);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { record, stated, lines: linesOf(record, () => reasonOf(error)) };
  }
  const tooLarge = prediction.feasible || record.kind === "training-memory" ? undefined : excess(prediction);
  const lines = linesOf(
    record,
    (metric) => tooLarge ?? prediction.metrics[metric] ?? `no metric ${metric} is predicted`,
  );
  const features = featuresOf(design);
  return { record, stated, lines, ...(features === undefined ? {} : { features }), fit: prediction.fit };
}

function reasonOf(error: ProblemError): string {
  return error.problems.map((problem) => `${problem.path}: ${problem.message}`).join("; ");
}

function excess(prediction: Prediction): string {
  const binding = prediction.binding;
  if (binding === undefined) return "does not fit";
  const size = (value: number): string => formatQuantity(value, "bytes");
  return `does not fit: ${binding.resource} needs ${size(binding.needed)} of ${size(binding.available)}`;
}

function linesOf(record: EvidenceRecord, predicted: (metric: string) => number | string): readonly Line[] {
  return record.measured.map((entry) => {
    const measured = measuredValue(entry);
    const found = predicted(entry.metric);
    const value = typeof found === "number" && Number.isFinite(found) ? found : null;
    return {
      id: record.id,
      kind: record.kind,
      source: record.source.title,
      metric: entry.metric,
      ...(entry.at === undefined ? {} : { at: entry.at }),
      primary: entry.primary,
      measured,
      predicted: value,
      error: value === null ? null : value / measured - 1,
      ...(value === null ? { reason: typeof found === "string" ? found : "the prediction is not a number" } : {}),
    };
  });
}

function featuresOf(design: Design): Features | undefined {
  if (design.kind !== "training") return undefined;
  const { model, cluster, software, sequenceLength } = design.training.case;
  return {
    accelerator: cluster.node.accelerator.name,
    generation: cluster.node.accelerator.generation,
    accelerators: cluster.accelerators,
    software: `${software.name}@${software.version}`,
    architecture: architectureClass(model),
    model: model.name,
    parameters: countParameters(model).total,
    sequence: sequenceLength,
  };
}
