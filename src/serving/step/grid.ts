/**
 * A table over four axes that need not be complete: every value of the first axis has its own values of the second,
 * and so on. Straight lines between neighbours, axis after axis.
 */

import { lowerIndex } from "./curve.ts";

export interface Grid {
  readonly at: Float64Array;
  /** Next axis at each value; at the last axis absent. */
  readonly below: readonly Grid[];
  /** Values at the last axis. */
  readonly values: Float64Array;
}

/** A grid through rows of [first, second, third, fourth, value]. */
export function gridOf(rows: readonly (readonly number[])[]): Grid {
  return level(rows, 0);
}

const axes = 4;

function level(rows: readonly (readonly number[])[], axis: number): Grid {
  const groups = new Map<number, (readonly number[])[]>();
  for (const row of rows) {
    const place = row[axis] as number;
    const group = groups.get(place);
    if (group === undefined) groups.set(place, [row]);
    else group.push(row);
  }
  const sorted = [...groups].sort((a, b) => a[0] - b[0]);
  const at = Float64Array.from(sorted, ([place]) => place);
  if (axis === axes - 1) {
    return { at, below: [], values: Float64Array.from(sorted, ([, group]) => group[0]?.[axes] as number) };
  }
  return { at, below: sorted.map(([, group]) => level(group, axis + 1)), values: new Float64Array(0) };
}

/** Value at a place; outside the table the last line is carried on, below the first point the first value holds. */
export function gridValue(grid: Grid, first: number, second: number, third: number, fourth: number): number {
  const { at, below, values } = grid;
  const low = lowerIndex(at, first);
  const start = at[low] as number;
  const lower =
    below.length === 0 ? (values[low] as number) : gridValue(below[low] as Grid, second, third, fourth, Number.NaN);
  if (at.length === 1 || first <= start) return lower;
  const share = (first - start) / ((at[low + 1] as number) - start);
  const upper =
    below.length === 0
      ? (values[low + 1] as number)
      : gridValue(below[low + 1] as Grid, second, third, fourth, Number.NaN);
  return lower + share * (upper - lower);
}
