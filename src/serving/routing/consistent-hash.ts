/**
 * Consistent hashing with bounded loads: a key's replica on the ring, or the next one that has room. A replica has room
 * while taking the request leaves it at or below `bound` times the mean in flight.
 *
 *     room:  load + 1 <= ceil(bound (total + 1) / n)
 *
 * The key is the session, else the prompt's beginning, else the request itself.
 * @source mirrokni-2017
 */

import { type RoutingEntry, routingEntry } from "./entry.ts";
import type { IncomingRequest } from "./policy.ts";
import { HashRing } from "./ring.ts";

export const consistentHash: RoutingEntry = routingEntry({
  name: "consistent-hash",
  summary: "By hash of the session or the prompt's beginning, to the next replica on the ring with room.",
  sources: ["mirrokni-2017", "kubeai-chwbl"],
  parameters: {
    bound: {
      kind: "number",
      default: 1.25,
      atLeast: 1,
      description: "Requests in flight at most, as a multiple of the mean. Infinity is plain consistent hashing.",
    },
    prefixTokens: {
      kind: "count",
      default: 25,
      atLeast: 1,
      description: "How much of a prompt makes its key, rounded up to whole chunks.",
    },
    points: { kind: "count", default: 256, atLeast: 1, description: "Points of a replica on the ring." },
  },
  holds: "never",
  spread: "keyed",
  create({ bound, prefixTokens, points }) {
    const ring = new HashRing(points);
    return {
      choose(request, replicas) {
        const load = new Map<number, number>();
        let total = 0;
        for (const { index, ready, inFlight } of replicas) {
          if (!ready) continue;
          load.set(index, inFlight);
          total += inFlight;
        }
        const room = Math.ceil((bound * (total + 1)) / load.size);
        return ring.walk(keyOf(request, prefixTokens), replicas, (replica) => (load.get(replica) ?? 0) + 1 <= room);
      },
    };
  },
});

function keyOf({ session, chunks, chunkTokens, id }: IncomingRequest, prefixTokens: number): number {
  if (session >= 0) return session;
  const last = Math.min(chunks.length, Math.ceil(prefixTokens / chunkTokens)) - 1;
  return chunks[last] ?? id;
}
