/**
 * Pipelines whose micro-batches differ, on data ranks that wait for each other at the end of the step:
 *
 *     T = mean over steps of max over ranks of pipeline(micro-batches of that rank)
 *
 * It is more than the pipeline of mean micro-batches by two parts: `data`, with every micro-batch of a rank at the mean
 * of its rank, and `pipeline`, the rest. Of the data ranks those with the most work are simulated.
 * Ignores: gathers of weights inside a pass that make all data ranks wait for each micro-batch; communication that
 * a longer core would hide better.
 */

import type { Seconds } from "../../base/quantity.ts";
import {
  type PipelineWork,
  pipelineTime,
  type Schedule,
  type ScheduleShape,
  type VaryingWork,
} from "../schedule/index.ts";
import type { Batches } from "./batches.ts";

/** What a stage takes more, at amount one: of each [rank x chunks + chunk]; and the amounts of all micro-batches. */
export interface Feature {
  readonly forward: Float64Array;
  readonly backward: Float64Array;
  /** Laid out as in `Batches`. */
  readonly amount: Float64Array;
}

export interface UnevenPipeline {
  readonly time: Seconds;
  readonly data: Seconds;
  readonly pipeline: Seconds;
}

/** Data ranks simulated in each step. */
const ranksSimulated = 3;

export function unevenPipeline(
  on: { readonly schedule: Schedule; readonly shape: ScheduleShape; readonly work: PipelineWork },
  features: readonly Feature[],
  { places, steps }: Pick<Batches, "places" | "steps">,
): UnevenPipeline {
  const { schedule, shape, work } = on;
  const even = pipelineTime(schedule, shape, work);
  const used = features.filter(({ amount }) => amount.some((value) => value !== 0));
  if (used.length === 0) return { time: even, data: 0, pipeline: 0 };
  let whole = 0;
  let mean = 0;
  for (let step = 0; step < steps; step++) {
    const slowest = heaviest(used, places, step);
    let most = 0;
    slowest.forEach((rank) => {
      const varying = varyingOf(used, places, step * places.ranks + rank);
      most = Math.max(
        most,
        shape.ranks === 1 ? alone(work, varying, shape) : pipelineTime(schedule, shape, { ...work, ...varying }),
      );
    });
    whole += most / steps;
    const [first = 0] = slowest;
    mean += pipelineTime(schedule, shape, atMean(work, used, places, step * places.ranks + first)) / steps;
  }
  const more = Math.max(0, whole - even);
  const data = Math.min(more, Math.max(0, mean - even));
  return { time: Math.max(whole, shape.ranks === 1 ? even : 0), data, pipeline: more - data };
}

/** Ranks with the most work in a step, the most first. */
function heaviest(
  features: readonly Feature[],
  { ranks, microBatches }: Batches["places"],
  step: number,
): readonly number[] {
  const weight = features.map(({ forward, backward }) => total(forward) + total(backward));
  const loads = Array.from({ length: ranks }, (_, rank) => {
    let load = 0;
    features.forEach(({ amount }, index) => {
      const from = (step * ranks + rank) * microBatches;
      let sum = 0;
      for (let at = from; at < from + microBatches; at++) sum += amount[at]!;
      load += sum * weight[index]!;
    });
    return { rank, load };
  });
  return loads
    .sort((a, b) => b.load - a.load || a.rank - b.rank)
    .slice(0, ranksSimulated)
    .map(({ rank }) => rank);
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The features of one rank's micro-batches, one after the other. */
function varyingOf(
  features: readonly Feature[],
  { microBatches }: Batches["places"],
  rank: number,
): Pick<PipelineWork, "varying"> {
  let varying: VaryingWork | undefined;
  for (const { forward, backward, amount } of features) {
    const own = amount.subarray(rank * microBatches, (rank + 1) * microBatches);
    varying = { forward, backward, amount: own, ...(varying === undefined ? {} : { also: varying }) };
  }
  return varying === undefined ? {} : { varying };
}

/** One rank runs its micro-batches in turn. */
function alone(work: PipelineWork, { varying }: Pick<PipelineWork, "varying">, shape: ScheduleShape): Seconds {
  let time = shape.microBatches * (total(work.forward) + total(work.backward));
  for (let part = varying; part !== undefined; part = part.also)
    time += (total(part.forward) + total(part.backward)) * total(part.amount);
  return time;
}

/** Every micro-batch of a rank at the mean of that rank. */
function atMean(
  work: PipelineWork,
  features: readonly Feature[],
  { microBatches }: Batches["places"],
  rank: number,
): PipelineWork {
  const forward = work.forward.slice();
  const backward = work.backward.slice();
  for (const feature of features) {
    const mean = total(feature.amount.subarray(rank * microBatches, (rank + 1) * microBatches)) / microBatches;
    for (let at = 0; at < forward.length; at++) {
      forward[at]! += mean * feature.forward[at]!;
      backward[at]! += mean * feature.backward[at]!;
    }
  }
  return { ...work, forward, backward };
}
