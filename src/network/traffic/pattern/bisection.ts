/** Every endpoint sends to the one half of all places away: everything crosses the middle of the machine. */

import { fewProblems, pairsTo, type TrafficPattern } from "./pattern.ts";

export const bisection: TrafficPattern = {
  name: "bisection",
  summary: "each endpoint sends to the one half of all places away, both halves at once",
  rounds: "alike",
  pace: "free",
  defaults: () => ({}),
  problems: (endpoints) => fewProblems(endpoints, 2),
  count: (endpoints) => endpoints,
  steps: (endpoints) => [pairsTo(endpoints, (from) => (from + Math.floor(endpoints / 2)) % endpoints)],
};
