/**
 * The tables that translate between the words of a launcher and the keys of a scenario. A row is one key: under which
 * names a file states it, how its value reads, what the program does where it is absent, and how it is written back.
 */

import { assume, complain, countOf, credit, find, put, type Setting, type Sheet, truthOf, wordOf } from "./sheet.ts";

/** What a file may hold as a value when we write it. `true` is a flag without a value. */
export type Written = string | number | boolean;

export interface Row {
  /** Dotted key of the scenario. */
  readonly key: string;
  /** Names in files; the first is written. */
  readonly names: readonly string[];
  /** The value, or undefined after a problem, or `later` where the word is known to nobody here. */
  readonly read: (sheet: Sheet, setting: Setting) => unknown;
  /** What the program does without it; undefined where nothing is known. */
  readonly absent?: unknown;
  /** Undefined where nothing has to be written: the program does so by itself. */
  readonly write: (value: unknown) => Written | undefined;
}

/** Said by a row's `read`: a word that has no counterpart in the language. */
const unknownWord: unique symbol = Symbol("unknown word");

/** A whole number. Counts equal to what the program does by itself are written too: they are degrees. */
export function countRow(key: string, names: readonly string[], absent?: number): Row {
  return {
    key,
    names,
    read: countOf,
    ...(absent === undefined ? {} : { absent }),
    write: (value) => (typeof value === "number" ? value : undefined),
  };
}

/** A switch that is on where its flag is given. */
export function flagRow(key: string, names: readonly string[], absent?: "on" | "off"): Row {
  return {
    key,
    names,
    read: truthOf,
    ...(absent === undefined ? {} : { absent }),
    write: (value) => (value === "on" ? true : undefined),
  };
}

/** A switch that is off where its flag is given. */
export function refusalRow(key: string, names: readonly string[]): Row {
  return {
    key,
    names,
    read: (sheet, setting) => {
      const said = truthOf(sheet, setting);
      return said === undefined ? undefined : said === "on" ? "off" : "on";
    },
    write: (value) => (value === "off" ? true : undefined),
  };
}

/** A word for a word. Several words may mean the same; the first of them is written. */
export function wordRow(
  key: string,
  names: readonly string[],
  words: Readonly<Record<string, unknown>>,
  absent?: unknown,
): Row {
  return {
    key,
    names,
    read: (sheet, setting) => {
      const word = wordOf(sheet, setting)?.toLowerCase();
      if (word === undefined) return undefined;
      return Object.hasOwn(words, word) ? words[word] : unknownWord;
    },
    ...(absent === undefined ? {} : { absent }),
    write: (value) => Object.keys(words).find((word) => words[word] === value),
  };
}

/** Reads every row that the file states; for the others the program's own default is taken and said. */
export function applyRows(sheet: Sheet, rows: readonly Row[]): void {
  for (const row of rows) {
    const setting = find(sheet, ...row.names);
    if (setting === undefined) {
      if (row.absent === undefined || sheet.values.has(row.key)) continue;
      put(sheet, row.key, row.absent);
      assume(sheet, row.key, String(row.absent), `${row.names[0]} is not given: the default of ${sheet.program}`);
      continue;
    }
    checkTwice(sheet, row, setting);
    const value = row.read(sheet, setting);
    if (value === unknownWord)
      sheet.unmodelled.set(setting, `"${setting.text}" has no counterpart in the language yet`);
    else if (value === undefined) credit(sheet, setting, row.key);
    else put(sheet, row.key, value, setting);
  }
}

/** A key that a file states twice, with different values. */
function checkTwice(sheet: Sheet, { key, names, read }: Row, last: Setting): void {
  const all = names.flatMap((name) => {
    const found = find(sheet, name);
    return found === undefined ? [] : [found];
  });
  const same = sheet.settings.filter((setting) => setting.name === last.name && setting !== last);
  const value = JSON.stringify(last.value);
  for (const other of [...same, ...all.filter((setting) => setting !== last)]) {
    credit(sheet, other, key);
    if (JSON.stringify(other.value) === value || other.missing !== undefined) continue;
    if (read !== countOf) continue;
    const message = `${last.text} here, but ${other.text} in line ${other.line} (${other.name})`;
    complain(sheet, last, `contradictory: ${message}`, `both say ${key}: remove one of them`);
  }
}

/** What a design's value is in the words of a program: one entry a row that has to be written. */
export function writtenRows(
  rows: readonly Row[],
  valueOf: (key: string) => unknown,
): readonly { readonly name: string; readonly value: Written; readonly key: string }[] {
  return rows.flatMap((row) => {
    const value = valueOf(row.key);
    if (value === undefined) return [];
    const written = row.write(value);
    return written === undefined ? [] : [{ name: row.names[0] ?? "", value: written, key: row.key }];
  });
}
