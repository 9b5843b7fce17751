/**
 * Sarathi's stall-free batches as the Vidur simulator runs them: running requests in order of arrival, generating ones
 * first, then chunks of prompts up to one size in all. A prompt reserves all its blocks when it is admitted.
 * @source vidur-reference
 */

import type { Rank } from "../engine/rank.ts";
import type { EngineSettings } from "../engine/settings.ts";
import { type Batching, type BatchingPolicy, planRow } from "./policy.ts";

export const sarathi: BatchingPolicy = {
  name: "sarathi",
  summary: "Sarathi as in Vidur: generating sequences, then chunks of prompts within one size",
  source: "vidur-reference",
  storing: "planned",
  atOnce: () => "any",
  create,
};

function create(settings: EngineSettings): Batching {
  const { maxSequences, maxBatchedTokens: chunk, blockTokens } = settings;
  const spare = Math.floor(settings.watermark * settings.blocks);
  return (rank, plan) => {
    const { state, waiting } = rank;
    const { known, computed } = state;
    const { input } = state.list;
    // Generating sequences wait for nothing; all of the watermark is theirs.
    for (let place = 0; place < rank.runningCount && plan.count < maxSequences; place++) {
      const row = rank.running[place]!;
      if (known[row]! > input[row]!) planOrYield(rank, row, (tokens) => planRow(rank, plan, row, tokens));
    }
    let used = plan.count;
    for (let place = 0; place < rank.runningCount && plan.count < maxSequences; place++) {
      const row = rank.running[place]!;
      const tokens = Math.min(known[row]! - computed[row]!, chunk - used);
      if (known[row]! > input[row]! || tokens <= 0) continue;
      planRow(rank, plan, row, tokens);
      used += tokens;
    }
    while (waiting.size > 0 && rank.runningCount < maxSequences && plan.count < maxSequences) {
      const row = waiting.at(0);
      const tokens = Math.min(known[row]!, chunk - used);
      if (tokens <= 0 || !rank.admit(row, 0, Math.ceil(known[row]! / blockTokens) * blockTokens, spare)) return;
      waiting.shift();
      rank.start(row);
      planRow(rank, plan, row, tokens);
      used += tokens;
    }
  };
}

/** One more token of a generating sequence; where no block is left, the last running request loses its place. */
function planOrYield(rank: Rank, row: number, plan: (tokens: number) => void): void {
  while (!rank.extend(row, 1)) {
    const last = rank.running[rank.runningCount - 1]!;
    rank.preemptAt(rank.runningCount - 1);
    if (last === row) return;
  }
  plan(1);
}
