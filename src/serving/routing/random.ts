/** By chance, all ready replicas alike. */

import { readyOf } from "./choice.ts";
import { type RoutingEntry, routingEntry } from "./entry.ts";

export const randomChoice: RoutingEntry = routingEntry({
  name: "random",
  summary: "A ready replica by chance.",
  sources: [],
  parameters: {},
  holds: "never",
  spread: "even",
  create: (_values, { random }) => ({
    choose: (_request, replicas) => random.choice(readyOf(replicas)).index,
  }),
});
