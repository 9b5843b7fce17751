/** What an engine's metrics tell of its load, and what is compared between its ranks. */

import type { Rank } from "./rank.ts";

export interface Load {
  /** Requests with blocks, and requests that wait for them. */
  running: number;
  waiting: number;
  /** Share of blocks in use, the mean of ranks. */
  usage: number;
}

/** Writes what ranks hold now. */
export function readLoad(ranks: readonly Rank[], load: Load): Load {
  let running = 0;
  let waiting = 0;
  let usage = 0;
  for (let index = 0; index < ranks.length; index++) {
    const rank = ranks[index]!;
    running += rank.runningCount;
    waiting += rank.waiting.size;
    usage += rank.usage;
  }
  load.running = running;
  load.waiting = waiting;
  load.usage = usage / ranks.length;
  return load;
}

/** What vLLM's balancer of data-parallel ranks compares. @source vllm-scheduler */
export function burden(rank: Rank): number {
  return 4 * rank.waiting.size + rank.runningCount;
}
