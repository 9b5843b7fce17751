/**
 * Iterations that are known beforehand: where the same sequences generate and nobody waits, one iteration after the other
 * differs in nothing but its contexts and in whose next block is due. They are timed at once, each by itself, and noted
 * when somebody asks; whatever happens to the engine meanwhile ends the run at the iteration then under way.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { RequestState } from "../request-state.ts";
import type { Batch } from "../step/batch.ts";
import type { Outlet } from "./outlet.ts";
import type { Plan } from "./plan.ts";
import type { Rank } from "./rank.ts";
import type { TimeSplitter } from "./time-splitter.ts";
import type { TokenGaps } from "./token-gaps.ts";

/** Shorter runs are no quicker than single iterations. */
const iterationsLeast = 3;
/** Iterations beyond those that something interrupts are timed in vain. */
const iterationsMost = 96;

/** What one rank computes in the first iteration. */
interface Planned {
  readonly plans: readonly Plan[];
  readonly batches: readonly Batch[];
}

export class DecodeRun {
  /** Iterations of the run, 0 where there is none, and how many of them are in the books. */
  length = 0;
  noted = 0;
  /** Whether blocks are taken in it. */
  takes: "no" | "yes" = "no";
  /** When each ends. */
  ends: Float64Array = new Float64Array(64);
  private start: Seconds = 0;
  private readonly state: RequestState;
  private readonly splitter: TimeSplitter;
  private readonly outlet: Outlet;

  constructor(state: RequestState, splitter: TimeSplitter, outlet: Outlet) {
    this.state = state;
    this.splitter = splitter;
    this.outlet = outlet;
  }

  /**
   * Times the iterations from `now` on that are like the one planned; false where they are too few. All but the last
   * leave every row with tokens to go.
   */
  begin(rank: Rank, { plans, batches }: Planned, now: Seconds): boolean {
    const plan = plans[0]!;
    const count = this.iterations(rank, plan);
    if (count < iterationsLeast) return false;
    if (count > this.ends.length) this.ends = new Float64Array(2 * count);
    let end = now;
    for (let index = 0; index < count; index++) {
      end += this.splitter.whole(batches, plan.count);
      this.ends[index] = end;
      lengthen(plan.batch, plan.count, 1);
    }
    lengthen(plan.batch, plan.count, -count);
    this.length = count;
    this.takes = blocksDue(rank, plan, count) > 0 ? "yes" : "no";
    this.noted = 0;
    this.start = now;
    return true;
  }

  /** Iterations that have ended by `now`, the last of the run not among them: that one ends as any other does. */
  passed(now: Seconds): number {
    let count = this.noted;
    while (count < this.length - 1 && this.ends[count]! <= now) count += 1;
    return count;
  }

  /** When an iteration of the run begins. */
  beginOf(index: number): Seconds {
    return index === 0 ? this.start : this.ends[index - 1]!;
  }

  /** Takes the blocks due in iterations `from` to `to` in the order in which they would have been planned. */
  takeBlocks(rank: Rank, plan: Plan, from: number, to: number): void {
    const { noted } = this;
    for (let index = from; index <= to; index++) {
      for (let place = 0; place < plan.count; place++) {
        const row = plan.rows[place]!;
        if (rank.room(row) >= index - noted) continue;
        if (!rank.extend(row, index - noted)) throw new Error("a run of iterations ran out of blocks");
      }
    }
  }

  /** Puts the iterations before `until`, whose blocks are taken, into the books; the plan is then that of the next. */
  note(rank: Rank, plan: Plan, gaps: TokenGaps, until: number): void {
    const { state, ends, noted } = this;
    const count = until - noted;
    const begin = this.beginOf(noted);
    const last = ends[until - 1]!;
    rank.unplanned += count;
    let answered = 0;
    for (let index = 0; index < plan.count; index++) {
      const row = plan.rows[index]!;
      answered += state.made[row]! - state.list.input[row]!;
      state.made[row]! += count;
      state.known[row]! += count;
      rank.advance(row, count);
      plan.before[index]! += count;
      gaps.add(state.lastToken[row]!, ends[noted]!, 1);
      state.decodeAlone[row]! += last - begin;
      state.lastToken[row] = last;
    }
    gaps.close(ends[noted]!);
    for (let index = noted + 1; index < until; index++) gaps.repeat(plan.count, ends[index]!);
    for (let index = noted; index < until; index++) {
      answered += plan.count;
      this.outlet.takeEach(ends[index]!, plan.count, answered);
    }
    lengthen(plan.batch, plan.count, count);
    this.noted = until;
  }

  /** Iterations like the planned one, it included, until a row ends or somebody must be told of a block in time. */
  private iterations(rank: Rank, plan: Plan): number {
    if (plan.count !== rank.runningCount || plan.batch.prefills > 0) return 0;
    if (rank.waiting.size > 0 || rank.fetching.size > 0) return 0;
    const { goal, made } = this.state;
    // Planned ahead, the iteration that fills a block tells of it while the one before it runs.
    const fills = rank.settings.hostOverlap === "on" ? 0 : 1;
    let count = Number.POSITIVE_INFINITY;
    let room = Number.POSITIVE_INFINITY;
    for (let index = 0; index < plan.count; index++) {
      const row = plan.rows[index]!;
      count = Math.min(count, goal[row]! - made[row]!);
      room = Math.min(room, rank.room(row) + fills);
    }
    count = Math.min(count, iterationsMost);
    return takesUnheard(rank, plan, count) ? count : Math.min(count, room);
  }
}

/** Whether there are blocks for so many iterations, and nobody asks when they are taken and filled. */
function takesUnheard(rank: Rank, plan: Plan, iterations: number): boolean {
  if (rank.connector !== undefined) return false;
  const due = blocksDue(rank, plan, iterations);
  if (rank.pool.unheard(due) < due) return false;
  for (let index = 0; index < plan.count; index++) if (!rank.fillsOwn(plan.rows[index]!)) return false;
  return true;
}

/** Blocks that a run of so many iterations takes beyond those of its first. */
function blocksDue(rank: Rank, plan: Plan, iterations: number): number {
  const { blockTokens } = rank.settings;
  let due = 0;
  for (let index = 0; index < plan.count; index++) {
    due += Math.ceil(Math.max(0, iterations - 1 - rank.room(plan.rows[index]!)) / blockTokens);
  }
  return due;
}

/** Every sequence has so many tokens more before it. */
function lengthen(batch: Batch, sequences: number, tokens: number): void {
  batch.decodeContext += sequences * tokens;
  batch.decodeContextMin += tokens;
  batch.decodeContextMax += tokens;
}
