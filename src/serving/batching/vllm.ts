/**
 * The scheduler of vLLM v1: no prefill and decode phases; every iteration lets the computed tokens of requests catch up
 * with the known ones, running requests first, within one budget of tokens.
 *
 * Ignores: structured output, encoder inputs, waiting for a slot of an adapter.
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
  storing: "planned",
  atOnce: ({ chunkedPrefill }) => (chunkedPrefill === "off" ? "request" : "any"),
  create,
};

function create(settings: EngineSettings): Batching {
  return (rank, plan) => {
    let running = planRunning(rank, plan, settings);
    // A step that did nothing but take places away is followed by another at once.
    while (running.preempted === "some" && plan.count === 0) running = planRunning(rank, plan, settings);
    if (running.preempted === "none") planWaiting(rank, plan, settings, running.left);
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
  const { waiting } = rank;
  let budget = left;
  while (waiting.size > 0 && budget > 0 && rank.runningCount < settings.maxSequences) {
    const row = waiting.at(0);
    const cached = rank.holdsBlocks(row) ? 0 : rank.cachedBlocks(row);
    const offered = rank.holdsBlocks(row) ? 0 : rank.offered(row, cached);
    if (offered > 0) {
      if (!rank.admit(row, cached, offered, spareBlocks(rank, 0, 0))) break;
      waiting.shift();
      rank.countPrompt(row, cached * settings.blockTokens + offered);
      rank.fetch(row, cached, offered);
      continue;
    }
    const tokens = admitted(rank, row, cached, settings, budget);
    if (tokens === 0) break;
    waiting.shift();
    rank.start(row);
    planRow(rank, plan, row, tokens);
    budget -= tokens;
  }
}

/** Takes blocks for what a waiting row can compute within the budget; returns those tokens, 0 where it must wait. */
function admitted(rank: Rank, row: number, cached: number, settings: EngineSettings, budget: number): number {
  const { longPrefillThreshold, chunkedPrefill, admission, blockTokens } = settings;
  const { known, computed } = rank.state;
  const held = rank.holdsBlocks(row);
  const open = known[row]! - (held ? computed[row]! : cached * blockTokens);
  let tokens = open;
  if (longPrefillThreshold > 0 && tokens > longPrefillThreshold) tokens = longPrefillThreshold;
  if (chunkedPrefill === "off" && tokens > budget) return 0;
  if (tokens > budget) tokens = budget;
  if (held) return rank.extend(row, tokens) ? tokens : 0;
  const spare = spareBlocks(rank, admission === "whole-prompt" ? open : 0, tokens);
  if (!rank.admit(row, cached, tokens, spare)) return 0;
  rank.countPrompt(row, cached * blockTokens);
  return tokens;
}

/** Blocks that must stay free at an admission: the watermark, or those that the rest of the prompt will need. */
function spareBlocks(rank: Rank, open: number, tokens: number): number {
  const { watermark, blockTokens } = rank.settings;
  const rest = Math.ceil(open / blockTokens) - Math.ceil(tokens / blockTokens);
  return Math.max(Math.floor(watermark * rank.pool.blocks), rest);
}

/** Place of the running request of lowest priority, the latest to arrive among those. */
function leastUrgent(rank: Rank): number {
  const { list, queued } = rank.state;
  const priority = (row: number): number => list.classes[list.classOf[row]!]!.priority;
  let worst = 0;
  for (let place = 1; place < rank.runningCount; place++) {
    const row = rank.running[place]!;
    const other = rank.running[worst]!;
    const difference = priority(row) - priority(other);
    if (difference > 0 || (difference === 0 && queued[row]! >= queued[other]!)) worst = place;
  }
  return worst;
}
