/**
 * Values of one varied field. A list is taken as it is. A range with `count`, `step` or `factor`, by doublings or decades, is
 * a list as well; without any of them it is continuous, and only a sampled study can draw from it.
 */

import { exp, log } from "../../base/math.ts";
import { type Ends, endsOf, type RangeText, type Written, writtenWith } from "../../scenario/index.ts";

/** A range that is drawn from. */
export interface Continuous {
  readonly from: number;
  readonly to: number;
  readonly unit: string;
  readonly spacing: "even" | "ratio";
}

export type Values =
  | { readonly levels: readonly unknown[] }
  | { readonly continuous: Continuous }
  | { readonly message: string; readonly hint?: string };

const levelsMost = 100_000;
/** A stop this near beyond the end is the end: rounding, not a further value. */
const slack = 1e-9;

export function valuesOf(text: readonly unknown[] | RangeText, whole: "whole" | "any"): Values {
  if (Array.isArray(text)) return listOf(text);
  const range = text as RangeText;
  const ends = endsOf(range.from, range.to);
  if ("message" in ends) return ends;
  const { from, to, unit } = ends;
  const { scale = "linear" } = range;
  if (from > to)
    return { message: `the range is empty: from ${range.from} is more than to ${range.to}`, hint: "swap them" };
  if (scale !== "linear" && !(from > 0))
    return { message: `scale ${scale} needs a range above 0`, hint: "or scale: linear" };
  const wrong = spacingProblem(range);
  if (wrong !== undefined) return wrong;
  const numbers = stops(range, ends, whole);
  if (numbers === undefined) return { continuous: { from, to, unit, spacing: scale === "linear" ? "even" : "ratio" } };
  if ("message" in numbers) return numbers;
  return {
    levels: unique(numbers.stops.map((number) => writtenWith(whole === "whole" ? Math.round(number) : number, unit))),
  };
}

function listOf(list: readonly unknown[]): Values {
  return list.length === 0
    ? { message: "the list has no values", hint: "a study needs at least one" }
    : { levels: list };
}

function spacingProblem({
  scale = "linear",
  step,
  factor,
  count,
}: RangeText): { readonly message: string; readonly hint: string } | undefined {
  const given = [step, factor, count].filter((each) => each !== undefined).length;
  if (given > 1) return { message: "a range has one of count, step and factor", hint: "remove the others" };
  if (scale !== "linear" && step !== undefined) {
    return { message: `a step belongs to scale linear, not ${scale}`, hint: "write factor or count" };
  }
  return undefined;
}

/** Where the range stops; undefined where it is continuous. */
function stops(
  { scale = "linear", step, factor, count }: RangeText,
  { from, to, unit }: Ends,
  whole: "whole" | "any",
): { readonly stops: readonly number[] } | { readonly message: string; readonly hint?: string } | undefined {
  if (count !== undefined) {
    const share = (index: number): number => index / (count - 1);
    return {
      stops: Array.from({ length: count }, (_, index) =>
        scale === "linear" ? from + (to - from) * share(index) : from * exp(log(to / from) * share(index)),
      ),
    };
  }
  const times = factor ?? (scale === "log2" ? 2 : scale === "log10" ? 10 : undefined);
  if (times !== undefined) return counted(from, to, (value) => value * times);
  const size = step === undefined ? undefined : endsOf(unit === "" ? 1 : `1 ${unit}`, step);
  if (size !== undefined && "message" in size)
    return { message: `the step "${step}" does not measure what the ends do` };
  if (size !== undefined && !(size.to > 0)) return { message: "the step is 0", hint: "write a larger one" };
  if (size !== undefined) return counted(from, to, (_, index) => from + index * size.to);
  return whole === "whole" && scale === "linear" ? counted(from, to, (_, index) => from + index) : undefined;
}

function counted(
  from: number,
  to: number,
  next: (value: number, index: number) => number,
): { readonly stops: readonly number[] } | { readonly message: string; readonly hint: string } {
  const found: number[] = [];
  for (let value = from; value <= to * (1 + slack); value = next(value, found.length)) {
    found.push(value);
    if (found.length > levelsMost) {
      return { message: `the range has more than ${levelsMost} values`, hint: "write count, or a larger step" };
    }
    if (value === 0 && next(value, found.length) === 0) {
      return { message: "a range of factors cannot begin at 0", hint: "begin above 0" };
    }
  }
  return { stops: found };
}

function unique(values: readonly Written[]): readonly Written[] {
  return [...new Set(values)];
}
