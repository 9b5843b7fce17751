/**
 * Words to fields: variables replaced, unquoted values split at blanks. What is never set, or would have to be run to be
 * known, stays visible as a fragment that says so; who reads it decides whether that matters.
 */

import { evaluate } from "./arithmetic.ts";
import type { Part, Variable, Word } from "./syntax.ts";

/** Text with the line it was written on, and the name of what is missing where there is none. */
export interface Fragment {
  readonly text: string;
  readonly line: number;
  /** Name of the variable that is never set, or the command whose output is not known. */
  readonly missing?: string;
  /** Why a variable that is set is not known: `hangs on line 3, which is not run here`. */
  readonly why?: string;
}

/** One argument. */
export type Field = readonly Fragment[];

export interface Variables {
  readonly scalars: Map<string, Field>;
  readonly lists: Map<string, readonly Field[]>;
}

/** The text of a field as far as it is known: what is missing counts as empty, as it does in a shell. */
export function knownText(field: Field): string {
  return field.map(({ text, missing }) => (missing === undefined ? text : "")).join("");
}

/** The text of a field for people: what is missing as it was written. */
export function writtenText(field: Field): string {
  return field.map(({ text }) => text).join("");
}

/** Fields of a word. */
export function expand(word: Word, variables: Variables): readonly Field[] {
  const fields: Fragment[][] = [];
  let open: Fragment[] | undefined;
  const push = (fragment: Fragment): void => {
    if (open === undefined) {
      open = [];
      fields.push(open);
    }
    open.push(fragment);
  };
  for (const part of word) {
    const values = valuesOf(part, variables);
    const listed = part.kind === "variable" && part.element === "all";
    values.forEach((value, index) => {
      if (index > 0) open = undefined;
      if (part.quoted === "quoted") {
        if (listed && value.length === 0) return;
        if (value.length === 0) push({ text: "", line: part.line });
        for (const fragment of value) push(fragment);
        return;
      }
      if (part.kind === "text") {
        for (const fragment of value) push(fragment);
        return;
      }
      for (const fragment of value) {
        if (fragment.missing !== undefined) {
          push(fragment);
          continue;
        }
        const pieces = fragment.text.split(/\s+/);
        pieces.forEach((text, place) => {
          if (place > 0) open = undefined;
          if (text !== "") push({ text, line: fragment.line });
        });
      }
    });
  }
  return fields;
}

/** A word as one field, whatever blanks its values have: the right side of an assignment. */
export function expandWhole(word: Word, variables: Variables): Field {
  return word.flatMap((part) => {
    const values = valuesOf(part, variables);
    return values.flatMap((value, index) => (index === 0 ? value : [{ text: " ", line: part.line }, ...value]));
  });
}

/** Pieces of a field between blanks, each with its line. */
export function splitField(field: Field): readonly Field[] {
  const pieces: Fragment[][] = [];
  let open: Fragment[] | undefined;
  for (const fragment of field) {
    const texts = fragment.missing === undefined ? fragment.text.split(/\s+/) : [fragment.text];
    texts.forEach((text, index) => {
      if (index > 0) open = undefined;
      if (text === "") return;
      if (open === undefined) {
        open = [];
        pieces.push(open);
      }
      open.push({ ...fragment, text });
    });
  }
  return pieces;
}

function valuesOf(part: Part, variables: Variables): readonly Field[] {
  const { line } = part;
  switch (part.kind) {
    case "text":
      return [[{ text: part.text, line }]];
    case "output":
      return [[{ text: part.text, line, missing: part.text }]];
    case "arithmetic":
      return [arithmetic(part.expression, line, variables)];
    case "variable":
      return variableValues(part, variables);
  }
}

function arithmetic(expression: Word, line: number, variables: Variables): Field {
  const field = expandWhole(expression, variables);
  let missing = field.find(isMissing);
  // Names count as variables here even without a dollar.
  const text = knownText(field).replace(/[A-Za-z_]\w*/g, (name) => {
    const value = variables.scalars.get(name);
    missing ??= value === undefined ? { text: name, line, missing: name } : value.find(isMissing);
    return value === undefined ? "" : knownText(value);
  });
  const value = missing === undefined ? evaluate(text) : undefined;
  const written = `$((${writtenText(field)}))`;
  if (value !== undefined) return [{ text: String(value), line }];
  return [missing === undefined ? { text: written, line, missing: written } : { ...missing, text: written, line }];
}

function variableValues(part: Variable, variables: Variables): readonly Field[] {
  const { name, line, operator, operand } = part;
  const found = lookUp(part, variables);
  if (part.count === "yes") return [[{ text: String(found?.length ?? 0), line }]];
  const unset = found === undefined;
  const empty = unset || found.every((field) => knownText(field) === "" && !field.some(isUnknown));
  const absent = operator?.startsWith(":") ? empty : unset;
  const missing: Field = [{ text: `$${name}`, line, missing: name }];
  switch (operator?.replace(":", "")) {
    case "-":
    case "=": {
      if (!absent) return found ?? [];
      const value = expandWhole(operand ?? [], variables);
      if (operator?.endsWith("=")) variables.scalars.set(name, value);
      return [value];
    }
    case "+":
      return absent ? [[]] : [expandWhole(operand ?? [], variables)];
    case undefined:
    case "?":
      if (found !== undefined) return found;
      // No arguments are given where a script is read; lists that were never filled are empty.
      return part.element === "all" ? [] : [missing];
    default:
      return [[{ text: `\${${name}${operator}}`, line, missing: name }]];
  }
}

/** What a shell would take for set but we do not know. An unset variable copied into another is empty, not unknown. */
export function isUnknown({ missing, why }: Fragment): boolean {
  return why !== undefined || (missing !== undefined && !/^\w+$/.test(missing));
}

function isMissing({ missing }: Fragment): boolean {
  return missing !== undefined;
}

function lookUp({ name, element }: Variable, variables: Variables): readonly Field[] | undefined {
  const list = variables.lists.get(name);
  const scalar = variables.scalars.get(name);
  if (element === "all") return list ?? (scalar === undefined ? undefined : [scalar]);
  if (list !== undefined) {
    const field = list[element ?? 0];
    return field === undefined ? undefined : [field];
  }
  return scalar === undefined ? undefined : [scalar];
}
