/** Files with one number a line: lengths of requests, chances of drafted tokens. */

import type { Files } from "./model.ts";
import { type Notes, problem } from "./notes.ts";

export interface NumbersWanted {
  readonly path: string;
  /** What one line is, e.g. `one length a line`. */
  readonly expected: string;
  readonly accepts: (value: number) => boolean;
}

/** Numbers of a file in their order, empty lines skipped; nothing where a problem stands in the way. */
export function numbersFile(
  file: string,
  wanted: NumbersWanted,
  files: Files,
  notes: Notes,
): readonly number[] | undefined {
  const { path, expected, accepts } = wanted;
  const text = files[file];
  if (text === undefined) {
    problem(notes, path, `the file "${file}" was not given`, "its text is needed: see requiredFiles");
    return undefined;
  }
  const values: number[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const word = line.trim();
    if (word === "") continue;
    const value = Number(word);
    if (Number.isNaN(value) || !accepts(value)) {
      problem(notes, path, `line ${index + 1} of "${file}" is "${word.slice(0, 40)}"`, `expected ${expected}`);
      return undefined;
    }
    values.push(value);
  }
  if (values.length > 0) return values;
  problem(notes, path, `"${file}" is empty`, `expected ${expected}`);
  return undefined;
}
