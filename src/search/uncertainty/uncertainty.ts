/**
 * How sure a prediction is when inputs are ranges and the model has an error of its own: both are drawn together (Latin
 * hypercube, a stream for each input by its name), so that two designs that share an input share its draws.
 *
 * Ignores: that inputs may depend on each other; each range is even between its ends.
 */

import { ProblemError } from "../../base/problem.ts";
import { random } from "../../base/random.ts";
import { percentileOfSorted } from "../../base/statistics.ts";
import {
  type Design,
  type Files,
  type InputRange,
  type Prediction,
  predictDesign,
  resolve,
  type Scenario,
  sampleOf,
  scenarioFromValue,
} from "../../scenario/index.ts";
import type { Limit } from "../study/goals.ts";
import { drawnFactor, type ErrorDraw } from "../study/model-error.ts";
import { sampled } from "../study/sample.ts";
import { writtenAt } from "../study/space.ts";
import { type Share, sharesOf } from "./shares.ts";

/** Nine of ten lie above p10, half above p50. */
export interface Percentiles {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
}

export interface UncertainMetric extends Percentiles {
  /** Without the model's own error. */
  readonly inputs: Percentiles;
  /** The metric whose measured error was drawn with it; null: nothing says how far off the model is, and none was drawn. */
  readonly error: string | null;
  /** What moves it, by share of its spread: inputs by path, `model` for the model's own error. */
  readonly from: readonly Share[];
}

export interface TargetChance {
  readonly metric: string;
  readonly sense: "atMost" | "atLeast";
  /** SI. */
  readonly value: number;
  /** Share of the draws that keep it; those that are refused or do not fit keep nothing. */
  readonly probability: number;
  readonly error: string | null;
}

export interface Uncertainty {
  readonly samples: number;
  readonly seed: number;
  /** Draws that the language or the models refuse, and those that do not fit. */
  readonly refused: number;
  readonly unfit: number;
  readonly inputs: readonly { readonly path: string; readonly range: string }[];
  /** Requests of each run, of those of the scenario, where serving is simulated. */
  readonly requests?: { readonly used: number; readonly all: number };
  readonly metrics: Readonly<Record<string, UncertainMetric>>;
  readonly targets: readonly TargetChance[];
}

export interface UncertaintyOptions {
  readonly samples: number;
  readonly limits: readonly Omit<Limit, "written">[];
  readonly files: Files;
  /** Asked before each draw: true ends the drawing, and what was drawn so far counts. */
  readonly cancelled: () => boolean;
}

/** Requests of a simulated run. */
const requestsMost = 1000;

interface Draw {
  /** Values of the inputs as shares of the order of the draws. */
  readonly inputs: readonly number[];
  readonly error: ErrorDraw;
  readonly prediction: Prediction | undefined;
}

/** @throws ProblemError where no draw at all gives a prediction. */
export function uncertaintyOf(scenario: Scenario, options: UncertaintyOptions): Uncertainty {
  const ranges = scenario.inputs?.ranges ?? [];
  const seed = scenario.seed ?? 0;
  const { draws, requests } = drawn(scenario, { ...options, ranges, seed });
  const predicted = draws.filter((draw) => draw.prediction !== undefined);
  if (predicted.length === 0) {
    throw new ProblemError([
      { path: ranges[0]?.path ?? "", message: "no draw of the ranges gives a design", hint: "narrow them" },
    ]);
  }
  const names = new Set(predicted.flatMap(({ prediction }) => Object.keys(prediction?.metrics ?? {})));
  const entries = [...names].flatMap((name) => {
    const found = metricOf(name, predicted, ranges);
    return found === undefined ? [] : [[name, found] as const];
  });
  return {
    samples: draws.length,
    seed,
    refused: draws.length - predicted.length,
    unfit: predicted.filter(({ prediction }) => prediction?.feasible === false).length,
    inputs: ranges.map(({ path, text }) => ({ path, range: text })),
    ...(requests === undefined ? {} : { requests }),
    metrics: Object.fromEntries(entries),
    targets: options.limits.map((limit) => chanceOf(limit, draws)),
  };
}

interface Drawing extends UncertaintyOptions {
  readonly ranges: readonly InputRange[];
  readonly seed: number;
}

function drawn(
  scenario: Scenario,
  { ranges, seed, samples, files, cancelled }: Drawing,
): { readonly draws: readonly Draw[]; readonly requests?: Uncertainty["requests"] } {
  const axes = ranges.map(({ path, keys, from, to, unit, whole }) => {
    return { path, keys, whole, values: { from, to, unit, spacing: "even" } } as const;
  });
  const points = sampled(axes, { method: "latin-hypercube", points: samples, seed });
  const errors = errorDraws(samples, seed);
  let requests: Uncertainty["requests"];
  const predictionOf = (written: Scenario): Prediction | undefined => {
    try {
      const run = repeatable(resolve(written, files));
      requests = run.requests;
      return predictDesign(run.design);
    } catch (error) {
      // A draw that does not divide or does not exist; it is counted.
      if (error instanceof ProblemError) return undefined;
      throw error;
    }
  };
  const fixed = axes.length === 0 ? predictionOf(scenario) : undefined;
  const draws: Draw[] = [];
  for (const [index, error] of errors.entries()) {
    if (cancelled() && draws.length > 0) break;
    const values = points[index] ?? [];
    const { written } = scenario.inputs ?? {};
    const prediction =
      axes.length === 0 ? fixed : predictionOf(scenarioFromValue(writtenAt(withoutStudy(written), axes, values)));
    draws.push({ inputs: values.map(numberIn), error, prediction });
  }
  return { draws, ...(requests === undefined ? {} : { requests }) };
}

/** Limits belong to the question, not to each draw. */
function withoutStudy(written: unknown): unknown {
  const { constraints: _, ...rest } = written as Readonly<Record<string, unknown>>;
  return rest;
}

/** The number that a draw was written with. */
function numberIn(written: unknown): number {
  return Number.parseFloat(String(written));
}

function repeatable(design: Design): { readonly design: Design; readonly requests?: Uncertainty["requests"] } {
  if (design.kind !== "serving") return { design };
  const { design: serving, used, all } = sampleOf(design.serving, requestsMost);
  return { design: { kind: "serving", serving }, requests: { used, all } };
}

/** Strata of equal probability, as for inputs. @source mckay-1979 Section 2 */
function errorDraws(samples: number, seed: number): readonly ErrorDraw[] {
  const streams = random(seed);
  const column = (name: string): readonly number[] => {
    const stream = streams.stream(`model-error/${name}`);
    const order = stream.shuffle(Array.from({ length: samples }, (_, index) => index));
    return order.map((stratum) => (stratum + stream.uniform()) / samples);
  };
  const [time, memory, chance] = [column("time"), column("memory"), column("interruptions")];
  return time.map((each, index) => ({ time: each, memory: memory[index] ?? 0.5, chance: chance[index] ?? 0.5 }));
}

interface Value {
  readonly alone: number;
  readonly all: number;
  readonly error: string | null;
}

/** A metric in one draw, without and with the model's own error. */
function valueIn(metric: string, { prediction, error }: Draw): Value | undefined {
  const alone = prediction?.metrics[metric];
  if (prediction === undefined || alone === undefined || !Number.isFinite(alone)) return undefined;
  const drawn = drawnFactor(prediction, metric, error);
  return { alone, all: alone * drawn.factor, error: drawn.error ?? null };
}

function metricOf(metric: string, draws: readonly Draw[], ranges: readonly InputRange[]): UncertainMetric | undefined {
  const kept = draws.flatMap((draw) => {
    const value = valueIn(metric, draw);
    return value === undefined ? [] : [{ draw, value }];
  });
  const [first] = kept;
  if (first === undefined) return undefined;
  const all = kept.map(({ value }) => value.all);
  const factors = [
    ...ranges.map(({ path }, index) => ({ of: path, values: kept.map(({ draw }) => draw.inputs[index] ?? 0) })),
    { of: "model", values: kept.map(({ value }) => (value.alone === 0 ? 1 : value.all / value.alone)) },
  ];
  return {
    ...percentilesOf(all),
    inputs: percentilesOf(kept.map(({ value }) => value.alone)),
    error: first.value.error,
    from: sharesOf(factors, all),
  };
}

function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => percentileOfSorted(sorted, share);
  return { p10: at(0.1), p50: at(0.5), p90: at(0.9) };
}

function chanceOf({ metric, sense, value }: Omit<Limit, "written">, draws: readonly Draw[]): TargetChance {
  let kept = 0;
  let error: string | null = null;
  for (const draw of draws) {
    const found = valueIn(metric, draw);
    error = found?.error ?? error;
    if (found === undefined || draw.prediction?.feasible !== true) continue;
    if (sense === "atMost" ? found.all <= value : found.all >= value) kept += 1;
  }
  return { metric, sense, value, probability: kept / draws.length, error };
}
