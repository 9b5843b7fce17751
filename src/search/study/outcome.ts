/** One point of a study: what it is called, and what came of it. Plain data in and out, so that it can run anywhere. */

import { ProblemError } from "../../base/problem.ts";
import { sha256 } from "../../base/sha256.ts";
import {
  type Binding,
  type Files,
  type Prediction,
  scenarioFromValue,
  type Verdict,
  version,
} from "../../scenario/index.ts";
import { errorOf } from "./model-error.ts";
import { type Found, settled } from "./open.ts";
import { type Keys, placed } from "./path.ts";

/** What all points of a study share. */
export interface Shared {
  readonly base: Readonly<Record<string, unknown>>;
  /** Where the values of a point go. */
  readonly fields: readonly Keys[];
  readonly files: Files;
  /** Share of the memory that layouts that are searched for must leave free, where the study's limits say so. */
  readonly memoryMargin?: number;
}

/** A point to be run. */
export interface Task {
  readonly key: string;
  readonly values: readonly unknown[];
}

/**
 * `refused`: the language or the models refuse the combination, with the problems. `fault`: our own mistake, kept apart so
 * that it costs one point and no study.
 */
export type Status = "fits" | "tight" | "does-not-fit" | "refused" | "fault";

/** A latency target and by what it is missed. */
export interface Missed {
  readonly metric: string;
  readonly value: number;
  readonly most: number;
}

export interface Outcome {
  readonly key: string;
  readonly status: Status;
  /** Flat names, SI values; empty where nothing was predicted. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Ends of a metric's interval over its value, where measured runs give one. */
  readonly errors?: Readonly<Record<string, readonly [low: number, high: number]>>;
  readonly binding?: Binding;
  readonly verdict?: Verdict;
  /** Latency targets of the scenario that are missed. */
  readonly missed?: readonly Missed[];
  /** What was open in the scenario, as it was searched for here. */
  readonly found?: Found;
  /** Why nothing was predicted. */
  readonly problem?: string;
}

/** What a point gives, with the units of its metrics. */
export interface Answer {
  readonly outcome: Outcome;
  readonly units: Readonly<Record<string, string>>;
}

/** Runs one point. Never throws. */
export function answerOf({ base, fields, files, memoryMargin }: Shared, { key, values }: Task): Answer {
  const written = fields.reduce<unknown>((value, keys, index) => placed(value, keys, values[index]), base);
  try {
    const { prediction, found } = settled(scenarioFromValue(written), { files, memoryMargin: memoryMargin ?? 0 });
    const outcome = outcomeOf(key, prediction);
    return { outcome: found === undefined ? outcome : { ...outcome, found }, units: prediction.units };
  } catch (error) {
    const status = error instanceof ProblemError ? "refused" : "fault";
    const first = error instanceof ProblemError ? error.problems[0] : undefined;
    const message = first === undefined ? String((error as Error).message ?? error) : `${first.path}: ${first.message}`;
    return { outcome: { key, status, metrics: {}, problem: message }, units: {} };
  }
}

/** Digits of the ends of an interval over its value. */
const errorDigits = 4;

function errorsOf(prediction: Prediction): Outcome["errors"] {
  const errors = Object.keys(prediction.metrics).flatMap((metric) => {
    const found = errorOf(prediction, metric);
    if (found === undefined) return [];
    const short = (end: number): number => Number(end.toFixed(errorDigits));
    const ends: readonly [number, number] = [short(found.low), short(found.high)];
    return [[metric, ends] as const];
  });
  return errors.length === 0 ? undefined : Object.fromEntries(errors);
}

/** What is kept of a prediction. */
export function outcomeOf(key: string, prediction: Prediction): Outcome {
  const { fit, metrics, binding, verdict, targets = [] } = prediction;
  const errors = errorsOf(prediction);
  const missed = targets.flatMap(({ met, metric, className, value, most }): Missed[] => {
    if (met === "met") return [];
    return [{ metric: className === undefined ? metric : `${metric} of ${className}`, value, most }];
  });
  return {
    key,
    status: fit,
    metrics: Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value))),
    ...(errors === undefined ? {} : { errors }),
    ...(binding === undefined ? {} : { binding }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(missed.length === 0 ? {} : { missed }),
  };
}

/** Makes the names of points: from the version of the models, the scenario as written (its name left out) and its files. */
export function keyMaker({ base, fields, files, memoryMargin }: Shared): (values: readonly unknown[]) => string {
  const { name: _, ...scenario } = base;
  const texts = Object.entries(files).map(([path, text]) => [path, sha256(text)]);
  const sorted = texts.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
  const around = canonical(memoryMargin === undefined ? [version, sorted] : [version, sorted, memoryMargin]);
  return (values) => {
    const written = fields.reduce<unknown>((value, keys, index) => placed(value, keys, values[index]), scenario);
    return sha256(`${around}${canonical(written)}`).slice(0, 32);
  };
}

/** JSON with the keys of every object in order: equal content, equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`)
    .join(",")}}`;
}
