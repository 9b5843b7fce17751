/**
 * Random permutation: every endpoint sends to one other and receives from one other, along one cycle through all, so
 * that nobody is left to send to itself.
 */

import { fewProblems, pairsTo, type TrafficPattern } from "./pattern.ts";

export const permutation: TrafficPattern = {
  name: "permutation",
  summary: "each endpoint sends to one other and hears from one other, drawn anew each round",
  rounds: "drawn",
  pace: "free",
  defaults: () => ({}),
  problems: (endpoints) => fewProblems(endpoints, 2),
  count: (endpoints) => endpoints,
  steps(endpoints, _options, stream) {
    const cycle = stream.shuffle(Array.from({ length: endpoints }, (_, index) => index));
    const next = new Int32Array(endpoints);
    cycle.forEach((from, place) => {
      next[from] = cycle[(place + 1) % endpoints] ?? from;
    });
    return [pairsTo(endpoints, (from) => next[from]!)];
  },
};
