/**
 * A curve through measured points of one operation: monotone least squares in log time (pool adjacent violators),
 * then a monotone cubic (PCHIP) in log size and log time, sampled at every power of two. Deterministic.
 */

import { exp, log, pow } from "../../base/math.ts";
import type { Bytes, Seconds } from "../../base/quantity.ts";

export interface CurvePoint {
  /** log2 of the size in bytes. */
  readonly exponent: number;
  readonly seconds: Seconds;
}

export interface Curve {
  /** log2 of the size of the first knot. */
  readonly first: number;
  readonly seconds: readonly Seconds[];
  /** Seconds per byte beyond the last knot. */
  readonly slope: number;
}

export function fitCurve(points: readonly CurvePoint[]): Curve {
  const sorted = [...points].sort((a, b) => a.exponent - b.exponent);
  const x = sorted.map((point) => point.exponent);
  const y = monotone(sorted.map((point) => log(point.seconds)));
  const slopes = pchipSlopes(x, y);
  const first = Math.ceil(x[0] ?? 0);
  const last = Math.floor(x[x.length - 1] ?? 0);
  const seconds: number[] = [];
  for (let exponent = first; exponent <= last; exponent++) {
    seconds.push(exp(pchip(x, y, slopes, exponent)));
  }
  const from = exp(y[y.length - 2] ?? 0);
  const to = exp(y[y.length - 1] ?? 0);
  const span = pow(2, x[x.length - 1] ?? 0) - pow(2, x[x.length - 2] ?? 0);
  return { first, seconds, slope: (to - from) / span };
}

/** Time of a size: straight between powers of two and beyond the last, flat below the first. */
export function curveTime({ first, seconds, slope }: Curve, size: Bytes): Seconds {
  let knot: Bytes = pow(2, first);
  const last = seconds.length - 1;
  for (let index = 0; index < last; index++, knot *= 2) {
    const here = seconds[index] ?? 0;
    if (size < knot * 2) return here + ((seconds[index + 1] ?? 0) - here) * Math.max(0, size / knot - 1);
  }
  return (seconds[last] ?? 0) + Math.max(0, size - knot) * slope;
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
  const rest = (1 - t) * (1 - t);
  const h00 = (1 + 2 * t) * rest;
  const h10 = t * rest;
  const h01 = t * t * (3 - 2 * t);
  const h11 = t * t * (t - 1);
  return (
    h00 * (y[i] ?? 0) + h10 * width * (slopes[i] ?? 0) + h01 * (y[i + 1] ?? 0) + h11 * width * (slopes[i + 1] ?? 0)
  );
}
