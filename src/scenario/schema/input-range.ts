/**
 * Inputs that are only known to lie between two values: `30..60 kh` wherever a quantity, a count or a ratio may stand. The
 * scenario is read with the middle of each; whoever wants the spread draws from the ranges.
 */

import type { Problem } from "../../base/problem.ts";
import { type Ends, endsOf, writtenWith } from "./range-ends.ts";
import { pathText } from "./source.ts";
import { studyKeys, type Written } from "./study.ts";

/** One input with its ends, in the unit in which it is written. */
export interface InputRange extends Ends {
  readonly path: string;
  readonly keys: readonly (string | number)[];
  /** The whole text. */
  readonly text: string;
  /** Fields that take whole numbers alone are drawn as such. */
  readonly whole: "whole" | "any";
}

/** What a scenario leaves open. */
export interface UncertainInputs {
  /** The scenario as it was written, ranges and all. */
  readonly written: unknown;
  readonly ranges: readonly InputRange[];
}

export interface Middled {
  /** The value with each range replaced by its middle. */
  readonly value: unknown;
  readonly ranges: readonly InputRange[];
  readonly problems: readonly Problem[];
}

const number = "(\\d[\\d_,]*(?:\\.\\d+)?(?:e[+-]?\\d+)?)";
const rangeText = new RegExp(
  `^\\s*${number}\\s*([^\\d\\s.][^.]*?)?\\s*\\.\\.\\s*${number}\\s*([^\\d\\s.][^.]*?)?\\s*$`,
  "i",
);

/** Longer texts are no ranges. */
const longest = 80;

/** Keys that hold no inputs. */
const without: readonly unknown[] = ["name", ...studyKeys];

/**
 * The scenario with the middle of each range in its place. What has no ranges comes back as it is. `wholeAt` says whether
 * a field takes whole numbers alone, and is asked of bare whole ends.
 */
export function middled(written: unknown, wholeAt: (range: InputRange) => "whole" | "any"): Middled {
  const ranges: InputRange[] = [];
  const problems: Problem[] = [];
  const visit = (value: unknown, keys: readonly (string | number)[]): unknown => {
    if (keys.length === 1 && without.includes(keys[0])) return value;
    if (typeof value === "string") {
      const found = rangeOf(value, keys);
      if (found === undefined) return value;
      if ("message" in found) {
        problems.push(found);
        return value;
      }
      const bare = found.unit === "" && Number.isInteger(found.from) && Number.isInteger(found.to);
      const range = bare ? { ...found, whole: wholeAt(found) } : found;
      ranges.push(range);
      return middleOf(range);
    }
    if (Array.isArray(value)) return value.map((each, index) => visit(each, [...keys, index]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, visit(each, [...keys, key])]));
  };
  const value = visit(written, []);
  return ranges.length === 0 && problems.length === 0
    ? { value: written, ranges, problems }
    : { value, ranges, problems };
}

/** The middle as it would be written. */
export function middleOf({ from, to, unit, whole }: InputRange): Written {
  const middle = (from + to) / 2;
  return writtenWith(whole === "whole" ? Math.round(middle) : middle, unit);
}

/** One end as it would be written. */
export function endOf({ unit, ...ends }: Ends, side: "from" | "to"): Written {
  return writtenWith(ends[side], unit);
}

/** The value with others at the places of these ranges. */
export function withInputs(
  value: unknown,
  ranges: readonly InputRange[],
  writtenOf: (range: InputRange, index: number) => unknown,
): unknown {
  return ranges.reduce((changed, range, index) => replaced(changed, range.keys, writtenOf(range, index)), value);
}

function replaced(value: unknown, [key, ...rest]: InputRange["keys"], written: unknown): unknown {
  if (key === undefined) return written;
  if (Array.isArray(value)) return value.map((each, index) => (index === key ? replaced(each, rest, written) : each));
  const section = value as Readonly<Record<string, unknown>>;
  return { ...section, [key]: replaced(section[key], rest, written) };
}

function rangeOf(text: string, keys: readonly (string | number)[]): InputRange | Problem | undefined {
  const parts = text.length > longest || !text.includes("..") ? null : rangeText.exec(text);
  if (parts === null) return undefined;
  const [, from = "", fromUnit = "", to = "", toUnit = ""] = parts;
  const path = pathText(keys);
  const ends = endsOf(
    writtenAs(from, fromUnit === "" ? toUnit : fromUnit),
    writtenAs(to, toUnit === "" ? fromUnit : toUnit),
  );
  if ("message" in ends) return { path, ...ends, message: `"${text}" is no range: ${ends.message}` };
  if (ends.from < ends.to) return { ...ends, path, keys, text: text.trim(), whole: "any" };
  return { path, message: `the range "${text}" is empty`, hint: "the smaller end comes first" };
}

function writtenAs(digits: string, unit: string): Written {
  const plain = digits.replace(/[_,]/g, "");
  return unit === "" ? Number(plain) : `${plain} ${unit}`;
}
