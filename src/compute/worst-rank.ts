/**
 * The rank of an expert-parallel group that all others wait for: where tokens choose experts at random, some rank has
 * more rows and more distinct experts to read than the mean.
 *
 *     rows     1 + sqrt((i - 1)^2 + (c_p s / m)^2),   m = T k / p,   s^2 = m (1 - 1/p)
 *     experts  L q + c_p sqrt(L q (1 - q)),           q = 1 - (1 - k/E)^T,   at most L and T k
 *
 * c_p is the largest of p normal draws, i a lasting imbalance.
 *
 * Ignores: that tokens of one text choose related experts, replicated experts, and that chance changes from layer to layer
 * (every layer waits for its own worst rank, which is what the mean of the largest says).
 */

import { pow, sqrt } from "../base/math.ts";
import { largestOfNormals } from "../base/normal.ts";

export interface RankLoad {
  /** Tokens of all ranks. */
  readonly tokens: number;
  readonly topK: number;
  readonly experts: number;
  /** Ranks that the experts are spread over. */
  readonly ranks: number;
  /** Rows of the worst rank over the mean however many tokens there are. */
  readonly lasting: number;
}

export interface WorstRank {
  /** Rows over the mean. */
  readonly imbalance: number;
  /** Distinct experts that are read. */
  readonly reached: number;
}

export function worstRank({ tokens, topK, experts, ranks, lasting }: RankLoad): WorstRank {
  const local = experts / ranks;
  const chosen = topK >= experts ? 1 : 1 - pow(1 - topK / experts, tokens);
  const mean = local * chosen;
  if (ranks <= 1 || tokens <= 0) return { imbalance: 1, reached: mean };
  const largest = largestOfRanks(ranks);
  const chance = largest * sqrt((1 - 1 / ranks) / ((tokens * topK) / ranks));
  const imbalance = 1 + sqrt((lasting - 1) * (lasting - 1) + chance * chance);
  return {
    imbalance: Math.min(ranks, imbalance),
    reached: Math.min(local, tokens * topK, mean + largest * sqrt(mean * (1 - chosen))),
  };
}

const remembered = new Map<number, number>();

function largestOfRanks(ranks: number): number {
  const found = remembered.get(ranks) ?? largestOfNormals(ranks);
  remembered.set(ranks, found);
  return found;
}
