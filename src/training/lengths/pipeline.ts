/**
 * Pipelines whose micro-batches differ, on data ranks that wait for each other at the end of the step:
 *
 *     T = mean over steps of max over ranks of pipeline(micro-batches of that rank)
 *
 * Where weights are gathered inside each micro-batch, data ranks wait for each other in every one of them, and the
 * slowest at each place make up the step.
 *
 * It is more than the pipeline of mean micro-batches by two parts: `data`, with every micro-batch of a rank at the mean
 * of its rank, and `pipeline`, the rest. Of the data ranks those with the most work are simulated.
 * Ignores: communication that a longer core would hide better.
 */

import { sqrt } from "../../base/math.ts";
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

/** When data ranks wait for each other: at the end of the step, or in every micro-batch. */
export type Waiting = "step" | "micro-batch";

export interface UnevenPipeline {
  readonly time: Seconds;
  readonly data: Seconds;
  readonly pipeline: Seconds;
  /** Standard error of the time, from how drawn steps differ. */
  readonly deviation: Seconds;
}

/** Data ranks simulated in each step. */
const ranksSimulated = 3;

export function unevenPipeline(
  on: {
    readonly schedule: Schedule;
    readonly shape: ScheduleShape;
    readonly work: PipelineWork;
    readonly waiting: Waiting;
  },
  features: readonly Feature[],
  { places, steps }: Pick<Batches, "places" | "steps">,
): UnevenPipeline {
  const { schedule, shape, work, waiting } = on;
  const even = pipelineTime(schedule, shape, work);
  const used = features.filter(({ amount }) => amount.some((value) => value !== 0));
  if (used.length === 0) return { time: even, data: 0, pipeline: 0, deviation: 0 };
  let whole = 0;
  let squares = 0;
  let mean = 0;
  for (let step = 0; step < steps; step++) {
    const slowest = heaviest(used, places, step);
    let most = 0;
    const runs =
      waiting === "step"
        ? slowest.map((rank) => varyingOf(used, step * places.ranks + rank, places))
        : [slowestTogether(used, step, places)];
    for (const run of runs) {
      const time = shape.ranks === 1 ? alone(work, run, shape) : pipelineTime(schedule, shape, { ...work, ...run });
      most = Math.max(most, time);
    }
    whole += most / steps;
    squares += (most * most) / steps;
    const [first = 0] = slowest;
    mean += pipelineTime(schedule, shape, atMean(work, used, places, step * places.ranks + first)) / steps;
  }
  const more = Math.max(0, whole - even);
  const data = Math.min(more, Math.max(0, mean - even));
  const deviation = sqrt(Math.max(0, squares - whole * whole) / Math.max(1, steps - 1));
  return { time: Math.max(whole, shape.ranks === 1 ? even : 0), data, pipeline: more - data, deviation };
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
function varyingOf(features: readonly Feature[], rank: number, { microBatches }: Batches["places"]): Varying {
  return chained(
    features,
    features.map(({ amount }) => amount.subarray(rank * microBatches, (rank + 1) * microBatches)),
  );
}

type Varying = Pick<PipelineWork, "varying">;

function chained(features: readonly Feature[], amounts: readonly Float64Array[]): Varying {
  let varying: VaryingWork | undefined;
  features.forEach(({ forward, backward }, index) => {
    const amount = amounts[index]!;
    varying = { forward, backward, amount, ...(varying === undefined ? {} : { also: varying }) };
  });
  return varying === undefined ? {} : { varying };
}

/** At each place in turn, the micro-batch of the data rank that has the most work there. */
function slowestTogether(
  features: readonly Feature[],
  step: number,
  { ranks, microBatches }: Batches["places"],
): Varying {
  const weight = features.map(({ forward, backward }) => total(forward) + total(backward));
  const amounts = features.map(() => new Float64Array(microBatches));
  for (let k = 0; k < microBatches; k++) {
    let slowest = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let rank = 0; rank < ranks; rank++) {
      const at = (step * ranks + rank) * microBatches + k;
      let work = 0;
      features.forEach(({ amount }, index) => {
        work += weight[index]! * amount[at]!;
      });
      if (work <= most) continue;
      most = work;
      slowest = at;
    }
    features.forEach(({ amount }, index) => {
      amounts[index]![k] = amount[slowest]!;
    });
  }
  return chained(features, amounts);
}

/** One rank runs its micro-batches in turn. */
function alone(work: PipelineWork, { varying }: Varying, shape: ScheduleShape): Seconds {
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
