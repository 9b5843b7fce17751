/**
 * Our policy: the replica where the request costs least time, its own and that of others, in seconds.
 *
 *     wait     b (q + u)                    work ahead of it, and its own tokens that are not cached
 *     room     d v                          until running requests have left room for it
 *     behind   w (b u + d min(u / c, v))    those that wait there after it, as many as wait there now
 *     evicted  b u h                        prompts that lose their prefix to it and are computed again
 *     answers  a (b u r + d t / c)          r running answers that stall meanwhile; its own answer beside t tokens
 *
 * b seconds a prompt token, measured; q uncached tokens ahead, u uncached tokens of the request, c tokens of the cache,
 * v = max(0, used + u - c) / c the share of the cache that is missing; d mean stay of a request; h share of prompt
 * tokens that were cached of late; w requests waiting, r answers running, t tokens in flight.
 *
 * Why so. Uncached tokens ahead are what a request waits for, not requests: one cold prompt outweighs fifty hits.
 * Prompts in flight count as cached where they run, because they will be before a follower is computed: without that a
 * burst of one prefix is spread, and computed, everywhere. A prompt that is computed again costs more than its own time
 * the longer the queue, so affinity holds under overload, where spilling makes it worse. The measured b is that of all
 * replicas of a kind: one replica's own is mostly noise, and chasing noise unbalances the fleet. All loads are the
 * router's own, exact at once; metrics add what other routers sent, and are ignored once they are old.
 *
 * It ignores adapters, tiers below the accelerator's cache, and that long contexts make a prompt token dearer.
 * @source windtunnel-kv-aware
 */

import type { Seconds } from "../../base/quantity.ts";
import type { RandomStream } from "../../base/random.ts";
import { ActiveChunks, Books } from "./books.ts";
import { cheapest, extent } from "./choice.ts";
import { type RoutingEntry, routingEntry } from "./entry.ts";
import { FadingRatio } from "./fading-ratio.ts";
import { LearntPrefixes } from "./learnt-prefixes.ts";
import type { Values } from "./parameter.ts";
import type { IncomingRequest, PrefixIndex, ReplicaView, RoutingContext, RoutingPolicy } from "./policy.ts";

const parameters = {
  index: {
    kind: "choice",
    words: ["events", "routed"],
    default: "events",
    description: "What is cached where: by events of the engines, or by what was sent there.",
  },
  prefillRate: {
    kind: "rate",
    default: 15_928,
    above: 0,
    description: "Prompt tokens a replica computes in a second, until that is measured.",
  },
  priorTokens: {
    kind: "count",
    default: 65_536,
    description: "Prompt tokens after which the measured rate counts as much as the given one.",
  },
  halfLife: {
    kind: "duration",
    default: 30,
    above: 0,
    description: "Measurements lose half their weight in this time.",
  },
  answerWeight: {
    kind: "ratio",
    default: 0.2,
    description: "What a second of a running answer counts against a second until a first token.",
  },
  staleAfter: { kind: "duration", default: 10, above: 0, description: "Metrics older than this are ignored." },
} as const;

export const kvAware: RoutingEntry = routingEntry({
  name: "kv-aware",
  summary:
    "Ours: least time, of the request itself and of those it delays, by measured prefill rate and what is cached.",
  sources: ["windtunnel-kv-aware", "llm-d-sticky"],
  parameters,
  holds: "never",
  spread: "even",
  create: (values, context) => new KvAware(values, context),
});

/** What the cost of a replica is made of; letters as above. */
export interface KvAwareLoad {
  readonly secondsPerToken: Seconds;
  readonly ahead: number;
  readonly uncached: number;
  readonly capacity: number;
  readonly used: number;
  readonly stay: Seconds;
  readonly hitShare: number;
  readonly waiting: number;
  readonly running: number;
  readonly tokens: number;
}

export function kvAwareCost(load: KvAwareLoad, answerWeight: number): Seconds {
  const { secondsPerToken, uncached, capacity, stay } = load;
  const missing = Math.max(0, load.used + uncached - capacity) / capacity;
  const own = secondsPerToken * uncached;
  const wait = secondsPerToken * load.ahead + own;
  const behind = load.waiting * (own + stay * Math.min(uncached / capacity, missing));
  const answers = own * load.running + (stay * load.tokens) / capacity;
  return wait + stay * missing + behind + own * load.hitShare + answerWeight * answers;
}

class KvAware implements RoutingPolicy {
  private readonly values: Values<typeof parameters>;
  private readonly random: RandomStream;
  private readonly index: PrefixIndex;
  private readonly books = new Books();
  private readonly active = new ActiveChunks();
  private readonly learnt: LearntPrefixes = new LearntPrefixes(remembered);
  private readonly kinds = new Map<string, FadingRatio>();
  private readonly lanes: Lane[] = [];
  private readonly sent = new Map<number, { readonly at: Seconds; readonly work: number }>();
  private readonly stay: FadingRatio;
  private readonly hits: FadingRatio;
  private readonly lengths: FadingRatio;
  private matched: Int32Array = new Int32Array(0);
  private flying: Int32Array = new Int32Array(0);

  constructor(values: Values<typeof parameters>, { random, index }: RoutingContext) {
    this.values = values;
    this.random = random;
    this.index = index;
    this.stay = new FadingRatio(values.halfLife, nothing);
    this.hits = new FadingRatio(values.halfLife, nothing);
    this.lengths = new FadingRatio(values.halfLife, nothing);
  }

  choose(request: IncomingRequest, replicas: readonly ReplicaView[], now: Seconds): number {
    this.lookUp(request, replicas, now);
    const common = { now, stay: this.stay.value(now), hitShare: this.hits.value(now), length: this.lengths.value(now) };
    const chosen = cheapest(replicas, this.random, (view) =>
      kvAwareCost(this.load(request, view, common), this.values.answerWeight),
    );
    const view = replicas.find(({ index }) => index === chosen);
    if (view !== undefined) this.enter(request, view, now);
    return chosen;
  }

  onFirstToken(request: IncomingRequest, replica: number, now: Seconds): void {
    const sent = this.sent.get(request.id);
    const lane = this.lanes[replica];
    if (sent === undefined || lane === undefined || !this.books.firstToken(request.id)) return;
    lane.headSince = now;
    lane.answered.push(now);
    lane.rate.add(now - sent.at, sent.work, now);
  }

  onEnd(request: IncomingRequest, _replica: number, now: Seconds): void {
    const sent = this.sent.get(request.id);
    if (sent === undefined) return;
    this.sent.delete(request.id);
    this.stay.add(now - sent.at, 1, now);
    this.books.leave(request.id);
    this.active.leave(request.id);
  }

  onReset(replica: number): void {
    this.learnt.reset(replica);
  }

  /** Leading chunks that each replica holds, or will hold before this request is computed. */
  private lookUp({ chunks }: IncomingRequest, replicas: readonly ReplicaView[], now: Seconds): void {
    const length = extent(replicas);
    if (this.matched.length < length) {
      this.matched = new Int32Array(length);
      this.flying = new Int32Array(length);
    }
    this.active.match(chunks, this.flying);
    if (this.values.index === "routed") this.learnt.match(chunks, chunks.length, now, this.matched);
    for (const { index, ready } of replicas) {
      if (!ready) continue;
      const cached = this.values.index === "events" ? this.index.matched(index, chunks) : (this.matched[index] ?? 0);
      this.matched[index] = Math.max(cached, this.flying[index] ?? 0);
    }
  }

  private load(request: IncomingRequest, view: ReplicaView, common: Common): KvAwareLoad {
    const { now, stay, hitShare, length } = common;
    const lane = this.lane(view);
    const own = this.books.of(view.index);
    const secondsPerToken = lane.rate.value(now);
    // The first of those that wait has been computed since the one before it was done.
    const done = own.waiting > 0 ? Math.min((now - lane.headSince) / secondsPerToken, own.prefill / own.waiting) : 0;
    const capacity = view.cacheBlocks * view.blockTokens;
    const inFlight = this.active.count(view.index) * request.chunkTokens + own.weight;
    const fresh = now - view.observedAt <= this.values.staleAfter;
    const foreign = fresh ? Math.max(0, view.waiting - own.waiting - lane.answeredSince(view.observedAt)) : 0;
    return {
      secondsPerToken,
      ahead: own.prefill - done + foreign * length,
      uncached: request.tokens - this.cachedTokens(request, view.index),
      capacity,
      used: Math.max(inFlight, fresh ? view.cacheUsage * capacity : 0),
      stay,
      hitShare,
      waiting: own.waiting + foreign,
      running: Math.max(own.requests - own.waiting, fresh ? view.running - own.waiting : 0),
      tokens: view.inFlightTokens,
    };
  }

  private enter(request: IncomingRequest, view: ReplicaView, now: Seconds): void {
    const { id, tokens, chunks, chunkTokens } = request;
    const cached = this.cachedTokens(request, view.index);
    const own = this.books.of(view.index);
    if (own.waiting === 0) this.lane(view).headSince = now;
    this.sent.set(id, { at: now, work: own.prefill + tokens - cached });
    const weight = Math.max(0, tokens - chunks.length * chunkTokens);
    this.books.enter(id, { replica: view.index, prefill: tokens - cached, weight });
    this.active.enter(request, view.index);
    this.hits.add(cached, tokens, now);
    this.lengths.add(tokens - cached, 1, now);
    if (this.values.index === "events") return;
    this.learnt.insert(view.index, chunks, chunks.length, now);
    this.learnt.trim(view.index, Math.floor((view.cacheBlocks * view.blockTokens) / chunkTokens));
  }

  private cachedTokens({ tokens, chunkTokens }: IncomingRequest, replica: number): number {
    return Math.min(tokens, (this.matched[replica] ?? 0) * chunkTokens);
  }

  private lane(view: ReplicaView): Lane {
    let lane = this.lanes[view.index];
    if (lane === undefined) {
      lane = new Lane(this.rateOf(view));
      this.lanes[view.index] = lane;
    }
    return lane;
  }

  /** The rate of replicas with the same cache and batches. */
  private rateOf({ cacheBlocks, blockTokens, maxBatchedTokens }: ReplicaView): FadingRatio {
    const { halfLife, prefillRate, priorTokens } = this.values;
    const kind = `${cacheBlocks} ${blockTokens} ${maxBatchedTokens}`;
    const known = this.kinds.get(kind);
    if (known !== undefined) return known;
    const rate = new FadingRatio(halfLife, { value: 1 / prefillRate, weight: priorTokens });
    this.kinds.set(kind, rate);
    return rate;
  }
}

/** What is the same for all replicas: time, mean stay, share of hits, mean uncached tokens of a request. */
interface Common {
  readonly now: Seconds;
  readonly stay: Seconds;
  readonly hitShare: number;
  readonly length: number;
}

/** What is known of one replica beside the books. */
class Lane {
  /** Since when the first of those that wait is computed. */
  headSince: Seconds = 0;
  /** When first tokens came, as far as metrics may not show them yet. */
  readonly answered: Seconds[] = [];
  readonly rate: FadingRatio;

  constructor(rate: FadingRatio) {
    this.rate = rate;
  }

  answeredSince(time: Seconds): number {
    let old = 0;
    while (old < this.answered.length && (this.answered[old] as number) <= time) old++;
    if (old > 0) this.answered.splice(0, old);
    return this.answered.length;
  }
}

const nothing = { value: 0, weight: 0 } as const;

const remembered = {
  capacity: Number.POSITIVE_INFINITY,
  scope: "replica",
  lifetime: Number.POSITIVE_INFINITY,
  forgets: "last",
} as const;
