/**
 * Whether two predicted values can be told apart.
 *
 * Ignores: that predictions of one kind share most of their error, so that overlapping intervals are a careful "cannot".
 */

/**
 * Tie: nearer than a hundredth. Overlap: each could be the other by what measured runs show. Unjudged: further apart than
 * a tie, but no measured runs say how far off one of them may be.
 */
export type Told = "tie" | "overlap" | "apart" | "unjudged";

export interface Guess {
  readonly value: number;
  readonly interval: readonly [low: number, high: number] | null;
}

/** Predictions nearer than this share are the same for every purpose. */
export const tieShare = 0.01;

export function toldApart(one: Guess, other: Guess): Told {
  const [a, b] = [one.value, other.value];
  if (a === b || Math.abs(a - b) <= tieShare * Math.min(Math.abs(a), Math.abs(b))) return "tie";
  if (one.interval === null || other.interval === null) return "unjudged";
  return one.interval[0] <= other.interval[1] && other.interval[0] <= one.interval[1] ? "overlap" : "apart";
}
