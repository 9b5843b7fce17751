/**
 * The tables that translate between the words of a launcher and the keys of a scenario. A row is one key: under which
 * names a file states it, how its value reads, and how it is written back.
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
  /** Undefined where nothing has to be written: the program does so by itself. */
  readonly write: (value: unknown) => Written | undefined;
}

/** Said by a row's `read`: a word that has no counterpart in the language. */
const unknownWord: unique symbol = Symbol("unknown word");

/** A whole number. */
export function countRow(key: string, names: readonly string[]): Row {
  return {
    key,
    names,
    read: countOf,
    write: (value) => (typeof value === "number" ? value : undefined),
  };
}

/** A switch that is on where its flag is given. */
export function flagRow(key: string, names: readonly string[]): Row {
  return {
    key,
    names,
    read: truthOf,
    write: (value) => (value === "on" ? true : undefined),
  };
}

/** A switch whose two sides have words of their own. */
export function switchRow(
  key: string,
  names: readonly string[],
  words: { readonly on: string; readonly off: string },
): Row {
  return {
    key,
    names,
    read: (sheet, setting) => {
      const said = truthOf(sheet, setting);
      return said === undefined ? undefined : words[said];
    },
    write: (value) => (value === words.on ? true : undefined),
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
export function wordRow(key: string, names: readonly string[], words: Readonly<Record<string, unknown>>): Row {
  return {
    key,
    names,
    read: (sheet, setting) => {
      const word = wordOf(sheet, setting)?.toLowerCase();
      if (word === undefined) return undefined;
      return Object.hasOwn(words, word) ? words[word] : unknownWord;
    },
    write: (value) => Object.keys(words).find((word) => words[word] === value),
  };
}

/** What a program does where a file says nothing, by key of the scenario. */
export type Defaults = Readonly<Record<string, unknown>>;

/** Reads every row that the file states; for the others the program's own default is taken and said. */
export function applyRows(sheet: Sheet, rows: readonly Row[], defaults: Defaults = {}): void {
  for (const row of rows) {
    const setting = find(sheet, ...row.names);
    if (setting === undefined) {
      const value = defaults[row.key];
      if (value === undefined || sheet.values.has(row.key)) continue;
      put(sheet, row.key, value);
      assume(sheet, row.key, String(value), `not given: the default of ${sheet.program}`);
      continue;
    }
    if (setting.text.toLowerCase() === "auto") {
      sheet.idle.set(setting, "left to the stack");
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
  designValue: (key: string) => unknown,
): readonly { readonly name: string; readonly value: Written; readonly key: string }[] {
  return rows.flatMap((row) => {
    const value = designValue(row.key);
    if (value === undefined) return [];
    const written = row.write(value);
    return written === undefined ? [] : [{ name: row.names[0] ?? "", value: written, key: row.key }];
  });
}
