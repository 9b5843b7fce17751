/** The best layouts so far: those near the first, the front of time against memory, and how many were how fast. */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import { dominates } from "../pareto.ts";
import type { FoundLayout } from "./answer.ts";

export interface Reach {
  /** Share of the best's step time that counts as near it. */
  readonly within: number;
  /** Step time of a design whose rank is asked for. */
  readonly rival?: Seconds;
}

/** Kept before those that fell out of reach are dropped. */
const keptMost = 20_000;

/** A rival is ranked exactly up to so many times the best. */
const rankedMost = 1.25;

export class Best {
  private readonly reach: Reach;
  private kept: FoundLayout[] = [];
  private keptNext = keptMost;
  private front: FoundLayout[] = [];
  private readonly times: Seconds[] = [];
  private least = Number.POSITIVE_INFINITY;
  first: FoundLayout | undefined;

  constructor(reach: Reach) {
    this.reach = reach;
  }

  /** What is slower need not be looked at. */
  get limit(): Seconds {
    return Math.max(this.near, Math.min(this.reach.rival ?? 0, rankedMost * this.least));
  }

  /** Layouts that fit, of those looked at. */
  get count(): number {
    return this.times.length;
  }

  private get near(): Seconds {
    return this.least * (1 + this.reach.within);
  }

  add(found: FoundLayout): void {
    this.times.push(found.stepTime);
    if (found.stepTime < this.least) {
      this.least = found.stepTime;
      this.first = found;
    }
    this.addToFront(found);
    if (found.stepTime > this.near) return;
    this.kept.push(found);
    if (this.kept.length < this.keptNext) return;
    this.kept = this.kept.filter(({ stepTime }) => stepTime <= this.near);
    this.keptNext = Math.max(keptMost, 2 * this.kept.length);
  }

  /** Fastest first, and of equal ones that which holds least. */
  nearOnes(): readonly FoundLayout[] {
    return this.kept.filter(({ stepTime }) => stepTime <= this.near).sort(byTime);
  }

  /** Of those that fit and were looked at, how many are faster. */
  fasterThan(time: Seconds): number {
    return this.times.filter((each) => each < time).length;
  }

  /** Of those that fit and were looked at, how many take no longer. */
  upTo(time: Seconds): number {
    return this.times.filter((each) => each <= time).length;
  }

  /** Whether every layout up to this time was looked at, once the search is done. */
  covers(time: Seconds): boolean {
    return time <= this.limit;
  }

  /** Layouts up to this time of which none is as fast and holds as little as another, the fastest first. */
  frontTo(time: Seconds): readonly FoundLayout[] {
    return this.front.filter(({ stepTime }) => stepTime <= time).sort(byTime);
  }

  private addToFront(found: FoundLayout): void {
    const goals = goalsOf(found);
    const beaten = this.front.some((each) => {
      const other = goalsOf(each);
      return dominates(other, goals) || (other[0] === goals[0] && other[1] === goals[1]);
    });
    if (beaten) return;
    this.front = [...this.front.filter((each) => !dominates(goals, goalsOf(each))), found];
  }
}

function goalsOf({ stepTime, memory }: FoundLayout): readonly [number, number] {
  return [stepTime, memory];
}

function byTime(a: FoundLayout, b: FoundLayout): number {
  return a.stepTime - b.stepTime || a.memory - b.memory;
}

/** The few that lack least memory. */
export class Closest {
  private kept: readonly FoundLayout[] = [];

  /** Whether a layout that holds at least so much may be one of them. */
  mayTake(memory: Bytes): boolean {
    const last = this.kept[closestMost - 1];
    return last === undefined || memory < last.memory;
  }

  add(found: FoundLayout): void {
    if (!this.mayTake(found.memory)) return;
    this.kept = [...this.kept, found].sort((a, b) => a.memory - b.memory).slice(0, closestMost);
  }

  list(): readonly FoundLayout[] {
    return this.kept;
  }
}

const closestMost = 3;
