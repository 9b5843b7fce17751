/**
 * A launch file to a runnable scenario, with an account of every setting: read (and what it decided), known to have no
 * effect (and why), known but not modelled, or not understood.
 */

import { type Problem, ProblemError, sortProblems } from "../base/problem.ts";
import { suggestion } from "../base/suggestion.ts";
import type { Assumption, Design } from "../scenario/index.ts";
import { brokenScript, brokenSyntax } from "./broken.ts";
import type { LaunchFormat, LaunchOptions } from "./format.ts";
import { formats } from "./formats.ts";
import { sortUnread } from "./idle.ts";
import { checked, scenarioText, scenarioValue } from "./scenario.ts";
import { dropRefused } from "./serving/refused.ts";
import type { Asked, Setting, Sheet } from "./sheet.ts";

/** A setting that was read. */
export interface ReadFlag {
  readonly flag: string;
  readonly value: string;
  readonly line: number;
  /** Keys of the scenario that it decided, and what became of them. */
  readonly decides: readonly { readonly key: string; readonly value: unknown }[];
}

export interface LeftFlag {
  readonly flag: string;
  readonly value: string;
  readonly line: number;
  readonly reason?: string;
}

export interface LaunchImport {
  readonly format: string;
  readonly scenario: Readonly<Record<string, unknown>>;
  /** The scenario as text, ready to be kept. */
  readonly text: string;
  readonly read: readonly ReadFlag[];
  /** Known to change neither time nor memory as modelled, with the reason. */
  readonly withoutEffect: readonly LeftFlag[];
  /** Known settings with an effect that is not modelled (with the reason), and unknown ones (without). */
  readonly notUnderstood: readonly LeftFlag[];
  /** What a launch file cannot say, which option says it, and what was taken. */
  readonly missing: readonly Asked[];
  readonly assumptions: readonly Assumption[];
}

export interface ImportRequest extends Partial<LaunchOptions> {
  readonly text: string;
  /** Name of the file, printed with problems. */
  readonly file: string;
  readonly format?: string;
}

/** Paths of further files that a launch names, and that `importLaunch` wants the text of. */
export function launchFiles(request: ImportRequest): readonly string[] {
  const format = formatOf(request);
  const options = optionsOf(request);
  const named = format.needs?.(request.text, options) ?? [];
  const model = options.model ?? "";
  return [...new Set([...named, ...(/\.json$/i.test(model) ? [model] : [])])];
}

/**
 * The scenario of a launch file.
 * @throws ProblemError with every problem found, each on its line.
 */
export function importLaunch(request: ImportRequest): LaunchImport & { readonly design: Design } {
  const format = formatOf(request);
  const options = optionsOf(request);
  const sheet = format.read(request.text, request.file, options);
  if (sheet.problems.length === 0 && format.kind === "serving") dropRefused(sheet);
  const unknown = sortUnread(sheet, format.tables);
  if (sheet.problems.length > 0) throw new ProblemError(sortProblems(sheet.problems));
  const scenario = scenarioValue(sheet, nameOf(request.file, sheet), format.kind);
  const design = checked(sheet, scenario, options.files);
  if (design === undefined) throw new ProblemError(sortProblems(sheet.problems));
  return {
    format: format.name,
    scenario,
    text: scenarioText(scenario),
    read: readFlags(sheet, scenario),
    withoutEffect: [...sheet.idle].map(([setting, reason]) => left(setting, reason)).sort(byLine),
    notUnderstood: [
      ...unknown.map((setting) => left(setting)),
      ...[...sheet.unmodelled].map(([setting, reason]) => left(setting, reason)),
    ].sort(byLine),
    missing: sheet.asked,
    assumptions: sheet.assumptions,
    design,
  };
}

function optionsOf({ text: _, file: _file, format: _format, ...rest }: ImportRequest): LaunchOptions {
  return { set: {}, files: {}, ...rest };
}

/** The format by name, or the first whose texts look like this one. */
function formatOf({ text, file, format }: ImportRequest): LaunchFormat {
  const names = formats.map(({ name }) => name);
  const found =
    format === undefined ? formats.find((each) => each.matches(text)) : formats.find(({ name }) => name === format);
  if (format === undefined) {
    const broken = found === undefined ? brokenSyntax(text, file) : brokenScript(text, file);
    if (broken.length > 0) throw new ProblemError(sortProblems([...broken]));
  }
  if (found !== undefined) return found;
  const known = `formats: ${names.join(", ")}`;
  const near = format === undefined ? undefined : suggestion(format, names);
  const problem: Problem =
    format === undefined
      ? {
          path: "",
          message: text.trim() === "" ? "the file is empty" : "this is no launch file of a format that is known",
          hint: `--format NAME; ${known}`,
          location: { file, line: 1, column: 1 },
        }
      : {
          path: "format",
          message: `unknown format "${format}"`,
          hint: near === undefined ? known : `did you mean "${near}"?`,
        };
  throw new ProblemError([problem]);
}

/** `train_llama.sh on 16 x hgx-h100`. */
function nameOf(file: string, sheet: Sheet): string {
  const bare = file.split(/[\\/]/).at(-1) ?? file;
  const node = sheet.values.get("cluster.node");
  const machine =
    typeof node === "string" ? node : String((node as { readonly extends?: string } | undefined)?.extends);
  return `${bare} on ${String(sheet.values.get("cluster.nodes"))} x ${machine}`;
}

function readFlags(sheet: Sheet, scenario: Readonly<Record<string, unknown>>): ReadFlag[] {
  const found = [...sheet.reads].map(([{ name, text, line }, keys]): ReadFlag => {
    const decides = [...keys].map((key) => ({ key, value: valueAt(scenario, key) ?? sheet.decided.get(key) }));
    return { flag: name, value: text, line, decides };
  });
  return found.sort(byLine);
}

function valueAt(value: unknown, key: string): unknown {
  let here = value;
  for (const part of key.split(".")) {
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Readonly<Record<string, unknown>>)[part];
  }
  return here;
}

function left({ name, text, line }: Setting, reason?: string): LeftFlag {
  return { flag: name, value: text, line, ...(reason === undefined ? {} : { reason }) };
}

function byLine(a: { readonly line: number }, b: { readonly line: number }): number {
  return a.line - b.line;
}
