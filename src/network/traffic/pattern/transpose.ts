/**
 * Transposition of a matrix whose blocks lie on a grid of endpoints: the endpoint in row i and column j sends its block
 * to the one in row j and column i; the diagonal keeps its own. On a grid of one row or column all keep theirs.
 */

import { gridProblems, nearestGrid } from "./halo.ts";
import { fewProblems, type PatternProblem, pairsTo, type TrafficPattern } from "./pattern.ts";

export const transpose: TrafficPattern = {
  name: "transpose",
  summary: "endpoints on a grid swap blocks with their mirror image across the diagonal",
  rounds: "alike",
  pace: "free",
  defaults: (endpoints) => ({ grid: nearestGrid(endpoints, 2) }),
  problems(endpoints, { grid = [] }) {
    const found = [...fewProblems(endpoints, 2), ...gridProblems(endpoints, grid, 2)];
    return found.length > 0 ? found : lineProblems(endpoints, grid);
  },
  count: (endpoints) => endpoints,
  steps(endpoints, { grid: [columns = 1, rows = 1] = [] }) {
    return [pairsTo(endpoints, (from) => (from % columns) * rows + Math.floor(from / columns))];
  },
};

/** Where the grid is a line nothing moves, and where the number is prime every grid is one. */
function lineProblems(endpoints: number, grid: readonly number[]): PatternProblem[] {
  if (!grid.includes(1)) return [];
  const [columns = 1, rows = 1] = nearestGrid(endpoints, 2);
  if (rows > 1) {
    const hint = `write two sides above 1, e.g. [${columns}, ${rows}]`;
    return [{ key: "grid", message: `${grid.join(" x ")} is a line, whose transposition moves nothing`, hint }];
  }
  const message = `${endpoints} endpoints fill no grid but a line, whose transposition moves nothing`;
  return [{ key: "endpoints", message, hint: "another number of endpoints, the product of two sides above 1" }];
}
