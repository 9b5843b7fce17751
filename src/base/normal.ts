/** The normal distribution: its upper tail, its quantiles, and the largest of several draws. */

import { exp, pow, sqrt } from "./math.ts";

/**
 * 1 - Phi(z), to 7.5e-8.
 * @source abramowitz-1964 26.2.17
 */
export function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const density = exp((-z * z) / 2) / sqrt(2 * Math.PI);
  return density * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
}

/** The z below which a share of the distribution lies. */
export function normalQuantile(share: number): number {
  let [low, high] = [-9, 9];
  for (let round = 0; round < bisections; round++) {
    const middle = (low + high) / 2;
    if (upperTail(-middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const bisections = 60;

const [reach, steps] = [8, 400];

/**
 * Mean of the largest of `count` standard normal draws: 0.564 of two, 1.424 of eight.
 *
 *     integral over z > 0 of 1 - Phi(z)^n - Phi(-z)^n
 */
export function largestOfNormals(count: number): number {
  if (count <= 1) return 0;
  const width = reach / steps;
  let sum = 0;
  for (let step = 0; step < steps; step++) {
    const tail = upperTail((step + 0.5) * width);
    sum += 1 - pow(1 - tail, count) - pow(tail, count);
  }
  return sum * width;
}
