/**
 * Order in which SGLang looks at waiting requests: as they came, or longest cached prefix first. Of requests that begin
 * alike with nothing cached yet only the first keeps its place: the others shall find what it leaves.
 * @source sglang-scheduler
 */

import type { Rank } from "../engine/rank.ts";

/** Requests beyond which prefixes are not compared. */
const comparedMost = 128;
/** Tokens of a prefix that is worth waiting for, and of one that is long enough not to. */
const worthTokens = 32;

/** Undefined where the queue's own order holds. */
export function waitingOrder(rank: Rank): readonly number[] | undefined {
  const { waiting, settings } = rank;
  if (settings.options?.queueOrder !== "longest-prefix" || settings.prefixCaching === "off") return undefined;
  if (waiting.size > comparedMost) return undefined;
  const rows = Array.from({ length: waiting.size }, (_, place) => waiting.at(place));
  const rankOf = new Map<number, number>();
  const begun = new Set<number>();
  for (const row of rows) rankOf.set(row, prefixRank(rank, row, begun));
  return rows.sort((a, b) => (rankOf.get(b) ?? 0) - (rankOf.get(a) ?? 0));
}

/** Cached tokens of a row; -1 where an earlier one will compute what both begin with. */
function prefixRank(rank: Rank, row: number, begun: Set<number>): number {
  const { blockTokens } = rank.settings;
  const tokens = rank.cachedBlocks(row) * blockTokens;
  const depth = Math.ceil(worthTokens / blockTokens);
  if (tokens > worthTokens || rank.state.known[row]! < depth * blockTokens) return tokens;
  const key = rank.keyOf(row, depth - 1);
  if (begun.has(key)) return -1;
  begun.add(key);
  return tokens;
}
