/** The first half sends to the second, one to one: key-value caches from prefill to decode, stage to stage. */

import { fewProblems, type TrafficPattern } from "./pattern.ts";

export const pairs: TrafficPattern = {
  name: "pairs",
  summary: "the first half sends to the second, one to one: caches from prefill to decode",
  rounds: "alike",
  pace: "free",
  defaults: () => ({}),
  problems: (endpoints) => [
    ...fewProblems(endpoints, 2),
    ...(endpoints % 2 === 0
      ? []
      : [{ key: "endpoints" as const, message: `${endpoints} endpoints`, hint: "expected an even number" }]),
  ],
  count: (endpoints) => endpoints,
  steps(endpoints) {
    const half = Math.floor(endpoints / 2);
    return [Array.from({ length: half }, (_, from) => ({ from, to: from + half }))];
  },
};
