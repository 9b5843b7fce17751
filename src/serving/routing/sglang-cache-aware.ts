/**
 * The cache-aware policy of SGLang's gateway. While loads are balanced a prompt goes where the longest beginning of it
 * went before, if that is long enough; else to the least loaded. What was sent is remembered in a tree of characters.
 *
 *     imbalanced:  max - min > absolute  and  max > relative x min      (requests of this router in flight)
 *     hit:         matched characters / characters > threshold
 *
 * A chunk stands for its tokens times four characters. The tree is pruned now and then, leaves first, so between two
 * prunings it may be far above its limit; the characters beyond a prompt's chunks are not counted. The newer gates on
 * the use of the cache are off by default and left out.
 * @source sglang-gateway
 */

import { extent } from "./choice.ts";
import { type RoutingEntry, routingEntry } from "./entry.ts";
import { LearntPrefixes } from "./learnt-prefixes.ts";
import type { Values } from "./parameter.ts";
import type { IncomingRequest, ReplicaView, RoutingPolicy } from "./policy.ts";

/** What the gateway takes for the length of a token. */
export const charactersPerToken = 4;

const parameters = {
  threshold: {
    kind: "ratio",
    default: 0.5,
    atMost: 1,
    description: "A match counts above this share of the prompt.",
  },
  absolute: {
    kind: "count",
    default: 32,
    description: "Imbalanced only if requests in flight differ by more than this.",
  },
  relative: {
    kind: "number",
    default: 1.1,
    description: "Imbalanced only if the most is more than this multiple of the least.",
  },
  pruneEvery: { kind: "duration", default: 30, above: 0, description: "Time between prunings of the tree." },
  treeSize: { kind: "count", default: 10_000, description: "Characters of a replica that a pruning leaves." },
} as const;

export const sglangCacheAware: RoutingEntry = routingEntry({
  name: "sglang-cache-aware",
  summary: "SGLang's gateway library: longest prefix sent before, unless loads are imbalanced.",
  sources: ["sglang-gateway"],
  parameters,
  holds: "never",
  spread: "even",
  create: (values) => new CacheAware(values),
});

/** The same with the defaults of the command that starts the gateway. */
export const sglangCacheAwareLauncher: RoutingEntry = routingEntry({
  name: "sglang-cache-aware-launcher",
  summary: "SGLang's cache-aware policy with the defaults of its launch command.",
  sources: ["sglang-gateway-launcher"],
  parameters: {
    threshold: { ...parameters.threshold, default: 0.3 },
    absolute: { ...parameters.absolute, default: 64 },
    relative: { ...parameters.relative, default: 1.5 },
    pruneEvery: { ...parameters.pruneEvery, default: 60 },
    treeSize: { ...parameters.treeSize, default: 67_108_864 },
  },
  holds: "never",
  spread: "even",
  create: (values) => new CacheAware(values),
});

class CacheAware implements RoutingPolicy {
  private readonly values: Values<typeof parameters>;
  private readonly tree = new LearntPrefixes({
    capacity: Number.POSITIVE_INFINITY,
    scope: "replica",
    lifetime: Number.POSITIVE_INFINITY,
    forgets: "last",
  });
  private matched: Int32Array = new Int32Array(0);
  private prunedAt = 0;

  constructor(values: Values<typeof parameters>) {
    this.values = values;
  }

  choose(request: IncomingRequest, replicas: readonly ReplicaView[], now: number): number {
    const { chunks } = request;
    if (this.matched.length < extent(replicas)) this.matched = new Int32Array(extent(replicas));
    this.prune(request.chunkTokens, now);
    const chosen = imbalanced(replicas, this.values) ? shortest(replicas) : this.longest(request, replicas, now);
    if (chosen >= 0) this.tree.insert(chosen, chunks, chunks.length, now);
    return chosen;
  }

  onReset(replica: number): void {
    this.tree.reset(replica);
  }

  /** Where the longest beginning went last, if long enough; else the least loaded. */
  private longest(request: IncomingRequest, replicas: readonly ReplicaView[], now: number): number {
    const { chunks, chunkTokens, tokens } = request;
    this.tree.match(chunks, chunks.length, now, this.matched);
    let most = 0;
    let chosen = -1;
    let sentAt = -1;
    for (const { index, ready } of replicas) {
      const own = this.matched[index] ?? 0;
      if (!ready || own === 0 || own < most) continue;
      const at = this.tree.touchedAt(index, chunks[own - 1] ?? -1);
      if (own === most && at <= sentAt) continue;
      [most, chosen, sentAt] = [own, index, at];
    }
    const share = Math.min(tokens, most * chunkTokens) / tokens;
    return chosen >= 0 && share > this.values.threshold ? chosen : shortest(replicas);
  }

  private prune(chunkTokens: number, now: number): void {
    if (now - this.prunedAt < this.values.pruneEvery) return;
    this.prunedAt = now;
    const left = Math.floor(this.values.treeSize / (charactersPerToken * chunkTokens));
    for (let replica = 0; replica < this.matched.length; replica++) this.tree.trim(replica, left);
  }
}

/** Fewest requests in flight; of equals the first, so that an idle fleet fills its first replica. */
function shortest(replicas: readonly ReplicaView[]): number {
  let chosen = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const { index, ready, inFlight } of replicas) {
    if (!ready || inFlight >= least) continue;
    [least, chosen] = [inFlight, index];
  }
  return chosen;
}

/** Whether requests in flight differ by too much. */
function imbalanced(replicas: readonly ReplicaView[], values: Values<typeof parameters>): boolean {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const { ready, inFlight } of replicas) {
    if (!ready) continue;
    if (inFlight < least) least = inFlight;
    if (inFlight > most) most = inFlight;
  }
  return most - least > values.absolute && most > values.relative * least;
}
