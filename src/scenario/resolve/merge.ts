/** Deep replacement of fields, for inline objects that extend a catalog entry. */

import { isObject } from "../schema/structure.ts";
import { type Notes, problem } from "./notes.ts";

/** `base` with the fields of `change` in place of its own; objects are merged, lists and values replaced. */
export function merged(base: object, change: object): object {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) continue;
    const before = result[key];
    result[key] = isObject(value) && isObject(before) ? merged(before, value) : value;
  }
  return result;
}

/** Reports each dotted field that an object lacks; true where one is missing. */
export function missingFields(value: object, fields: readonly string[], path: string, notes: Notes): boolean {
  const missing = fields.filter((field) => fieldOf(value, field) === undefined);
  for (const field of missing) {
    problem(
      notes,
      `${path}.${field}`,
      "missing; an inline object without extends needs it",
      "add it, or write extends: NAME",
    );
  }
  return missing.length > 0;
}

function fieldOf(value: object, field: string): unknown {
  let here: unknown = value;
  for (const key of field.split(".")) here = isObject(here) ? here[key] : undefined;
  return here;
}
