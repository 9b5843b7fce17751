/**
 * llm-d's default since August 2026, "sticky until saturated": replicas that hold most of the prompt, unless they have
 * fallen too far behind the others; of those that are left the one with the fewest uncached tokens.
 *
 *     sticky     matched / whole >= affinity
 *     saturated  least tokens in flight of the sticky - least of the others > penalty x peak prefill throughput
 *     score      1 - min(1, (tokens in flight + uncached tokens of this request) / 4,194,304)
 *
 * Tokens in flight are uncached prompt tokens sent and not yet answered. The gap is 18 s x 15,928 tokens/s = 286,704
 * tokens, measured for Qwen3-32B on two H100; other models want their own.
 * @source llm-d-sticky
 */

import type { RandomStream } from "../../base/random.ts";
import { Books } from "./books.ts";
import { cheapest } from "./choice.ts";
import { type RoutingEntry, routingEntry } from "./entry.ts";
import { LlmdPrefixes, prefixParameters } from "./llm-d-prefixes.ts";
import { tokensMost } from "./llm-d-scorers.ts";
import type { Values } from "./parameter.ts";
import type { IncomingRequest, ReplicaView, RoutingContext, RoutingPolicy } from "./policy.ts";

const parameters = {
  ...prefixParameters,
  index: { ...prefixParameters.index, default: "routed" },
  affinity: { kind: "ratio", default: 0.8, atMost: 1, description: "Share of a prompt that makes a replica sticky." },
  exploration: { kind: "ratio", default: 0.01, atMost: 1, description: "Chance to look at all replicas alike." },
  penalty: {
    kind: "duration",
    default: 18,
    description: "Time to first token that stickiness may cost; 0 is always sticky.",
  },
  prefillRate: {
    kind: "rate",
    default: 15_928,
    above: 0,
    description: "Peak prefill throughput of a replica in tokens/s.",
  },
} as const;

export const llmdSticky: RoutingEntry = routingEntry({
  name: "llm-d-sticky",
  summary: "llm-d's default: replicas that hold the prompt until they are saturated, then fewest uncached tokens.",
  sources: ["llm-d-sticky", "llm-d-router"],
  parameters,
  holds: "never",
  spread: "even",
  create: (values, context) => new Sticky(values, context),
});

class Sticky implements RoutingPolicy {
  private readonly values: Values<typeof parameters>;
  private readonly random: RandomStream;
  private readonly prefixes: LlmdPrefixes;
  private readonly books = new Books();

  constructor(values: Values<typeof parameters>, { random, index }: RoutingContext) {
    this.values = values;
    this.random = random;
    this.prefixes = new LlmdPrefixes(values, index);
  }

  choose(request: IncomingRequest, replicas: readonly ReplicaView[], now: number): number {
    this.prefixes.lookUp(request, replicas, now);
    const matched = (replica: number): number => this.prefixes.matchedTokens[replica] ?? 0;
    const sticks = this.sticks(replicas);
    const chosen = cheapest(replicas, this.random, ({ index }) => {
      if (sticks && !this.holds(index)) return Number.POSITIVE_INFINITY;
      return Math.min(tokensMost, this.books.of(index).prefill + request.tokens - matched(index));
    });
    this.prefixes.sent(request, chosen, now);
    this.books.enter(request.id, { replica: chosen, prefill: request.tokens - matched(chosen) });
    return chosen;
  }

  onFirstToken(request: IncomingRequest): void {
    this.books.firstToken(request.id);
  }

  onEnd(request: IncomingRequest): void {
    this.books.leave(request.id);
  }

  onReset(replica: number): void {
    this.prefixes.reset(replica);
  }

  /** Whether the request stays with the replicas that hold it. */
  private sticks(replicas: readonly ReplicaView[]): boolean {
    const { exploration, penalty, prefillRate } = this.values;
    if (exploration > 0 && this.random.uniform() < exploration) return false;
    let [sticky, others] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (const { index, ready } of replicas) {
      if (!ready) continue;
      const tokens = this.books.of(index).prefill;
      if (this.holds(index)) sticky = Math.min(sticky, tokens);
      else others = Math.min(others, tokens);
    }
    if (sticky === Number.POSITIVE_INFINITY) return false;
    return penalty === 0 || others === Number.POSITIVE_INFINITY || sticky - others <= penalty * prefillRate;
  }

  private holds(replica: number): boolean {
    return (this.prefixes.matchedTokens[replica] ?? 0) >= this.values.affinity * this.prefixes.whole;
  }
}
