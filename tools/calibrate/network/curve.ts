/**
 * A curve through measured points of one operation: monotone least squares in log time (pool adjacent violators),
 * then a monotone cubic (PCHIP) in log size and log time, sampled at every power of two. Deterministic.
 */

export interface Point {
  /** log2 of the size in bytes. */
  readonly exponent: number;
  readonly seconds: number;
}

export interface Fit {
  readonly first: number;
  readonly seconds: readonly number[];
  /** Seconds per byte beyond the last knot. */
  readonly slope: number;
}

/** Sizes of the judged records (8 and 64 KiB, 1, 8, 64 and 512 MiB): never fitted. */
export const judgedExponents: readonly number[] = [13, 16, 20, 23, 26, 29];

export function fitCurve(points: readonly Point[]): Fit {
  const sorted = [...points].sort((a, b) => a.exponent - b.exponent);
  const x = sorted.map((point) => point.exponent);
  const y = monotone(sorted.map((point) => Math.log(point.seconds)));
  const slopes = pchipSlopes(x, y);
  const first = Math.ceil(x[0] ?? 0);
  const last = Math.floor(x[x.length - 1] ?? 0);
  const seconds: number[] = [];
  for (let exponent = first; exponent <= last; exponent++) {
    seconds.push(Math.exp(pchip(x, y, slopes, exponent)));
  }
  const from = Math.exp(y[y.length - 2] ?? 0);
  const to = Math.exp(y[y.length - 1] ?? 0);
  const span = 2 ** (x[x.length - 1] ?? 0) - 2 ** (x[x.length - 2] ?? 0);
  return { first, seconds, slope: (to - from) / span };
}

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

/** Pool adjacent violators: the nearest non-decreasing sequence in least squares. */
function monotone(values: readonly number[]): number[] {
  const blocks: { mean: number; count: number }[] = [];
  for (const value of values) {
    let block = { mean: value, count: 1 };
    for (let last = blocks.at(-1); last !== undefined && last.mean > block.mean; last = blocks.at(-1)) {
      blocks.pop();
      const count = last.count + block.count;
      block = { mean: (last.mean * last.count + block.mean * block.count) / count, count };
    }
    blocks.push(block);
  }
  return blocks.flatMap((block) => new Array<number>(block.count).fill(block.mean));
}

/** Fritsch-Carlson slopes: the interpolant never overshoots, so the curve stays monotone. */
function pchipSlopes(x: readonly number[], y: readonly number[]): number[] {
  const at = (list: readonly number[], index: number): number => list[index] ?? 0;
  const width = (i: number): number => at(x, i + 1) - at(x, i);
  const secant = (i: number): number => (at(y, i + 1) - at(y, i)) / width(i);
  const last = x.length - 1;
  return x.map((_, i) => {
    if (i === 0) return secant(0);
    if (i === last) return secant(last - 1);
    const before = secant(i - 1);
    const after = secant(i);
    if (before * after <= 0) return 0;
    const w1 = 2 * width(i) + width(i - 1);
    const w2 = width(i) + 2 * width(i - 1);
    return (w1 + w2) / (w1 / before + w2 / after);
  });
}

function pchip(x: readonly number[], y: readonly number[], slopes: readonly number[], at: number): number {
  let i = 0;
  while (i < x.length - 2 && at > (x[i + 1] ?? 0)) i++;
  const width = (x[i + 1] ?? 0) - (x[i] ?? 0);
  const t = (at - (x[i] ?? 0)) / width;
  const h00 = (1 + 2 * t) * (1 - t) ** 2;
  const h10 = t * (1 - t) ** 2;
  const h01 = t * t * (3 - 2 * t);
  const h11 = t * t * (t - 1);
  return (
    h00 * (y[i] ?? 0) + h10 * width * (slopes[i] ?? 0) + h01 * (y[i + 1] ?? 0) + h11 * width * (slopes[i + 1] ?? 0)
  );
}
