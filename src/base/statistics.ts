/** Statistics of plain lists of numbers, and a sketch of quantiles for streams too long to keep. */

import { exp, log, sqrt } from "./math.ts";

/** Arithmetic mean; NaN for an empty list. */
export function mean(values: ArrayLike<number>): number {
  return sum(values) / values.length;
}

/** Mean of absolute values; NaN for an empty list. */
export function meanAbsolute(values: ArrayLike<number>): number {
  let total = 0;
  for (let index = 0; index < values.length; index++) total += Math.abs(values[index] as number);
  return total / values.length;
}

/** Mean with a weight for each value; NaN when the weights add up to nothing. */
export function weightedMean(values: ArrayLike<number>, weights: ArrayLike<number>): number {
  if (values.length !== weights.length) throw new Error(`${values.length} values with ${weights.length} weights`);
  let total = 0;
  let weight = 0;
  for (let index = 0; index < values.length; index++) {
    total += (values[index] as number) * (weights[index] as number);
    weight += weights[index] as number;
  }
  return total / weight;
}

/** Standard deviation of the whole population; NaN for an empty list. */
export function standardDeviation(values: ArrayLike<number>): number {
  const center = mean(values);
  let total = 0;
  for (let index = 0; index < values.length; index++) {
    const distance = (values[index] as number) - center;
    total += distance * distance;
  }
  return sqrt(total / values.length);
}

/** Middle value, or the mean of the two in the middle; NaN for an empty list. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const half = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[half] as number;
  return sorted.length === 0 ? Number.NaN : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}

/**
 * Percentile by nearest rank: the smallest value that at least a `fraction` (0..1) of the values do not exceed.
 * NaN for an empty list.
 */
export function percentile(values: ArrayLike<number>, fraction: number): number {
  return percentileOfSorted(Float64Array.from(values).sort(), fraction);
}

/** The same for a list that is already in ascending order. */
export function percentileOfSorted(sorted: ArrayLike<number>, fraction: number): number {
  if (!(fraction >= 0 && fraction <= 1)) throw new Error(`percentile ${fraction} is not within 0..1`);
  // 0.07 x 100 is a little more than 7 in binary; the rank must still be 7.
  const rank = Math.ceil(fraction * sorted.length * (1 - 1e-12));
  return sorted.length === 0 ? Number.NaN : (sorted[Math.max(rank, 1) - 1] as number);
}

/** Sum from the first to the last. */
export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let index = 0; index < values.length; index++) total += values[index] as number;
  return total;
}

/** Quantiles of a long stream of non-negative values within a relative error, in little memory. */
export interface Sketch {
  /** Number of values so far. */
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** Takes a value of 0 or more, so many times over (once); throws on anything else. */
  add(value: number, times?: number): void;
  /** Takes everything another sketch of the same error has taken. */
  merge(other: Sketch): void;
  /** Value at a fraction (0..1) by nearest rank, within the relative error; NaN when empty. */
  quantile(fraction: number): number;
  /** Buckets as [index, count] in ascending order; index -Infinity holds zeros. */
  buckets(): readonly (readonly [index: number, count: number])[];
}

/**
 * Make a sketch with logarithmic buckets: bucket i holds values in (g^(i-1), g^i], g = (1 + error) / (1 - error).
 * @source masson-2019 DDSketch, section 2.1
 */
export function sketch(error = 0.01): Sketch {
  const width = log((1 + error) / (1 - error));
  const counts = new Map<number, number>();
  let total = 0;
  let amount = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  const sorted = (): [number, number][] => [...counts].sort((a, b) => a[0] - b[0]);
  return {
    get count() {
      return total;
    },
    get sum() {
      return amount;
    },
    get min() {
      return least;
    },
    get max() {
      return most;
    },
    add(value, times = 1) {
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) throw new Error(`a sketch cannot take ${value}`);
      const index = value === 0 ? Number.NEGATIVE_INFINITY : Math.ceil(log(value) / width);
      counts.set(index, (counts.get(index) ?? 0) + times);
      total += times;
      amount += times * value;
      if (value < least) least = value;
      if (value > most) most = value;
    },
    merge(other) {
      for (const [index, count] of other.buckets()) counts.set(index, (counts.get(index) ?? 0) + count);
      total += other.count;
      amount += other.sum;
      least = Math.min(least, other.min);
      most = Math.max(most, other.max);
    },
    quantile(fraction) {
      if (!(fraction >= 0 && fraction <= 1)) throw new Error(`quantile ${fraction} is not within 0..1`);
      let left = Math.max(Math.ceil(fraction * total * (1 - 1e-12)), 1);
      for (const [index, count] of sorted()) {
        left -= count;
        if (left > 0) continue;
        // The point of the bucket that is at most `error` away from both of its ends.
        const value = index === Number.NEGATIVE_INFINITY ? 0 : exp(index * width) * (1 - error);
        return Math.min(Math.max(value, least), most);
      }
      return Number.NaN;
    },
    buckets: sorted,
  };
}
