/**
 * How many of the tokens that requests may still generate SGLang expects them to: much at first, less with every
 * iteration that had room for all, and what it saw when one had not.
 *
 *     first = min(1, 0.7 c),  least = 0.14 first,  each iteration less by (first - least) / 600
 *     after a retraction: min(1, (tokens made + 20 n) / (tokens asked + 1)) over the n requests that stay
 *
 * c: conservativeness.
 * @source sglang-scheduler
 */

import type { Rank } from "../engine/rank.ts";
import { outputLimit } from "./policy.ts";

const [firstRatio, leastFactor, decaySteps, stepsAhead] = [0.7, 0.14, 600, 20];

export class Outlook {
  ratio: number;
  private readonly first: number;
  private readonly least: number;

  constructor(conservativeness: number) {
    this.first = Math.min(1, firstRatio * conservativeness);
    this.least = this.first * leastFactor;
    this.ratio = this.first;
  }

  /** Nothing runs and nothing waits. */
  reset(): void {
    this.ratio = this.first;
  }

  /** All could go on for so many iterations. */
  decay(iterations: number): void {
    this.ratio = Math.max(this.least, this.ratio - (iterations * (this.first - this.least)) / decaySteps);
  }

  /** Some had to leave; these stay. */
  judge(rank: Rank): void {
    const { known, list } = rank.state;
    let made = 0;
    let asked = 0;
    for (let place = 0; place < rank.runningCount; place++) {
      const row = rank.running[place]!;
      made += known[row]! - list.input[row]!;
      asked += outputLimit(rank, row);
    }
    this.ratio = Math.min(1, (made + stepsAhead * rank.runningCount) / (asked + 1));
  }
}
