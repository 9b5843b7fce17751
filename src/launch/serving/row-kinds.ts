/** Rows of engines that training programs have no need for: shares of memory, lengths with a suffix, lists of sizes. */

import type { Row } from "../rows.ts";
import { complain, countOf, numberOf, realOf, type Setting, type Sheet, wordsOf } from "../sheet.ts";

/** A share of a whole, at most 1 and above 0 unless that means something. */
export function shareRow(key: string, names: readonly string[], zero: "refused" | "read" = "refused"): Row {
  return {
    key,
    names,
    read: (sheet, setting) => {
      const share = realOf(sheet, setting);
      if (share === undefined || (share > 0 && share <= 1) || (share === 0 && zero === "read")) return share;
      const least = zero === "read" ? "from 0 to 1" : "above 0 and at most 1";
      complain(sheet, setting, `found "${setting.text}", expected a share ${least}`);
      return undefined;
    },
    write: (value) => (typeof value === "number" ? value : undefined),
  };
}

/** Iterations, or none. */
export function iterationsRow(key: string, names: readonly string[]): Row {
  return {
    key,
    names,
    read: (sheet, setting) => countOf(sheet, setting, 0),
    write: (value) => (typeof value === "number" ? value : undefined),
  };
}

/** Factors of `32k`, `32K`: vLLM reads small letters as powers of ten, capitals as powers of two. @source vllm-engine */
const suffixes: Readonly<Record<string, number>> = { k: 1000, m: 1_000_000, K: 2 ** 10, M: 2 ** 20 };

/** Tokens; what is not above 0 leaves them to the engine. */
export function tokensRow(key: string, names: readonly string[]): Row {
  return {
    key,
    names,
    read: tokensOf,
    write: (value) => (typeof value === "number" ? value : undefined),
  };
}

function tokensOf(sheet: Sheet, setting: Setting): number | undefined {
  const [, digits, suffix = ""] = /^(\d+(?:\.\d+)?)([kKmM])$/.exec(setting.text) ?? [];
  if (digits !== undefined) return Math.round(Number(digits) * (suffixes[suffix] ?? 1));
  const number = numberOf(setting.value);
  return number !== undefined && number <= 0 ? undefined : countOf(sheet, setting);
}

/** Several counts, in order. One alone is the largest where `largest` says what an engine makes of it. */
export function sizesRow(key: string, names: readonly string[], largest?: (most: number) => readonly number[]): Row {
  return {
    key,
    names,
    read: (sheet, setting) => {
      const sizes = wordsOf(setting).map(Number);
      const [only] = sizes;
      if (
        setting.missing === undefined &&
        sizes.length > 0 &&
        sizes.every((size) => Number.isInteger(size) && size > 0)
      )
        return sizes.length === 1 && only !== undefined && largest !== undefined ? [...largest(only)] : sizes;
      if (setting.missing !== undefined) countOf(sheet, setting);
      else complain(sheet, setting, `found "${setting.text}", expected whole numbers`);
      return undefined;
    },
    write: (value) => (largest === undefined && Array.isArray(value) && value.length > 0 ? value.join(" ") : undefined),
  };
}

/** The largest captured batch alone. */
export function largestRow(key: string, names: readonly string[], sizes: (most: number) => readonly number[]): Row {
  return {
    key,
    names,
    read: (sheet, setting) => {
      const most = countOf(sheet, setting);
      return most === undefined ? undefined : [...sizes(most)];
    },
    write: () => undefined,
  };
}

/** A switch that is on where one name is given, off where the other is. */
export function pairRows(
  key: string,
  names: { readonly on: readonly string[]; readonly off: readonly string[] },
  flag: (key: string, names: readonly string[]) => Row,
  refusal: (key: string, names: readonly string[]) => Row,
): readonly Row[] {
  return [
    ...(names.on.length === 0 ? [] : [flag(key, names.on)]),
    ...(names.off.length === 0 ? [] : [refusal(key, names.off)]),
  ];
}
