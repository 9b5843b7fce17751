/** Robust, deterministic fitting: Nelder-Mead on bounded parameters, and error summaries. */
import { exp, log } from "../../../src/base/math.ts";
import type { ErrorSummary } from "../../../src/catalog/calibration/kernels.ts";

/** A coefficient: its range, where the search starts, and whether the search moves in its logarithm. */
export interface Parameter {
  readonly low: number;
  readonly high: number;
  readonly start: number;
  readonly scale: "log" | "linear";
}

/** Shape and measured seconds of one observation; `weight` in the loss (default 1). */
export interface Observation<Shape> {
  readonly shape: Shape;
  readonly time: number;
  readonly weight?: number;
}

function value(parameter: Parameter, u: number): number {
  const t = Math.min(1, Math.max(0, u));
  const { low, high, scale } = parameter;
  return scale === "log" ? low * exp(t * log(high / low)) : low + t * (high - low);
}

function position(parameter: Parameter): number {
  const { low, high, start, scale } = parameter;
  return scale === "log" ? log(start / low) / log(high / low) : (start - low) / (high - low);
}

/**
 * Least pseudo-Huber loss of log(predicted / measured): quadratic below 10 % error, linear above.
 * The result is rounded to four significant digits, so that the written file is what was judged.
 */
export function fitCoefficients<Shape>(options: {
  readonly parameters: readonly Parameter[];
  readonly observations: readonly Observation<Shape>[];
  readonly predict: (coefficients: readonly number[], shape: Shape) => number;
}): { readonly coefficients: readonly number[]; readonly loss: number } {
  const { parameters, observations, predict } = options;
  const knee = 0.1;
  const total = observations.reduce((sum, { weight }) => sum + (weight ?? 1), 0);
  const loss = (u: readonly number[]): number => {
    const coefficients = parameters.map((parameter, index) => value(parameter, u[index] ?? 0));
    let sum = 0;
    for (const { shape, time, weight } of observations) {
      // log(p / t) to second order around 1 would mislead far away, so take the true logarithm; Math.log is exact
      // enough here and only steers the search.
      const residual = Math.log(predict(coefficients, shape) / time);
      sum += (weight ?? 1) * (Math.sqrt(residual * residual + knee * knee) - knee);
    }
    // A wall outside the box keeps the simplex from collapsing onto a clamped face.
    const outside = u.reduce((far, x) => far + Math.max(0, -x, x - 1), 0);
    return sum / total + 10 * outside * outside;
  };
  let best = parameters.map(position);
  for (let restart = 0; restart < 4; restart += 1) best = nelderMead(loss, best, restart === 0 ? 0.15 : 0.05);
  const coefficients = parameters.map((parameter, index) => rounded(value(parameter, best[index] ?? 0)));
  return { coefficients, loss: loss(best) };
}

export function rounded(x: number): number {
  return Number(x.toPrecision(4));
}

/** Downhill simplex; stops when the simplex is flat or after 220 evaluations per dimension. */
function nelderMead(loss: (u: readonly number[]) => number, start: readonly number[], size: number): number[] {
  const dimension = start.length;
  const points = [[...start], ...start.map((_, axis) => start.map((x, i) => (i === axis ? inward(x, size) : x)))];
  const values = points.map(loss);
  for (let evaluations = 0; evaluations < 220 * dimension; evaluations += 1) {
    const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
    const [first = 0] = order;
    const last = order[dimension] ?? 0;
    const second = order[dimension - 1] ?? 0;
    if ((values[last] ?? 0) - (values[first] ?? 0) < 1e-7) break;
    const centre = start.map((_, axis) => {
      let sum = 0;
      for (const index of order) if (index !== last) sum += points[index]?.[axis] ?? 0;
      return sum / dimension;
    });
    const along = (factor: number): number[] => centre.map((c, axis) => c + factor * ((points[last]?.[axis] ?? 0) - c));
    const reflected = along(-1);
    const atReflected = loss(reflected);
    let candidate = reflected;
    let atCandidate = atReflected;
    if (atReflected < (values[first] ?? 0)) {
      const expanded = along(-2);
      const atExpanded = loss(expanded);
      if (atExpanded < atReflected) [candidate, atCandidate] = [expanded, atExpanded];
    } else if (atReflected >= (values[second] ?? 0)) {
      candidate = along(atReflected < (values[last] ?? 0) ? -0.5 : 0.5);
      atCandidate = loss(candidate);
    }
    if (atCandidate < (values[last] ?? 0)) {
      points[last] = candidate;
      values[last] = atCandidate;
      continue;
    }
    for (const index of order) {
      if (index === first) continue;
      points[index] = (points[index] ?? []).map((x, axis) => ((points[first]?.[axis] ?? 0) + x) / 2);
      values[index] = loss(points[index] ?? []);
    }
  }
  let best = 0;
  for (let index = 1; index <= dimension; index += 1) if ((values[index] ?? 0) < (values[best] ?? 0)) best = index;
  return points[best] ?? [...start];
}

function inward(x: number, size: number): number {
  return x + size > 1 ? x - size : x + size;
}

/** Relative errors predicted / measured - 1 of all observations. */
export function summarize<Shape>(
  observations: readonly Observation<Shape>[],
  predict: (shape: Shape) => number,
): ErrorSummary {
  const errors = observations.map(({ shape, time }) => predict(shape) / time - 1);
  const sizes = errors.map(Math.abs).sort((a, b) => a - b);
  const rows = errors.length;
  if (rows === 0) return { rows, mean: 0, median: 0, p90: 0, bias: 0 };
  const rank = (share: number): number => sizes[Math.min(rows - 1, Math.ceil(share * rows) - 1)] ?? 0;
  const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / rows;
  const short = (x: number): number => Number(x.toFixed(4));
  return {
    rows,
    mean: short(mean(sizes)),
    median: short(rank(0.5)),
    p90: short(rank(0.9)),
    bias: short(mean(errors)),
  };
}

/** At most `count` observations, evenly spread over the given order. */
export function thinned<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  const step = items.length / count;
  return Array.from({ length: count }, (_, index) => items[Math.floor(index * step)] as T);
}

/** A fair coin that depends on nothing but the numbers: which half of the shapes is fitted. */
export function half(...keys: readonly number[]): 0 | 1 {
  let hash = 0x811c9dc5;
  for (const key of keys) {
    hash = Math.imul(hash ^ (key | 0), 0x01000193);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x2c1b3c6d);
    hash ^= hash >>> 12;
  }
  return ((hash >>> 7) & 1) as 0 | 1;
}

/** `4.1 / 2.9 / 8.6 %, bias -0.3 %, n 2517`. */
export function shown(summary: ErrorSummary): string {
  const percent = (x: number): string => (100 * x).toFixed(1);
  const { mean, median, p90, bias, rows } = summary;
  return `${percent(mean)} / ${percent(median)} / ${percent(p90)} %, bias ${percent(bias)} %, n ${rows}`;
}
