/**
 * Units of measure as text: `Gbit/s`, `GiB`, `k tokens/s`, `$/kWh`. What each measures, and its factor to SI.
 * Case decides: `B` is byte, `bit` bit, `G` 10^9, `Gi` 2^30. `Gbps` is read as Gbit/s; `Gb` is refused as ambiguous.
 */

import { suggestion } from "./suggestion.ts";

/** What a unit measures. `count` is a bare number, with or without a word such as `tokens`. */
export type Measure =
  | "bytes"
  | "bytesPerSecond"
  | "seconds"
  | "flop"
  | "flopPerSecond"
  | "watts"
  | "joules"
  | "dollars"
  | "dollarsPerSecond"
  | "dollarsPerJoule"
  | "dollarsPerWatt"
  | "perSecond"
  | "ratio"
  | "count";

/** SI value = number x 10^exponent x factor / divisor; the exponent is kept apart so that decimals stay exact. */
export interface Unit {
  readonly measure: Measure;
  readonly exponent: number;
  readonly factor: number;
  readonly divisor: number;
  /** No unit at all, or nothing but a prefix: `80`, `80G`. */
  readonly written: "nothing" | "prefix" | "unit";
}

export interface UnitError {
  readonly message: string;
  /** What to write instead, for the number that stood before the unit. */
  readonly hint?: (number: string) => string;
}

/** Read the text after a number. White space inside does not matter; empty text is a bare number. */
export function readUnit(written: string): Unit | UnitError {
  const text = written
    .replace(/\s+/g, "")
    .replace(/([Bb])ps$/, (_all, letter) => (letter === "B" ? "B/s" : "bit/s"))
    .replace(/FLOPS$/, "FLOP/s");
  const [top = "", bottom, ...rest] = text.split("/");
  const numerator = readPart(top);
  if (numerator === undefined || rest.length > 0) return unknownUnit(written.trim(), top);
  if (bottom === undefined) {
    const { symbol, ...unit } = numerator;
    return { ...unit, divisor: 1, written: top === "" ? "nothing" : symbol === "" ? "prefix" : "unit" };
  }
  const denominator = readPart(bottom);
  if (denominator === undefined) return unknownUnit(written.trim(), bottom);
  const measure = quotients.get(`${numerator.measure}/${denominator.measure}`);
  if (measure === undefined || bottom === "") return { message: "is not a unit that has a meaning here" };
  return {
    measure,
    exponent: numerator.exponent - denominator.exponent,
    factor: numerator.factor,
    divisor: denominator.factor,
    written: "unit",
  };
}

/** One side of a fraction. */
interface Part {
  readonly symbol: string;
  readonly measure: Measure;
  readonly exponent: number;
  readonly factor: number;
}

interface UnitSymbol {
  readonly measure: Measure;
  readonly factor: number;
  readonly exponent?: number;
  readonly prefixes: "none" | "small" | "large" | "binary" | "money";
}

const quotients: ReadonlyMap<string, Measure> = new Map([
  ["bytes/seconds", "bytesPerSecond"],
  ["flop/seconds", "flopPerSecond"],
  ["dollars/seconds", "dollarsPerSecond"],
  ["dollars/joules", "dollarsPerJoule"],
  ["dollars/watts", "dollarsPerWatt"],
  ["count/seconds", "perSecond"],
]);

/** Powers of ten of the prefixes a unit may take. */
const prefixSets: Readonly<Record<UnitSymbol["prefixes"], ReadonlyMap<string, number>>> = {
  none: new Map(),
  small: new Map([
    ["n", -9],
    ["u", -6],
    ["µ", -6],
    ["μ", -6],
    ["m", -3],
  ]),
  large: large(),
  binary: large(),
  money: new Map([
    ["k", 3],
    ["M", 6],
    ["B", 9],
    ["bn", 9],
  ]),
};

const binaryPrefixes: ReadonlyMap<string, number> = new Map([
  ["Ki", 1024],
  ["Mi", 1024 ** 2],
  ["Gi", 1024 ** 3],
  ["Ti", 1024 ** 4],
  ["Pi", 1024 ** 5],
  ["Ei", 1024 ** 6],
]);

const symbols: ReadonlyMap<string, UnitSymbol> = symbolTable();

const commonUnits: readonly string[] = [
  ...["B", "B/s", "bit", "bit/s"].flatMap((unit) => ["k", "M", "G", "T", "P"].map((prefix) => prefix + unit)),
  ...["B", "B/s"].flatMap((unit) => ["Ki", "Mi", "Gi", "Ti", "Pi"].map((prefix) => prefix + unit)),
  ...["ns", "us", "ms", "min", "hours", "days", "weeks", "years"],
  ...["FLOP", "FLOP/s"].flatMap((unit) => ["G", "T", "P", "E"].map((prefix) => prefix + unit)),
  ...["kW", "MW", "GW", "kJ", "MJ", "Wh", "kWh", "MWh", "GWh", "USD", "USD/h", "$/h", "$/kWh", "$/kW", "M$", "k$"],
  ...["tokens/s", "requests/s", "tokens", "/s", "/min", "/h"],
];

function symbolTable(): Map<string, UnitSymbol> {
  const table = new Map<string, UnitSymbol>();
  const add = (names: string, symbol: UnitSymbol): void => {
    for (const name of names.split(" ")) table.set(name, symbol);
  };
  add("B byte bytes Byte Bytes", { measure: "bytes", factor: 1, prefixes: "binary" });
  add("bit bits", { measure: "bytes", factor: 1 / 8, prefixes: "binary" });
  add("s sec second seconds", { measure: "seconds", factor: 1, prefixes: "small" });
  add("min minute minutes", { measure: "seconds", factor: 60, prefixes: "none" });
  add("h hr hour hours", { measure: "seconds", factor: 3600, prefixes: "none" });
  add("kh", { measure: "seconds", factor: 3.6e6, prefixes: "none" });
  add("d day days", { measure: "seconds", factor: 86400, prefixes: "none" });
  add("week weeks", { measure: "seconds", factor: 7 * 86400, prefixes: "none" });
  add("year years", { measure: "seconds", factor: 365 * 86400, prefixes: "none" });
  add("FLOP FLOPs flop flops", { measure: "flop", factor: 1, prefixes: "large" });
  add("W", { measure: "watts", factor: 1, prefixes: "large" });
  add("J", { measure: "joules", factor: 1, prefixes: "large" });
  add("Wh", { measure: "joules", factor: 3600, prefixes: "large" });
  add("$ USD", { measure: "dollars", factor: 1, prefixes: "money" });
  add("%", { measure: "ratio", factor: 1, exponent: -2, prefixes: "none" });
  add("x", { measure: "ratio", factor: 1, prefixes: "none" });
  add("Hz", { measure: "perSecond", factor: 1, prefixes: "large" });
  const words = "token sequence request sample step event job user iteration image layer node accelerator";
  for (const word of words.split(" ")) add(`${word} ${word}s`, { measure: "count", factor: 1, prefixes: "binary" });
  table.set("", { measure: "count", factor: 1, prefixes: "binary" });
  return table;
}

/** A symbol with at most one prefix; the whole text as a symbol comes first, so that `min` is minutes. */
function readPart(text: string): Part | undefined {
  for (const length of [0, 1, 2]) {
    const prefix = text.slice(0, length);
    const name = text.slice(length);
    const symbol = prefix.length === length ? symbols.get(name) : undefined;
    if (symbol === undefined) continue;
    const base = { symbol: name, measure: symbol.measure };
    if (length === 0) return { ...base, exponent: symbol.exponent ?? 0, factor: symbol.factor };
    const exponent = prefixSets[symbol.prefixes].get(prefix);
    if (exponent !== undefined) return { ...base, exponent, factor: symbol.factor };
    const binary = symbol.prefixes === "binary" ? binaryPrefixes.get(prefix) : undefined;
    if (binary !== undefined) return { ...base, exponent: 0, factor: symbol.factor * binary };
  }
  return undefined;
}

function unknownUnit(written: string, part: string): UnitError {
  const bits = /^([kMGTPE]i?)?b$/.exec(part);
  if (bits !== null) {
    const prefix = bits[1] ?? "";
    const after = written.includes("/") ? written.slice(written.indexOf("/")) : "";
    return {
      message: "could be bits or bytes",
      hint: (number) => `write "${number} ${prefix}bit${after}" or "${number} ${prefix}B${after}"`,
    };
  }
  if (part === "m")
    return { message: 'has an unknown unit "m"', hint: (n) => `write "${n} ms", "${n} min" or "${n}M"` };
  if (part === "K")
    return { message: 'has an unknown prefix "K"', hint: (n) => `write "${n}k" (1000) or "${n}Ki" (1024)` };
  const near = suggestion(written.replace(/\s+/g, ""), commonUnits);
  const message = `has an unknown unit "${written}"`;
  return near === undefined ? { message } : { message, hint: (number) => `did you mean "${number} ${near}"?` };
}

function large(): Map<string, number> {
  return new Map(["k", "M", "G", "T", "P", "E", "Z", "Y"].map((prefix, index) => [prefix, 3 * (index + 1)]));
}
