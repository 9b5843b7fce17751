/**
 * How far the wall time of a run spreads. Segments between safe checkpoints are alike and independent, so their means
 * and variances add; the variance of one follows from the same steps as its mean. The sum is at least the time without
 * interruptions; what comes on top is taken as gamma-distributed with that mean and variance, which is skewed for few
 * interruptions and normal for many.
 *
 * Ignores: the spread of waiting for spares; that no interruption at all has a probability of its own, which matters
 * below about three expected interruptions.
 */

import { type ErrorRange, errorFactor } from "../base/error-range.ts";
import { exp, pow, sqrt } from "../base/math.ts";
import { normalQuantile, upperTail } from "../base/normal.ts";
import type { Seconds } from "../base/quantity.ts";
import { type CheckpointPlan, growth } from "./goodput.ts";
import { memoryPlan, outerPlan, type TieredPlan } from "./tiers.ts";

interface Moments {
  readonly mean: number;
  readonly variance: number;
}

/** Wall time of a run: at least `least`, on average `mean`. */
export interface WallTime {
  readonly least: Seconds;
  readonly mean: Seconds;
  readonly deviation: Seconds;
}

/** Wall time of so much work; `waiting` is the share of the time in which the job waits for nodes. */
export function wallTime(
  plan: TieredPlan,
  { work, waiting }: { readonly work: Seconds; readonly waiting: number },
): WallTime {
  const { store, memory } = plan;
  const stretch = 1 / (1 - waiting);
  const inner = memory === undefined ? undefined : memoryPlan({ store, memory });
  const least = work * (1 + store.stall / store.interval + (inner === undefined ? 0 : inner.stall / inner.interval));
  const one = inner === undefined ? { mean: 1, variance: 0 } : perWork(inner);
  const outer = memory === undefined ? store : outerPlan(store, memory, one.mean);
  const two = perWork(outer);
  // A second of work is `one.mean` for the outer plan; its spread is stretched with it.
  const mean = work * one.mean * two.mean;
  const variance = work * (one.variance * two.mean * two.mean + one.mean * two.variance);
  return { least: least * stretch, mean: mean * stretch, deviation: sqrt(variance) * stretch };
}

/** Wall time of a second of work: mean, and the variance that each adds. */
function perWork(plan: CheckpointPlan): Moments {
  const { mean, variance } = segment(plan);
  return { mean: mean / plan.interval, variance: variance / plan.interval };
}

/** From one safe checkpoint to the next. After an interruption the lag must be gone through again. */
function segment({ rate, interval, stall, lag, detection, restart }: CheckpointPlan): Moments {
  const first = interval + stall;
  const missed = rate * first * growth(-rate * first);
  const recovery = added(
    { mean: detection, variance: 0 },
    undisturbed(rate, restart, { mean: detection, variance: 0 }),
  );
  const again = undisturbed(rate, first + lag, recovery);
  const after = added(added(untilFailure(rate, first), recovery), again);
  const mean = (1 - missed) * first + missed * after.mean;
  const square = (1 - missed) * first * first + missed * (after.variance + after.mean * after.mean);
  return { mean, variance: Math.max(0, square - mean * mean) };
}

/** A time that must pass without an interruption, each of which costs the time spent so far and a recovery. */
function undisturbed(rate: number, time: Seconds, recovery: Moments): Moments {
  const tries = rate * time * growth(rate * time);
  const each = added(untilFailure(rate, time), recovery);
  const mean = time + tries * each.mean;
  return { mean, variance: tries * each.variance + tries * (tries + 1) * each.mean * each.mean };
}

/** When an interruption comes, given that it comes within a time. */
function untilFailure(rate: number, time: Seconds): Moments {
  const x = rate * time;
  if (x < 1e-3) return { mean: (time / 2) * (1 - x / 6), variance: (time * time) / 12 };
  const ends = 1 / (exp(x) - 1);
  const mean = (1 - x * ends) / rate;
  const square = (2 - x * (x + 2) * ends) / (rate * rate);
  return { mean, variance: square - mean * mean };
}

function added(one: Moments, other: Moments): Moments {
  return { mean: one.mean + other.mean, variance: one.variance + other.variance };
}

/**
 * The time that a run takes at most with a probability.
 * @source wilson-hilferty-1931
 */
export function wallQuantile({ least, mean, deviation }: WallTime, probability: number): Seconds {
  const extra = mean - least;
  if (!(extra > 0) || deviation === 0) return mean;
  const shape = (extra / deviation) * (extra / deviation);
  const root = 1 - 1 / (9 * shape) + normalQuantile(probability) / (3 * sqrt(shape));
  return least + extra * Math.max(0, root) * Math.max(0, root) * Math.max(0, root);
}

/**
 * The probability that a run takes at most a time.
 * @source wilson-hilferty-1931
 */
export function wallProbability({ least, mean, deviation }: WallTime, time: Seconds): number {
  const extra = mean - least;
  if (!(extra > 0) || deviation === 0) return time >= mean ? 1 : 0;
  if (time <= least) return 0;
  const shape = (extra / deviation) * (extra / deviation);
  return upperTail(-3 * sqrt(shape) * (pow((time - least) / extra, 1 / 3) - 1 + 1 / (9 * shape)));
}

/** Values of the step that stand for its range, equally likely: how many deviations each is off. */
const stepDeviations = Object.freeze(Array.from({ length: 64 }, (_, index) => normalQuantile((index + 0.5) / 64)));

/** The wall time where steps take so many times as long: all of it grows with the work. */
export function stretched({ least, mean, deviation }: WallTime, factor: number): WallTime {
  return { least: least * factor, mean: mean * factor, deviation: deviation * sqrt(factor) };
}

/** The probability that a run takes at most a time, where steps may also take longer or shorter than predicted. */
export function onTime(wall: WallTime, time: Seconds, steps: ErrorRange): number {
  const sum = stepDeviations.reduce(
    (all, deviations) => all + wallProbability(stretched(wall, errorFactor(steps, deviations)), time),
    0,
  );
  return sum / stepDeviations.length;
}

/** The time that a run takes at most with a probability, where steps may also take longer or shorter than predicted. */
export function onTimeQuantile(wall: WallTime, probability: number, steps: ErrorRange): Seconds {
  let [low, high] = [
    stretched(wall, errorFactor(steps, -quantileReach)).least,
    wallQuantile(stretched(wall, errorFactor(steps, quantileReach)), quantileMost),
  ];
  for (let round = 0; round < quantileBisections; round++) {
    const middle = (low + high) / 2;
    if (onTime(wall, middle, steps) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const [quantileReach, quantileMost, quantileBisections] = [3, 0.999, 40];
