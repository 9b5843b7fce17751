/**
 * AIBrix's prefix-cache policy. If requests in flight differ by more than a count, the replica with fewest; else the
 * replica with the best match that is not too busy, fewest in flight first among equals; else the one with fewest.
 *
 *     imbalanced:  max - min > count
 *     not too busy:  running <= mean + factor x standard deviation        (over ready replicas)
 *
 * Running requests are those the gateway counts. One table for the fleet remembers blocks of characters, least recently
 * used forgotten first, and after a lifetime. The defaults are those of the code; its documentation says 16, 2 and 128.
 * @source aibrix-prefix-cache
 */

import { sqrt } from "../../base/math.ts";
import type { RandomStream } from "../../base/random.ts";
import { extent, leastInFlight } from "./choice.ts";
import { type RoutingEntry, routingEntry } from "./entry.ts";
import { LearntPrefixes } from "./learnt-prefixes.ts";
import type { Values } from "./parameter.ts";
import type { IncomingRequest, ReplicaView, RoutingPolicy } from "./policy.ts";
import { charactersPerToken } from "./sglang-cache-aware.ts";

const parameters = {
  imbalance: { kind: "count", default: 8, description: "Imbalanced if requests in flight differ by more than this." },
  deviations: { kind: "number", default: 1, description: "Too busy above so many standard deviations over the mean." },
  blockCharacters: { kind: "count", default: 4, atLeast: 1, description: "Characters of one block of the table." },
  blocks: { kind: "count", default: 200_000, description: "Blocks of the table." },
  lifetime: { kind: "duration", default: 1200, above: 0, description: "How long a block not used again is kept." },
} as const;

export const aibrixPrefix: RoutingEntry = routingEntry({
  name: "aibrix-prefix",
  summary: "AIBrix's prefix-cache: best match among replicas that are not too busy.",
  sources: ["aibrix-prefix-cache"],
  parameters,
  holds: "never",
  spread: "even",
  create: (values, { random }) => new AibrixPrefix(values, random),
});

class AibrixPrefix implements RoutingPolicy {
  private readonly values: Values<typeof parameters>;
  private readonly random: RandomStream;
  private readonly table: LearntPrefixes;
  private matched: Int32Array = new Int32Array(0);

  constructor(values: Values<typeof parameters>, random: RandomStream) {
    this.values = values;
    this.random = random;
    this.table = new LearntPrefixes({
      capacity: Number.POSITIVE_INFINITY,
      scope: "fleet",
      lifetime: values.lifetime,
      forgets: "first",
    });
  }

  choose(request: IncomingRequest, replicas: readonly ReplicaView[], now: number): number {
    const { chunks, chunkTokens } = request;
    if (this.matched.length < extent(replicas)) this.matched = new Int32Array(extent(replicas));
    this.table.resize(
      Math.floor((this.values.blocks * this.values.blockCharacters) / (charactersPerToken * chunkTokens)),
    );
    this.table.match(chunks, chunks.length, now, this.matched);
    const match = this.balanced(replicas) ? this.bestMatch(replicas) : -1;
    const chosen = match >= 0 ? match : leastInFlight(replicas, this.random);
    this.table.insert(chosen, chunks, chunks.length, now);
    return chosen;
  }

  onReset(replica: number): void {
    this.table.reset(replica);
  }

  private balanced(replicas: readonly ReplicaView[]): boolean {
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    for (const { ready, inFlight } of replicas) {
      if (!ready) continue;
      least = Math.min(least, inFlight);
      most = Math.max(most, inFlight);
    }
    return most - least <= this.values.imbalance;
  }

  /** Longest match among replicas that are not too busy; -1 where none of them matches. */
  private bestMatch(replicas: readonly ReplicaView[]): number {
    const limit = busyLimit(replicas, this.values.deviations);
    let chosen = -1;
    let most = 0;
    let fewest = Number.POSITIVE_INFINITY;
    for (const { index, ready, inFlight } of replicas) {
      const own = this.matched[index] ?? 0;
      if (!ready || own === 0 || inFlight > limit || own < most) continue;
      if (own === most && inFlight >= fewest) continue;
      [chosen, most, fewest] = [index, own, inFlight];
    }
    return chosen;
  }
}

/** Mean of requests in flight and so many standard deviations. */
function busyLimit(replicas: readonly ReplicaView[], deviations: number): number {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (const { ready, inFlight } of replicas) {
    if (!ready) continue;
    count += 1;
    sum += inFlight;
    squares += inFlight * inFlight;
  }
  const mean = sum / count;
  return mean + deviations * sqrt(Math.max(0, squares / count - mean * mean));
}
