/**
 * Policies of vLLM's production-stack. `session` hashes sessions onto a ring; `prefix` goes where the longest beginning
 * went before, and never forgets; `kv` asks the engines' caches, and takes a match only if little of the prompt is
 * missing; `loadaware` weighs the match against the load. Requests without a session go where fewest went of late.
 *
 *     kv:         matched >= prompt - threshold
 *     loadaware:  matched / prompt - weight (load - mean) / max(1, mean)      the most wins
 *
 * `prefix` and `kv` ignore load: replicas that hold a common beginning get all of it.
 * @source production-stack-routing
 */

import type { Seconds } from "../../base/quantity.ts";
import { cheapest, extent, readyOf } from "./choice.ts";
import { type RoutingEntry, routingEntry } from "./entry.ts";
import { LearntPrefixes } from "./learnt-prefixes.ts";
import type { PrefixIndex, ReplicaView } from "./policy.ts";
import { HashRing } from "./ring.ts";

const window = {
  kind: "duration",
  default: 60,
  above: 0,
  description: "How far back requests are counted for the rate of a replica.",
} as const;

/** Points of a replica on uhashring's ring. */
const ringPoints = 160;

export const productionStackSession: RoutingEntry = routingEntry({
  name: "production-stack-session",
  summary: "production-stack's session: by hash of the session, else where fewest went of late.",
  sources: ["production-stack-routing"],
  parameters: { window },
  holds: "never",
  spread: "even",
  create(values, { random }) {
    const ring = new HashRing(ringPoints);
    const rates = new Rates(values.window);
    return {
      choose({ session }, replicas, now) {
        const chosen =
          session >= 0
            ? ring.owner(session, replicas)
            : cheapest(replicas, random, ({ index }) => rates.count(index, now));
        rates.sent(chosen, now);
        return chosen;
      },
      onReset: (replica) => rates.reset(replica),
    };
  },
});

export const productionStackPrefix: RoutingEntry = routingEntry({
  name: "production-stack-prefix",
  summary: "production-stack's prefixaware: where the longest beginning went before, whatever the load.",
  sources: ["production-stack-routing"],
  parameters: {},
  holds: "never",
  spread: "even",
  create(_values, { random }) {
    const trie = new LearntPrefixes(forever);
    let matched: Int32Array = new Int32Array(0);
    return {
      choose({ chunks }, replicas, now) {
        if (matched.length < extent(replicas)) matched = new Int32Array(extent(replicas));
        trie.match(chunks, chunks.length, now, matched);
        const chosen = cheapest(replicas, random, ({ index }) => -(matched[index] ?? 0));
        trie.insert(chosen, chunks, chunks.length, now);
        return chosen;
      },
      onReset: (replica) => trie.reset(replica),
    };
  },
});

export const productionStackKv: RoutingEntry = routingEntry({
  name: "production-stack-kv",
  summary: "production-stack's kvaware: the engine that caches nearly all of the prompt, whatever the load.",
  sources: ["production-stack-routing"],
  parameters: {
    threshold: { kind: "count", default: 2000, description: "Prompt tokens that may be missing in a match." },
    window,
  },
  holds: "never",
  spread: "even",
  create(values, { random, index }) {
    const ring = new HashRing(ringPoints);
    const rates = new Rates(values.window);
    return {
      choose({ chunks, chunkTokens, tokens, session }, replicas, now) {
        const { best, most } = longestCached(index, chunks, replicas);
        const enough = best >= 0 && most * chunkTokens >= tokens - values.threshold;
        const other = () =>
          session >= 0
            ? ring.owner(session, replicas)
            : cheapest(replicas, random, (view) => rates.count(view.index, now));
        const chosen = enough ? best : other();
        rates.sent(chosen, now);
        return chosen;
      },
      onReset: (replica) => rates.reset(replica),
    };
  },
});

export const productionStackLoadaware: RoutingEntry = routingEntry({
  name: "production-stack-loadaware",
  summary: "production-stack's loadaware: share of the prompt that went there before, less the excess of load.",
  sources: ["production-stack-routing"],
  parameters: { weight: { kind: "number", default: 1, description: "Weight of load against the match." } },
  holds: "never",
  spread: "even",
  create({ weight }, { random }) {
    const trie = new LearntPrefixes(forever);
    let matched: Int32Array = new Int32Array(0);
    return {
      choose({ chunks, chunkTokens, tokens }, replicas, now) {
        if (matched.length < extent(replicas)) matched = new Int32Array(extent(replicas));
        trie.match(chunks, chunks.length, now, matched);
        const ready = readyOf(replicas);
        const mean = ready.reduce((sum, { inFlight }) => sum + inFlight, 0) / ready.length;
        const chosen = cheapest(replicas, random, ({ index, inFlight }) => {
          const share = Math.min(tokens, (matched[index] ?? 0) * chunkTokens) / tokens;
          return (weight * (inFlight - mean)) / Math.max(1, mean) - share;
        });
        trie.insert(chosen, chunks, chunks.length, now);
        return chosen;
      },
      onReset: (replica) => trie.reset(replica),
    };
  },
});

/** Ready replica whose cache holds most of the beginning, the first of equals; -1 where none holds any. */
function longestCached(index: PrefixIndex, chunks: Int32Array, replicas: readonly ReplicaView[]) {
  let [best, most] = [-1, 0];
  for (const view of replicas) {
    const own = view.ready ? index.matched(view.index, chunks) : 0;
    if (own > most) [best, most] = [view.index, own];
  }
  return { best, most };
}

const forever = {
  capacity: Number.POSITIVE_INFINITY,
  scope: "replica",
  lifetime: Number.POSITIVE_INFINITY,
  forgets: "last",
} as const;

/** Requests sent to each replica of late. */
class Rates {
  private readonly sentAt: Seconds[][] = [];
  private readonly starts: number[] = [];
  private readonly window: Seconds;

  constructor(window: Seconds) {
    this.window = window;
  }

  sent(replica: number, now: Seconds): void {
    if (replica >= 0) this.times(replica).push(now);
  }

  count(replica: number, now: Seconds): number {
    const times = this.times(replica);
    let start = this.starts[replica] ?? 0;
    while (start < times.length && (times[start] as number) <= now - this.window) start++;
    // Old times are cut off once they are most of the list.
    if (start > 64 && 2 * start > times.length) start -= times.splice(0, start).length;
    this.starts[replica] = start;
    return times.length - start;
  }

  reset(replica: number): void {
    this.times(replica).length = 0;
    this.starts[replica] = 0;
  }

  private times(replica: number): Seconds[] {
    while (this.sentAt.length <= replica) this.sentAt.push([]);
    return this.sentAt[replica] as Seconds[];
  }
}
