/** The curves that calibration fits, what they are held against, and a simpler law for comparison. */

import { type Curve, type CurvePoint, fitCurve } from "../../../src/network/profile/curve.ts";

export { fitCurve };

export type Point = CurvePoint;
export type Fit = Curve;

/** Sizes of the judged records (8 and 64 KiB, 1, 8, 64 and 512 MiB): never fitted. */
export const judgedExponents: readonly number[] = [13, 16, 20, 23, 26, 29];

/** Value of a fit at a power of two. */
export function fitted(fit: Fit, exponent: number): number {
  const index = exponent - fit.first;
  const last = fit.seconds.length - 1;
  if (index > last) return (fit.seconds[last] ?? 0) + fit.slope * (2 ** exponent - 2 ** (fit.first + last));
  return fit.seconds[Math.max(index, 0)] ?? Number.NaN;
}

/** Three constants a + b S + c sqrt(S) with least relative squares, all non-negative; for comparison only. */
export function threeConstants(points: readonly Point[]): (exponent: number) => number {
  let best: { cost: number; weights: number[] } = { cost: Number.POSITIVE_INFINITY, weights: [0, 0, 0] };
  for (let mask = 1; mask < 8; mask++) {
    const columns = [0, 1, 2].filter((column) => (mask >> column) & 1);
    const solution = relativeLeastSquares(points, columns);
    if (solution === undefined || solution.some((value) => value < 0)) continue;
    const weights = [0, 0, 0];
    columns.forEach((column, index) => {
      weights[column] = solution[index] ?? 0;
    });
    const cost = points.reduce(
      (sum, point) => sum + (threeConstantTime(weights, point.exponent) / point.seconds - 1) ** 2,
      0,
    );
    if (cost < best.cost) best = { cost, weights };
  }
  return (exponent) => threeConstantTime(best.weights, exponent);
}

const basis = [() => 1, (exponent: number) => 2 ** exponent, (exponent: number) => 2 ** (exponent / 2)];

function threeConstantTime(weights: readonly number[], exponent: number): number {
  return weights.reduce((sum, weight, index) => sum + weight * (basis[index]?.(exponent) ?? 0), 0);
}

function relativeLeastSquares(points: readonly Point[], columns: readonly number[]): number[] | undefined {
  const size = columns.length;
  const matrix = columns.map(() => new Array<number>(size + 1).fill(0));
  // Columns are scaled so that the normal equations stay well conditioned over nine orders of magnitude.
  const scale = columns.map((column) => basis[column]?.(29) ?? 1);
  for (const point of points) {
    const row = columns.map(
      (column, index) => (basis[column]?.(point.exponent) ?? 0) / (scale[index] ?? 1) / point.seconds,
    );
    for (let i = 0; i < size; i++) {
      const line = matrix[i] as number[];
      for (let j = 0; j < size; j++) line[j] = (line[j] ?? 0) + (row[i] ?? 0) * (row[j] ?? 0);
      line[size] = (line[size] ?? 0) + (row[i] ?? 0);
    }
  }
  return eliminate(matrix)?.map((value, index) => value / (scale[index] ?? 1));
}

function eliminate(matrix: number[][]): number[] | undefined {
  const size = matrix.length;
  for (let pivot = 0; pivot < size; pivot++) {
    const row = matrix[pivot] as number[];
    const value = row[pivot] ?? 0;
    if (Math.abs(value) < 1e-30) return undefined;
    for (let i = 0; i < size; i++) {
      if (i === pivot) continue;
      const other = matrix[i] as number[];
      const factor = (other[pivot] ?? 0) / value;
      for (let j = pivot; j <= size; j++) other[j] = (other[j] ?? 0) - factor * (row[j] ?? 0);
    }
  }
  return matrix.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1));
}
