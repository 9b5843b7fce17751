/** Problems: the user's mistakes, as values. All are collected, then reported once. */

export interface Location {
  readonly file?: string;
  readonly line: number;
  readonly column: number;
}

export interface Problem {
  /** Dotted path of the field, e.g. `cluster.node`; empty for the whole document. */
  readonly path: string;
  /** What was found and what was expected, one sentence. */
  readonly message: string;
  /** What to try. */
  readonly hint?: string;
  readonly location?: Location;
}

/** Carries problems to the border of an operation; the only exception a user's input may cause. */
export class ProblemError extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map((problem) => `${problem.path}: ${problem.message}`).join("\n"));
    this.name = "ProblemError";
    this.problems = problems;
  }
}
