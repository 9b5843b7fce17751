/**
 * One replica: ranks in lockstep that plan an iteration together, and the clock that says when it ends. It makes tokens
 * and says so; routers, clients and transfers are outside.
 *
 * With `pipeline` stages so many iterations are under way, a stage apart. Ignores: warm-up, and host work that differs
 * from iteration to iteration by chance.
 */

import type { RandomStream } from "../../base/random.ts";
import type { Seconds } from "../../base/quantity.ts";
import type { Clock } from "../../simulation/index.ts";
import type { Batching } from "../batching/policy.ts";
import type { RequestState } from "../request-state.ts";
import type { Batch, StepTime } from "../step/batch.ts";
import { Plan } from "./plan.ts";
import type { Rank } from "./rank.ts";
import type { EngineSettings, HostTimes } from "./settings.ts";
import { TimeSplitter } from "./time-splitter.ts";
import { TokenGaps } from "./token-gaps.ts";

/** Told what becomes of requests. */
export interface EngineListener {
  onFirstToken(row: number, engine: Engine): void;
  /** All tokens are made; the blocks are still held and are released after the call unless it takes them. */
  onDone(row: number, engine: Engine): void;
  /** An iteration ended after `duration`, with so many sequences generating. */
  onIteration?(engine: Engine, plans: readonly Plan[], duration: Seconds): void;
}

export interface EngineParts {
  readonly index: number;
  readonly settings: EngineSettings;
  readonly state: RequestState;
  readonly ranks: readonly Rank[];
  readonly batching: Batching;
  readonly step: StepTime;
  readonly host: HostTimes;
  readonly clock: Clock;
  readonly listener: EngineListener;
  /** Draws which drafted tokens are accepted. */
  readonly random: RandomStream;
}

/** One iteration under way. */
interface Iteration {
  readonly plans: readonly Plan[];
  readonly batches: readonly Batch[];
  duration: Seconds;
}

export class Engine {
  readonly index: number;
  readonly settings: EngineSettings;
  readonly ranks: readonly Rank[];
  readonly gaps: TokenGaps = new TokenGaps();
  /** Time in which an iteration was under way, and what was done so far. */
  busyTime: Seconds = 0;
  iterations = 0;
  tokensGenerated = 0;
  private readonly parts: EngineParts;
  private readonly idle: Iteration[] = [];
  private underWay = 0;
  private stageFree: Seconds = 0;
  private busySince: Seconds = 0;
  private wakes: "no" | "yes" = "no";
  private stopped = false;
  private readonly splitter: TimeSplitter;

  constructor(parts: EngineParts) {
    this.parts = parts;
    this.index = parts.index;
    this.settings = parts.settings;
    this.ranks = parts.ranks;
    this.splitter = new TimeSplitter(parts.step, parts.host, parts.ranks.length, parts.settings.hostOverlap);
  }

  /** A request joins the queue of the rank with the least to do. */
  submit(row: number): void {
    const { state, clock } = this.parts;
    let best = 0;
    for (let rank = 1; rank < this.ranks.length; rank++) {
      if (burden(this.ranks[rank]!) < burden(this.ranks[best]!)) best = rank;
    }
    state.rank[row] = best;
    state.replica[row] = this.index;
    state.queued[row] = clock.now();
    this.ranks[best]!.waiting.push(row);
    this.wake();
  }

  /** Whether a request can ever have all its blocks at once. */
  canHold(row: number): boolean {
    const { blockTokens, watermark, blocks, maxLength } = this.settings;
    const goal = this.parts.state.goal[row]!;
    return goal <= maxLength && Math.ceil(goal / blockTokens) + Math.floor(watermark * blocks) <= blocks;
  }

  /** Takes a request out, whatever it does; false where it is not here. */
  cancel(row: number): boolean {
    const { state } = this.parts;
    const rank = this.ranks[state.rank[row]!]!;
    if (rank.waiting.remove(row)) return true;
    const place = rank.running.subarray(0, rank.runningCount).indexOf(row);
    if (place === -1) return false;
    rank.dropAt(place);
    this.wake();
    return true;
  }

  /** The replica is lost: nothing under way will end. Returns the requests that it had. */
  stop(): readonly number[] {
    this.stopped = true;
    return this.ranks.flatMap((rank) => rank.clear());
  }

  get running(): number {
    return this.ranks.reduce((total, rank) => total + rank.runningCount, 0);
  }

  get waiting(): number {
    return this.ranks.reduce((total, rank) => total + rank.waiting.size, 0);
  }

  /** Something changed: plan the next iteration as soon as the first stage is free. */
  wake(): void {
    const { clock, settings } = this.parts;
    if (this.wakes === "yes" || this.stopped || this.underWay >= settings.pipeline) return;
    this.wakes = "yes";
    clock.after(Math.max(0, this.stageFree - clock.now()), this.begin, "decide");
  }

  private readonly begin = (): void => {
    this.wakes = "no";
    if (this.stopped) return;
    const { clock, state, settings, batching } = this.parts;
    const iteration = this.idle.pop() ?? newIteration(this.ranks.length);
    let rows = 0;
    for (let rank = 0; rank < this.ranks.length; rank++) {
      const plan = iteration.plans[rank]!;
      plan.clear();
      batching(this.ranks[rank]!, plan);
      plan.describe(state);
      rows += plan.count;
    }
    if (rows === 0) {
      this.idle.push(iteration);
      return;
    }
    const now = clock.now();
    const stage = this.splitter.whole(iteration.batches, rows);
    iteration.duration = stage * settings.pipeline;
    if (this.underWay === 0) this.busySince = now;
    this.underWay += 1;
    this.stageFree = now + stage;
    clock.after(iteration.duration, () => this.complete(iteration), "complete");
    for (const plan of iteration.plans) markScheduled(plan, state, now);
    this.wake();
  };

  private complete(iteration: Iteration): void {
    if (this.stopped) return;
    const { clock, listener } = this.parts;
    this.underWay -= 1;
    this.iterations += 1;
    if (this.underWay === 0) this.busyTime += clock.now() - this.busySince;
    const share = this.splitter.split(iteration.batches, iteration.duration, this.parts.settings.pipeline);
    for (let rank = 0; rank < this.ranks.length; rank++) {
      this.completeRank(this.ranks[rank]!, iteration.plans[rank]!, iteration.duration, share);
    }
    this.gaps.close(clock.now());
    listener.onIteration?.(this, iteration.plans, iteration.duration);
    this.idle.push(iteration);
    this.wake();
  }

  private completeRank(rank: Rank, plan: Plan, duration: Seconds, share: number): void {
    const { state, clock, listener } = this.parts;
    const { list, known, goal } = state;
    const now = clock.now();
    let left = 0;
    for (let index = 0; index < plan.count; index++) {
      const row = plan.rows[index]!;
      if (plan.epochs[index]! !== state.epoch[row]!) continue;
      const before = known[row]!;
      const fresh = before === list.input[row]!;
      if (fresh) this.splitter.addPrompt(plan, index, state, duration);
      if (plan.samples[index] === 0) continue;
      const gained = Math.min(this.gain(fresh), goal[row]! - before);
      known[row] = before + gained;
      state.computed[row] = before + gained - 1;
      this.tokensGenerated += gained;
      if (!fresh) {
        state.decodeAlone[row]! += duration * share;
        state.interference[row]! += duration * (1 - share);
        this.gaps.add(state.lastToken[row]!, now, gained);
      }
      state.lastToken[row] = now;
      if (fresh) listener.onFirstToken(row, this);
      if (before + gained < goal[row]!) continue;
      listener.onDone(row, this);
      rank.releaseBlocks(row);
      left += 1;
    }
    if (left > 0) rank.sweep();
  }

  /** Tokens that a row gains from one iteration: one, and the drafted ones that were accepted. */
  private gain(fresh: boolean): number {
    const { speculation } = this.parts.settings;
    if (speculation === undefined || fresh) return 1;
    let accepted = 0;
    while (accepted < speculation.drafted) {
      if (this.parts.random.uniform() >= (speculation.acceptance[accepted] ?? 0)) break;
      accepted += 1;
    }
    return 1 + accepted;
  }
}

function newIteration(ranks: number): Iteration {
  const plans = Array.from({ length: ranks }, () => new Plan());
  return { plans, batches: plans.map(({ batch }) => batch), duration: 0 };
}

/** What vLLM's balancer of data-parallel ranks compares. @source vllm-scheduler */
function burden(rank: Rank): number {
  return 4 * rank.waiting.size + rank.runningCount;
}

function markScheduled(plan: Plan, state: RequestState, now: Seconds): void {
  for (let index = 0; index < plan.count; index++) {
    const row = plan.rows[index]!;
    if (Number.isNaN(state.scheduled[row]!)) state.scheduled[row] = now;
  }
}
