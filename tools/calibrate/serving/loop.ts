/**
 * A quick engine loop for calibration: constant arrivals or a closed loop of equal users, one replica, vLLM's order.
 * Iterations in which nothing arrives, ends or is prefilled are taken in one leap. Ignores: preemption, evictions.
 */

import type { HostTimes } from "../../../src/serving/engine/settings.ts";
import { Batch, type StepTime } from "../../../src/serving/step/batch.ts";

export interface LoopWorkload {
  /** Requests a second, evenly spaced; absent in a closed loop. */
  readonly rate?: number;
  /** Users of a closed loop, who all start at once. */
  readonly users?: number;
  readonly requests: number;
  readonly input: number;
  readonly output: number;
  /** Lengths are drawn evenly from this share of the nominal ones up to them; 1 is fixed. */
  readonly least: number;
  /** Prompt tokens that are found in the prefix cache. */
  readonly cached: number;
}

export interface LoopEngine {
  readonly step: StepTime;
  readonly host: HostTimes;
  readonly maxBatchedTokens: number;
  readonly maxSequences: number;
  /** Tokens that the cache of one rank holds. */
  readonly cacheTokens: number;
  readonly ranks: number;
  /** Pipeline stages: as many equal batches are under way, each a share of the sequences. */
  readonly stages: number;
  /** Whether the next iteration is planned while one runs. */
  readonly ahead: "yes" | "no";
  /** Prompts run in iterations of their own, before any decode. */
  readonly promptsFirst: "yes" | "no";
  readonly drafted?: { readonly tokens: number; readonly gain: number };
}

export interface LoopResult {
  readonly firstToken: number;
  readonly perToken: number;
  readonly endToEnd: number;
  readonly outputPerSecond: number;
}

interface Request {
  readonly arrival: number;
  readonly input: number;
  readonly output: number;
  computed: number;
  made: number;
  first: number;
  /** Whether it enters the means. */
  readonly counted: boolean;
}

/** Undefined where not even one request fits. */
export function runLoop(engine: LoopEngine, workload: LoopWorkload): LoopResult | undefined {
  if (engine.cacheTokens < workload.input + workload.output) return undefined;
  const loop = new Loop(engine, workload);
  return loop.run();
}

class Loop {
  private readonly engine: LoopEngine;
  private readonly workload: LoopWorkload;
  private now = 0;
  private ended = 0;
  private sent = 0;
  private drawn = 1;
  private readonly waiting: Request[] = [];
  private running: Request[] = [];
  private readonly upcoming: Request[] = [];
  private held = 0;
  private sums = { first: 0, per: 0, end: 0, count: 0, output: 0 };
  private finish = 0;
  private atStart = { output: 0, time: 0 };
  private previousStart = 0;
  private readonly batches: Batch[];

  constructor(engine: LoopEngine, workload: LoopWorkload) {
    // Stages work on equal shares of the sequences in turn: one share is simulated, an iteration takes all stages.
    const { stages } = engine;
    const share = (count: number): number => Math.max(1, Math.floor(count / stages));
    this.engine = { ...engine, cacheTokens: engine.cacheTokens / stages, maxSequences: share(engine.maxSequences) };
    this.workload =
      workload.users === undefined
        ? workload
        : { ...workload, users: share(workload.users), requests: share(workload.requests) };
    this.batches = Array.from({ length: engine.ranks }, () => new Batch());
    const { users = 0, rate, requests } = this.workload;
    if (rate !== undefined) {
      for (let index = 0; index < requests; index++) this.send(index / rate);
    } else for (let index = 0; index < users; index++) this.send(0);
  }

  run(): LoopResult {
    const total = this.workload.requests;
    while (this.ended < total) {
      if (this.running.length === 0 && this.waiting.length === 0 && this.upcoming.length > 0) {
        this.now = Math.max(this.now, this.upcoming[0]!.arrival);
        this.previousStart = this.now;
      }
      this.iterate();
    }
    const { first, per, end, count, output } = this.sums;
    return {
      firstToken: first / count,
      perToken: per / count,
      endToEnd: end / count,
      outputPerSecond: (this.engine.stages * (output - this.atStart.output)) / (this.finish - this.atStart.time),
    };
  }

  private random(): number {
    this.drawn = (this.drawn * 48271) % 2147483647;
    return this.drawn / 2147483647;
  }

  private send(at: number): void {
    if (this.sent >= this.workload.requests) return;
    this.sent += 1;
    const { input, output, least, cached } = this.workload;
    const length = (nominal: number): number =>
      Math.max(1, Math.round(nominal * (least + (1 - least) * this.random())));
    const host = this.engine.host;
    const tokens = length(input);
    const request = {
      arrival: at + host.ingress + host.ingressPerToken * tokens,
      input: tokens,
      // Where lengths are fixed, the first request of each user ends anywhere, so that users are out of step.
      output:
        least === 1 && this.workload.users !== undefined && at === 0
          ? Math.ceil(output * this.random())
          : length(output),
      first: 0,
      counted: !(least === 1 && this.workload.users !== undefined && at === 0),
      computed: Math.min(cached, tokens - 1),
      made: 0,
    };
    this.upcoming.push(request);
    for (let index = this.upcoming.length - 1; index > 0; index--) {
      if (this.upcoming[index - 1]!.arrival <= request.arrival) break;
      [this.upcoming[index], this.upcoming[index - 1]] = [this.upcoming[index - 1]!, request];
    }
  }

  private iterate(): void {
    const { engine } = this;
    const planned = engine.ahead === "yes" ? this.previousStart : this.now;
    while (this.upcoming.length > 0 && this.upcoming[0]!.arrival <= planned) this.waiting.push(this.upcoming.shift()!);
    for (const batch of this.batches) batch.clear();
    const chunks: { request: Request; tokens: number }[] = [];
    const rank = (index: number): Batch => this.batches[index % engine.ranks]!;
    let budget = engine.maxBatchedTokens * engine.ranks;
    const decoding = this.running.filter((request) => request.computed >= request.input);
    const open = this.running.filter((request) => request.computed < request.input);
    const free = (): number => engine.cacheTokens * engine.ranks - this.held;
    const perToken = engine.drafted === undefined ? 1 : 1 + engine.drafted.tokens;
    const prompts = (): void => {
      for (const request of open)
        this.chunk(request, chunks, budget > 0 ? budget : 0, (used) => {
          budget -= used;
        });
      while (this.waiting.length > 0 && budget > 0 && this.running.length < engine.maxSequences * engine.ranks) {
        const next = this.waiting[0]!;
        if (free() < next.input + (engine.promptsFirst === "yes" ? next.output : 0)) break;
        this.waiting.shift();
        this.running.push(next);
        this.held += next.input + next.output;
        this.chunk(next, chunks, budget, (used) => {
          budget -= used;
        });
      }
    };
    if (engine.promptsFirst === "yes") {
      prompts();
    }
    const decodes = engine.promptsFirst === "yes" && chunks.length > 0 ? [] : decoding;
    for (const [index, request] of decodes.entries()) rank(index).addDecode(perToken, request.input + request.made);
    budget -= decodes.length * perToken;
    if (engine.promptsFirst === "no") prompts();
    for (const [index, { request, tokens }] of chunks.entries()) rank(index).addPrefill(tokens, request.computed);
    for (const batch of this.batches) batch.sampled = batch.decodeTokens + batch.prefills;
    if (decodes.length + chunks.length === 0) {
      const next = this.upcoming[0];
      if (next === undefined) throw new Error("nothing to do");
      this.previousStart = this.now;
      this.now = Math.max(next.arrival, this.now);
      this.previousStart = this.now;
      return;
    }
    if (chunks.length === 0) this.leap(decodes);
    else this.single(decodes, chunks);
  }

  private chunk(
    request: Request,
    chunks: { request: Request; tokens: number }[],
    budget: number,
    use: (tokens: number) => void,
  ): void {
    const tokens = Math.min(budget, request.input - request.computed);
    if (tokens <= 0) return;
    chunks.push({ request, tokens });
    use(tokens);
  }

  private duration(): number {
    const { step, host, ahead } = this.engine;
    const sequences = this.batches.reduce((sum, batch) => sum + batch.decodes + batch.prefills, 0);
    const own = host.iteration + host.iterationPerSequence * sequences;
    const hidden = host.scheduling + host.schedulingPerSequence * sequences;
    const device = step.time(this.batches);
    return (own + (ahead === "yes" ? Math.max(hidden, device) : hidden + device)) * this.engine.stages;
  }

  private gain(): number {
    return this.engine.drafted?.gain ?? 1;
  }

  /** Equal iterations until the first sequence ends or a request arrives. */
  private leap(decodes: readonly Request[]): void {
    let steps = Number.POSITIVE_INFINITY;
    const gain = this.gain();
    for (const request of decodes) steps = Math.min(steps, Math.ceil((request.output - request.made) / gain));
    const one = this.duration();
    const next = this.upcoming[0];
    if (next !== undefined) steps = Math.min(steps, Math.max(1, Math.ceil((next.arrival - this.now) / one)));
    if (this.waiting.length > 0 && this.engine.promptsFirst === "no") steps = Math.min(steps, 8);
    let time = one;
    if (steps > 1) {
      for (const batch of this.batches) {
        batch.decodeContext += (batch.decodes * gain * (steps - 1)) / 2;
        batch.decodeContextMax += (gain * (steps - 1)) / 2;
      }
      time = this.duration() * steps;
    }
    this.previousStart = this.now + time - time / steps;
    this.now += time;
    for (const request of decodes) this.advance(request, gain * steps);
    this.sweep();
  }

  private single(decodes: readonly Request[], chunks: readonly { request: Request; tokens: number }[]): void {
    this.previousStart = this.now;
    this.now += this.duration();
    for (const request of decodes) this.advance(request, this.gain());
    for (const { request, tokens } of chunks) {
      request.computed += tokens;
      if (request.computed < request.input) continue;
      request.made = 1;
      request.first = this.now + this.engine.host.egress;
      if (request.output <= 1) this.end(request);
    }
    this.sweep();
  }

  private advance(request: Request, tokens: number): void {
    request.made += tokens;
    if (request.made >= request.output - 1e-9) this.end(request);
  }

  private end(request: Request): void {
    request.made = Number.POSITIVE_INFINITY;
    const { host } = this.engine;
    const started = request.arrival - host.ingress - host.ingressPerToken * request.input;
    const ended = this.now + host.egress;
    this.held -= request.input + request.output;
    this.ended += 1;
    // Throughput of the middle third: neither the start nor the end of a run is like the rest of it.
    const third = this.workload.requests / 3;
    if (this.ended <= 2 * third) {
      this.sums.output += request.output;
      this.finish = this.now;
    }
    if (this.ended <= third) this.atStart = { output: this.sums.output, time: this.now };
    if (this.workload.users !== undefined) this.send(ended);
    if (!request.counted) return;
    this.sums.first += request.first - started;
    this.sums.end += ended - started;
    this.sums.per += (ended - request.first) / Math.max(1, request.output - 1);
    this.sums.count += 1;
  }

  private sweep(): void {
    this.running = this.running.filter(({ made }) => made !== Number.POSITIVE_INFINITY);
  }
}
