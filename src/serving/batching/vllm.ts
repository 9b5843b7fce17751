/**
 * The scheduler of vLLM v1: no prefill and decode phases; every iteration lets the computed tokens of requests catch up
 * with the known ones, running requests first, within one budget of tokens.
 *
 * Ignores: structured output, encoder inputs, slots of adapters.
 * @source vllm-scheduler
 */

import type { Plan } from "../engine/plan.ts";
import type { Rank } from "../engine/rank.ts";
import type { EngineSettings } from "../engine/settings.ts";
import { type Batching, type BatchingPolicy, openTokens, planRow } from "./policy.ts";

export const vllm: BatchingPolicy = {
  name: "vllm",
  summary: "vLLM v1: one token budget, chunked prompts, preemption by recomputing",
  source: "vllm-scheduler",
  create,
};

function create(settings: EngineSettings): Batching {
  return (rank, plan) => {
    const { left, preempted } = planRunning(rank, plan, settings);
    if (preempted === "none") planWaiting(rank, plan, settings, left);
  };
}

/** Running requests in their order; where blocks run out, the last of them loses its place. */
function planRunning(
  rank: Rank,
  plan: Plan,
  settings: EngineSettings,
): { readonly left: number; readonly preempted: "none" | "some" } {
  const { longPrefillThreshold, maxLength, queueOrder } = settings;
  const drafted = settings.speculation?.drafted ?? 0;
  const { computed } = rank.state;
  let budget = settings.maxBatchedTokens;
  let preempted: "none" | "some" = "none";
  let place = 0;
  scan: while (place < rank.runningCount && budget > 0) {
    const row = rank.running[place]!;
    let tokens = openTokens(rank, row, drafted);
    if (longPrefillThreshold > 0 && tokens > longPrefillThreshold) tokens = longPrefillThreshold;
    tokens = Math.min(tokens, budget, maxLength - 1 - computed[row]!);
    if (tokens <= 0) {
      place += 1;
      continue;
    }
    while (!rank.extend(row, tokens)) {
      const victim = queueOrder === "priority" ? leastUrgent(rank) : rank.runningCount - 1;
      preempted = "some";
      if (victim < place) {
        budget += plan.withdraw(rank.running[victim]!);
        place -= 1;
      }
      const own = victim === place && rank.running[victim] === row;
      rank.preemptAt(victim);
      if (own) break scan;
    }
    planRow(rank, plan, row, tokens);
    budget -= tokens;
    place += 1;
  }
  return { left: budget, preempted };
}

/** New requests from the front while there is budget, a place and room; nobody is preempted for them. */
function planWaiting(rank: Rank, plan: Plan, settings: EngineSettings, left: number): void {
  const { longPrefillThreshold, maxSequences, chunkedPrefill, admission, blockTokens } = settings;
  const { state, waiting } = rank;
  const spare = Math.floor(settings.watermark * rank.pool.blocks);
  let budget = left;
  while (waiting.size > 0 && budget > 0 && rank.runningCount < maxSequences) {
    const row = waiting.at(0);
    const known = state.known[row]!;
    const cached = rank.cachedBlocks(row);
    const open = known - cached * blockTokens;
    let tokens = open;
    if (longPrefillThreshold > 0 && tokens > longPrefillThreshold) tokens = longPrefillThreshold;
    if (chunkedPrefill === "off" && tokens > budget) break;
    if (tokens > budget) tokens = budget;
    const room = admission === "whole-prompt" && open > tokens ? wholePromptSpare(rank, open, tokens) : 0;
    if (!rank.admit(row, cached, tokens, Math.max(spare, room))) break;
    waiting.shift();
    rank.start(row);
    rank.countPrompt(row, cached * blockTokens);
    planRow(rank, plan, row, tokens);
    budget -= tokens;
  }
}

/** Blocks that the rest of a prompt will need beyond the chunk that is admitted now. */
function wholePromptSpare(rank: Rank, open: number, tokens: number): number {
  const { blockTokens } = rank.settings;
  return Math.ceil(open / blockTokens) - Math.ceil(tokens / blockTokens);
}

/** Place of the running request of lowest priority, the latest to arrive among those. */
function leastUrgent(rank: Rank): number {
  const { list, queued } = rank.state;
  const priority = (row: number): number => list.classes[list.classOf[row]!]!.priority;
  let worst = 0;
  for (let place = 1; place < rank.runningCount; place++) {
    const [row, other] = [rank.running[place]!, rank.running[worst]!];
    const difference = priority(row) - priority(other);
    if (difference > 0 || (difference === 0 && queued[row]! >= queued[other]!)) worst = place;
  }
  return worst;
}
