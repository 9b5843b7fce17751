/** Both ends of a range as numbers in one unit: of `vary`, and of inputs that are only known to lie between two values. */

import { type Dimension, dimensions, parseCount, parseQuantity } from "../../base/quantity.ts";
import type { Written } from "./study.ts";

export interface Ends {
  readonly from: number;
  readonly to: number;
  /** As it is written behind a number; empty for counts and bare ratios. */
  readonly unit: string;
}

/** Both ends in the unit of the first, or why they are no range. */
export function endsOf(from: Written, to: Written): Ends | { readonly message: string; readonly hint?: string } {
  if (typeof from === "number" && typeof to === "number") return { from, to, unit: "" };
  const [least, most] = [parseCount(from), parseCount(to)];
  if (least.ok && most.ok) return { from: least.value, to: most.value, unit: "" };
  const [low, high] = [numberOf(from), numberOf(to)];
  if (low === undefined) return { message: `"${from}" is no number with a unit` };
  if (high === undefined) return { message: `"${to}" is no number with a unit` };
  if (low.dimension !== high.dimension) {
    const [one, other] = [low, high].map(({ dimension }) => dimensions[dimension].noun);
    return { message: `from is ${one}, to is ${other}`, hint: "both ends measure the same" };
  }
  return {
    from: low.number,
    to: low.unit === high.unit ? high.number : (high.value / low.value) * low.number,
    unit: low.unit,
  };
}

interface Measured {
  readonly number: number;
  readonly unit: string;
  readonly value: number;
  readonly dimension: Dimension;
}

function numberOf(written: Written): Measured | undefined {
  const parts = /^([\d.]+(?:e[+-]?\d+)?)\s*(.*)$/i.exec(String(written).trim());
  if (parts === null) return undefined;
  for (const dimension of Object.keys(dimensions) as Dimension[]) {
    const parsed = parseQuantity(written, dimension);
    if (parsed.ok) return { number: Number(parts[1]), unit: parts[2] ?? "", value: parsed.value, dimension };
  }
  return undefined;
}

/** A number as people write it: six digits, with the unit of the range. */
export function writtenWith(number: number, unit: string): Written {
  const short = Number(number.toPrecision(6));
  return unit === "" ? short : `${short} ${unit}`;
}
