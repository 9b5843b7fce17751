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
    super(formatProblems(problems));
    this.name = "ProblemError";
    this.problems = problems;
  }
}

/** Gathers problems while a value is being checked, so that all are reported together. */
export interface ProblemCollector {
  /** In the order they were found. */
  readonly problems: readonly Problem[];
  add(...problems: readonly Problem[]): void;
  /** Throws a ProblemError with everything gathered; returns when there is nothing. */
  throwIfAny(): void;
}

export function problemCollector(): ProblemCollector {
  const problems: Problem[] = [];
  return {
    problems,
    add(...found) {
      problems.push(...found);
    },
    throwIfAny() {
      if (problems.length > 0) throw new ProblemError([...problems]);
    },
  };
}

/** One line: `scenario.yaml:3:9 cluster.node: unknown node "hgx-h10"; did you mean "hgx-h100"?` */
export function formatProblem(problem: Problem): string {
  const { path, message, hint, location } = problem;
  const place = location === undefined ? "" : `${location.file ?? ""}:${location.line}:${location.column} `;
  const field = path === "" ? "" : `${path}: `;
  return `${place.replace(/^:/, "line ")}${field}${message}${hint === undefined ? "" : `; ${hint}`}`;
}

/** One line a problem, in the order of their places; those without a place come last, in the order given. */
export function formatProblems(problems: readonly Problem[]): string {
  return sortProblems(problems).map(formatProblem).join("\n");
}

/** Problems in the order in which a reader of the files meets them. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort((a, b) => {
    const [one, two] = [a.location, b.location];
    if (one === undefined || two === undefined) return (one === undefined ? 1 : 0) - (two === undefined ? 1 : 0);
    const [file, other] = [one.file ?? "", two.file ?? ""];
    if (file !== other) return file < other ? -1 : 1;
    return one.line - two.line || one.column - two.column;
  });
}
