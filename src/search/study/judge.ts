/** What keeps a point from being an answer, and by how much: memory, overload, targets, the study's limits. */

import type { Limit } from "./goals.ts";
import type { Outcome } from "./outcome.ts";

/** One thing that a point lacks. */
export interface Lack {
  readonly by: "fit" | "verdict" | "target" | "constraint" | "refused" | "fault";
  /** The resource, the metric, or the field that was refused. */
  readonly what: string;
  readonly found?: number;
  readonly needed?: number;
  /** How far beyond, as a share of what is needed; absent where that has no measure. */
  readonly excess?: number;
  /** In words, where nothing was predicted. */
  readonly reason?: string;
}

/** Everything that a point lacks; empty for one that is an answer. */
export function lacksOf(outcome: Outcome, limits: readonly Limit[]): readonly Lack[] {
  const { status, binding, verdict, missed = [], problem = "", metrics } = outcome;
  if (status === "refused" || status === "fault") {
    const end = problem.indexOf(": ");
    const what = status === "fault" || end <= 0 ? "scenario" : problem.slice(0, end);
    return [{ by: status, what, reason: problem }];
  }
  const lacks: Lack[] = [];
  if (status === "does-not-fit") {
    const { resource = "memory", needed = Number.NaN, available = Number.NaN } = binding ?? {};
    const excess = needed / available - 1;
    // What a point needs is too much: what it may need is what is there.
    const measured = Number.isFinite(excess) ? { found: needed, needed: available, excess } : {};
    lacks.push({ by: "fit", what: resource, ...measured });
  }
  if (verdict === "overloaded") lacks.push({ by: "verdict", what: "overloaded" });
  for (const { metric, value, most } of missed) {
    lacks.push({ by: "target", what: metric, found: value, needed: most, excess: value / most - 1 });
  }
  for (const limit of limits) lacks.push(...shortOf(metrics[limit.metric], limit));
  return lacks;
}

function shortOf(found: number | undefined, { metric, sense, value }: Limit): Lack[] {
  if (found === undefined) return [{ by: "constraint", what: metric, needed: value, reason: `${metric} is not known` }];
  const beyond = sense === "atMost" ? found - value : value - found;
  if (beyond <= 0) return [];
  return [{ by: "constraint", what: metric, found, needed: value, ...(value > 0 ? { excess: beyond / value } : {}) }];
}

/** How far a point is from being an answer; infinite where it was refused. What has no measure counts as missed by all of it. */
export function distanceOf(lacks: readonly Lack[]): number {
  return lacks.reduce(
    (sum, { by, excess = 1 }) => sum + (by === "refused" || by === "fault" ? Number.POSITIVE_INFINITY : excess),
    0,
  );
}
