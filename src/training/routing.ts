/**
 * How unevenly tokens reach the ranks of an expert-parallel group: the load of the fullest rank over the mean, which the
 * whole group waits for in every layer.
 *
 * Balanced routing (forced in benchmarks) gives every expert the same. Natural routing gives each expert a load that
 * differs from the mean by a lasting skew and by chance; a rank adds up its experts. A capacity gives every expert the
 * same number of rows, whatever it was sent.
 *
 * Ignores: that neighbouring experts' loads are related, drift over training, and replicated or moved experts.
 * @source wang-2024-loss-free
 */

import { exp, log, sqrt } from "../base/math.ts";
import { upperTail } from "../base/normal.ts";
import type { ExpertFeedForward } from "../catalog/model.ts";
import type { TrainingCase } from "./case.ts";
import type { Layout } from "./layout.ts";

/** Loads of experts that differ from one another. */
export interface NaturalRouting {
  /** Standard deviation of the experts' lasting loads over their mean. */
  readonly skew: number;
}

/**
 * Skew where the router learns with an auxiliary loss: the fullest of 64 experts was 0.72 above the mean, as the largest
 * of 64 normal draws lies sqrt(2 ln 64) deviations above.
 * @source wang-2024-loss-free
 */
export const usualSkew = 0.25;

/** Rows of the fullest rank over the mean: what is computed, sent and kept there. */
export function expertImbalance(
  c: Pick<TrainingCase, "software" | "layout" | "routing" | "sequenceLength">,
  feed: ExpertFeedForward,
): number {
  const { software, routing } = c;
  if (software.routing === "capacity") return software.expertImbalance * (software.capacityFactor ?? 1);
  if (routing === undefined) return software.expertImbalance;
  return software.expertImbalance * rankImbalance({ ...loadOf(c, feed), skew: routing.skew });
}

/** Share of the routed rows that a capacity drops. */
export function droppedShare(
  c: Pick<TrainingCase, "software" | "layout" | "routing" | "sequenceLength">,
  feed: ExpertFeedForward,
): number {
  if (c.software.routing !== "capacity") return 0;
  const factor = c.software.capacityFactor ?? 1;
  if (c.routing === undefined) return overflow(factor, 0);
  const { skew } = c.routing;
  return overflow(factor, sqrt(skew * skew + 1 / loadOf(c, feed).rows));
}

/** Experts of a rank, ranks, and mean rows of one expert from one micro-batch of the group. */
function loadOf(
  { layout, sequenceLength }: { readonly layout: Layout; readonly sequenceLength: number },
  feed: ExpertFeedForward,
): { readonly ranks: number; readonly local: number; readonly rows: number } {
  const tokens = (layout.microBatch * sequenceLength) / (layout.context * layout.tensor);
  const ranks = layout.expert;
  return {
    ranks,
    local: feed.experts / ranks,
    rows: (tokens * layout.expertTensor * ranks * feed.topK) / feed.experts,
  };
}

/**
 * Expected load of the fullest rank over the mean: the largest of p normal draws.
 *
 *     1 + sqrt(2 ln p) sqrt((skew^2 + 1 / rows) / experts of a rank),   at most p
 *
 * Chance alone spreads an expert's rows by one over the root of their number.
 * @source wang-2024-loss-free
 */
export function rankImbalance(load: {
  readonly ranks: number;
  readonly local: number;
  readonly rows: number;
  readonly skew: number;
}): number {
  const { ranks, local, rows, skew } = load;
  if (ranks <= 1 || rows <= 0) return 1;
  const spread = sqrt((skew * skew + 1 / rows) / local);
  return Math.min(ranks, 1 + sqrt(2 * log(ranks)) * spread);
}

/**
 * Mean of what a normal load (mean 1, deviation s) has above a capacity f.
 *
 *     s (phi(z) - z (1 - Phi(z))),   z = (f - 1) / s
 *
 * @source abramowitz-1964 26.2.17
 */
export function overflow(capacity: number, deviation: number): number {
  if (deviation === 0) return Math.max(0, 1 - capacity);
  const z = (capacity - 1) / deviation;
  const density = exp((-z * z) / 2) / sqrt(2 * Math.PI);
  return deviation * (density - z * upperTail(z));
}
