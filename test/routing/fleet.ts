/**
 * A small fleet to try routing policies on: engines that prefill in turn within a budget, decode all that run, and keep
 * prompts in a cache of chunks. Far simpler than the simulator (no blocks, no tiers, no host), and independent of it.
 */

import type { IncomingRequest, PrefixIndex, ReplicaView, RoutingPolicy } from "../../src/serving/routing/policy.ts";

export interface ToyRequest {
  readonly at: number;
  readonly tokens: number;
  readonly output: number;
  readonly chunks: Int32Array;
  readonly session?: number;
}

export interface ToyOptions {
  readonly replicas: number;
  readonly chunkTokens: number;
  /** Tokens of a replica's cache. */
  readonly capacity: number;
  readonly batchTokens: number;
  readonly sequences: number;
  /** Seconds of an iteration: constant, per prompt token, per token of context. */
  readonly step: { readonly constant: number; readonly prompt: number; readonly context: number };
  /** Time between scrapes of the engines' metrics. */
  readonly scrape: number;
  /** Requests that clients keep open at most. */
  readonly concurrency: number;
}

/** Qwen3-32B on two H100: weights and cache at memory bandwidth, prefill as llm-d measured it. */
export const qwen32b: Omit<ToyOptions, "replicas" | "chunkTokens" | "concurrency"> = {
  capacity: 307_328,
  batchTokens: 8192,
  sequences: 256,
  step: { constant: 0.0105, prompt: 1 / 15_928, context: 3.9e-8 },
  scrape: 0.05,
};

export interface ToyResult {
  readonly firstToken: Float64Array;
  readonly end: Float64Array;
  /** When each was released by its client, and where it ran. */
  readonly sent: Float64Array;
  readonly replica: Int32Array;
  readonly computed: number;
  readonly prompt: number;
}

class Engine {
  readonly index: number;
  readonly waiting: number[] = [];
  readonly prefilling: number[] = [];
  decoding = 0;
  context = 0;
  used = 0;
  computed = 0;
  steps = 0;
  stepEnd = Number.POSITIVE_INFINITY;
  readonly endsAt = new Map<number, number[]>();
  /** References of cached chunks in use, and chunks that nobody uses, the least recent first. */
  readonly pinned = new Map<number, number>();
  readonly idle = new Map<number, true>();
  constructor(index: number) {
    this.index = index;
  }
  cached(chunk: number): boolean {
    return this.pinned.has(chunk) || this.idle.has(chunk);
  }
}

/** Run requests in order of arrival through a policy. */
export function runToyFleet(
  requests: readonly ToyRequest[],
  options: ToyOptions,
  make: (index: PrefixIndex) => RoutingPolicy,
): ToyResult {
  return new Toy(requests, options, make).run();
}

class Toy {
  private readonly requests: readonly ToyRequest[];
  private readonly options: ToyOptions;
  private readonly policy: RoutingPolicy;
  private readonly engines: Engine[];
  private readonly views: { -readonly [K in keyof ReplicaView]: ReplicaView[K] }[];
  private readonly seen: IncomingRequest[];
  private readonly result: ToyResult & { computed: number };
  private readonly left: Int32Array;
  private readonly held: number[] = [];
  private scrapedAt = Number.NEGATIVE_INFINITY;
  private open = 0;

  constructor(requests: readonly ToyRequest[], options: ToyOptions, make: (index: PrefixIndex) => RoutingPolicy) {
    this.requests = requests;
    this.options = options;
    this.engines = Array.from({ length: options.replicas }, (_, index) => new Engine(index));
    this.views = this.engines.map(({ index }) => ({
      index,
      ready: true,
      observedAt: 0,
      running: 0,
      waiting: 0,
      cacheUsage: 0,
      cacheBlocks: Math.floor(options.capacity / 16),
      blockTokens: 16,
      maxBatchedTokens: options.batchTokens,
      inFlight: 0,
      inFlightPrefillTokens: 0,
      inFlightTokens: 0,
    }));
    this.seen = requests.map(({ tokens, chunks, session = -1 }, id) => ({
      id,
      tokens,
      chunks,
      chunkTokens: options.chunkTokens,
      session,
      adapter: -1,
      priority: 0,
      className: "all",
    }));
    this.left = new Int32Array(requests.length);
    const count = requests.length;
    this.result = {
      firstToken: new Float64Array(count),
      end: new Float64Array(count),
      sent: new Float64Array(count),
      replica: new Int32Array(count),
      computed: 0,
      prompt: requests.reduce((sum, { tokens }) => sum + tokens, 0),
    };
    this.policy = make({
      matched: (replica, chunks) => {
        const engine = this.engines[replica]!;
        let count = 0;
        while (count < chunks.length && engine.cached(chunks[count]!)) count++;
        return count;
      },
    });
  }

  run(): ToyResult {
    let next = 0;
    let now = 0;
    for (;;) {
      const arrival =
        next < this.requests.length && this.open < this.options.concurrency
          ? Math.max(now, this.requests[next]!.at)
          : Number.POSITIVE_INFINITY;
      let first: Engine | undefined;
      for (const engine of this.engines)
        if (engine.stepEnd < (first?.stepEnd ?? Number.POSITIVE_INFINITY)) first = engine;
      if (first === undefined && arrival === Number.POSITIVE_INFINITY) break;
      if (first !== undefined && first.stepEnd <= arrival) {
        now = first.stepEnd;
        this.endStep(first, now);
        this.beginStep(first, now);
        while (this.held.length > 0 && this.route(this.held[0]!, now)) this.held.shift();
      } else {
        now = arrival;
        this.result.sent[next] = now;
        this.open++;
        if (this.held.length > 0 || !this.route(next, now)) this.held.push(next);
        next++;
      }
    }
    if (this.held.length > 0) throw new Error("requests held for good");
    this.result.computed = this.engines.reduce((sum, { computed }) => sum + computed, 0);
    return this.result;
  }

  private scrape(now: number): void {
    const at = Math.floor(now / this.options.scrape) * this.options.scrape;
    if (at <= this.scrapedAt) return;
    this.scrapedAt = at;
    for (const engine of this.engines) {
      const view = this.views[engine.index]!;
      view.observedAt = at;
      view.running = engine.decoding + engine.prefilling.length;
      view.waiting = engine.waiting.length;
      view.cacheUsage = Math.min(1, engine.used / this.options.capacity);
    }
  }

  private route(id: number, now: number): boolean {
    this.scrape(now);
    const request = this.seen[id]!;
    const chosen = this.policy.choose(request, this.views, now);
    if (chosen < 0) return false;
    this.result.replica[id] = chosen;
    const view = this.views[chosen]!;
    view.inFlight++;
    view.inFlightTokens += request.tokens;
    view.inFlightPrefillTokens += request.tokens;
    const engine = this.engines[chosen]!;
    engine.waiting.push(id);
    if (engine.stepEnd === Number.POSITIVE_INFINITY) this.beginStep(engine, now);
    return true;
  }

  /** Take requests in while budget and cache allow. */
  private admit(engine: Engine, budgetLeft: number): void {
    let budget = budgetLeft;
    while (
      budget > 0 &&
      engine.waiting.length > 0 &&
      engine.decoding + engine.prefilling.length < this.options.sequences
    ) {
      const id = engine.waiting[0]!;
      const { chunks, tokens } = this.requests[id]!;
      let hit = 0;
      while (hit < chunks.length && engine.cached(chunks[hit]!)) hit++;
      const uncached = Math.max(1, tokens - hit * this.options.chunkTokens);
      const room = this.options.capacity - engine.used;
      let pins = 0;
      for (let at = 0; at < hit; at++) if (!engine.pinned.has(chunks[at]!)) pins++;
      // Room for the prompt and a little of every running answer.
      if (
        uncached + pins * this.options.chunkTokens > room - 16 * engine.decoding &&
        engine.decoding + engine.prefilling.length > 0
      )
        return;
      engine.waiting.shift();
      for (const chunk of chunks) this.pin(engine, chunk);
      engine.used += Math.max(0, tokens - chunks.length * this.options.chunkTokens);
      engine.prefilling.push(id);
      this.left[id] = uncached;
      budget -= uncached;
    }
  }

  private pin(engine: Engine, chunk: number): void {
    const count = engine.pinned.get(chunk) ?? 0;
    if (count === 0) {
      if (!engine.idle.delete(chunk)) this.evict(engine);
      engine.used += this.options.chunkTokens;
    }
    engine.pinned.set(chunk, count + 1);
  }

  private evict(engine: Engine): void {
    while (
      engine.idle.size > 0 &&
      engine.used + engine.idle.size * this.options.chunkTokens + this.options.chunkTokens > this.options.capacity
    ) {
      engine.idle.delete(engine.idle.keys().next().value as number);
    }
  }

  private beginStep(engine: Engine, now: number): void {
    const budget = this.options.batchTokens - engine.decoding;
    const queued = engine.prefilling.reduce((sum, id) => sum + this.left[id]!, 0);
    this.admit(engine, budget - queued);
    if (engine.decoding + engine.prefilling.length === 0) {
      engine.stepEnd = Number.POSITIVE_INFINITY;
      return;
    }
    let rest = budget;
    let tokens = 0;
    for (const id of engine.prefilling) {
      const part = Math.min(rest, this.left[id]!);
      this.left[id] = this.left[id]! - part;
      rest -= part;
      tokens += part;
    }
    engine.computed += tokens;
    const { constant, prompt, context } = this.options.step;
    engine.stepEnd = now + constant + prompt * tokens + context * engine.context;
  }

  private endStep(engine: Engine, now: number): void {
    engine.steps++;
    engine.context += engine.decoding;
    engine.used += engine.decoding;
    for (const id of engine.endsAt.get(engine.steps) ?? []) this.finish(engine, id, now);
    engine.endsAt.delete(engine.steps);
    while (engine.prefilling.length > 0 && this.left[engine.prefilling[0]!] === 0) {
      this.answer(engine, engine.prefilling.shift()!, now);
    }
    this.evict(engine);
  }

  private answer(engine: Engine, id: number, now: number): void {
    const { tokens, output } = this.requests[id]!;
    this.result.firstToken[id] = now;
    this.views[engine.index]!.inFlightPrefillTokens -= tokens;
    this.policy.onFirstToken?.(this.seen[id]!, engine.index, now);
    engine.decoding++;
    engine.context += tokens;
    if (output <= 1) this.finish(engine, id, now);
    else {
      const at = engine.steps + output - 1;
      const list = engine.endsAt.get(at);
      if (list === undefined) engine.endsAt.set(at, [id]);
      else list.push(id);
    }
  }

  private finish(engine: Engine, id: number, now: number): void {
    const { tokens, output, chunks } = this.requests[id]!;
    this.result.end[id] = now;
    this.open--;
    engine.decoding--;
    engine.context -= tokens + Math.max(0, output - 1);
    engine.used -= Math.max(0, output - 1) + Math.max(0, tokens - chunks.length * this.options.chunkTokens);
    for (let at = chunks.length - 1; at >= 0; at--) {
      const chunk = chunks[at]!;
      const count = engine.pinned.get(chunk)! - 1;
      if (count > 0) engine.pinned.set(chunk, count);
      else {
        engine.pinned.delete(chunk);
        engine.idle.set(chunk, true);
        engine.used -= this.options.chunkTokens;
      }
    }
    const view = this.views[engine.index]!;
    view.inFlight--;
    view.inFlightTokens -= tokens;
    this.policy.onEnd?.(this.seen[id]!, engine.index, now);
  }
}
