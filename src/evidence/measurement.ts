/**
 * What a user measured: written out (`stepTime=6.7 s`) or read from a log. Rates and times are those of the whole job
 * unless their name says per accelerator.
 */

import { type Problem, ProblemError, problemCollector } from "../base/problem.ts";
import { type Dimension, parseQuantity, type Seconds } from "../base/quantity.ts";
import { suggestion } from "../base/suggestion.ts";
import type { FlopConvention } from "../training/result.ts";
import { type LogSample, type LogSummary, readLog, type Spread, summarizeLog, unsteadySteps } from "./log/index.ts";

export type MeasuredName =
  | "stepTime"
  | "tokensPerSecond"
  | "tokensPerSecondPerAccelerator"
  | "modelFlopsPerSecondPerAccelerator"
  | "modelFlopsUtilization"
  | "memoryPerAccelerator";

export interface MeasuredValue {
  readonly value: number;
  /** 10th and 90th percentile over `count` steps, where steps were seen. */
  readonly spread?: { readonly low: number; readonly high: number; readonly count: number };
}

export interface Measurement {
  readonly values: Readonly<Partial<Record<MeasuredName, MeasuredValue>>>;
  /** Timers of the framework, by its own names. */
  readonly timers: Readonly<Record<string, Seconds>>;
  /** The log it comes from; absent where it was written out. */
  readonly log?: Pick<LogSummary, "format" | "steps"> & { readonly file: string };
  /** How its FLOP rates are counted, where the log's framework says. */
  readonly flopConvention?: FlopConvention;
  /** What a reader should know about it. */
  readonly notes: readonly string[];
}

/** What can be written out, and what it is measured in. */
const dimensionOf: Readonly<Record<MeasuredName, Dimension>> = {
  stepTime: "seconds",
  tokensPerSecond: "perSecond",
  tokensPerSecondPerAccelerator: "perSecond",
  modelFlopsPerSecondPerAccelerator: "flopPerSecond",
  modelFlopsUtilization: "ratio",
  memoryPerAccelerator: "bytes",
};

/** Names of the metrics that can be measured, in the order in which they are compared. */
export const measuredNames: readonly MeasuredName[] = Object.freeze(Object.keys(dimensionOf) as MeasuredName[]);

/** True for text that writes a measurement out; anything else names a file. */
export function isWrittenOut(text: string): boolean {
  return /^\s*[A-Za-z][\w.]*\s*=/.test(text);
}

/**
 * Reads `stepTime=6.7 s, memoryPerAccelerator=70 GiB`.
 * @throws ProblemError with every problem: unknown names, values without a unit, one metric twice.
 */
export function parseMeasured(texts: readonly string[]): Measurement {
  const problems = problemCollector();
  const values: Partial<Record<MeasuredName, MeasuredValue>> = {};
  // A comma inside a number (7,012) is not followed by a name.
  for (const part of texts.flatMap((text) => text.split(/,\s*(?=[A-Za-z]\w*\s*=)/))) {
    const found = readPart(part);
    if ("message" in found) problems.add(found);
    else if (values[found.name] !== undefined) problems.add(bad(`${found.name} is given twice`, "keep one of them"));
    else values[found.name] = { value: found.value };
  }
  problems.throwIfAny();
  return { values, timers: {}, notes: [] };
}

function readPart(part: string): { readonly name: MeasuredName; readonly value: number } | Problem {
  const at = part.indexOf("=");
  const name = part.slice(0, Math.max(at, 0)).trim();
  const text = part.slice(at + 1).trim();
  if (!isMeasured(name)) {
    const near = suggestion(name, measuredNames);
    const hint = near === undefined ? `known: ${measuredNames.join(", ")}` : `did you mean "${near}"?`;
    return bad(`unknown metric "${name}"`, hint);
  }
  const parsed = parseQuantity(text, dimensionOf[name]);
  if (!parsed.ok) return bad(`${name}: ${parsed.message}`, parsed.hint ?? `e.g. ${examples[name]}`);
  if (parsed.value === 0) return bad(`${name}: 0 is no measurement`, `e.g. ${examples[name]}`);
  if (name === "modelFlopsUtilization" && parsed.value > 1) {
    return bad(
      `${name}: ${text} is more than the accelerators can do`,
      "write 45 % or 0.45, and mind the FLOP convention",
    );
  }
  return { name, value: parsed.value };
}

const examples: Readonly<Record<MeasuredName, string>> = {
  stepTime: "stepTime=6.7 s",
  tokensPerSecond: "tokensPerSecond=2.5M /s",
  tokensPerSecondPerAccelerator: "tokensPerSecondPerAccelerator=152 /s",
  modelFlopsPerSecondPerAccelerator: "modelFlopsPerSecondPerAccelerator=400 TFLOP/s",
  modelFlopsUtilization: "modelFlopsUtilization=41 %",
  memoryPerAccelerator: "memoryPerAccelerator=70 GiB",
};

function isMeasured(name: string): name is MeasuredName {
  return Object.hasOwn(dimensionOf, name);
}

function bad(message: string, hint: string): Problem {
  return { path: "measured", message, hint };
}

/**
 * Reads a log of a run of the scenario. `globalBatch` is the scenario's: a step of another batch takes another time, so
 * those of a ramp are left out, and a log of nothing else is refused.
 * @throws ProblemError where there are no step lines, or none of this batch.
 */
export function measuredFromLog(text: string, file: string, globalBatch: number): Measurement {
  const { format, samples } = readLog(text, file);
  const { kept, ramp } = ofBatch(samples, globalBatch, file);
  const summary = summarizeLog(format, kept);
  const { globalBatch: _, samplesPerSecond, stepTime, ...rest } = summary.metrics;
  checkBatch(stepTime, samplesPerSecond, globalBatch, file);
  const time = stepTime ?? (samplesPerSecond === undefined ? undefined : inverted(samplesPerSecond, globalBatch));
  const all: Partial<Record<MeasuredName, Spread>> = { ...(time === undefined ? {} : { stepTime: time }), ...rest };
  const { believable, doubted } = timersWithin(summary.timers, time?.median);
  const values = Object.entries(all).map(([name, spread]) => [name, measuredValue(spread)]);
  return {
    values: Object.fromEntries(values),
    timers: believable,
    log: { file, format: summary.format, steps: summary.steps },
    ...(format.flopConvention === undefined ? {} : { flopConvention: format.flopConvention }),
    notes: [
      ...(ramp === 0 ? [] : [`${ramp} steps of another global batch than ${globalBatch} are left out`]),
      ...(format.scope === "run" ? [] : unsteadySteps(kept.slice(summary.steps.warmUp))),
      ...doubted,
    ],
  };
}

/** Timers without those that last longer than the step they are of. */
function timersWithin(
  timers: Measurement["timers"],
  step: Seconds | undefined,
): { readonly believable: Measurement["timers"]; readonly doubted: readonly string[] } {
  // Timers of several ranks and means over several steps may exceed a step a little.
  const most = 1.1 * (step ?? Number.POSITIVE_INFINITY);
  const entries = Object.entries(timers);
  return {
    believable: Object.fromEntries(entries.filter(([, time]) => time <= most)),
    doubted: entries
      .filter(([, time]) => time > most)
      .map(([name, time]) => `timer ${name} states ${(time / (step ?? time)).toFixed(1)} times its step: not used`),
  };
}

function ofBatch(
  samples: readonly LogSample[],
  globalBatch: number,
  file: string,
): { readonly kept: readonly LogSample[]; readonly ramp: number } {
  const kept = samples.filter(({ values }) => (values.globalBatch ?? globalBatch) === globalBatch);
  if (kept.length > 0) return { kept, ramp: samples.length - kept.length };
  const others = [...new Set(samples.map(({ values }) => values.globalBatch))].slice(0, 3).join(", ");
  const message = `"${file}" is a log of global batch ${others}, the scenario's is ${globalBatch}`;
  throw new ProblemError([bad(message, "step times of different batches do not compare: change one of them")]);
}

/** Steps and samples per second that do not agree on the batch: more than their rounding. */
function checkBatch(time: Spread | undefined, rate: Spread | undefined, globalBatch: number, file: string): void {
  if (time === undefined || rate === undefined) return;
  const stated = time.median * rate.median;
  if (Math.abs(stated / globalBatch - 1) <= 0.05) return;
  const message = `"${file}" states ${stated.toFixed(1)} sequences a step, the scenario's globalBatch is ${globalBatch}`;
  throw new ProblemError([bad(message, "step times of different batches do not compare: change one of them")]);
}

function inverted({ median, low, high, count }: Spread, amount: number): Spread {
  return { median: amount / median, low: amount / high, high: amount / low, count };
}

function measuredValue({ median, low, high, count }: Spread): MeasuredValue {
  return count === 1 ? { value: median } : { value: median, spread: { low, high, count } };
}
