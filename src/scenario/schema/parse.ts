/**
 * From text (or an already read value) to a scenario: valid keys, SI units, known names. All problems are collected
 * before any is reported.
 */

import type { Problem } from "../../base/problem.ts";
import { ProblemError } from "../../base/problem.ts";
import { readOnce } from "./fields.ts";
import { endOf, type InputRange, middled, type UncertainInputs, withInputs } from "./input-range.ts";
import { namesProblems } from "./names.ts";
import { inOrder, locate, problemsOf } from "./problems.ts";
import { beginning, type ScenarioText, scenarioSchema } from "./scenario.ts";
import { type Places, readSource } from "./source.ts";
import { structureProblems } from "./structure.ts";

/** A valid scenario as it was written, in SI units. Defaults are filled in when it is resolved. */
export interface Scenario extends ScenarioText {
  /** Where each field stands in its file, for problems found later. */
  readonly places?: Places;
  /** Inputs that are ranges; the scenario has their middles. */
  readonly inputs?: UncertainInputs;
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
  return scenarioFromSource(source.value, source.places);
}

/**
 * Reads a scenario from a plain value, as a JSON reader or a program makes it.
 * @throws ProblemError with every problem found.
 */
export function scenarioFromValue(value: unknown): Scenario {
  return scenarioFromSource(value, undefined);
}

/** The same of a value and where its fields stand. */
export function scenarioFromSource(written: unknown, places: Places | undefined): Scenario {
  if (written === null || written === undefined) throw new ProblemError([emptyProblem(places)]);
  const { value, ranges, problems: torn } = middled(written, (range) => wholeAt(written, range));
  const parsed = scenarioSchema.safeParse(value, readOnce);
  const problems = [
    ...torn.map((problem) => locate(problem, places)),
    // Ends first: they are what was written.
    ...ranges.flatMap((range) => endProblems(value, range, places)),
    ...problemsIn(value, places, parsed),
  ];
  if (!parsed.success || problems.length > 0) throw new ProblemError(inOrder(firstOfEach(problems)));
  const inputs = ranges.length === 0 ? {} : { inputs: { written, ranges } };
  return { ...parsed.data, ...inputs, ...(places === undefined ? {} : { places }) };
}

/** Everything that is wrong with a value without ranges. */
function problemsIn(
  value: unknown,
  places: Places | undefined,
  parsed: ReturnType<typeof scenarioSchema.safeParse>,
): readonly Problem[] {
  return [
    ...(parsed.success ? [] : problemsOf(parsed.error.issues, value, places)),
    ...[...structureProblems(value), ...namesProblems(value)].map((problem) => locate(problem, places)),
  ];
}

/** What the field says of both ends of its range. */
function endProblems(value: unknown, range: InputRange, places: Places | undefined): readonly Problem[] {
  return (["from", "to"] as const).flatMap((side) => {
    const end = withInputs(value, [range], (each) => endOf(each, side));
    return problemsIn(end, places, scenarioSchema.safeParse(end, readOnce)).filter(({ path }) => path === range.path);
  });
}

/** Whether a field takes whole numbers alone: it takes the end of its range, and not a half more. */
function wholeAt(written: unknown, range: InputRange): "whole" | "any" {
  const refused = (number: number): boolean => {
    const parsed = scenarioSchema.safeParse(
      withInputs(written, [range], () => number),
      readOnce,
    );
    return !parsed.success && problemsOf(parsed.error.issues, written).some(({ path }) => path === range.path);
  };
  return refused(range.from + 0.5) && !refused(range.from) ? "whole" : "any";
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
