/**
 * Reads fields of an untrusted JSON object: every access names the field, checks the type and the range,
 * and records a problem instead of throwing. A reader goes on after a problem with a harmless value, so that
 * all problems of a file are found at once; what it built is thrown away then.
 */

import type { Problem } from "../../../base/problem.ts";

/** What reading one configuration collects. */
export interface Report {
  readonly problems: Problem[];
  readonly warnings: string[];
  readonly assumptions: string[];
  /** Paths of the fields that were looked at. */
  readonly read: Set<string>;
}

export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** Spellings of one field, the first is the usual one. */
export type Names = string | readonly string[];

export interface Fields {
  /** Dotted path of this object with a trailing dot, or nothing for the root. */
  readonly path: string;
  readonly report: Report;
  /** Whether nothing has gone wrong so far: relations between fields are checked only then. */
  sound(): boolean;
  /** Whether the key is written, be it as null. */
  written(name: string): boolean;
  /** The raw value; undefined where absent, null or an empty list. */
  value(names: Names): unknown;
  /** A whole number; without a fallback a missing one is not derivable. */
  integer(names: Names, fallback?: number, bounds?: Bounds): number;
  /** A whole number or null where absent. */
  integerOrNull(names: Names, bounds?: Bounds): number | null;
  /** Any finite number. */
  number(names: Names, fallback?: number, bounds?: Bounds): number;
  flag(names: Names, fallback: "yes" | "no"): boolean;
  /** Text out of a list of known words. */
  word<Word extends string>(names: Names, words: readonly Word[], fallback?: Word): Word;
  /** Free text, or null where absent. */
  text(names: Names): string | null;
  /** One entry for each of `count` layers; entries beyond belong to draft modules. Null where absent. */
  perLayer<Entry>(names: Names, count: number, read: (value: unknown, path: string) => Entry): Entry[] | null;
  /** Whole numbers, or null where absent. */
  integers(names: Names): number[] | null;
  section(name: string): Fields | null;
  problem(name: string, message: string, hint?: string): void;
  warn(message: string): void;
  assume(message: string): void;
}

/** Largest size that one field may have: 2^31, far above any model and small enough to multiply twice. */
const sizeMax: number = 2 ** 31;

/** A plain object, not a list and not null. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a value looks like in a message, at most 40 characters. */
export function shown(value: unknown): string {
  if (typeof value === "string") return `text "${value.length > 32 ? `${value.slice(0, 32)}…` : value}"`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isRecord(value)) return "an object";
  return String(value);
}

export function newReport(): Report {
  return { problems: [], warnings: [], assumptions: [], read: new Set() };
}

/** The message for a field that nothing can stand in for. */
export function notDerivable(field: string): string {
  return `not derivable: field ${field} unknown`;
}

/** One object of the configuration and where it stands. */
interface Place {
  readonly record: Readonly<Record<string, unknown>>;
  readonly path: string;
  readonly report: Report;
}

/** Access to one object of the configuration. */
export function fieldsOf(record: Readonly<Record<string, unknown>>, path: string, report: Report): Fields {
  const place: Place = { record, path, report };
  return {
    path,
    report,
    sound: () => report.problems.length === 0,
    written: (name) => {
      report.read.add(path + name);
      return Object.hasOwn(record, name) && record[name] !== undefined;
    },
    value: (names) => find(place, names).value,
    integer: (names, fallback, bounds = {}) => readNumber(place, names, { kind: "whole", fallback, bounds }),
    integerOrNull: (names, bounds = {}) => {
      const absent = find(place, names).value === undefined;
      return absent ? null : readNumber(place, names, { kind: "whole", fallback: undefined, bounds });
    },
    number: (names, fallback, bounds = {}) => readNumber(place, names, { kind: "any", fallback, bounds }),
    flag: (names, fallback) => {
      const { name, value } = find(place, names);
      if (value === undefined) return fallback === "yes";
      if (typeof value === "boolean") return value;
      complain(place, name, `expected true or false, found ${shown(value)}`);
      return fallback === "yes";
    },
    word: (names, words, fallback) => readWord(place, names, words, fallback),
    text: (names) => {
      const { name, value } = find(place, names);
      if (value === undefined) return null;
      if (typeof value === "string") return value;
      complain(place, name, `expected text, found ${shown(value)}`);
      return null;
    },
    perLayer: (names, count, read) => readPerLayer(place, names, count, read),
    integers: (names) => {
      const { name, value } = find(place, names);
      if (value === undefined) return null;
      if (Array.isArray(value) && value.every((entry): entry is number => Number.isSafeInteger(entry))) return value;
      complain(place, name, `expected a list of whole numbers, found ${shown(value)}`);
      return null;
    },
    section: (name) => {
      const { value } = find(place, name);
      if (value === undefined) return null;
      if (isRecord(value)) return fieldsOf(value, `${path}${name}.`, report);
      complain(place, name, `expected an object, found ${shown(value)}`);
      return null;
    },
    problem: (name, message, hint) => complain(place, name, message, hint),
    warn: (message) => void report.warnings.push(message),
    assume: (message) => void report.assumptions.push(message),
  };
}

/** The first spelling that is there, and its value; undefined where absent, null or an empty list. */
function find(place: Place, names: Names): { readonly name: string; readonly value: unknown } {
  const list = typeof names === "string" ? [names] : names;
  for (const name of list) place.report.read.add(place.path + name);
  for (const name of list) {
    const value = Object.hasOwn(place.record, name) ? place.record[name] : undefined;
    if (value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)) return { name, value };
  }
  return { name: list[0] ?? "", value: undefined };
}

function complain(place: Place, name: string, message: string, hint?: string): void {
  place.report.problems.push({ path: place.path + name, message, ...(hint === undefined ? {} : { hint }) });
}

function complainMissing(place: Place, names: Names): void {
  const [name = "", ...others] = typeof names === "string" ? [names] : names;
  complain(place, name, notDerivable(name), others.length > 0 ? `also read: ${others.join(", ")}` : undefined);
}

function readNumber(
  place: Place,
  names: Names,
  wanted: { readonly kind: "whole" | "any"; readonly fallback: number | undefined; readonly bounds: Bounds },
): number {
  const { kind, fallback, bounds } = wanted;
  const { name, value } = find(place, names);
  if (value === undefined) {
    if (fallback === undefined) complainMissing(place, names);
    return fallback ?? 1;
  }
  const min = bounds.min ?? (kind === "whole" ? 1 : 0);
  const max = bounds.max ?? sizeMax;
  const good = typeof value === "number" && (kind === "whole" ? Number.isSafeInteger(value) : Number.isFinite(value));
  if (good && value >= min && value <= max) return value;
  const what = kind === "whole" ? "whole number" : "number";
  complain(place, name, `expected a ${what} from ${min} to ${max}, found ${shown(value)}`);
  return Math.max(1, min);
}

function readWord<Word extends string>(place: Place, names: Names, words: readonly Word[], fallback?: Word): Word {
  const { name, value } = find(place, names);
  const first = fallback ?? (words[0] as Word);
  if (value === undefined) {
    if (fallback === undefined) complainMissing(place, names);
    return first;
  }
  const found = words.find((word) => word === value);
  if (found === undefined) {
    complain(place, name, `not derivable: ${shown(value)} unknown`, `known: ${words.join(", ")}`);
  }
  return found ?? first;
}

function readPerLayer<Entry>(
  place: Place,
  names: Names,
  count: number,
  read: (value: unknown, path: string) => Entry,
): Entry[] | null {
  const { name, value } = find(place, names);
  if (value === undefined) return null;
  if (!Array.isArray(value)) {
    complain(place, name, `expected a list with one entry a layer, found ${shown(value)}`);
    return null;
  }
  if (value.length < count) {
    const hint = "a list by layer may be longer, never shorter";
    complain(place, name, `has ${value.length} entries for ${count} layers`, hint);
    return null;
  }
  return value.slice(0, count).map((entry, index) => read(entry, `${name}[${index}]`));
}

/** Reads list entries out of known words; an unknown one is not derivable. */
export function wordEntry<Word extends string>(
  fields: Fields,
  words: readonly Word[],
): (value: unknown, path: string) => Word {
  return (value, path) => {
    const found = words.find((word) => word === value);
    if (found === undefined) {
      fields.problem(path, `not derivable: ${shown(value)} unknown`, `known: ${words.join(", ")}`);
    }
    return found ?? (words[0] as Word);
  };
}

/** Reads list entries out of known numbers; an unknown one is not derivable. */
export function numberEntry<Value extends number>(
  fields: Fields,
  values: readonly Value[],
): (value: unknown, path: string) => Value {
  return (value, path) => {
    const found = values.find((known) => known === value);
    if (found === undefined) {
      const field = path.replace(/\[.*/, "");
      fields.problem(path, `${notDerivable(field)}: ${shown(value)}`, `known: ${values.join(", ")}`);
    }
    return found ?? (values[0] as Value);
  };
}

/** 0, 1, … count - 1. */
export function rangeOf(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
