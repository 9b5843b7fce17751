/** The best layouts so far, and how many lie near them. */

import type { FoundLayout } from "./answer.ts";

/** Kept before those that fell out of reach are dropped. */
const keptMost = 20_000;

export class Best {
  private readonly within: number;
  private kept: FoundLayout[] = [];
  private least = Number.POSITIVE_INFINITY;
  first: FoundLayout | undefined;

  constructor(within: number) {
    this.within = within;
  }

  /** What is slower need not be looked at. */
  get limit(): number {
    return this.near;
  }

  private get near(): number {
    return this.least * (1 + this.within);
  }

  add(found: FoundLayout): void {
    if (found.stepTime > this.near) return;
    if (found.stepTime < this.least) {
      this.least = found.stepTime;
      this.first = found;
    }
    this.kept.push(found);
    if (this.kept.length > keptMost) this.kept = [...this.nearOnes()];
  }

  /** Fastest first, and of equal ones that which holds least. */
  nearOnes(): readonly FoundLayout[] {
    return this.kept
      .filter(({ stepTime }) => stepTime <= this.near)
      .sort((a, b) => a.stepTime - b.stepTime || a.memory - b.memory);
  }
}

/** The few that lack least memory. */
export class Closest {
  private kept: readonly FoundLayout[] = [];

  add(found: FoundLayout): void {
    const last = this.kept[closestMost - 1];
    if (last !== undefined && last.memory <= found.memory) return;
    this.kept = [...this.kept, found].sort((a, b) => a.memory - b.memory).slice(0, closestMost);
  }

  list(): readonly FoundLayout[] {
    return this.kept;
  }
}

const closestMost = 3;
