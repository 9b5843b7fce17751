/**
 * Broadcast along a binomial tree: in step s the 2^s endpoints that have the message each send it 2^s places on, so n
 * endpoints have it after ceil(log2 n) steps. A step starts when the one before has ended everywhere.
 * @source thakur-2005
 */

import { fewProblems, type Pair, type TrafficPattern } from "./pattern.ts";

export const broadcastTree: TrafficPattern = {
  name: "broadcast-tree",
  summary: "the first endpoint's message reaches all along a binomial tree, step by step",
  rounds: "alike",
  pace: "free",
  defaults: () => ({}),
  problems: (endpoints) => fewProblems(endpoints, 2),
  count: (endpoints) => endpoints,
  steps(endpoints) {
    const steps: Pair[][] = [];
    for (let have = 1; have < endpoints; have *= 2) {
      const senders = Math.min(have, endpoints - have);
      steps.push(Array.from({ length: senders }, (_, from) => ({ from, to: from + have })));
    }
    return steps;
  },
};
