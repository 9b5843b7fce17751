/**
 * Iterations that are known beforehand: where the same few sequences generate, nobody waits and no block is needed, one
 * iteration after the other differs in nothing but its contexts. They are timed at once, each by itself, and noted as
 * they pass; whatever happens to the engine meanwhile ends the run at the iteration then under way.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { RequestState } from "../request-state.ts";
import type { Batch } from "../step/batch.ts";
import type { Plan } from "./plan.ts";
import type { Rank } from "./rank.ts";
import type { TimeSplitter } from "./time-splitter.ts";
import type { TokenGaps } from "./token-gaps.ts";

/** With more sequences some block fills up almost every iteration. */
const sequencesMost = 8;
/** Shorter runs are no quicker than single iterations. */
const iterationsLeast = 3;

/** What one rank computes in the first iteration. */
interface Planned {
  readonly plans: readonly Plan[];
  readonly batches: readonly Batch[];
}

export class DecodeRun {
  /** Iterations of the run, 0 where there is none. */
  length = 0;
  /** When each ends. */
  ends: Float64Array = new Float64Array(64);
  private readonly state: RequestState;
  private readonly splitter: TimeSplitter;

  constructor(state: RequestState, splitter: TimeSplitter) {
    this.state = state;
    this.splitter = splitter;
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
    return true;
  }

  /** Iterations that have ended by `now`, the last of the run not among them: that one ends as any other does. */
  passed(now: Seconds): number {
    let count = 0;
    while (count < this.length - 1 && this.ends[count]! <= now) count += 1;
    return count;
  }

  /** Notes the first `count` iterations, the first of which began at `start`; the plan is then that of the next. */
  note(rank: Rank, plan: Plan, gaps: TokenGaps, count: number, start: Seconds): void {
    const { state } = this;
    if (count === 0) return;
    rank.unplanned += count;
    for (let index = 0; index < plan.count; index++) {
      const row = plan.rows[index]!;
      state.made[row]! += count;
      state.known[row]! += count;
      rank.advance(row, count);
      plan.before[index]! += count;
      this.noteGaps(gaps, row, count, start);
    }
    lengthen(plan.batch, plan.count, count);
  }

  private noteGaps(gaps: TokenGaps, row: number, count: number, start: Seconds): void {
    const { state } = this;
    let before = state.lastToken[row]!;
    for (let index = 0; index < count; index++) {
      gaps.note(this.ends[index]! - before, 1);
      before = this.ends[index]!;
    }
    state.decodeAlone[row]! += before - start;
    state.lastToken[row] = before;
  }

  /** Iterations like the planned one, it included, until a row ends or needs a block. */
  private iterations(rank: Rank, plan: Plan): number {
    if (plan.count > sequencesMost || plan.count !== rank.runningCount || plan.batch.prefills > 0) return 0;
    if (rank.waiting.size > 0 || rank.fetching.size > 0) return 0;
    const { goal, made } = this.state;
    let count = Number.POSITIVE_INFINITY;
    for (let index = 0; index < plan.count; index++) {
      const row = plan.rows[index]!;
      count = Math.min(count, goal[row]! - made[row]!, rank.room(row) + 1);
    }
    return count;
  }
}

/** Every sequence has so many tokens more before it. */
function lengthen(batch: Batch, sequences: number, tokens: number): void {
  batch.decodeContext += sequences * tokens;
  batch.decodeContextMin += tokens;
  batch.decodeContextMax += tokens;
}
