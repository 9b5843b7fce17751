/**
 * When an engine looks for requests that have arrived: before every iteration, or where it was told so only before every
 * n-th of those that decode alone. Whatever computes prompts is followed by a look, and so is having nothing to run.
 * @source sglang-receive-interval
 */

import type { Rank } from "./rank.ts";

export class Reception {
  private readonly interval: number;
  /** Iteration from which the next looks are counted. */
  private base = 0;

  constructor(interval: number) {
    this.interval = interval;
  }

  /** Whether the engine looks before the iteration with this number. */
  due(iteration: number, ranks: readonly Rank[]): boolean {
    if (this.interval === 1) return true;
    if (ranks.every(({ runningCount }) => runningCount === 0)) this.base = iteration;
    return (iteration - this.base) % this.interval === 0;
  }

  /** An iteration has been planned that computes prompts. */
  prompted(iteration: number): void {
    this.base = iteration + 1;
  }
}
