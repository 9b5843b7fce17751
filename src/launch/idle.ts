/**
 * Settings that change neither the time nor the memory of a step as it is modelled, and settings that do but have no
 * counterpart in the language, each pattern with its reason. What is in no table is listed as not understood.
 */

import { bareName, type Setting, type Sheet } from "./sheet.ts";

export interface ReasonRow {
  /** Matched against a name without dashes in front, lower case, with `-` for `_`. */
  readonly pattern: RegExp;
  readonly reason: string;
}

export interface ReasonTables {
  /** Changes neither time nor memory as modelled. */
  readonly idle: readonly ReasonRow[];
  /** Has an effect that the language cannot say yet. */
  readonly unmodelled: readonly ReasonRow[];
}

/** Sorts what was not read: known without effect, known and not modelled, or left over, which is answered. */
export function sortUnread(sheet: Sheet, tables: ReasonTables): readonly Setting[] {
  const reasonIn = (table: readonly ReasonRow[], { name }: Setting): string | undefined =>
    table.find(({ pattern }) => pattern.test(bareName(name)))?.reason;
  return sheet.settings.filter((setting) => {
    if (sheet.reads.has(setting) || sheet.unmodelled.has(setting)) return false;
    const lost = reasonIn(tables.unmodelled, setting);
    if (lost !== undefined && !sheet.idle.has(setting)) {
      if (isOff(setting)) sheet.idle.set(setting, "off, as it is modelled");
      else sheet.unmodelled.set(setting, lost);
      return false;
    }
    const twin = sheet.settings.findLast((other) => other.name === setting.name);
    const reason =
      sheet.idle.get(setting) ??
      (twin !== undefined && twin !== setting ? `given again in line ${twin.line}, which counts` : undefined) ??
      reasonIn(tables.idle, setting) ??
      (setting.value === null ? "null: left to the program" : undefined);
    if (reason === undefined) return true;
    sheet.idle.set(setting, reason);
    return false;
  });
}

function isOff({ value }: Setting): boolean {
  return value === null || value === false || /^(false|off|none|no_shard|null|0|)$/i.test(String(value));
}

export const paths: string = "a path or a name";
export const logging: string = "what is logged, and how often";
export const saving: string = "checkpoints: a step alone is predicted";
export const evaluation: string = "evaluation: a training step alone is predicted";
export const learning: string = "how the model learns, not how fast a step is";
export const loading: string = "data loading: taken to keep up";
export const chance: string = "random numbers";
export const checking: string = "checks and time-outs";
export const starting: string = "how processes find each other";
export const profiling: string = "profiling of some steps";
