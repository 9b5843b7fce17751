/** Uniform random destinations: several may choose the same receiver. */

import { fewProblems, pairsTo, type TrafficPattern } from "./pattern.ts";

export const randomDestinations: TrafficPattern = {
  name: "random",
  summary: "each endpoint sends to another drawn at random, drawn anew each round",
  rounds: "drawn",
  pace: "free",
  defaults: () => ({}),
  problems: (endpoints) => fewProblems(endpoints, 2),
  count: (endpoints) => endpoints,
  steps(endpoints, _options, stream) {
    return [
      pairsTo(endpoints, (from) => {
        const drawn = stream.integer(endpoints - 1);
        return drawn < from ? drawn : drawn + 1;
      }),
    ];
  },
};
