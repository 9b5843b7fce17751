/**
 * Transposition of a matrix whose blocks lie on a grid of endpoints: the endpoint in row i and column j sends its block
 * to the one in row j and column i; the diagonal keeps its own.
 */

import { gridProblems, nearestGrid } from "./halo.ts";
import { fewProblems, pairsTo, type TrafficPattern } from "./pattern.ts";

export const transpose: TrafficPattern = {
  name: "transpose",
  summary: "endpoints on a grid swap blocks with their mirror image across the diagonal",
  rounds: "alike",
  pace: "free",
  defaults: (endpoints) => ({ grid: nearestGrid(endpoints, 2) }),
  problems: (endpoints, { grid = [] }) => [...fewProblems(endpoints, 2), ...gridProblems(endpoints, grid, 2)],
  count: (endpoints) => endpoints,
  steps(endpoints, { grid: [columns = 1, rows = 1] = [] }) {
    return [pairsTo(endpoints, (from) => (from % columns) * rows + Math.floor(from / columns))];
  },
};
