/**
 * llm-d's weighted scorers: the sum of scores by weight, then the most (equals by chance), or a draw by score.
 * The default weights are the former blend 3:2:2 of prefix, queue and cache; 2:1:1 is the other one that was published.
 * Queue, running and cache are metrics as last scraped: between two scrapes everything goes to the same replica.
 * @source llm-d-router
 */

import type { RandomStream } from "../../base/random.ts";
import { Books } from "./books.ts";
import { readyOf } from "./choice.ts";
import { type RoutingEntry, routingEntry } from "./entry.ts";
import { LlmdPrefixes, prefixParameters } from "./llm-d-prefixes.ts";
import {
  addCacheScore,
  addLoadScore,
  addQueueScore,
  addRunningScore,
  addSpreadScore,
  addTokenScore,
  ColdOrder,
  type Scores,
} from "./llm-d-scorers.ts";
import type { Values } from "./parameter.ts";
import type { IncomingRequest, ReplicaView, RoutingContext, RoutingPolicy } from "./policy.ts";
import { Sessions } from "./session-affinity.ts";

const parameters = {
  ...prefixParameters,
  prefix: { kind: "number", default: 3, description: "Weight of the match of the prompt's beginning." },
  queue: { kind: "number", default: 2, description: "Weight of few waiting requests." },
  kv: { kind: "number", default: 2, description: "Weight of a cache that is little used." },
  running: { kind: "number", default: 0, description: "Weight of few running requests." },
  load: { kind: "number", default: 0, description: "Weight of a queue far from 128 requests." },
  tokens: { kind: "number", default: 0, description: "Weight of few uncached tokens in flight." },
  cold: { kind: "number", default: 0, description: "Weight of not having had a prompt that is new to all for long." },
  session: { kind: "number", default: 0, description: "Weight of the replica of the session's last request." },
  sessionIdle: { kind: "duration", default: 3600, above: 0, description: "When an idle session is forgotten." },
  picker: {
    kind: "choice",
    words: ["max-score", "weighted-random", "random"],
    default: "max-score",
    description: "How scores become a choice.",
  },
} as const;

export const llmdWeighted: RoutingEntry = routingEntry({
  name: "llm-d-weighted",
  summary: "llm-d's weighted scorers: prefix 3, queue 2, cache 2, highest score.",
  sources: ["llm-d-router"],
  parameters,
  holds: "never",
  spread: "even",
  create: (values, context) => new Weighted(values, context),
});

class Weighted implements RoutingPolicy {
  private readonly values: Values<typeof parameters>;
  private readonly random: RandomStream;
  private readonly prefixes: LlmdPrefixes;
  private readonly books = new Books();
  private readonly coldOrder = new ColdOrder();
  private readonly sessions: Sessions;

  constructor(values: Values<typeof parameters>, { random, index }: RoutingContext) {
    this.values = values;
    this.random = random;
    this.prefixes = new LlmdPrefixes(values, index);
    this.sessions = new Sessions(values.sessionIdle);
  }

  choose(request: IncomingRequest, replicas: readonly ReplicaView[], now: number): number {
    this.prefixes.lookUp(request, replicas, now);
    const views = readyOf(replicas);
    const matched = views.map(({ index }) => this.prefixes.matchedTokens[index] ?? 0);
    const cold = matched.every((tokens) => tokens === 0);
    const chosen = views[this.pick(this.scores(request, { views, matched, cold, now }))]?.index ?? -1;
    this.prefixes.sent(request, chosen, now);
    if (cold) this.coldOrder.sent(chosen);
    this.sessions.keep(request.session, chosen, now);
    const prefill = request.tokens - (this.prefixes.matchedTokens[chosen] ?? 0);
    this.books.enter(request.id, { replica: chosen, prefill });
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
    this.sessions.reset(replica);
  }

  private scores(request: IncomingRequest, { views, matched, cold, now }: Seen): Scores {
    const { values } = this;
    const totals = new Float64Array(views.length);
    if (values.prefix > 0) this.addPrefixScore(views, matched, totals);
    if (values.queue > 0) addQueueScore(views, values.queue, totals);
    if (values.running > 0) addRunningScore(views, values.running, totals);
    if (values.kv > 0) addCacheScore(views, values.kv, totals);
    if (values.load > 0) addLoadScore(views, values.load, totals);
    if (values.tokens > 0) {
      const tokens = views.map(({ index }, at) => this.books.of(index).prefill + request.tokens - (matched[at] ?? 0));
      addTokenScore(tokens, values.tokens, totals);
    }
    if (values.cold > 0) this.coldOrder.add(views, cold, { weight: values.cold, totals });
    if (values.session > 0) {
      const home = views.findIndex(({ index }) => index === this.sessions.find(request.session, now));
      if (home >= 0) totals[home] = (totals[home] ?? 0) + values.session;
    }
    return totals;
  }

  private addPrefixScore(views: readonly ReplicaView[], matched: readonly number[], totals: Scores): void {
    if (this.values.index === "events") {
      const weighted = views.map(({ index }) => this.prefixes.weightedTokens[index] ?? 0);
      addSpreadScore(weighted, this.values.prefix, totals);
      return;
    }
    matched.forEach((tokens, at) => {
      totals[at] = (totals[at] ?? 0) + (this.values.prefix * tokens) / this.prefixes.whole;
    });
  }

  private pick(scores: Scores): number {
    if (this.values.picker === "random") return this.random.integer(scores.length);
    if (this.values.picker === "max-score") return highest(scores, this.random);
    return drawn(scores, this.random);
  }
}

interface Seen {
  readonly views: readonly ReplicaView[];
  /** Tokens matched, by place in `views`. */
  readonly matched: readonly number[];
  readonly cold: boolean;
  readonly now: number;
}

/** Place of the highest score, one of equals by chance. */
export function highest(scores: Scores, random: RandomStream): number {
  let best = 0;
  let equals = 0;
  for (let at = 0; at < scores.length; at++) {
    const score = scores[at] as number;
    if (equals === 0 || score > (scores[best] as number)) {
      best = at;
      equals = 1;
    } else if (score === scores[best]) {
      equals += 1;
      if (random.integer(equals) === 0) best = at;
    }
  }
  return best;
}

/** A place by chance, as likely as its score. */
function drawn(scores: Scores, random: RandomStream): number {
  let rest = random.uniform() * scores.reduce((sum, score) => sum + score, 0);
  for (let at = 0; at < scores.length; at++) {
    rest -= scores[at] as number;
    if (rest < 0) return at;
  }
  return random.integer(scores.length);
}
