/** Many to one: the last `fanIn` endpoints send to the first at the same time. */

import { countProblems, fewProblems, type TrafficPattern } from "./pattern.ts";

export const incast: TrafficPattern = {
  name: "incast",
  summary: "the last endpoints, as many as fanIn says, send to the first at once",
  rounds: "alike",
  pace: "free",
  defaults: (endpoints) => ({ fanIn: Math.max(1, endpoints - 1) }),
  problems: (endpoints, { fanIn }) => [
    ...fewProblems(endpoints, 2),
    ...countProblems("fanIn", fanIn, Math.max(1, endpoints - 1)),
  ],
  count: (endpoints) => endpoints,
  steps: (endpoints, { fanIn = 1 }) => [
    Array.from({ length: fanIn }, (_, index) => ({ from: endpoints - fanIn + index, to: 0 })),
  ],
};
