/**
 * How much more often some experts are chosen than others, and how many distinct ones a batch therefore reaches.
 *
 * Experts of a layer are popular by a log-normal: x = exp(s z), z normal. A token takes an expert with
 *
 *     a_x = w x / (1 + w x),   w so that the mean over z is a = k / E
 *     reached share of N tokens   1 - mean over z of (1 - a_x)^N
 *
 * so one token reaches k experts however popular they are, and many tokens all.
 *
 * Ignores: that popularity follows the text (tokens of one request choose related experts), and that neighbours'
 * popularities are related.
 * @source deepep-expert-popularity
 */

import { exp, pow, sqrt } from "../base/math.ts";
import { normalQuantile } from "../base/normal.ts";

/** How far popularities differ: standard deviations of their logarithms. */
export interface Popularity {
  readonly experts: number;
  /** What experts of one group share beyond their own. */
  readonly groups: number;
}

/**
 * Fine-grained experts specialise: over whole runs of DeepSeek-V3 the standard deviation was 0.66 or 0.67 in each of four
 * layers looked at, two of prompts and two of decodes (0.63 would give the 0.70 of the mean that SGLang's load balancer
 * started from). The sums of its eight groups differed by 0.19, 0.26, 0.33 and 0.51, where unrelated experts would make it
 * 0.13; their median leaves 0.27. Where a token takes one or two large experts no specialisation was found.
 * @source deepseek-expert-counts, mixtral-2024
 */
export function popularityOf({ topK }: { readonly topK: number }): Popularity {
  return topK > conventional ? { experts: 0.66, groups: 0.27 } : { experts: 0, groups: 0 };
}

/** Experts a token takes where experts are not fine-grained. */
const conventional = 2;

const nodes = 32;

/** Midpoints of equal parts of the normal distribution. */
const quantiles: readonly number[] = Array.from({ length: nodes }, (_, node) => normalQuantile((node + 0.5) / nodes));

/** Chances that a token takes experts of such popularity, each standing for as many experts; their mean is `share`. */
function chancesOf(share: number, spread: number): readonly number[] {
  const key = `${share} ${spread}`;
  const found = remembered.get(key) ?? workOut(share, spread);
  remembered.set(key, found);
  return found;
}

const remembered = new Map<string, readonly number[]>();

function workOut(share: number, spread: number): readonly number[] {
  if (share >= 1 || spread <= 0) return [Math.min(1, share)];
  const weights = quantiles.map((z) => exp(spread * z));
  const taken = (scale: number): readonly number[] => weights.map((x) => (scale * x) / (1 + scale * x));
  let [low, high] = [0, (share / (1 - share)) * exp(spread * -(quantiles[0] as number))];
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (meanOf(taken(middle)) < share) low = middle;
    else high = middle;
  }
  return taken((low + high) / 2);
}

function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Share of a layer's experts that none of so many tokens takes. @param share k / E. */
export function missedShare(share: number, tokens: number, spread: number): number {
  const chances = chancesOf(share, spread);
  let sum = 0;
  for (const chance of chances) sum += chance >= 1 ? 0 : pow(1 - chance, tokens);
  return sum / chances.length;
}

/** How the share that so many tokens reach grows with the logarithm of the experts' popularity. */
export function reachGrowth(share: number, tokens: number, spread: number): number {
  const chances = chancesOf(share, spread);
  let sum = 0;
  for (const chance of chances) sum += chance >= 1 ? 0 : tokens * chance * pow(1 - chance, tokens);
  return sum / chances.length;
}

/** Standard deviation of an expert's rows over their mean, however many tokens there are. */
export function lastingSpread(share: number, spread: number): number {
  const chances = chancesOf(share, spread);
  const mean = meanOf(chances);
  return sqrt(meanOf(chances.map((chance) => (chance / mean - 1) * (chance / mean - 1))));
}
