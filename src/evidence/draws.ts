/**
 * Stages of some seconds each: a few requests that end last decide how many tokens a second a stage shows, so that one
 * draw of arrivals and lengths says little of the next. What is held against a measured run of stages is therefore the
 * mean of several draws; a replay of one long load needs but one.
 */

import type { Prediction } from "../scenario/index.ts";
import type { Section } from "./record.ts";

/** Seeds of the draws. */
const seeds: readonly [number, ...number[]] = [0, 1, 2, 3, 4];

/** The scenario once, or, where its requests come in stages, with every seed. */
export function drawsOf(scenario: Section): readonly [Section, ...Section[]] {
  const { requests } = (scenario.workload ?? {}) as { readonly requests?: Section };
  if (requests?.stages === undefined) return [scenario];
  const [first, ...others] = seeds;
  return [{ ...scenario, seed: first }, ...others.map((seed) => ({ ...scenario, seed }))];
}

/** The first prediction, with the metrics of every point as the mean of all. */
export function meanOf(predictions: readonly [Prediction, ...Prediction[]]): Prediction {
  const [first] = predictions;
  if (predictions.length === 1) return first;
  const points = first.points?.map((point, index) => ({
    ...point,
    metrics: meanMetrics(predictions.map(({ points: all }) => all?.[index]?.metrics ?? {})),
  }));
  const metrics = meanMetrics(predictions.map((prediction) => prediction.metrics));
  return { ...first, metrics, ...(points === undefined ? {} : { points }) };
}

type Metrics = Prediction["metrics"];

/** Mean of each metric that all draws have. */
function meanMetrics(all: readonly Metrics[]): Metrics {
  const [first = {}] = all;
  const shared = Object.keys(first).filter((key) => all.every((metrics) => metrics[key] !== undefined));
  const mean = (key: string): number => all.reduce((sum, metrics) => sum + (metrics[key] as number), 0) / all.length;
  return Object.fromEntries(shared.map((key) => [key, mean(key)]));
}
