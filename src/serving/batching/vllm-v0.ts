/**
 * vLLM's first scheduler as the Vidur simulator runs it: whole prompts before everything else, in batches of their own
 * padded to the longest, then one token for every running request.
 * @source vidur-reference
 */

import type { EngineSettings } from "../engine/settings.ts";
import { type Batching, type BatchingPolicy, planRow } from "./policy.ts";

export const vllmV0: BatchingPolicy = {
  name: "vllm-v0",
  summary: "vLLM before chunked prompts, as in Vidur: batches of whole prompts first, then of single tokens",
  source: "vidur-reference",
  storing: "planned",
  atOnce: () => "request",
  create,
};

function create(settings: EngineSettings): Batching {
  const { maxSequences, maxBatchedTokens, blockTokens } = settings;
  const spare = Math.floor(settings.watermark * settings.blocks);
  return (rank, plan) => {
    const { state, waiting } = rank;
    const { known } = state;
    let longest = 0;
    while (waiting.size > 0 && rank.runningCount < maxSequences && plan.count < maxSequences) {
      const row = waiting.at(0);
      longest = Math.max(longest, known[row]!);
      if ((plan.count + 1) * longest > maxBatchedTokens) break;
      if (!rank.admit(row, 0, Math.ceil(known[row]! / blockTokens) * blockTokens, spare)) break;
      waiting.shift();
      rank.start(row);
      planRow(rank, plan, row, known[row]!);
    }
    if (plan.count > 0) return;
    for (let place = 0; place < rank.runningCount && plan.count < maxSequences; place++) {
      const row = rank.running[place]!;
      while (!rank.extend(row, 1) && rank.runningCount > place + 1) rank.preemptAt(rank.runningCount - 1);
      if (rank.extend(row, 1)) planRow(rank, plan, row, 1);
    }
  };
}
