/**
 * Whether the model can tell two predictions of a metric apart.
 *
 * Ignores: that designs of one kind share most of their error, so that overlapping intervals are a careful "cannot".
 */

import type { Prediction } from "../scenario/index.ts";
import { defaultTie } from "./validate.ts";

/**
 * Tie: nearer than a hundredth. Overlap: each could be the other by what measured runs show. Unjudged: further apart than
 * a tie, but no measured runs say how far off one of them may be.
 */
export type Told = "tie" | "overlap" | "apart" | "unjudged";

export function toldApart(metric: string, one: Prediction, other: Prediction): Told | undefined {
  const [a, b] = [one.metrics[metric], other.metrics[metric]];
  if (a === undefined || b === undefined) return undefined;
  if (a === b || Math.abs(a - b) <= defaultTie * Math.min(Math.abs(a), Math.abs(b))) return "tie";
  const [first, second] = [one.basis[metric]?.interval, other.basis[metric]?.interval];
  if (!first || !second) return "unjudged";
  return first[0] <= second[1] && second[0] <= first[1] ? "overlap" : "apart";
}
