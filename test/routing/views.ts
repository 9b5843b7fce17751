/** Views and requests for tests of policies: a fleet's side of the contract, without engines. */

import { RandomStream } from "../../src/base/random.ts";
import type {
  IncomingRequest,
  PrefixIndex,
  ReplicaView,
  RoutingContext,
  RoutingPolicy,
} from "../../src/serving/routing/policy.ts";

export type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
export type View = Mutable<ReplicaView>;

export function viewOf(index: number, some: Partial<ReplicaView> = {}): View {
  return {
    index,
    ready: true,
    observedAt: 0,
    running: 0,
    waiting: 0,
    cacheUsage: 0,
    cacheBlocks: 20_000,
    blockTokens: 16,
    maxBatchedTokens: 8192,
    inFlight: 0,
    inFlightPrefillTokens: 0,
    inFlightTokens: 0,
    ...some,
  };
}

export function viewsOf(count: number, some: Partial<ReplicaView> = {}): View[] {
  return Array.from({ length: count }, (_, index) => viewOf(index, some));
}

export function requestOf(id: number, some: Partial<Omit<IncomingRequest, "chunks">> & { chunks?: number[] } = {}) {
  const { chunks = [], chunkTokens = 16, ...rest } = some;
  const request: IncomingRequest = {
    id,
    tokens: Math.max(1, chunks.length * chunkTokens),
    chunkTokens,
    session: -1,
    adapter: -1,
    priority: 0,
    className: "all",
    ...rest,
    chunks: Int32Array.from(chunks),
  };
  return request;
}

/** An index in which each replica holds some chunks. */
export function indexOf(held: Readonly<Record<number, readonly number[]>> = {}): PrefixIndex {
  return {
    matched(replica, chunks) {
      let count = 0;
      while (count < chunks.length && held[replica]?.includes(chunks[count] as number)) count++;
      return count;
    },
  };
}

export function contextOf(seed = 1, index: PrefixIndex = indexOf()): RoutingContext {
  return { random: new RandomStream(seed, "router"), index };
}

/** Views that follow what a policy decides, as a fleet's do: books at once, metrics at once or never. */
export class BookedFleet {
  readonly views: View[];
  private readonly policy: RoutingPolicy;
  private readonly open = new Map<number, { request: IncomingRequest; replica: number; answered: boolean }>();
  private readonly metrics: "fresh" | "frozen";

  constructor(policy: RoutingPolicy, views: View[], metrics: "fresh" | "frozen" = "fresh") {
    this.policy = policy;
    this.views = views;
    this.metrics = metrics;
  }

  send(request: IncomingRequest, now: number): number {
    const chosen = this.policy.choose(request, this.views, now);
    if (chosen < 0) return chosen;
    const view = this.view(chosen);
    this.open.set(request.id, { request, replica: chosen, answered: false });
    view.inFlight += 1;
    view.inFlightTokens += request.tokens;
    view.inFlightPrefillTokens += request.tokens;
    this.observe(view, now);
    return chosen;
  }

  answer(id: number, now: number): void {
    const entry = this.open.get(id);
    if (entry === undefined || entry.answered) return;
    entry.answered = true;
    this.view(entry.replica).inFlightPrefillTokens -= entry.request.tokens;
    this.policy.onFirstToken?.(entry.request, entry.replica, now);
    this.observe(this.view(entry.replica), now);
  }

  end(id: number, now: number): void {
    const entry = this.open.get(id);
    if (entry === undefined) return;
    const view = this.view(entry.replica);
    view.inFlight -= 1;
    view.inFlightTokens -= entry.request.tokens;
    if (!entry.answered) view.inFlightPrefillTokens -= entry.request.tokens;
    this.open.delete(id);
    this.policy.onEnd?.(entry.request, entry.replica, now);
    this.observe(view, now);
  }

  /** A replica is lost, and its requests with it. */
  lose(replica: number, now: number): void {
    this.view(replica).ready = false;
    const lost = [...this.open].filter(([, entry]) => entry.replica === replica).map(([id]) => id);
    this.policy.onReset?.(replica, now);
    for (const id of lost) this.end(id, now);
  }

  get openIds(): number[] {
    return [...this.open.keys()];
  }

  view(index: number): View {
    const view = this.views.find((one) => one.index === index);
    if (view === undefined) throw new Error(`no replica ${index}`);
    return view;
  }

  private observe(view: View, now: number): void {
    if (this.metrics === "frozen") return;
    const waiting = [...this.open.values()].filter((one) => one.replica === view.index && !one.answered).length;
    view.observedAt = now;
    view.waiting = waiting;
    view.running = view.inFlight - waiting;
    view.cacheUsage = Math.min(1, view.inFlightTokens / (view.cacheBlocks * view.blockTokens));
  }
}
