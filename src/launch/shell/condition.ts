/**
 * `[ … ]` and `[[ … ]]`: texts and numbers compared. Files are taken to exist, and variables that are never set are
 * empty.
 */

import { type Field, knownText } from "./expand.ts";

/** True where the test holds. `fields` are the words between the brackets. */
export function holds(fields: readonly Field[]): boolean {
  const reading = { words: fields.map(knownText), at: 0 };
  return fields.length > 0 && readOr(reading);
}

interface Reading {
  readonly words: readonly string[];
  at: number;
}

function readOr(reading: Reading): boolean {
  let value = readAnd(reading);
  while (reading.words[reading.at] === "||" || reading.words[reading.at] === "-o") {
    reading.at += 1;
    value = readAnd(reading) || value;
  }
  return value;
}

function readAnd(reading: Reading): boolean {
  let value = readAtom(reading);
  while (reading.words[reading.at] === "&&" || reading.words[reading.at] === "-a") {
    reading.at += 1;
    value = readAtom(reading) && value;
  }
  return value;
}

function readAtom(reading: Reading): boolean {
  const { words } = reading;
  const word = words[reading.at];
  if (word === "!") {
    reading.at += 1;
    return !readAtom(reading);
  }
  if (word === "(") {
    reading.at += 1;
    const value = readOr(reading);
    reading.at += 1;
    return value;
  }
  const compare = comparisons[words[reading.at + 1] ?? ""];
  if (compare !== undefined) {
    reading.at += 3;
    return compare(word ?? "", words[reading.at - 1] ?? "");
  }
  if (/^-[a-zA-Z]$/.test(word ?? "") && reading.at + 1 < words.length) {
    reading.at += 2;
    const value = words[reading.at - 1] ?? "";
    if (word === "-z") return value === "";
    return word === "-n" || word === "-v" ? value !== "" : true;
  }
  reading.at += 1;
  return (word ?? "") !== "";
}

type Comparison = (a: string, b: string) => boolean;

const numeric =
  (compare: (a: number, b: number) => boolean): Comparison =>
  (a, b) =>
    compare(Number(a), Number(b));

const comparisons: Readonly<Record<string, Comparison>> = {
  "=": (a, b) => matches(a, b),
  "==": (a, b) => matches(a, b),
  "!=": (a, b) => !matches(a, b),
  "=~": (a, b) => a.includes(b.replace(/[\^$]/g, "")),
  "-eq": numeric((a, b) => a === b),
  "-ne": numeric((a, b) => a !== b),
  "-gt": numeric((a, b) => a > b),
  "-ge": numeric((a, b) => a >= b),
  "-lt": numeric((a, b) => a < b),
  "-le": numeric((a, b) => a <= b),
};

/** True where a text matches a pattern in which `*` stands for anything and `?` for one character. */
export function matches(text: string, pattern: string): boolean {
  const pieces = pattern.split("*");
  if (pieces.length > 8) return false;
  const escaped = pieces.map((piece) => piece.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("?", "."));
  return new RegExp(`^${escaped.join("[^]*")}$`).test(text);
}
