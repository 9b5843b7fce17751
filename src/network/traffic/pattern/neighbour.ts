/** A ring: each endpoint sends to the one `shift` places after it, the last ones to the first. */

import { countProblems, fewProblems, pairsTo, type TrafficPattern } from "./pattern.ts";

export const neighbour: TrafficPattern = {
  name: "neighbour",
  summary: "each endpoint sends to the one a fixed number of places after it, around a ring",
  rounds: "alike",
  pace: "free",
  defaults: () => ({ shift: 1 }),
  problems: (endpoints, { shift }) => [
    ...fewProblems(endpoints, 2),
    ...countProblems("shift", shift, Math.max(1, endpoints - 1)),
  ],
  count: (endpoints) => endpoints,
  steps: (endpoints, { shift = 1 }) => [pairsTo(endpoints, (from) => (from + shift) % endpoints)],
};
