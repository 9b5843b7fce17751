/**
 * The order in which points survive: answers before what is none; answers by how many fronts lie before them, then by how
 * alone they stand on their front; the others by what they lack.
 * @source deb-2002 Sections III and VI
 */

import { dominates } from "../pareto.ts";
import type { Wants } from "./goals.ts";
import { distanceOf, type Lack, lacksOf } from "./judge.ts";
import { costOf, type Row } from "./summary.ts";

interface Standing {
  readonly row: Row;
  /** What is compared, in this order; the least is the best. */
  readonly by: readonly number[];
}

/** Best first; the earlier of equals. */
export function bestFirst(rows: readonly Row[], { goals, limits }: Wants): readonly Row[] {
  const answers: Row[] = [];
  const standings: Standing[] = [];
  for (const row of rows) {
    const lacks = lacksOf(row.outcome, limits);
    const known = goals.every(({ metric }) => row.outcome.metrics[metric] !== undefined);
    if (lacks.length === 0 && known) answers.push(row);
    else standings.push({ row, by: missing(lacks) });
  }
  const costs = answers.map(({ outcome }) => goals.map((goal) => costOf(outcome, goal)));
  const fronts = goals.length === 1 ? costs.map(([cost = 0]) => cost) : frontsOf(costs);
  const alone = goals.length === 1 ? costs.map(() => 0) : lonelinessOf(costs, fronts);
  for (const [index, row] of answers.entries())
    standings.push({ row, by: [0, fronts[index] ?? 0, -(alone[index] ?? 0)] });
  return standings.sort(compared).map(({ row }) => row);
}

/** Those that were refused last, those that fit first, then the nearest. */
function missing(lacks: readonly Lack[]): readonly number[] {
  const distance = distanceOf(lacks);
  return [Number.isFinite(distance) ? 1 : 2, lacks.some(({ by }) => by === "fit") ? 1 : 0, distance];
}

function compared(a: Standing, b: Standing): number {
  for (const [index, one] of a.by.entries()) {
    const other = b.by[index] ?? 0;
    if (one !== other) return one < other ? -1 : 1;
  }
  return a.row.point - b.row.point;
}

/** How many fronts have to be taken away before a point is on one. */
function frontsOf(costs: readonly (readonly number[])[]): readonly number[] {
  const fronts: number[] = costs.map(() => -1);
  let left = costs.map((_, index) => index);
  for (let front = 0; left.length > 0; front++) {
    const rest = left.filter((index) =>
      left.some((other) => dominates(costs[other] as readonly number[], costs[index] as readonly number[])),
    );
    const behind = new Set(rest);
    for (const index of left) if (!behind.has(index)) fronts[index] = front;
    left = rest;
  }
  return fronts;
}

/** Distance between the neighbours of a point on its front, each goal as a share of the front's extent; ends stand alone. */
function lonelinessOf(costs: readonly (readonly number[])[], fronts: readonly number[]): readonly number[] {
  const alone = costs.map(() => 0);
  for (const front of new Set(fronts)) {
    const members = costs.map((_, index) => index).filter((index) => fronts[index] === front);
    for (let goal = 0; goal < (costs[0]?.length ?? 0); goal++) {
      const cost = (index: number | undefined): number => (index === undefined ? 0 : (costs[index]?.[goal] ?? 0));
      const order = [...members].sort((a, b) => cost(a) - cost(b) || a - b);
      const extent = cost(order.at(-1)) - cost(order[0]);
      for (const [place, index] of order.entries()) {
        const end = place === 0 || place === order.length - 1;
        const gap = extent === 0 ? 0 : (cost(order[place + 1]) - cost(order[place - 1])) / extent;
        alone[index] = end ? Number.POSITIVE_INFINITY : (alone[index] ?? 0) + gap;
      }
    }
  }
  return alone;
}
