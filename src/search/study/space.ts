/**
 * The space of a study: which fields vary over which values. Everything that can be known to be wrong before anything is
 * run is said here: paths that the language does not have, values that a field does not take, fields given twice.
 */

import { type Problem, ProblemError } from "../../base/problem.ts";
import {
  inOrder,
  locate,
  pathText,
  requiredFiles,
  type SamplingMethod,
  type Scenario,
  type StudySource,
  scenarioFromValue,
  studyKeys,
} from "../../scenario/index.ts";
import { isOpen } from "./open.ts";
import { type Keys, keysOf, overlap, placed } from "./path.ts";
import { type Continuous, type Values, valuesOf } from "./range.ts";

/** One field that varies. */
export interface Axis {
  readonly path: string;
  readonly keys: Keys;
  /** Its values in order, or the range that they are drawn from. */
  readonly values: readonly unknown[] | Continuous;
  /** Counts are drawn as whole numbers. */
  readonly whole: "whole" | "any";
}

export interface Space {
  readonly base: Readonly<Record<string, unknown>>;
  readonly axes: readonly Axis[];
}

export function isContinuous(values: Axis["values"]): values is Continuous {
  return !Array.isArray(values);
}

/** The scenario as written with one value for each axis. */
export function writtenAt(base: unknown, axes: readonly Pick<Axis, "keys">[], values: readonly unknown[]): unknown {
  return axes.reduce((written, { keys }, index) => placed(written, keys, values[index]), base);
}

/** @throws ProblemError with everything that is wrong with what varies. */
export function spaceOf(study: StudySource, sampled: SamplingMethod): Space {
  const entries = Object.entries(study.vary ?? {});
  if (entries.length === 0) {
    const message = study.vary === undefined ? "missing; a study varies something" : "nothing varies";
    throw new ProblemError([
      locate({ path: "vary", message, hint: "e.g. vary: { cluster.nodes: [8, 16, 32] }" }, study.places),
    ]);
  }
  refuse(pathProblems(entries.map(([path]) => path)), study);
  const read = entries.map(([path, text]) => axisOf(study, path, text));
  refuse(
    read.flatMap((each) => ("message" in each ? [each] : [])),
    study,
  );
  const axes = read as readonly Axis[];
  if (sampled === "grid") refuse(axes.flatMap(continuousProblem), study);
  const space = { base: study.base, axes };
  refuse(valueProblems(space), study);
  return space;
}

/** Files that the scenarios of the space name. */
export function spaceFiles({ base, axes }: Space): readonly string[] {
  const first = axes.map(firstOf);
  const all = axes.flatMap(({ values }, index) =>
    // A number names no file.
    isContinuous(values) ? [] : values.filter(isNoNumber).map((value) => first.with(index, value)),
  );
  return [...new Set([first, ...all].flatMap((values) => filesAt(writtenAt(base, axes, values))))].sort();
}

function isNoNumber(value: unknown): boolean {
  return typeof value !== "number";
}

/** Whether something is open in the first of the points. */
export function pointsAreSearches({ base, axes }: Space): boolean {
  const scenario = accepted(writtenAt(base, axes, axes.map(firstOf)));
  return scenario !== undefined && isOpen(scenario);
}

function filesAt(written: unknown): readonly string[] {
  const scenario = accepted(written);
  return scenario === undefined ? [] : requiredFiles(scenario);
}

function accepted(written: unknown): Scenario | undefined {
  try {
    return scenarioFromValue(written);
  } catch (error) {
    // A combination that is refused says so where it is run.
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

function refuse(problems: readonly Problem[], { places }: StudySource): void {
  if (problems.length > 0) throw new ProblemError(inOrder(problems.map((problem) => locate(problem, places))));
}

function varied(path: string): string {
  return `vary.${path}`;
}

function pathProblems(paths: readonly string[]): Problem[] {
  return paths.flatMap((path, index): Problem[] => {
    const keys = keysOf(path);
    if (keys === undefined) {
      return [
        {
          path: varied(path),
          message: `"${path}" is no path of a field`,
          hint: "e.g. cluster.nodes, or workloads[0].layout.tensor",
        },
      ];
    }
    if ([...studyKeys, "windtunnel", "name"].includes(String(keys[0]))) {
      return [{ path: varied(path), message: `${keys[0]} cannot vary`, hint: "vary a field of the scenario" }];
    }
    const other = paths.find((each, at) => at !== index && overlap(keysOf(each) ?? [""], keys));
    if (other === undefined) return [];
    const message = `contradicts ${other}: one of the two fields holds the other`;
    return [{ path: varied(path), message, hint: "vary one of them" }];
  });
}

function axisOf(study: StudySource, path: string, text: Parameters<typeof valuesOf>[0]): Axis | Problem {
  const keys = keysOf(path) ?? [];
  const whole = takesWhole(study, keys);
  const values: Values = valuesOf(text, whole);
  if ("message" in values) return { path: varied(path), ...values };
  return { path, keys, whole, values: "levels" in values ? values.levels : values.continuous };
}

/** Whether a field takes whole numbers alone: it takes 1, and not 1.5. */
function takesWhole({ base }: StudySource, keys: Keys): "whole" | "any" {
  const refused = (value: number): boolean =>
    problemsAt(placed(base, keys, value)).some(({ path }) => path === pathText(keys));
  return refused(1.5) && !refused(1) ? "whole" : "any";
}

function continuousProblem({ path, values }: Axis): Problem[] {
  if (!isContinuous(values)) return [];
  const hint = "add count, step or factor, or sampling: { method: latin-hypercube, points: 1000 }";
  return [{ path: varied(path), message: "a grid needs values, and this range is continuous", hint }];
}

/** Of more values than this some are tried: only a range has as many, and then its ends are the first to be wrong. */
const triedMost = 1000;

/** What the language says of each value by itself, the other fields at their first. */
function valueProblems({ base, axes }: Space): Problem[] {
  const first = axes.map(firstOf);
  const elsewhere = problemsAt(writtenAt(base, axes, first)).filter(
    ({ path }) => !axes.some((axis) => isAt(path, axis)),
  );
  const own = axes.flatMap((axis, index) => {
    const tried = isContinuous(axis.values)
      ? [axis.values.from, axis.values.to].map((each) => drawn(axis, each))
      : axis.values;
    const stride = Math.ceil(tried.length / triedMost);
    return tried.flatMap((value, at) => {
      if (at % stride !== 0 && at !== tried.length - 1) return [];
      const found = problemsAt(writtenAt(base, axes, first.with(index, value))).find(({ path }) => isAt(path, axis));
      return found === undefined ? [] : [moved(found, axis, isContinuous(axis.values) ? undefined : at)];
    });
  });
  const seen = new Set<string>();
  return [...elsewhere, ...own].filter(({ path, message }) => !seen.has(path + message) && seen.add(path + message));
}

function problemsAt(written: unknown): readonly Problem[] {
  try {
    scenarioFromValue(written);
    return [];
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
}

/** On the way to the varied field, at it or below it. */
function isAt(path: string, { keys }: Axis): boolean {
  const found = keysOf(path);
  return found !== undefined && overlap(found, keys);
}

function moved({ message, hint, path }: Problem, axis: Axis, at: number | undefined): Problem {
  const unknown = message.startsWith("unknown key");
  const place =
    unknown || at === undefined || !Array.isArray(axis.values) ? varied(axis.path) : `${varied(axis.path)}[${at}]`;
  const said = path === axis.path || unknown ? message : `${path}: ${message}`;
  return { path: place, message: said, ...(hint === undefined ? {} : { hint }) };
}

export function firstOf(axis: Axis): unknown {
  return isContinuous(axis.values) ? drawn(axis, axis.values.from) : axis.values[0];
}

/** A number of a continuous range as the scenario writes it. */
export function drawn({ values, whole }: Axis, number: number): unknown {
  const unit = isContinuous(values) ? values.unit : "";
  const short = Number((whole === "whole" ? Math.round(number) : number).toPrecision(6));
  return unit === "" ? short : `${short} ${unit}`;
}
