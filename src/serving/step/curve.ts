/** A function known at points: straight lines between them, the last line carried on outside. */

export interface Curve {
  readonly at: Float64Array;
  readonly values: Float64Array;
}

/** A curve through points in any order. Throws where there are none, or where two stand at one place. */
export function curveOf(points: Iterable<readonly [number, number]>): Curve {
  const sorted = [...points].sort((a, b) => a[0] - b[0]);
  if (sorted.length === 0) throw new Error("a curve needs a point");
  sorted.forEach(([x], index) => {
    if (index > 0 && sorted[index - 1]?.[0] === x) throw new Error(`two values at ${x}`);
  });
  return { at: Float64Array.from(sorted, ([x]) => x), values: Float64Array.from(sorted, ([, y]) => y) };
}

/** Value of a curve; a single point is a constant. Below the first point it holds the first value. */
export function curveValue({ at, values }: Curve, x: number): number {
  const low = lowerIndex(at, x);
  const first = values[low] as number;
  if (at.length === 1 || x <= (at[0] as number)) return first;
  const share = (x - (at[low] as number)) / ((at[low + 1] as number) - (at[low] as number));
  return first + share * ((values[low + 1] as number) - first);
}

/** Index of the point that starts the line over x: the last but one at most, so that index + 1 exists where it can. */
export function lowerIndex(at: Float64Array, x: number): number {
  let low = 0;
  let high = at.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((at[middle] as number) <= x) low = middle;
    else high = middle;
  }
  return low;
}
