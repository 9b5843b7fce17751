/**
 * The sheet on which a launch file is worked off: its settings with their lines, which of them were read and what they
 * decided, and the keys of the scenario so far. What is left over at the end is reported, never dropped.
 */

import type { Problem } from "../base/problem.ts";
import type { Assumption } from "../scenario/index.ts";

export type Value = string | number | boolean | null | readonly unknown[];

/** One flag or key of a launch file. */
export interface Setting {
  /** As written: `--seq-length`, `model.seq_length`. */
  readonly name: string;
  readonly value: Value;
  /** The value as people wrote it. */
  readonly text: string;
  readonly line: number;
  /** The variable whose value is not known here, where there is one. */
  readonly missing?: string;
  /** Why it is not known, where it is set at all. */
  readonly why?: string;
}

/** Something that a launch file cannot say, which option says it, and what was taken instead. */
export interface Asked {
  readonly what: string;
  readonly option: string;
  readonly taken: string;
}

export interface Sheet {
  readonly file: string;
  /** Whose defaults hold where a flag is absent: `Megatron-LM`. */
  readonly program: string;
  readonly settings: readonly Setting[];
  /** Keys of the scenario that a setting decided. */
  readonly reads: Map<Setting, Set<string>>;
  /** Settings that are known, have an effect and are not modelled. */
  readonly unmodelled: Map<Setting, string>;
  /** Settings that are known to change neither time nor memory here. */
  readonly idle: Map<Setting, string>;
  /** Scenario values by dotted key. */
  readonly values: Map<string, unknown>;
  /** Every value that was written, whatever became of it. */
  readonly decided: Map<string, unknown>;
  /** Which setting decided a key. */
  readonly origins: Map<string, Setting>;
  readonly assumptions: Assumption[];
  readonly asked: Asked[];
  readonly problems: Problem[];
}

export function newSheet(file: string, program: string, settings: readonly Setting[]): Sheet {
  return {
    file,
    program,
    settings,
    reads: new Map(),
    unmodelled: new Map(),
    idle: new Map(),
    values: new Map(),
    decided: new Map(),
    origins: new Map(),
    assumptions: [],
    asked: [],
    problems: [],
  };
}

/** Names compare without leading dashes, with `_` and `-` alike. */
export function bareName(name: string): string {
  return name.replace(/^-+/, "").replaceAll("_", "-").toLowerCase();
}

/** The last setting of the first of these names that is given a value; null and `none` count as not given. */
export function find(sheet: Sheet, ...names: readonly string[]): Setting | undefined {
  for (const name of names) {
    const wanted = bareName(name);
    const found = sheet.settings.findLast((setting) => bareName(setting.name) === wanted);
    if (found !== undefined && found.value !== null) return found;
  }
  return undefined;
}

/** Writes a scenario value and remembers which settings it came from. */
export function put(sheet: Sheet, key: string, value: unknown, ...from: readonly (Setting | undefined)[]): void {
  sheet.values.set(key, value);
  sheet.decided.set(key, value);
  for (const setting of from) {
    if (setting === undefined) continue;
    if (!sheet.origins.has(key)) sheet.origins.set(key, setting);
    credit(sheet, setting, key);
  }
}

/** Notes that a setting was read for a key. */
export function credit(sheet: Sheet, setting: Setting | undefined, key: string): void {
  if (setting === undefined) return;
  const keys = sheet.reads.get(setting) ?? new Set();
  sheet.reads.set(setting, keys.add(key));
}

export function assume(sheet: Sheet, path: string, value: string | number, reason: string): void {
  sheet.assumptions.push({ path, value: String(value), reason });
}

/** A mistake, on the line of the setting where there is one. */
export function complain(sheet: Sheet, at: Setting | undefined, message: string, hint?: string): void {
  // What came with --set stands in no line.
  const location = at?.line === 0 ? {} : { location: { file: sheet.file, line: at?.line ?? 1, column: 1 } };
  const problem: Problem = { path: at?.name ?? "", message, ...(hint === undefined ? {} : { hint }), ...location };
  if (!sheet.problems.some((each) => each.path === problem.path && each.message === message)) {
    sheet.problems.push(problem);
  }
}

/** True where the value is known; a problem otherwise. */
function isKnown(sheet: Sheet, setting: Setting): boolean {
  const { missing, why } = setting;
  if (missing === undefined) return true;
  const variable = /^[\w.]+$/.test(missing);
  const message = variable
    ? `found "${setting.text}", but ${missing} ${why ?? "is never set"}`
    : `found ${setting.text}, which is not run here`;
  const hint = variable ? `--set ${missing}=VALUE` : "write the value in its place";
  complain(sheet, setting, message, hint);
  return false;
}

/** A whole number of at least `least`; a problem where it is none. */
export function countOf(sheet: Sheet, setting: Setting | undefined, least = 1): number | undefined {
  if (setting === undefined || !isKnown(sheet, setting)) return undefined;
  const number = numberOf(setting.value);
  if (number !== undefined && Number.isSafeInteger(number) && number >= least) return number;
  complain(sheet, setting, `found "${setting.text}", expected a whole number of at least ${least}`);
  return undefined;
}

/** Any finite number; a problem where it is none. */
export function realOf(sheet: Sheet, setting: Setting | undefined): number | undefined {
  if (setting === undefined || !isKnown(sheet, setting)) return undefined;
  const number = numberOf(setting.value);
  if (number === undefined) complain(sheet, setting, `found "${setting.text}", expected a number`);
  return number;
}

export function numberOf(value: Value): number | undefined {
  const found = typeof value === "string" && value.trim() !== "" ? Number(value.replaceAll("_", "")) : value;
  return typeof found === "number" && Number.isFinite(found) ? found : undefined;
}

/** The word of a setting; a problem where a variable in it is never set. */
export function wordOf(sheet: Sheet, setting: Setting | undefined): string | undefined {
  if (setting === undefined || !isKnown(sheet, setting)) return undefined;
  return typeof setting.value === "string" ? setting.value : setting.text;
}

/** Whether a switch is on: a flag without a value, or a value that says so. */
export function truthOf(sheet: Sheet, setting: Setting | undefined): "on" | "off" | undefined {
  if (setting === undefined || !isKnown(sheet, setting)) return undefined;
  const { value } = setting;
  if (value === true || value === "" || /^(true|1|yes|on)$/i.test(String(value))) return "on";
  if (value === false || /^(false|0|no|off|none)$/i.test(String(value))) return "off";
  complain(sheet, setting, `found "${setting.text}", expected true or false`);
  return undefined;
}

/** True after a problem: two formats of 16 bits, of which a step has one. */
export function bothFormats(sheet: Sheet, bf16: Setting | undefined, fp16: Setting | undefined): boolean {
  if (bf16?.text === "auto" || fp16?.text === "auto") return false;
  if (truthOf(sheet, bf16) !== "on" || truthOf(sheet, fp16) !== "on" || bf16 === undefined) return false;
  const [first, last] = (fp16?.line ?? 0) < bf16.line ? [fp16, bf16] : [bf16, fp16];
  const where = first?.line === 0 ? "" : ` in line ${first?.line}`;
  complain(sheet, last, `contradictory: ${last?.name} here, but ${first?.name}${where} too`, "remove one of them");
  return true;
}

/** Words of a list, or of a text with spaces or commas between them. */
export function wordsOf(setting: Setting | undefined): readonly string[] {
  if (setting === undefined) return [];
  const words = Array.isArray(setting.value) ? setting.value.map(String) : setting.text.split(/[\s,]+/);
  return words.filter((each) => each !== "");
}
