/** What resolving a scenario leaves behind besides its design: problems, assumptions, warnings. */

import type { Problem } from "../../base/problem.ts";
import { ProblemError } from "../../base/problem.ts";
import type { Assumption } from "../prediction.ts";
import { inOrder, locate } from "../schema/problems.ts";
import type { Places } from "../schema/source.ts";

/** Collects; nothing is thrown before everything was looked at. */
export interface Notes {
  readonly problems: Problem[];
  readonly assumptions: Assumption[];
  readonly warnings: string[];
  /** Whether anybody reads more than the problems: a search resolves many layouts and tells none of their defaults. */
  readonly read: "all" | "problems";
}

export function emptyNotes(read: Notes["read"] = "all"): Notes {
  return { problems: [], assumptions: [], warnings: [], read };
}

export function problem(notes: Notes, path: string, message: string, hint?: string): void {
  notes.problems.push({ path, message, ...(hint === undefined ? {} : { hint }) });
}

/** The value given, or the default, which is written down. */
export function given<Value extends string | number>(
  notes: Notes,
  path: string,
  value: Value | undefined,
  fallback: Value,
  reason: string,
): Value {
  if (value !== undefined) return value;
  if (notes.read === "all") notes.assumptions.push({ path, value: String(fallback), reason });
  return fallback;
}

/** Throws all problems at once, each with its place. */
export function throwProblems(notes: Notes, places: Places | undefined): void {
  if (notes.problems.length > 0) {
    throw new ProblemError(inOrder(notes.problems.map((found) => locate(found, places))));
  }
}
