/**
 * From text (or an already read value) to a scenario: valid keys, SI units, known names. All problems are collected
 * before any is reported.
 */

import type { Problem } from "../../base/problem.ts";
import { ProblemError } from "../../base/problem.ts";
import { namesProblems } from "./names.ts";
import { inOrder, locate, problemsOf } from "./problems.ts";
import { beginning, type ScenarioText, scenarioSchema } from "./scenario.ts";
import { type Places, readSource } from "./source.ts";
import { structureProblems } from "./structure.ts";

/** A valid scenario as it was written, in SI units. Defaults are filled in when it is resolved. */
export interface Scenario extends ScenarioText {
  /** Where each field stands in its file, for problems found later. */
  readonly places?: Places;
}

export interface ParseOptions {
  /** Name of the file, printed with problems. */
  readonly file?: string;
}

/**
 * Reads a scenario from YAML or JSON text.
 * @throws ProblemError with every problem found, each with file, line and column.
 */
export function parseScenario(text: string, options: ParseOptions = {}): Scenario {
  const source = readSource(text, options.file);
  if (source.problems.length > 0) throw new ProblemError(source.problems);
  return scenarioOf(source.value, source.places);
}

/**
 * Reads a scenario from a plain value, as a JSON reader or a program makes it.
 * @throws ProblemError with every problem found.
 */
export function scenarioFromValue(value: unknown): Scenario {
  return scenarioOf(value, undefined);
}

function scenarioOf(value: unknown, places: Places | undefined): Scenario {
  if (value === null || value === undefined) throw new ProblemError([emptyProblem(places)]);
  const parsed = scenarioSchema.safeParse(value);
  const problems = [
    ...(parsed.success ? [] : problemsOf(parsed.error.issues, value, places)),
    ...[...structureProblems(value), ...namesProblems(value)].map((problem) => locate(problem, places)),
  ];
  if (!parsed.success || problems.length > 0) throw new ProblemError(inOrder(firstOfEach(problems)));
  return places === undefined ? parsed.data : { ...parsed.data, places };
}

/** Said of a text without a scenario. */
export function emptyProblem(places: Places | undefined): Problem {
  const location = { ...(places?.file === undefined ? {} : { file: places.file }), line: 1, column: 1 };
  return {
    path: "",
    message: "there is no scenario here",
    hint: beginning,
    ...(places === undefined ? {} : { location }),
  };
}

/** One problem a path: the first look finds the nearest cause. */
function firstOfEach(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ path }) => !seen.has(path) && seen.add(path));
}
