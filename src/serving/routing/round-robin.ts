/** In turn, whatever the load. Replicas that are not ready are passed over and keep their place. */

import { extent } from "./choice.ts";
import { type RoutingEntry, routingEntry } from "./entry.ts";

export const roundRobin: RoutingEntry = routingEntry({
  name: "round-robin",
  summary: "Each ready replica in turn.",
  sources: [],
  parameters: {},
  holds: "never",
  spread: "even",
  create: () => {
    let last = -1;
    return {
      choose(_request, replicas) {
        const count = extent(replicas);
        let next = -1;
        let nearest = Number.POSITIVE_INFINITY;
        for (const { index, ready } of replicas) {
          const steps = (index - last - 1 + count) % count;
          if (ready && steps < nearest) {
            nearest = steps;
            next = index;
          }
        }
        last = next;
        return next;
      },
    };
  },
});
