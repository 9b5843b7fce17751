/**
 * TensorRT-LLM's two schedulers in a row. The first says which requests fit the cache: those that can surely end
 * (guaranteed-no-evict), all that fit now with some paused later (max-utilization), or a whole new batch once the last
 * one has ended (static-batch). The second fills an iteration: a token for each that generates, then prompts, whole or
 * in chunks of whole blocks.
 *
 * A prompt takes all its blocks with its first chunk, and counts in full against an iteration's tokens even where
 * cached, as in 1.0. The limit of sequences is one of an iteration: with pipeline stages so many iterations are under way,
 * each with its own sequences. Ignores: beams, encoders, adapters' pages, priorities of blocks, re-sorting of agents.
 * @source tensorrt-llm-scheduler
 */

import type { Plan } from "../engine/plan.ts";
import type { Rank } from "../engine/rank.ts";
import type { EngineSettings } from "../engine/settings.ts";
import { type Batching, type BatchingPolicy, fetchInstead, openTokens, outputLimit, planRow } from "./policy.ts";
import { gateOf, type Outlook } from "./tensorrt-llm-waiting.ts";

export const tensorrtLlm: BatchingPolicy = {
  name: "tensorrt-llm",
  summary: "TensorRT-LLM: in-flight batching, admission that guarantees an end or uses all there is",
  source: "tensorrt-llm-scheduler",
  storing: "computed",
  atOnce,
  create,
  gate: (settings) => gateOf(settings, outlook),
};

type CapacityPolicy = "guaranteed-no-evict" | "max-utilization" | "static-batch";

function capacityPolicy(settings: EngineSettings): CapacityPolicy {
  return (settings.options?.capacityPolicy ?? "guaranteed-no-evict") as CapacityPolicy;
}

/** Whole prompts must fit, with all that was generated where they may be computed anew. */
function atOnce(settings: EngineSettings): "any" | "prompt" | "request" {
  if (settings.chunkedPrefill === "on") return "any";
  return capacityPolicy(settings) === "max-utilization" ? "request" : "prompt";
}

function create(settings: EngineSettings): Batching {
  const capacity = capacityPolicy(settings);
  return (rank, plan, prompts) => {
    if (capacity === "max-utilization") pauseSome(rank);
    const room: Room = {
      tokens: settings.maxBatchedTokens,
      sequences: settings.maxSequences * settings.pipeline - rank.runningCount,
      rows: settings.maxSequences,
      blocks: rank.pool.freeCount,
      begun: new Set(),
    };
    planGenerating(rank, plan, room);
    if (prompts === "held") return;
    planBegun(rank, plan, room);
    if (capacity === "static-batch" && anyGenerates(rank)) return;
    if (capacity !== "max-utilization") room.blocks -= promisedBlocks(rank);
    planWaiting(rank, plan, room, capacity);
  };
}

/** What an iteration may still take. */
interface Room {
  tokens: number;
  /** Places for requests, and sequences of this iteration. */
  sequences: number;
  rows: number;
  /** Blocks that are neither in use nor promised. */
  blocks: number;
  /** First blocks that prompts of this iteration bring: who needs one of them had better wait for it. */
  readonly begun: Set<number>;
}

/** Takes places from the requests that started last until one step of the others fits. */
function pauseSome(rank: Rank): void {
  let wanted = 0;
  for (let place = 0; place < rank.runningCount; place++) wanted += blocksOfStep(rank, rank.running[place]!);
  while (wanted > rank.pool.freeCount && rank.runningCount > 1) {
    wanted -= blocksOfStep(rank, rank.running[rank.runningCount - 1]!);
    rank.preemptAt(rank.runningCount - 1);
  }
}

/** Blocks that the next token of a generating row takes. */
function blocksOfStep(rank: Rank, row: number): number {
  const tokens = generates(rank, row) ? stepTokens(rank, row) : 0;
  const reach = rank.state.computed[row]! + tokens;
  return tokens === 0 ? 0 : Math.max(0, Math.ceil(reach / rank.settings.blockTokens) - rank.blocksOf(row));
}

/** A token and the drafted ones, within what the request may generate. */
function stepTokens(rank: Rank, row: number): number {
  const tokens = openTokens(rank, row, rank.settings.speculation?.drafted ?? 0);
  return Math.min(tokens, rank.state.list.input[row]! + outputLimit(rank, row) - rank.state.computed[row]!);
}

/** Whether a row is past its prompt and not under way. */
function generates(rank: Rank, row: number): boolean {
  return rank.state.known[row]! - rank.state.computed[row]! === 1;
}

function anyGenerates(rank: Rank): boolean {
  const { known, computed } = rank.state;
  for (let place = 0; place < rank.runningCount; place++) {
    const row = rank.running[place]!;
    if (known[row]! - computed[row]! <= 1) return true;
  }
  return false;
}

function planGenerating(rank: Rank, plan: Plan, room: Room): void {
  for (let place = 0; place < rank.runningCount && room.rows > 0; place++) {
    const row = rank.running[place]!;
    if (!generates(rank, row)) continue;
    const tokens = stepTokens(rank, row);
    if (tokens > room.tokens) return;
    if (tokens <= 0 || !rank.extend(row, tokens)) continue;
    planRow(rank, plan, row, tokens);
    room.tokens -= tokens;
    room.rows -= 1;
  }
  room.blocks = rank.pool.freeCount;
}

/** Further chunks of prompts that have all their blocks. */
function planBegun(rank: Rank, plan: Plan, room: Room): void {
  const { known, computed } = rank.state;
  for (let place = 0; place < rank.runningCount && room.rows > 0; place++) {
    const row = rank.running[place]!;
    const open = known[row]! - computed[row]!;
    if (open <= 1) continue;
    room.begun.add(rank.keyOf(row, rank.cachedBlocks(row)));
    const tokens = chunkOf(rank, open, room);
    if (tokens === 0) continue;
    planRow(rank, plan, row, tokens);
    room.tokens -= tokens;
    room.rows -= 1;
  }
}

/** Tokens of a prompt in this iteration: all that are open, or whole blocks of them. */
function chunkOf(rank: Rank, open: number, room: Room): number {
  const { blockTokens } = rank.settings;
  return open <= room.tokens ? open : Math.floor(room.tokens / blockTokens) * blockTokens;
}

/** Blocks that those who have begun will still take until they end. */
function promisedBlocks(rank: Rank): number {
  let blocks = 0;
  for (let place = 0; place < rank.runningCount; place++) blocks += blocksToEnd(rank, rank.running[place]!);
  for (const row of rank.fetching) blocks += blocksToEnd(rank, row);
  return blocks;
}

function blocksToEnd(rank: Rank, row: number): number {
  const tokens = rank.state.list.input[row]! + outputLimit(rank, row);
  return Math.ceil(tokens / rank.settings.blockTokens) - rank.blocksOf(row);
}

/** What an iteration could take on, without taking it. Ignores: prompts that begin alike, admission of more than surely ends. */
function outlook(rank: Rank): Outlook {
  const { settings, state, running, runningCount, waiting } = rank;
  let [generating, tokens, prompts, promptTokens] = [0, 0, 0, 0];
  for (let place = 0; place < runningCount; place++) {
    const row = running[place]!;
    const next = generates(rank, row) ? stepTokens(rank, row) : 0;
    if (next > 0) {
      generating += 1;
      tokens += next;
    } else if (state.known[row]! - state.computed[row]! > 1) {
      prompts += 1;
      promptTokens += state.known[row]!;
    }
  }
  let blocks = rank.pool.freeCount - promisedBlocks(rank);
  for (
    let place = 0;
    place < waiting.size && runningCount + place < settings.maxSequences * settings.pipeline;
    place++
  ) {
    const row = waiting.at(place);
    blocks -= blocksToEnd(rank, row);
    const over = tokens + promptTokens + state.known[row]! - settings.maxBatchedTokens;
    if (blocks < 0 || over >= (settings.chunkedPrefill === "off" ? 1 : state.known[row]!)) break;
    prompts += 1;
    promptTokens += state.known[row]!;
  }
  return { prompts, promptTokens, generating, tokens };
}

/** Requests in order, until one does not fit the cache. */
function planWaiting(rank: Rank, plan: Plan, room: Room, capacity: CapacityPolicy): void {
  const { waiting, settings, state } = rank;
  const { known, computed } = state;
  for (let place = 0; place < waiting.size && room.sequences > 0 && room.rows > 0 && room.tokens > 0; ) {
    const row = waiting.at(place);
    const cached = rank.holdsBlocks(row) ? 0 : rank.cachedBlocks(row);
    if (capacity !== "static-batch" && !begins(rank, row, cached, room)) {
      place += 1;
      continue;
    }
    const wanted = capacity === "max-utilization" ? blocksOfPrompt(rank, row, cached) : blocksToEnd(rank, row);
    if (wanted > room.blocks) return;
    room.blocks -= wanted;
    room.sequences -= 1;
    const fetched = fetchInstead(rank, row, cached);
    if (fetched === "no-room") return;
    if (fetched === "fetched") continue;
    const open = known[row]! - (rank.holdsBlocks(row) ? computed[row]! : cached * settings.blockTokens);
    if (settings.chunkedPrefill === "off" && known[row]! > room.tokens) return;
    const tokens = chunkOf(rank, open, room);
    if (tokens === 0) {
      place += 1;
      continue;
    }
    if (!takePrompt(rank, row, cached, open)) return;
    waiting.removeAt(place);
    rank.start(row);
    planRow(rank, plan, row, tokens);
    room.tokens -= settings.chunkedPrefill === "off" ? known[row]! : tokens;
    room.rows -= 1;
  }
}

/** Notes the first block that a prompt brings; false where another of this iteration brings it. */
function begins(rank: Rank, row: number, cached: number, room: Room): boolean {
  if (rank.settings.prefixCaching === "off" || rank.holdsBlocks(row)) return true;
  const key = rank.keyOf(row, cached);
  if (room.begun.has(key)) return false;
  room.begun.add(key);
  return true;
}

/** Blocks of a prompt less those that others hold for it. */
function blocksOfPrompt(rank: Rank, row: number, cached: number): number {
  let shared = 0;
  while (shared < cached && !rank.pool.isFree(rank.pool.find(rank.keyOf(row, shared)))) shared += 1;
  return Math.ceil(rank.state.known[row]! / rank.settings.blockTokens) - shared - rank.blocksOf(row);
}

/** All blocks of a prompt at once. */
function takePrompt(rank: Rank, row: number, cached: number, open: number): boolean {
  if (rank.holdsBlocks(row)) return rank.extend(row, open);
  if (!rank.admit(row, cached, open, 0)) return false;
  rank.countPrompt(row, cached * rank.settings.blockTokens);
  return true;
}
