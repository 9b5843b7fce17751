/**
 * One replica: ranks in lockstep that plan an iteration together, and the clock that says when it ends. It makes tokens
 * and says so; routers, clients and transfers are outside.
 *
 * With `pipeline` stages so many iterations are under way, a stage apart. Ignores: warm-up, and host work that differs
 * from iteration to iteration by chance.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { RandomStream } from "../../base/random.ts";
import type { Clock } from "../../simulation/index.ts";
import type { Batching, BatchingPolicy, Gate } from "../batching/policy.ts";
import type { RequestState } from "../request-state.ts";
import type { Batch, StepTime } from "../step/batch.ts";
import { DecodeRun } from "./decode-run.ts";
import { addDrafting, drawnGain } from "./drafting.ts";
import { unblock } from "./fetched-blocks.ts";
import { burden, type Load, readLoad } from "./load.ts";
import { Outlet } from "./outlet.ts";
import { Plan } from "./plan.ts";
import type { Rank } from "./rank.ts";
import { Reception } from "./reception.ts";
import type { EngineSettings, HostTimes } from "./settings.ts";
import { TimeSplitter } from "./time-splitter.ts";
import { TokenGaps } from "./token-gaps.ts";

/** Told what becomes of requests. */
export interface EngineListener {
  /** A request gets its first work here. */
  onStarted?(row: number, engine: Engine): void;
  /** @param leaving how long the token waits for the process that sends it, its own turn included. */
  onFirstToken(row: number, engine: Engine, leaving: Seconds): void;
  /** All tokens are made; the blocks are still held and are released after the call unless it takes them. */
  onDone(row: number, engine: Engine, leaving: Seconds): void;
  /** An iteration ended after `duration`, with so many sequences generating. */
  readonly onIteration?: ((engine: Engine, plans: readonly Plan[], duration: Seconds) => void) | undefined;
}

export interface EngineParts {
  readonly index: number;
  readonly settings: EngineSettings;
  readonly state: RequestState;
  readonly ranks: readonly Rank[];
  readonly batching: Batching;
  readonly gate: Gate | undefined;
  /** What of a request must fit one iteration. */
  readonly atOnce: ReturnType<BatchingPolicy["atOnce"]>;
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
  sequences: number;
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
  private readonly counted: Load = { running: 0, waiting: 0, usage: 0 };
  private underWay = 0;
  /** Planned ahead, to run when the one under way ends. */
  private next: Iteration | undefined;
  /** Arrived since the last iteration was planned. */
  private readonly inbox: number[] = [];
  private stageFree: Seconds = 0;
  private busySince: Seconds = 0;
  private wakes: "no" | "yes" = "no";
  private stopped = false;
  private readonly ahead: boolean;
  private readonly splitter: TimeSplitter;
  private readonly gain: (() => number) | undefined;
  private readonly decoding: DecodeRun;
  private readonly outlet: Outlet;
  private readonly reception: Reception;
  /** Whether iterations may be known beforehand: one rank, one stage, no chance, no prompt that waits, nobody who watches each. */
  private readonly foresees: boolean;
  private inRun: Iteration | undefined;
  private runEnd = 0;

  constructor(parts: EngineParts) {
    this.parts = parts;
    this.index = parts.index;
    this.settings = parts.settings;
    this.ranks = parts.ranks;
    for (const rank of this.ranks) rank.onFetched = () => this.wake();
    this.ahead = parts.settings.hostOverlap === "on" && parts.settings.pipeline === 1;
    this.splitter = new TimeSplitter(parts.step, parts.host, parts.ranks.length, parts.settings.hostOverlap);
    this.outlet = new Outlet(parts.host);
    this.reception = new Reception(Number(parts.settings.options?.receiveInterval ?? 1));
    this.decoding = new DecodeRun(parts.state, this.splitter, this.outlet);
    const { speculation } = parts.settings;
    this.gain = speculation && drawnGain(speculation, parts.random);
    this.foresees =
      parts.ranks.length === 1 &&
      parts.settings.pipeline === 1 &&
      speculation === undefined &&
      parts.gate === undefined &&
      parts.listener.onIteration === undefined;
  }

  /** A request reaches the engine, which looks at it when it next plans. */
  submit(row: number): void {
    this.leaveRun();
    this.parts.state.replica[row] = this.index;
    this.inbox.push(row);
    this.wake();
  }

  /** Whether a request can ever have all its blocks at once, and its first `prompt` tokens in one iteration where they must. */
  canHold(
    row: number,
    goal: number = this.parts.state.goal[row]!,
    prompt: number = this.parts.state.made[row]!,
  ): boolean {
    const { blockTokens, watermark, blocks, maxLength, speculation, maxBatchedTokens } = this.settings;
    const { atOnce } = this.parts;
    // After the loss of a replica the prompt is what was made so far.
    const once = atOnce === "prompt" ? prompt : goal - 1;
    if (atOnce !== "any" && once > maxBatchedTokens) return false;
    const reach = Math.min(goal + (speculation?.drafted ?? 0), maxLength);
    return goal <= maxLength && Math.ceil(reach / blockTokens) + Math.floor(watermark * blocks) <= blocks;
  }

  /** Takes a request out, whatever it does; false where it is not here. */
  cancel(row: number): boolean {
    this.leaveRun();
    const { state } = this.parts;
    const arrived = this.inbox.indexOf(row);
    if (arrived !== -1) return this.inbox.splice(arrived, 1).length > 0;
    if (this.ranks[state.rank[row]!]?.remove(row) !== true) return false;
    this.wake();
    return true;
  }

  /** The replica is lost: nothing under way will end. Returns the requests that it had. */
  stop(): readonly number[] {
    this.leaveRun();
    this.stopped = true;
    if (this.underWay > 0) this.busyTime += this.parts.clock.now() - this.busySince;
    const rows = [...this.ranks.flatMap((rank) => rank.clear()), ...this.inbox.splice(0)];
    // Tokens that were under way are never made: another replica must not count on them.
    const { known, made } = this.parts.state;
    for (const row of rows) known[row] = made[row]!;
    return rows;
  }

  /** Its load at this moment. */
  get load(): Readonly<Load> {
    if (this.inRun !== undefined && this.decoding.takes === "yes") this.noteRun(this.inRun);
    return readLoad(this.ranks, { running: 0, waiting: 0, usage: 0 });
  }

  /**
   * What the engine's metrics say: engines count when an iteration has ended, so what the one under way took on is not
   * yet in them. @source vllm-scheduler
   */
  get reported(): Readonly<Load> {
    if (this.underWay === 0) readLoad(this.ranks, this.counted);
    else if (this.inRun !== undefined && this.decoding.takes === "yes") this.noteRun(this.inRun);
    return this.counted;
  }

  /** Something changed: plan an iteration as soon as the first stage is free. */
  wake(): void {
    this.leaveRun();
    const { clock, settings } = this.parts;
    if (this.wakes === "yes" || this.stopped || this.underWay >= settings.pipeline) return;
    this.wakes = "yes";
    clock.after(Math.max(0, this.stageFree - clock.now()), this.begin, "decide");
  }

  private readonly begin = (): void => {
    this.wakes = "no";
    if (this.stopped || this.underWay >= this.settings.pipeline) return;
    const iteration = this.plan();
    if (iteration !== undefined) this.run(iteration);
    else for (const rank of this.ranks) rank.connector?.begins();
  };

  /** The next iteration, or nothing where no request can run. */
  private plan(): Iteration | undefined {
    const { state, batching, gate } = this.parts;
    const number = this.iterations + this.underWay;
    if (this.reception.due(number, this.ranks)) this.takeIn();
    const iteration = this.idle.pop() ?? newIteration(this.ranks.length);
    const allowed = gate?.(this.ranks) ?? "planned";
    let rows = 0;
    let prompts = 0;
    for (let rank = 0; rank < this.ranks.length; rank++) {
      const plan = iteration.plans[rank]!;
      plan.clear();
      batching(this.ranks[rank]!, plan, allowed);
      plan.describe(state, this.gain);
      rows += plan.count;
      prompts += plan.batch.prefills;
    }
    if (prompts > 0) this.reception.prompted(number);
    if (rows === 0) {
      this.idle.push(iteration);
      return this.underWay === 0 && this.ranks.some(unblock) ? this.plan() : undefined;
    }
    iteration.sequences = rows;
    for (const plan of iteration.plans) this.mark(plan);
    for (const rank of this.ranks) rank.connector?.planned();
    return iteration;
  }

  /** Requests that arrived join the rank with the least to do. */
  private takeIn(): void {
    const { state, clock } = this.parts;
    for (const row of this.inbox) {
      let best = 0;
      for (let rank = 1; rank < this.ranks.length; rank++) {
        if (burden(this.ranks[rank]!) < burden(this.ranks[best]!)) best = rank;
      }
      state.rank[row] = best;
      const first = Number.isNaN(state.prefilled[row]!) ? state.queued : state.decodeQueued;
      if (Number.isNaN(first[row]!)) first[row] = clock.now();
      this.ranks[best]!.waiting.push(row);
    }
    this.inbox.length = 0;
  }

  private run(iteration: Iteration): void {
    const { clock, settings } = this.parts;
    const now = clock.now();
    if (this.underWay === 0) this.busySince = now;
    this.underWay += 1;
    for (const rank of this.ranks) rank.connector?.begins();
    if (this.foresees && this.inbox.length === 0 && this.decoding.begin(this.ranks[0]!, iteration, now)) {
      this.inRun = iteration;
      const last = this.decoding.ends[this.decoding.length - 2]!;
      this.runEnd = clock.after(last - now, () => this.leaveRun(), "complete");
      return;
    }
    const stage = this.splitter.whole(iteration.batches, iteration.sequences);
    iteration.duration = stage * settings.pipeline;
    this.stageFree = now + stage;
    clock.after(iteration.duration, () => this.complete(iteration), "complete");
    if (this.ahead) this.next = this.plan();
    else this.wake();
  }

  /** Ends a run of iterations that were known beforehand: the one under way now ends as any other does. */
  private leaveRun(): void {
    const iteration = this.inRun;
    if (iteration === undefined) return;
    const { clock } = this.parts;
    this.noteRun(iteration);
    this.inRun = undefined;
    clock.cancel(this.runEnd);
    const { noted, ends } = this.decoding;
    const end = ends[noted]!;
    iteration.duration = end - this.decoding.beginOf(noted);
    this.stageFree = end;
    clock.after(Math.max(0, end - clock.now()), () => this.complete(iteration), "complete");
    if (this.ahead) this.next = this.plan();
  }

  /** Puts what has passed of a run into the books, as if each of its iterations had been planned and completed. */
  private noteRun(iteration: Iteration): void {
    const { decoding } = this;
    const rank = this.ranks[0]!;
    const plan = iteration.plans[0]!;
    const before = decoding.noted;
    const until = decoding.passed(this.parts.clock.now());
    if (until === before) return;
    // Planned ahead, the iteration now under way had its blocks before the one before it ended.
    const early = this.ahead ? until : until - 1;
    decoding.takeBlocks(rank, plan, before + 1, early);
    readLoad(this.ranks, this.counted);
    decoding.takeBlocks(rank, plan, early + 1, until);
    decoding.note(rank, plan, this.gaps, until);
    this.iterations += until - before;
    this.tokensGenerated += (until - before) * plan.count;
  }

  private complete(iteration: Iteration): void {
    if (this.stopped) return;
    const { clock, listener, settings } = this.parts;
    this.underWay -= 1;
    this.iterations += 1;
    if (this.underWay === 0) this.busyTime += clock.now() - this.busySince;
    for (const rank of this.ranks) rank.connector?.ended();
    const share = this.splitter.split(iteration.batches, iteration.duration, settings.pipeline);
    const drafting = this.splitter.drafting(iteration.batches, share);
    for (let rank = 0; rank < this.ranks.length; rank++) {
      this.completeRank(this.ranks[rank]!, iteration.plans[rank]!, iteration.duration, share);
      if (drafting > 0) addDrafting(iteration.plans[rank]!, this.parts.state, drafting);
    }
    this.gaps.close(clock.now());
    readLoad(this.ranks, this.counted);
    listener.onIteration?.(this, iteration.plans, iteration.duration);
    this.idle.push(iteration);
    const { next } = this;
    this.next = undefined;
    if (next === undefined) this.wake();
    else this.run(next);
  }

  private completeRank(rank: Rank, plan: Plan, duration: Seconds, share: number): void {
    const { state, clock, listener } = this.parts;
    const { made, goal, epoch, decodeAlone, interference, lastToken } = state;
    const { input } = state.list;
    const now = clock.now();
    const alone = duration * share;
    const beside = duration * (1 - share);
    let left = 0;
    let tokens = 0;
    for (let index = 0; index < plan.count; index++) {
      const row = plan.rows[index]!;
      if (plan.epochs[index]! !== epoch[row]!) continue;
      if (plan.generating[index] === 0) rank.settle(row, plan.before[index]! + plan.tokens[index]!);
      const before = made[row]!;
      const fresh = before === input[row]!;
      if (fresh && Number.isNaN(state.prefilled[row]!)) this.splitter.addPrompt(plan, index, state, duration);
      const gained = plan.gains[index]!;
      if (gained === 0) continue;
      made[row] = before + gained;
      if (!this.ahead) this.learn(row, gained);
      tokens += gained;
      const leaving = this.outlet.take(now, gained, before + gained - input[row]!);
      if (!fresh) {
        decodeAlone[row]! += alone;
        if (beside > 0) interference[row]! += beside;
        this.gaps.add(lastToken[row]!, now, gained);
      }
      lastToken[row] = now;
      if (fresh) listener.onFirstToken(row, this, leaving);
      if (before + gained < goal[row]!) continue;
      rank.finish(row);
      listener.onDone(row, this, leaving);
      rank.releaseBlocks(row);
      left += 1;
    }
    this.tokensGenerated += tokens;
    if (left > 0) rank.sweep();
  }

  /** Notes what a plan gives its rows to know and when they first got work. */
  private mark(plan: Plan): void {
    const { state, clock, listener } = this.parts;
    for (let index = 0; index < plan.count; index++) {
      const row = plan.rows[index]!;
      if (this.ahead) this.learn(row, plan.gains[index]!);
      const first = Number.isNaN(state.prefilled[row]!) ? state.scheduled : state.resumed;
      if (!Number.isNaN(first[row]!)) continue;
      first[row] = clock.now();
      listener.onStarted?.(row, this);
    }
  }

  /** More tokens of a row are known; drafted ones that were not accepted count as not computed. */
  private learn(row: number, gained: number): void {
    if (gained === 0) return;
    const { state } = this.parts;
    const known = state.known[row]! + gained;
    state.known[row] = known;
    state.computed[row] = known - 1;
  }
}

function newIteration(ranks: number): Iteration {
  const plans = Array.from({ length: ranks }, () => new Plan());
  return { plans, batches: plans.map(({ batch }) => batch), duration: 0, sequences: 0 };
}
