/** What an engine's metrics tell of its load. */

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
  let [running, waiting, usage] = [0, 0, 0];
  for (const rank of ranks) {
    running += rank.runningCount;
    waiting += rank.waiting.size;
    usage += rank.usage;
  }
  load.running = running;
  load.waiting = waiting;
  load.usage = usage / ranks.length;
  return load;
}
