/**
 * Halo exchange of a stencil code: endpoints fill a grid, each sends one face to each of its neighbours in every
 * dimension, all at once. Where a side has two endpoints and the boundary is periodic, both faces go to the same one.
 */

import { fewProblems, type Pair, type PatternProblem, type TrafficPattern } from "./pattern.ts";

export const halo2d: TrafficPattern = halo(2);
export const halo3d: TrafficPattern = halo(3);

function halo(dimensions: 2 | 3): TrafficPattern {
  return {
    name: `halo-${dimensions}d`,
    summary: `each endpoint of a ${dimensions}D grid sends a face to each of its ${2 * dimensions} neighbours`,
    rounds: "alike",
    pace: "free",
    defaults: (endpoints) => ({ grid: nearestGrid(endpoints, dimensions), boundary: "periodic" }),
    problems: (endpoints, { grid }) => [
      ...fewProblems(endpoints, 2),
      ...gridProblems(endpoints, grid ?? [], dimensions),
    ],
    count: (endpoints) => 2 * dimensions * endpoints,
    steps: (endpoints, { grid = [endpoints], boundary = "periodic" }) => [faces(grid, boundary)],
  };
}

function faces(grid: readonly number[], boundary: "periodic" | "open"): Pair[] {
  const endpoints = grid.reduce((product, side) => product * side, 1);
  const pairs: Pair[] = [];
  for (let from = 0; from < endpoints; from++) {
    let stride = 1;
    for (const side of grid) {
      const place = Math.floor(from / stride) % side;
      for (const step of [1, -1]) {
        const next = place + step;
        const outside = next < 0 || next >= side;
        if (side === 1 || (outside && boundary === "open")) continue;
        pairs.push({ from, to: from + (((next + side) % side) - place) * stride });
      }
      stride *= side;
    }
  }
  return pairs;
}

/** A grid of exactly so many endpoints, in so many dimensions. */
export function gridProblems(endpoints: number, grid: readonly number[], dimensions: number): PatternProblem[] {
  const product = grid.reduce((count, side) => count * side, 1);
  const hint = `write ${dimensions} sides whose product is ${endpoints}`;
  if (grid.length !== dimensions) return [{ key: "grid", message: `${grid.length} sides`, hint }];
  return product === endpoints ? [] : [{ key: "grid", message: `${grid.join(" x ")} is ${product}`, hint }];
}

/** Sides as near to a square or cube as divisors allow, the longest first. */
export function nearestGrid(endpoints: number, dimensions: 2 | 3): readonly number[] {
  let best: readonly number[] = [endpoints, 1, 1];
  for (let short = 1; (dimensions === 2 ? 1 : short) * short * short <= endpoints; short++) {
    if (endpoints % short !== 0) continue;
    const rest = endpoints / short;
    if (dimensions === 2) best = [rest, short, 1];
    else {
      for (let middle = short; middle * middle <= rest; middle++) {
        const sides = [rest / middle, middle, short];
        if (rest % middle === 0 && surface(sides) < surface(best)) best = sides;
      }
    }
  }
  return best.slice(0, dimensions);
}

function surface([a = 1, b = 1, c = 1]: readonly number[]): number {
  return a * b + b * c + a * c;
}
