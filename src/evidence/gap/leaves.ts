/** A prediction's parts by name: leaves of one name (matrix products forward and backward) count together. */

import type { Seconds } from "../../base/quantity.ts";
import type { Term } from "../../base/term.ts";

export interface Leaf {
  readonly name: string;
  readonly label: string;
  /** The child of the root that it is part of; its own name where it is that child. */
  readonly branch: string;
  readonly value: Seconds;
}

/** Leaves of a tree in its order. Names that recur in another branch carry that branch's name. */
export function leavesOf(root: Term): readonly Leaf[] {
  const found = new Map<string, Leaf>();
  const visit = (term: Term, branch: string): void => {
    for (const child of term.children) visit(child, branch);
    if (term.children.length > 0) return;
    const holder = found.get(term.name);
    const name = holder === undefined || holder.branch === branch ? term.name : `${branch}/${term.name}`;
    const value: Seconds = (found.get(name)?.value ?? 0) + term.value;
    found.set(name, { name, label: term.label, branch, value });
  };
  for (const child of root.children) visit(child, child.name);
  return [...found.values()];
}
