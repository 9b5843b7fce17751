/**
 * SGLang's scheduler: batches of prompts before everything else, one of them cut into chunks, then one token for every
 * running request. Admission expects a share of the tokens that running requests may still generate; where that was
 * too bold, some are retracted and wait again. The share is `outlook` of `sglang-outlook.ts`.
 *
 * Ignores: that a waiting request keeps its prefix warm for longer than its first look, nodes evicted whole (pages are,
 * one by one), graphs that bound a batch, delayed prefills, sliding windows.
 * @source sglang-scheduler
 */

import type { Plan } from "../engine/plan.ts";
import type { Rank } from "../engine/rank.ts";
import type { EngineSettings } from "../engine/settings.ts";
import { type Batching, type BatchingPolicy, fetchInstead, openTokens, outputLimit, planRow } from "./policy.ts";
import { waitingOrder } from "./sglang-order.ts";
import { Outlook } from "./sglang-outlook.ts";

export const sglang: BatchingPolicy = {
  name: "sglang",
  summary: "SGLang: prompts first, radix cache, bold admission with retraction",
  source: "sglang-scheduler",
  storing: "computed",
  atOnce: () => "any",
  create,
};

/** Prompt tokens of an iteration at most, where the engine is told nothing. @source sglang-server-args */
const maxPrefillTokensUsual = 16_384;
/** Tokens to come of one request that admission counts at most. @source sglang-scheduler */
const clippedTokens = 4096;

/** What one scheduler remembers from iteration to iteration. */
interface Memory {
  readonly outlook: Outlook;
  /** The prompt that is computed in chunks, -1 for none, and its epoch. */
  chunked: number;
  chunkedEpoch: number;
  /** Nothing fitted lately: nobody is admitted before a running request leaves. */
  full: "no" | "yes";
  runningCount: number;
}

/** What a batch of prompts may still take. */
interface Room {
  /** Tokens of the cache that are neither used nor expected to be. */
  cache: number;
  /** Prompt tokens, and those of them that a chunk may have. */
  prompt: number;
  chunk: number;
}

function create(settings: EngineSettings): Batching {
  const memories = new Map<Rank, Memory>();
  return (rank, plan) => {
    const memory = memories.get(rank) ?? newMemory(settings);
    memories.set(rank, memory);
    refresh(rank, memory);
    memory.outlook.decay(rank.unplanned);
    rank.unplanned = 0;
    planPrompts(rank, plan, memory);
    if (plan.count === 0) planDecodes(rank, plan, memory);
    else if (settings.options?.mixedChunk === "on") joinDecodes(rank, plan, memory);
    if (rank.runningCount === 0 && rank.waiting.size === 0) memory.outlook.reset();
    memory.runningCount = rank.runningCount;
  };
}

function newMemory(settings: EngineSettings): Memory {
  const outlook = new Outlook(Number(settings.options?.conservativeness ?? 1));
  return { outlook, chunked: -1, chunkedEpoch: 0, full: "no", runningCount: 0 };
}

/** Forgets a chunked prompt that is gone, and that the cache was full once a request has left it. */
function refresh(rank: Rank, memory: Memory): void {
  const { chunked, chunkedEpoch } = memory;
  const { slot, epoch } = rank.state;
  if (chunked !== -1 && (slot[chunked]! === -1 || epoch[chunked]! !== chunkedEpoch)) memory.chunked = -1;
  if (rank.runningCount < memory.runningCount || rank.runningCount === 0) memory.full = "no";
}

/** The next chunk of the chunked prompt, then whole prompts from the queue; the last of them may start in chunks. */
function planPrompts(rank: Rank, plan: Plan, memory: Memory): void {
  const { waiting, settings } = rank;
  if (memory.chunked !== -1) memory.full = "no";
  else if (memory.full === "yes" || waiting.size === 0) return;
  const room = roomFor(rank, memory);
  if (memory.chunked !== -1) continueChunk(rank, plan, memory, room);
  const order = waitingOrder(rank);
  for (let next = 0; waiting.size > 0; next++) {
    if (rank.runningCount >= settings.maxSequences) memory.full = "yes";
    if (memory.full === "yes" || memory.chunked !== -1 || room.prompt <= 0 || room.chunk <= 0) return;
    if (!admit(rank, plan, order === undefined ? waiting.at(0) : order[next]!, { memory, room })) return;
  }
}

/** What a batch may take: free blocks less what running requests are expected to generate. */
function roomFor(rank: Rank, memory: Memory): Room {
  const { settings, state, pool } = rank;
  const { maxBatchedTokens, blockTokens, options, chunkedPrefill } = settings;
  const { list, known } = state;
  let expected = 0;
  for (let place = 0; place < rank.runningCount; place++) {
    const row = rank.running[place]!;
    if (row === memory.chunked) continue;
    const left = list.input[row]! + outputLimit(rank, row) - known[row]!;
    expected += Math.min(left, clippedTokens) * memory.outlook.ratio;
  }
  const mixed = options?.mixedChunk === "on" ? rank.runningCount - (memory.chunked === -1 ? 0 : 1) : 0;
  return {
    cache: pool.freeCount * blockTokens - expected - mixed,
    prompt: Number(options?.maxPrefillTokens ?? maxPrefillTokensUsual) - mixed,
    chunk: chunkedPrefill === "on" ? maxBatchedTokens - mixed : Number.POSITIVE_INFINITY,
  };
}

function continueChunk(rank: Rank, plan: Plan, memory: Memory, room: Room): void {
  const row = memory.chunked;
  const open = openTokens(rank, row, 0);
  const tokens = Math.min(open, room.chunk, whole(rank, room.cache));
  if (tokens <= 0 || !rank.extend(row, tokens)) return;
  planRow(rank, plan, row, tokens);
  if (tokens === open) memory.chunked = -1;
  take(rank, room, tokens, tokens === open ? comingTokens(rank, row) : 0);
}

/** Admits a waiting row as far as there is room; false where admission ends with it. */
function admit(rank: Rank, plan: Plan, row: number, batch: { memory: Memory; room: Room }): boolean {
  const { memory, room } = batch;
  const { blockTokens } = rank.settings;
  const { known, epoch } = rank.state;
  const held = rank.holdsBlocks(row);
  const cached = held ? 0 : rank.cachedBlocks(row);
  const open = known[row]! - (held ? rank.state.computed[row]! : cached * blockTokens);
  // A prompt that finds the cache idle starts however much it may generate: nothing else would ever make room.
  const alone = rank.runningCount === 0 && plan.count === 0;
  const coming = comingTokens(rank, row);
  if (!alone && !fits(rank, row, cached, room.cache - open - coming - blockTokens)) {
    // Who asked for a prefix has used it.
    rank.touch(row, cached);
    memory.full = "yes";
    return false;
  }
  const fetched = fetchInstead(rank, row, cached);
  if (fetched !== "computed-here") return fetched === "fetched";
  const padded = Math.ceil(open / blockTokens) * blockTokens;
  if (!Number.isFinite(room.chunk) && plan.count > 0 && padded >= room.prompt) return false;
  const chunk = padded <= room.chunk ? open : whole(rank, room.chunk);
  const tokens = chunk === open ? open : Math.min(chunk, open);
  if (tokens <= 0 || !takeBlocks(rank, row, cached, tokens)) return false;
  rank.waiting.remove(row);
  rank.start(row);
  planRow(rank, plan, row, tokens);
  if (tokens < open) {
    memory.chunked = row;
    memory.chunkedEpoch = epoch[row]!;
  }
  take(rank, room, tokens, tokens < open ? 0 : coming);
  return true;
}

function takeBlocks(rank: Rank, row: number, cached: number, tokens: number): boolean {
  if (rank.holdsBlocks(row)) return rank.extend(row, tokens);
  if (!rank.admit(row, cached, tokens, 0)) return false;
  rank.countPrompt(row, cached * rank.settings.blockTokens);
  return true;
}

/** Whether a prefix leaves anything of what is spare: its blocks that nobody uses are free until a row holds them. */
function fits(rank: Rank, row: number, cached: number, spare: number): boolean {
  const { blockTokens } = rank.settings;
  if (spare <= 0 || spare > cached * blockTokens) return spare > 0;
  let blocks = 0;
  // A chain is in use from its beginning; what lies behind the first free block is free as well.
  while (blocks < cached && rank.pool.isFree(rank.pool.find(rank.keyOf(row, cached - 1 - blocks)))) blocks += 1;
  return spare > blocks * blockTokens;
}

/** Tokens that a row may still generate, as admission counts them. */
function comingTokens(rank: Rank, row: number): number {
  const { list, known } = rank.state;
  return Math.min(list.input[row]! + outputLimit(rank, row) - known[row]!, clippedTokens);
}

function take(rank: Rank, room: Room, tokens: number, coming: number): void {
  const { blockTokens } = rank.settings;
  const padded = Math.ceil(tokens / blockTokens) * blockTokens;
  room.cache -= padded + coming + blockTokens;
  room.prompt -= padded;
  room.chunk -= padded;
}

/** Tokens in whole blocks. */
function whole(rank: Rank, tokens: number): number {
  const { blockTokens } = rank.settings;
  return Math.floor(tokens / blockTokens) * blockTokens;
}

/** One token, and the drafted ones, for every request past its prompt; retracts some where blocks run out. */
function planDecodes(rank: Rank, plan: Plan, memory: Memory): void {
  if (blocksWanted(rank, memory) > rank.pool.freeCount) retract(rank, memory);
  else if (rank.runningCount > 0) memory.outlook.decay(1);
  joinDecodes(rank, plan, memory);
}

function joinDecodes(rank: Rank, plan: Plan, memory: Memory): void {
  const drafted = rank.settings.speculation?.drafted ?? 0;
  for (let place = 0; place < rank.runningCount; place++) {
    const row = rank.running[place]!;
    if (!generates(rank, row, memory)) continue;
    const tokens = openTokens(rank, row, drafted);
    if (tokens > 0 && rank.extend(row, tokens)) planRow(rank, plan, row, tokens);
  }
}

/** Whether a running row is past its prompt and not under way: all but its last known token is computed. */
function generates(rank: Rank, row: number, memory: Memory): boolean {
  return row !== memory.chunked && rank.state.known[row]! - rank.state.computed[row]! === 1;
}

/** Blocks that one step of all generating requests takes. */
function blocksWanted(rank: Rank, memory: Memory): number {
  const { blockTokens, speculation } = rank.settings;
  const { computed } = rank.state;
  const drafted = speculation?.drafted ?? 0;
  let blocks = 0;
  for (let place = 0; place < rank.runningCount; place++) {
    const row = rank.running[place]!;
    const tokens = generates(rank, row, memory) ? openTokens(rank, row, drafted) : 0;
    if (tokens > 0) blocks += Math.max(0, Math.ceil((computed[row]! + tokens) / blockTokens) - rank.blocksOf(row));
  }
  return blocks;
}

/**
 * Takes places away until the rest can go on, first from whom little is lost; the share of tokens to come is then judged
 * anew. The last one stays: the prompt in chunks makes room for it, where the engine would give a request up.
 */
function retract(rank: Rank, memory: Memory): void {
  do {
    const victim = leastDone(rank, memory);
    const chunk = rank.running.subarray(0, rank.runningCount).indexOf(memory.chunked);
    if (victim !== -1) rank.retractAt(victim);
    else if (chunk !== -1) rank.retractAt(chunk);
    else break;
    if (victim === -1) memory.chunked = -1;
  } while (blocksWanted(rank, memory) > rank.pool.freeCount);
  memory.outlook.judge(rank);
}

/**
 * Place of the generating request with the fewest tokens made, the longest prompt among those; of the last one where
 * tokens are drafted, as batches then keep their order. -1 where there is only one.
 */
function leastDone(rank: Rank, memory: Memory): number {
  const { known, list } = rank.state;
  let best = -1;
  let count = 0;
  for (let place = 0; place < rank.runningCount; place++) {
    const row = rank.running[place]!;
    if (!generates(rank, row, memory)) continue;
    count += 1;
    const other = best === -1 ? row : rank.running[best]!;
    const difference = known[row]! - list.input[row]! - (known[other]! - list.input[other]!);
    const less = difference < 0 || (difference === 0 && list.input[row]! >= list.input[other]!);
    if (less || rank.settings.speculation !== undefined) best = place;
  }
  return count > 1 ? best : -1;
}
