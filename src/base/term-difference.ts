/**
 * What the difference of two trees of terms is made of. The shares of the parts of a node add up to the share of the node,
 * whatever shape the two trees have:
 *
 * - parts of a sum are paired by name; a part that one side lacks counts as 0 there;
 * - of a maximum only what binds counts. All parts move from their first to their second value along a straight line, and
 *   each gets the change of the maximum while it is the largest (the Aumann-Shapley share);
 * - where one side is a sum and the other a maximum or a single value, the one goes and the other comes.
 *
 * @source aumann-shapley-1974
 */

import type { Term } from "./term.ts";

export interface TermDifference {
  readonly name: string;
  readonly label: string;
  /** Values on both sides; 0 where that side lacks the part. */
  readonly before: number;
  readonly after: number;
  /** What it adds to the difference of the roots. */
  readonly share: number;
  readonly children: readonly TermDifference[];
}

/** The difference `after - before` of the roots, by part. */
export function termDifference(before: Term, after: Term): TermDifference {
  return between(before, after, 1);
}

/** Parts without parts, the largest share first, each with its path below the root. */
export function differenceLeaves(root: TermDifference): readonly (TermDifference & { readonly path: string })[] {
  const found: (TermDifference & { readonly path: string })[] = [];
  const visit = (part: TermDifference, path: string): void => {
    if (part.children.length === 0) found.push({ ...part, path });
    for (const child of part.children) visit(child, path === "" ? child.name : `${path}/${child.name}`);
  };
  visit(root, "");
  return found.sort((a, b) => Math.abs(b.share) - Math.abs(a.share));
}

/** `weight`: the part of its change that reaches the root. */
function between(before: Term | undefined, after: Term | undefined, weight: number): TermDifference {
  const present = after ?? before;
  if (present === undefined) throw new Error("a difference of nothing");
  const [from, to] = [before?.value ?? 0, after?.value ?? 0];
  return {
    name: present.name,
    label: present.label,
    before: from,
    after: to,
    share: weight * (to - from),
    children: childrenOf(before, after, weight),
  };
}

function childrenOf(before: Term | undefined, after: Term | undefined, weight: number): readonly TermDifference[] {
  if (before !== undefined && after !== undefined && !comparable(before, after)) {
    return [
      replaced(between(before, undefined, weight), "before"),
      replaced(between(undefined, after, weight), "after"),
    ];
  }
  const pairs = pairsOf(before?.children ?? [], after?.children ?? []);
  const binds = (after ?? before)?.combine === "max" ? bindingWeights(pairs) : undefined;
  return pairs.map(([from, to], index) => between(from, to, weight * (binds?.[index] ?? 1)));
}

function replaced(part: TermDifference, side: "before" | "after"): TermDifference {
  return { ...part, name: `${part.name}.${side}`, label: `${part.label}, ${side}` };
}

/** A maximum that lacks a part on one side pairs it with 0, which would bind among negative values. */
function comparable(before: Term, after: Term): boolean {
  if (before.combine !== after.combine) return false;
  if (before.combine !== "max") return true;
  const pairs = pairsOf(before.children, after.children);
  const whole = pairs.every(([from, to]) => from !== undefined && to !== undefined);
  return whole || [...before.children, ...after.children].every(({ value }) => value >= 0);
}

type Pair = readonly [before: Term | undefined, after: Term | undefined];

function pairsOf(before: readonly Term[], after: readonly Term[]): readonly Pair[] {
  const later = new Map(after.map((term) => [term.name, term]));
  const known = new Set(before.map(({ name }) => name));
  return [
    ...before.map((term): Pair => [term, later.get(term.name)]),
    ...after.filter(({ name }) => !known.has(name)).map((term): Pair => [undefined, term]),
  ];
}

/** For each part the share of the way on which it is the largest; parts that stay equal share it. */
function bindingWeights(pairs: readonly Pair[]): readonly number[] {
  const start = pairs.map(([before]) => before?.value ?? 0);
  const slope = pairs.map(([before, after]) => (after?.value ?? 0) - (before?.value ?? 0));
  const weights = pairs.map(() => 0);
  let at = 0;
  let [binding, next] = stretch(start, slope, at);
  while (at < 1) {
    for (const index of binding) weights[index] = (weights[index] ?? 0) + (next - at) / binding.length;
    at = next;
    if (at < 1) [binding, next] = stretch(start, slope, at, slope[binding[0] ?? 0]);
  }
  return weights;
}

/**
 * Which lines are the highest just after `at`, and until when. At a crossing the steepest of them; `steeperThan` keeps
 * rounding from choosing the line again that was just crossed.
 */
function stretch(
  start: readonly number[],
  slope: readonly number[],
  at: number,
  steeperThan = Number.NEGATIVE_INFINITY,
): readonly [binding: readonly number[], until: number] {
  const height = (index: number): number => (start[index] ?? 0) + at * (slope[index] ?? 0);
  let best = -1;
  for (const index of start.keys()) {
    if ((slope[index] ?? 0) <= steeperThan) continue;
    const higher = best < 0 ? 1 : height(index) - height(best);
    if (higher > 0 || (higher === 0 && (slope[index] ?? 0) > (slope[best] ?? 0))) best = index;
  }
  // Every later crossing is with a steeper line, so there is always one; the first look takes all lines.
  const binding = [...start.keys()].filter((index) => start[index] === start[best] && slope[index] === slope[best]);
  let until = 1;
  for (const index of start.keys()) {
    const closing = (slope[index] ?? 0) - (slope[best] ?? 0);
    if (closing > 0) until = Math.min(until, Math.max(at, at + (height(best) - height(index)) / closing));
  }
  return [binding, until];
}
