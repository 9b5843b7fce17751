/**
 * The less loaded of two drawn at random: nearly as even as the least loaded, and routers that share a view do not all
 * take the same replica.
 * @source mitzenmacher-2001
 */

import { readyOf } from "./choice.ts";
import { type RoutingEntry, routingEntry } from "./entry.ts";

export const powerOfTwo: RoutingEntry = routingEntry({
  name: "power-of-two",
  summary: "Two ready replicas by chance, of them the one with fewer requests in flight.",
  sources: ["mitzenmacher-2001"],
  parameters: {},
  holds: "never",
  spread: "even",
  create: (_values, { random }) => ({
    choose(_request, replicas) {
      const ready = readyOf(replicas);
      const first = random.integer(ready.length);
      const one = ready[first];
      if (one === undefined) return -1;
      if (ready.length === 1) return one.index;
      // The second is drawn from the others.
      const other = ready[(first + 1 + random.integer(ready.length - 1)) % ready.length] ?? one;
      return other.inFlight < one.inFlight ? other.index : one.index;
    },
  }),
});
