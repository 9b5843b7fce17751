/**
 * Every endpoint sends one message to every other. Libraries take turns so that nobody hears from many at once; all
 * messages move in step.
 */

import { fewProblems, type Pair, type TrafficPattern } from "./pattern.ts";

export const allToAll: TrafficPattern = {
  name: "all-to-all",
  summary: "each endpoint sends to every other, all in step",
  rounds: "alike",
  pace: "in-step",
  defaults: () => ({}),
  problems: (endpoints) => fewProblems(endpoints, 2),
  count: (endpoints) => endpoints * (endpoints - 1),
  steps(endpoints) {
    const pairs: Pair[] = [];
    for (let from = 0; from < endpoints; from++) {
      for (let to = 0; to < endpoints; to++) if (to !== from) pairs.push({ from, to });
    }
    return [pairs];
  },
};
