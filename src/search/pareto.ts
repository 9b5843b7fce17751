/** Pareto fronts: what nothing else beats in every goal at once. */

/**
 * Indices of the points that no other is at least as good as in every goal and better in one, in ascending order of the
 * first goal. All goals are minimised; maximise by handing in negatives. Equal points stand together.
 */
export function paretoFront(points: readonly (readonly number[])[]): readonly number[] {
  const order = points.map((_, index) => index).sort((a, b) => compared(points, a, b) || a - b);
  const front: number[] = [];
  // In this order nothing later dominates anything earlier, so only the front so far has to be asked.
  for (const index of order) {
    const point = points[index] as readonly number[];
    const beaten =
      point.length === 2
        ? secondBeaten(points, front, point)
        : front.some((other) => dominates(points[other] as readonly number[], point));
    if (!beaten) front.push(index);
  }
  return front;
}

/** With two goals the last of the front has the least second value so far. */
function secondBeaten(
  points: readonly (readonly number[])[],
  front: readonly number[],
  point: readonly number[],
): boolean {
  const last = front.at(-1);
  return last !== undefined && dominates(points[last] as readonly number[], point);
}

/** At least as good in every goal, better in one. */
export function dominates(one: readonly number[], other: readonly number[]): boolean {
  let better = false;
  for (let goal = 0; goal < one.length; goal++) {
    const [a, b] = [one[goal] as number, other[goal] as number];
    if (a > b) return false;
    if (a < b) better = true;
  }
  return better;
}

function compared(points: readonly (readonly number[])[], a: number, b: number): number {
  const [one, other] = [points[a] as readonly number[], points[b] as readonly number[]];
  for (let goal = 0; goal < one.length; goal++) {
    const difference = (one[goal] as number) - (other[goal] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
