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
import { drawsOf, meanOf } from "./draws.ts";
import { metricsAt, scenarioAt, sizeOf, variationOf } from "./points.ts";
import { type EvidenceRecord, isStated, type Measured } from "./record.ts";
import { type Load, loadOf, servingFeatures } from "./serving-runs.ts";

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
  /** Of a run whose requests do not wait for answers. */
  readonly load?: Load;
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
  /** Tokens of a sequence; of a request its prompt and answer. */
  readonly sequence: number;
}

/** What lines of collectives are grouped by. */
export interface Call {
  readonly accelerator: string;
  /** `all-reduce`; of exchanges their direction and kernels. */
  readonly operation: string;
  /** Whether bytes cross the network. */
  readonly reach: "one domain" | "several domains";
  readonly size: number;
}

export interface Replayed {
  readonly record: EvidenceRecord;
  readonly stated: boolean;
  readonly lines: readonly Line[];
  /** Of each line; undefined where it is of no collective. */
  readonly calls: readonly (Call | undefined)[];
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
  time: "seconds",
  algorithmBandwidth: "bytesPerSecond",
  busBandwidth: "bytesPerSecond",
  requestsPerSecond: "perSecond",
  outputTokensPerSecond: "perSecond",
  totalTokensPerSecond: "perSecond",
  outputTokensPerSecondPerAccelerator: "perSecond",
} as const;

/** Latencies of serving have one metric for each statistic: `timeToFirstToken.p90`. */
const latency = /^(timeToFirstToken|timePerOutputToken|interTokenLatency|endToEndLatency)\./;

/** Verdicts as numbers, the better first; an error of one is 0 or 1. */
const verdicts: readonly (string | undefined)[] = ["stable", "backlogged", "overloaded"];

/** SI value of a measured entry: text with its unit, or a bare ratio. */
export function measuredValue(entry: Measured): number {
  if (typeof entry.value === "number") return entry.value;
  if (entry.metric === "verdict") return verdicts.indexOf(entry.value);
  const own = dimensions[entry.metric as keyof typeof dimensions];
  const dimension = latency.test(entry.metric) ? "seconds" : own;
  if (dimension === undefined) return Number.NaN;
  const parsed = parseQuantity(entry.value, dimension);
  return parsed.ok ? parsed.value : Number.NaN;
}

/** A prediction, or why there is none. */
interface Answer {
  readonly design?: Design;
  readonly prediction?: Prediction;
  readonly reason?: string;
}

/** Predicts one record: once, or once for each change that its points make to the scenario; stages as the mean of draws. */
export function replay(record: EvidenceRecord, files: Files = {}): Replayed {
  const answers = new Map<string, Answer>();
  const answerAt = (at: Measured["at"]): Answer => {
    const key = variationOf(at);
    const found = answers.get(key) ?? answer(record, at, files);
    answers.set(key, found);
    return found;
  };
  const loads = new Map<unknown, Load | undefined>();
  const loadAt = (at: Measured["at"]): Load | undefined => {
    const { prediction } = answerAt(at);
    if (prediction?.kind !== "serving" || !prediction.feasible) return undefined;
    if (!loads.has(at?.stage)) loads.set(at?.stage, loadOf(record, at, prediction, files));
    return loads.get(at?.stage);
  };
  const whole = answerAt(record.measured[0]?.at);
  const features = whole.design === undefined ? undefined : featuresOf(whole.design);
  return {
    record,
    stated: isStated(record),
    lines: record.measured.map((entry) => lineOf(record, entry, answerAt(entry.at), loadAt(entry.at))),
    calls: record.measured.map((entry) => callOf(answerAt(entry.at).design, entry)),
    ...(features === undefined ? {} : { features }),
    ...(whole.prediction === undefined ? {} : { fit: whole.prediction.fit }),
  };
}

function answer(record: EvidenceRecord, at: Measured["at"], files: Files): Answer {
  try {
    const [first, ...others] = drawsOf(scenarioAt(record, at));
    const design = resolve(scenarioFromValue(first), files);
    const again = others.map((draw) => predictDesign(resolve(scenarioFromValue(draw), files)));
    const prediction = meanOf([predictDesign(design), ...again]);
    const tooLarge = prediction.feasible || record.kind === "training-memory" ? undefined : excess(prediction);
    return { design, prediction, ...(tooLarge === undefined ? {} : { reason: tooLarge }) };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { reason: reasonOf(error) };
  }
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

function lineOf(record: EvidenceRecord, entry: Measured, answered: Answer, load: Load | undefined): Line {
  const { prediction, reason } = answered;
  const measured = measuredValue(entry);
  const metrics = prediction === undefined || reason !== undefined ? undefined : metricsAt(prediction, entry.at);
  const judgement = entry.metric === "verdict";
  const found = judgement ? verdicts.indexOf(prediction?.verdict ?? "") : metrics?.[entry.metric];
  const value = found !== undefined && Number.isFinite(found) ? found : null;
  const missing = found === undefined ? `no metric ${entry.metric} is predicted` : "the prediction is not a number";
  return {
    id: record.id,
    kind: record.kind,
    source: record.source.title,
    metric: entry.metric,
    ...(entry.at === undefined ? {} : { at: entry.at }),
    primary: entry.primary,
    measured,
    predicted: value,
    error: value === null ? null : judgement ? Number(value !== measured) : value / measured - 1,
    ...(value === null ? { reason: reason ?? missing } : {}),
    ...(load === undefined ? {} : { load }),
  };
}

function callOf(design: Design | undefined, entry: Measured): Call | undefined {
  if (design?.kind !== "collective") return undefined;
  const { cluster, operation, exchange, group, sizes } = design.collective;
  const size = sizeOf(entry.at);
  return {
    accelerator: cluster.node.accelerator.name,
    operation: exchange === undefined ? operation : `${exchange.direction ?? "dispatch"} (${exchange.dispatcher})`,
    reach: group.size > group.perDomain ? "several domains" : "one domain",
    size: Number.isFinite(size) ? size : (sizes.at(-1) ?? 0),
  };
}

function featuresOf(design: Design): Features | undefined {
  if (design.kind === "serving") return servingFeatures(design.serving);
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
