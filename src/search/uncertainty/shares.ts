/**
 * Which input matters most: the squared rank correlation of each input with the metric, scaled to the whole. Inputs are
 * drawn independently, so that for a metric that follows each of them one way these are shares of its spread.
 *
 * Ignores: what inputs only do together, and what goes up and down again.
 */

import { mean } from "../../base/statistics.ts";

export interface Share {
  readonly of: string;
  readonly share: number;
}

/** Shares below this are chance. */
const least = 0.01;

export function sharesOf(
  factors: readonly { readonly of: string; readonly values: readonly number[] }[],
  result: readonly number[],
): readonly Share[] {
  const ranks = ranksOf(result);
  const squares = factors.map(({ of, values }) => ({ of, square: squaredCorrelation(ranksOf(values), ranks) }));
  const total = squares.reduce((sum, { square }) => sum + square, 0);
  if (total === 0) return [];
  return squares
    .map(({ of, square }) => ({ of, share: square / total }))
    .filter(({ share }) => share >= least)
    .sort((a, b) => b.share - a.share);
}

/** Places in ascending order; equal values share the middle of theirs. */
function ranksOf(values: readonly number[]): readonly number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && order[to]?.value === order[from]?.value) to += 1;
    for (let at = from; at < to; at++) ranks[order[at]?.index ?? 0] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}

/** 0 where one of them does not move. */
function squaredCorrelation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let both = 0;
  let ownA = 0;
  let ownB = 0;
  for (const [index, value] of a.entries()) {
    const [left, right] = [value - meanA, (b[index] ?? 0) - meanB];
    both += left * right;
    ownA += left * left;
    ownB += right * right;
  }
  return ownA === 0 || ownB === 0 ? 0 : (both * both) / (ownA * ownB);
}
