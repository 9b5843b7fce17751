/** Least loaded by the router's own books, or by the engines' last metrics. Old metrics make arrivals follow one another. */

import { cheapest } from "./choice.ts";
import { type RoutingEntry, routingEntry } from "./entry.ts";
import type { ReplicaView } from "./policy.ts";

export const leastLoaded: RoutingEntry = routingEntry({
  name: "least-loaded",
  summary: "The ready replica with least load, by the router's own books or by scraped metrics.",
  sources: [],
  parameters: {
    load: {
      kind: "choice",
      words: ["requests", "prompt-tokens", "prefill-tokens", "scraped-requests"],
      default: "requests",
      description:
        "What is compared: requests in flight, their prompt tokens, prompt tokens without an answer yet, or running and waiting requests as last scraped.",
    },
  },
  holds: "never",
  spread: "even",
  create({ load }, { random }) {
    const measure = measures[load];
    return { choose: (_request, replicas) => cheapest(replicas, random, measure) };
  },
});

const measures = {
  requests: (view: ReplicaView): number => view.inFlight,
  "prompt-tokens": (view: ReplicaView): number => view.inFlightTokens,
  "prefill-tokens": (view: ReplicaView): number => view.inFlightPrefillTokens,
  "scraped-requests": (view: ReplicaView): number => view.running + view.waiting,
} as const;
