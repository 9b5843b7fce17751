/**
 * The rank of an expert-parallel group that all others wait for: some rank has more rows and more distinct experts to
 * read than the mean, by the draw of the batch and because it holds more popular experts.
 *
 *     rows      1 + c_p sqrt(v^2 / L + w^2 + (s / m)^2 p / (p - 1)),      m = T k / p
 *               s^2 = T (L a - (L a)^2 + sum of P)
 *     experts   L q + c_p sqrt(d^2 (p - D / (p d^2)) / (p - 1) + (w L dq/dln a)^2),   at most L and T k
 *               q = share reached by T tokens
 *               d^2 = L q (1 - q) + sum of (1 - 2 a + P)^T - (1 - a)^2T
 *
 * L = E / p, a = k / E, sums over ordered pairs of the rank's experts, D is d^2 of all experts together; c_p is the
 * largest of p normal draws, v how far the lasting popularities of experts differ (`popularity`), w how far those of groups
 * do, over the root of the groups that a rank holds. What one rank has more, others have less: the rows of all are T k, so
 * the largest is above the mean by more than that of independent ranks. P is the chance that a token takes both experts of
 * a pair; where it may only take experts of g of G groups (n = g E / G experts),
 *
 *     P = k (k - 1) / (n (n - 1)) x  g / G in one group,  g (g - 1) / (G (G - 1)) in two
 *
 * so a rank that holds whole groups has all or nothing of a token: DeepSeek-V3's rows on one of eight ranks vary twice as
 * much as without groups.
 *
 * Ignores: that few rows are no normal draw (a tenth more at two rows of a rank), that tokens of one text choose related
 * experts, that popular experts are neighbours, replicated experts, and that chance changes from layer to
 * layer (every layer waits for its own worst rank, which is what the mean of the largest says).
 * @source deepseek-v3-report
 */

import { pow, sqrt } from "../base/math.ts";
import { largestOfNormals } from "../base/normal.ts";
import { lastingSpread, missedShare, reachGrowth } from "./popularity.ts";

export interface RankLoad {
  /** Tokens of all ranks. */
  readonly tokens: number;
  readonly topK: number;
  readonly experts: number;
  /** Ranks that the experts are spread over. */
  readonly ranks: number;
  /** Of experts' popularity: standard deviation of its logarithm; 0 where all are chosen alike. */
  readonly spread: number;
  /** A token takes experts of `limit` of so many groups of neighbours. */
  readonly groups?: {
    readonly count: number;
    readonly limit: number;
    /** Of groups' popularity, as `spread`, beyond what their experts' own makes of it. */
    readonly spread: number;
  };
}

export interface WorstRank {
  /** Rows over the mean. */
  readonly imbalance: number;
  /** Distinct experts that are read. */
  readonly reached: number;
}

export function worstRank(load: RankLoad): WorstRank {
  const { tokens, topK, experts, ranks, spread } = load;
  const local = experts / ranks;
  const share = Math.min(1, topK / experts);
  const mean = local * (1 - missedShare(share, tokens, spread));
  if (ranks <= 1 || tokens <= 0) return { imbalance: 1, reached: mean };
  const largest = largestOfRanks(ranks);
  const rows = local * share;
  const drawn = (rowVariance(load) * ranks) / (ranks - 1) / (tokens * rows * rows);
  const own = lastingSpread(share, spread);
  const shared = sharedSpread(load);
  const lasting = (own * own) / local + shared * shared;
  const imbalance = 1 + largest * sqrt(lasting + drawn);
  const varied = reachedVariance(load);
  const together = reachedVariance({ ...load, ranks: 1 });
  const above = varied <= 0 ? 0 : (varied * (ranks - together / (ranks * varied))) / (ranks - 1);
  const grown = shared * local * reachGrowth(share, tokens, spread);
  return {
    imbalance: Math.min(ranks, imbalance),
    reached: Math.min(local, tokens * topK, mean + largest * sqrt(Math.max(0, above) + grown * grown)),
  };
}

/** Of the popularity that a rank's experts share because they are of one group. */
function sharedSpread({ groups, ranks }: RankLoad): number {
  return groups === undefined ? 0 : groups.spread / sqrt(Math.max(1, groups.count / ranks));
}

/** Of the rows that one token brings to a rank. */
function rowVariance(load: RankLoad): number {
  const rows = load.topK / load.ranks;
  let variance = rows * (1 - rows);
  for (const { count, chance } of pairsOf(load)) variance += count * chance;
  return Math.max(0, variance);
}

/** Of the distinct experts of a rank that tokens reach. */
function reachedVariance(load: RankLoad): number {
  const { tokens, topK, experts, ranks } = load;
  const share = Math.min(1, topK / experts);
  const missed = missedShare(share, tokens, load.spread);
  const alike = missedShare(share, tokens, 0);
  let variance = (experts / ranks) * (1 - missed) * missed;
  for (const { count, chance } of pairsOf(load)) {
    const neither = 1 - 2 * share + chance;
    variance += count * ((neither > 0 ? pow(neither, tokens) : 0) - alike * alike);
  }
  return Math.max(0, variance);
}

interface Pairs {
  /** Ordered pairs of a rank's experts. */
  readonly count: number;
  /** That a token takes both. */
  readonly chance: number;
}

/** Pairs of a rank's experts in one group and in two; without groups all are of one. */
function pairsOf({ topK, experts, ranks, groups }: RankLoad): readonly Pairs[] {
  const local = experts / ranks;
  const { count, limit } = groups ?? { count: 1, limit: 1 };
  const open = (limit * experts) / count;
  const taken = open > 1 ? Math.min(1, (topK * (topK - 1)) / (open * (open - 1))) : 0;
  const held = Math.max(1, count / ranks);
  const together = local * (local / held - 1);
  const apart = count > 1 ? (limit * (limit - 1)) / (count * (count - 1)) : 0;
  return [
    { count: Math.max(0, together), chance: (taken * limit) / count },
    { count: local * local - local - Math.max(0, together), chance: taken * apart },
  ];
}

const remembered = new Map<number, number>();

function largestOfRanks(ranks: number): number {
  const found = remembered.get(ranks) ?? largestOfNormals(ranks);
  remembered.set(ranks, found);
  return found;
}
