/** Many to few: all endpoints but the last `targets` write to those, dealt round. */

import { countProblems, fewProblems, type TrafficPattern } from "./pattern.ts";

export const checkpoint: TrafficPattern = {
  name: "checkpoint",
  summary: "all endpoints write to the last few, as many as targets says, dealt round",
  rounds: "alike",
  pace: "free",
  defaults: (endpoints) => ({ targets: Math.max(1, Math.floor(endpoints / 8)) }),
  problems: (endpoints, { targets }) => [
    ...fewProblems(endpoints, 2),
    ...countProblems("targets", targets, Math.max(1, endpoints - 1)),
  ],
  count: (endpoints) => endpoints,
  steps(endpoints, { targets = 1 }) {
    const writers = endpoints - targets;
    return [Array.from({ length: writers }, (_, from) => ({ from, to: writers + (from % targets) }))];
  },
};
