/** How an engine chooses what one iteration computes. One file a policy, one line in `index.ts`. */

import type { Plan } from "../engine/plan.ts";
import type { Rank, Storing } from "../engine/rank.ts";
import type { EngineSettings } from "../engine/settings.ts";

/** Whether an iteration takes prompts on, or lets all of them wait. */
export type Prompts = "planned" | "held";

/** Fills the plan of one iteration and keeps the rank's books. An empty plan: nothing can run. */
export type Batching = (rank: Rank, plan: Plan, prompts: Prompts) => void;

/** Says once before every iteration of a replica whether its prompts are to wait. */
export type Gate = (ranks: readonly Rank[]) => Prompts;

export interface BatchingPolicy {
  readonly name: string;
  readonly summary: string;
  /** Key in `catalog/sources`. */
  readonly source: string;
  readonly storing: Storing;
  /** What of a request must fit one iteration: the prompt, or all it has when it is computed anew in the end. */
  atOnce(settings: EngineSettings): "any" | "prompt" | "request";
  create(settings: EngineSettings): Batching;
  /** Undefined where prompts never wait while there is room for them. */
  gate?(settings: EngineSettings): Gate | undefined;
}

/** Tokens a row may add to the plan: up to what is known of it, and drafted ones once it generates; none where its last is under way. */
export function openTokens(rank: Rank, row: number, drafted: number): number {
  const { known, computed, goal, list } = rank.state;
  if (known[row]! >= goal[row]!) return 0;
  const open = known[row]! - computed[row]!;
  if (open <= 0) return 0;
  return drafted > 0 && known[row]! > list.input[row]! ? open + drafted : open;
}

/** The row computes `tokens` in this iteration. Blocks must be there. */
export function planRow(rank: Rank, plan: Plan, row: number, tokens: number): void {
  plan.add(row, tokens, rank.state.epoch[row]!);
  rank.advance(row, tokens);
}

/**
 * Tokens that a request may generate at most, as its client asked: option `outputLimit` of the engine. Without it every
 * client asks for what it will get, as load generators do. Never more than one request's length and the whole cache.
 */
export function outputLimit(rank: Rank, row: number): number {
  const { list } = rank.state;
  const { maxLength, blocks, blockTokens, options } = rank.settings;
  const asked = Number(options?.outputLimit ?? 0);
  const room = Math.min(maxLength, blocks * blockTokens) - list.input[row]!;
  return Math.max(list.output[row]!, Math.min(asked, room));
}

/**
 * Asks whether blocks of a waiting row are to be fetched from elsewhere; then it takes them, leaves the queue, and comes
 * back to its front once they are filled.
 */
export function fetchInstead(rank: Rank, row: number, cached: number): "computed-here" | "fetched" | "no-room" {
  const offered = rank.holdsBlocks(row) ? 0 : rank.offered(row, cached);
  if (offered === 0) return "computed-here";
  if (!rank.admit(row, cached, offered, 0)) return "no-room";
  rank.waiting.remove(row);
  rank.countPrompt(row, cached * rank.settings.blockTokens + offered);
  rank.fetch(row, cached, offered);
  return "fetched";
}
