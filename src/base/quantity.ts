/**
 * Quantities: the units inside the product (SI, plain numbers) and their text outside.
 *
 * The types are phantom: a number flows in freely, a `Seconds` handed to a `Bytes` does not compile.
 * One unit per dimension, so names carry no unit suffix.
 */

import { type Measure, readUnit, type Unit } from "./unit.ts";

type Quantity<Unit extends string> = number & { readonly unit?: Unit };

/** Bytes. */
export type Bytes = Quantity<"B">;
/** Seconds. */
export type Seconds = Quantity<"s">;
/** Bytes per second, one direction. */
export type BytesPerSecond = Quantity<"B/s">;
/** Floating-point operations; a multiply-add counts two. */
export type Flop = Quantity<"flop">;
/** Floating-point operations per second. */
export type FlopPerSecond = Quantity<"flop/s">;
/** Watts. */
export type Watts = Quantity<"W">;
/** Joules. */
export type Joules = Quantity<"J">;
/** US dollars. */
export type Dollars = Quantity<"USD">;
/** Tokens (a count). */
export type Tokens = Quantity<"token">;
/** Tokens per second. */
export type TokensPerSecond = Quantity<"token/s">;
/** US dollars per second: a price of time, such as `2.5 $/h` of one accelerator. */
export type DollarsPerSecond = Quantity<"USD/s">;
/** US dollars per joule: a price of energy, such as `0.08 $/kWh`. */
export type DollarsPerJoule = Quantity<"USD/J">;
/** US dollars per watt: a price of power that is held ready, such as `184 $/kW` a month. */
export type DollarsPerWatt = Quantity<"USD/W">;
/** A count per second: requests, steps, failures. */
export type PerSecond = Quantity<"1/s">;

/** What a number measures, named as the type that carries it. */
export type Dimension = Measure;

export interface DimensionEntry {
  /** As it stands in a message: `a size`. */
  readonly noun: string;
  /** A number and units that show how it is written. */
  readonly example: string;
  readonly units: readonly string[];
  /** Beyond this nothing real exists; a larger number is a slip. */
  readonly most: number;
}

/** What each dimension is called and how it is written. */
export const dimensions: Readonly<Record<Dimension, DimensionEntry>> = Object.freeze({
  bytes: { noun: "a size", example: "80", units: [" GB", " GiB"], most: 1e24 },
  bytesPerSecond: { noun: "a bandwidth", example: "400", units: [" GB/s", " Gbit/s"], most: 1e24 },
  seconds: { noun: "a time", example: "5", units: [" us", " s", " h"], most: 1e12 },
  flop: { noun: "an amount of arithmetic", example: "3.8e25", units: [" FLOP"], most: 1e36 },
  flopPerSecond: { noun: "a compute rate", example: "989", units: [" TFLOP/s"], most: 1e30 },
  watts: { noun: "a power", example: "700", units: [" W", " kW"], most: 1e15 },
  joules: { noun: "an energy", example: "12", units: [" kWh", " J"], most: 1e24 },
  dollars: { noun: "an amount of money", example: "12", units: [" $", " M$"], most: 1e15 },
  dollarsPerSecond: { noun: "a price per time", example: "2.5", units: [" $/h"], most: 1e12 },
  dollarsPerJoule: { noun: "a price per energy", example: "0.08", units: [" $/kWh"], most: 1e6 },
  dollarsPerWatt: { noun: "a price per power", example: "184", units: [" $/kW"], most: 1e6 },
  perSecond: { noun: "a rate", example: "12", units: [" /s", " tokens/s"], most: 1e24 },
  ratio: { noun: "a ratio", example: "41", units: [" %"], most: 1e9 },
  count: { noun: "a count", example: "2", units: ["", "k"], most: Number.MAX_SAFE_INTEGER },
});

export type Parsed =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly message: string; readonly hint?: string };

/**
 * Read a value as people write it: `"400 Gbit/s"`, `"80 GiB"`, `"5 us"`, `"2.5 $/h"`, `"41 %"`, `"15.6T"`.
 *
 * Counts and ratios may be bare numbers; everything else needs a unit. Returns the SI value, or what is wrong and
 * what to try; never throws. Signed, non-finite and absurdly large values are refused.
 */
export function parseQuantity(found: unknown, dimension: Dimension): Parsed {
  if (typeof found === "number") return parseBare(found, dimension);
  const { noun } = dimensions[dimension];
  if (typeof found !== "string")
    return fail(`found ${found === null ? "nothing" : typeof found}, expected ${noun}`, show(dimension));
  const text = found.trim();
  const parts = numberAndUnit.exec(text);
  if (parts === null) return fail(`"${text}" is not a number, expected ${noun}`, show(dimension));
  const [, sign = "", dollar = "", digits = "", exponent = "0", rest = ""] = parts;
  const number = digits.replace(/[_,]/g, "");
  if (sign !== "") return fail(`"${text}" has a sign, expected ${noun} of 0 or more`, `write it without "${sign}"`);
  const written = dollar === "" ? rest.trim() : moneyUnit(rest);
  const unit = readUnit(written);
  if ("message" in unit) return fail(`"${text}" ${unit.message}, expected ${noun}`, unit.hint?.(number));
  if (unit.written !== "unit" && !takesBare(dimension, unit)) {
    return fail(`"${text}" has no unit, expected ${noun}`, show(dimension, number, written));
  }
  if (
    unit.measure !== dimension &&
    !(unit.measure === "count" && dimension === "ratio" && unit.written === "nothing")
  ) {
    const message = `"${text}" is ${dimensions[unit.measure].noun}, expected ${noun}`;
    return fail(message, meant(number, written, dimension) ?? show(dimension, number));
  }
  const value = (Number(`${number}e${Number(exponent) + unit.exponent}`) * unit.factor) / unit.divisor;
  return inRange(value, `"${text}"`, dimension);
}

/** A count: a bare whole number, or text with a prefix: `"15.6T"`, `"2k"`, `"128Ki"`. */
export function parseCount(found: unknown): Parsed {
  return parseQuantity(found, "count");
}

/** A ratio: a bare number (`0.41`), a percentage (`"41 %"`) or a factor (`"1.5x"`). */
export function parseRatio(found: unknown): Parsed {
  return parseQuantity(found, "ratio");
}

/**
 * Write an SI value for people, to three significant digits: `85.9 GB`, `400 GB/s`, `1.5 h`, `41.2 %`, `$1.23M`.
 * `system: "binary"` writes sizes and bandwidths in powers of 1024. What it writes, parseQuantity reads.
 */
export function formatQuantity(value: number, dimension: Dimension, system: "decimal" | "binary" = "decimal"): string {
  if (Number.isNaN(value)) throw new Error(`cannot write NaN as ${dimensions[dimension].noun}`);
  if (value === Number.POSITIVE_INFINITY) return "infinite";
  if (value < 0) return `-${formatQuantity(-value, dimension, system)}`;
  const binary = system === "binary";
  switch (dimension) {
    case "bytes":
      return prefixed(value, "B", binary ? binaryScale : decimalScale);
    case "bytesPerSecond":
      return prefixed(value, "B/s", binary ? binaryScale : decimalScale);
    case "seconds":
      return formatTime(value);
    case "flop":
      return value >= 1e21 ? `${powerOfTen(value)} FLOP` : prefixed(value, "FLOP", decimalScale);
    case "flopPerSecond":
      return prefixed(value, "FLOP/s", decimalScale);
    case "watts":
      return prefixed(value, "W", decimalScale);
    case "joules":
      return value >= KWH ? prefixed(value / 3600, "Wh", decimalScale) : prefixed(value, "J", decimalScale);
    case "dollars":
      return formatMoney(value);
    case "dollarsPerSecond":
      return `${formatMoney(value * 3600)}/h`;
    case "dollarsPerJoule":
      return `${formatMoney(value * KWH)}/kWh`;
    case "dollarsPerWatt":
      return `${formatMoney(value * 1000)}/kW`;
    case "perSecond":
      return `${formatCount(value)} /s`;
    case "ratio":
      return `${significant(value * 100)} %`;
    case "count":
      return formatCount(value);
  }
}

const KWH = 3.6e6;

/** Sign, dollar, digits (with `_` or `,` between groups), exponent, the rest. */
const numberAndUnit = /^([+-]?)\s*(\$?)\s*(\d[\d_]*(?:,\d{3})*(?:\.\d+)?|\.\d+)(?:[eE]([+-]?\d+))?\s*(.*)$/;

function parseBare(value: number, dimension: Dimension): Parsed {
  const { noun } = dimensions[dimension];
  if (!Number.isFinite(value)) return fail(`${value} is not a number, expected ${noun}`, show(dimension));
  if (value < 0) return fail(`${value} is negative, expected ${noun} of 0 or more`);
  if (dimension === "count" || dimension === "ratio") return inRange(value, `${value}`, dimension);
  return fail(`${value} has no unit, expected ${noun}`, show(dimension, `${value}`));
}

function inRange(value: number, written: string, dimension: Dimension): Parsed {
  const { noun, most } = dimensions[dimension];
  if (!(value <= most)) return fail(`${written} is too large to be real, expected ${noun}`);
  if (dimension === "count" && !Number.isInteger(value))
    return fail(`${written} is not a whole number, expected ${noun}`);
  return { ok: true, value };
}

/** `$3M/h` puts the dollar first; readUnit wants `M$/h`. */
function moneyUnit(rest: string): string {
  const [top = "", ...bottom] = rest.split("/");
  return [`${top.trim()}$`, ...bottom].join("/");
}

function takesBare(dimension: Dimension, unit: Unit): boolean {
  return dimension === "count" || (dimension === "ratio" && unit.written === "nothing");
}

/** How a value is written: with the number and the prefix that were found, else with an example that shows the form. */
function show(dimension: Dimension, number?: string, prefix = ""): string {
  if (dimension === "count") return 'write a whole number, e.g. 512, or text with a prefix, e.g. "15.6T"';
  const { example, units } = dimensions[dimension];
  const scaled = units.map((unit) => (/^[kMGTP]/.test(prefix) ? unit.replace(/^ [kMG](?=\w)/, ` ${prefix[0]}`) : unit));
  const forms = scaled.map((unit) => `"${number ?? example}${unit}"`);
  if (dimension === "ratio") forms.unshift("0.41");
  const last = forms.pop() as string;
  return `${number === undefined ? "e.g." : "write"} ${forms.length === 0 ? last : `${forms.join(", ")} or ${last}`}`;
}

/** The value that was most likely meant where the unit measures something else: `3.35 TB` as a bandwidth, `15 TB` tokens. */
function meant(number: string, unit: string, dimension: Dimension): string | undefined {
  if (dimension === "count") {
    if (unit === "B") return `write "${number}G" for billions (10^9)`;
    const prefix = /^([kMGTP]i?)(?![a-z])/.exec(unit)?.[1];
    return prefix === undefined ? undefined : `a count has no unit: write "${number}${prefix}"`;
  }
  const [top = "", bottom] = unit.replace("FLOPs", "FLOP").split("/");
  const near = bottom === undefined ? [/[$D]$/.test(top) ? `${top}/h` : `${top}/s`, `$/${top}`] : [top];
  const found = near.find((text) => {
    const read = readUnit(text);
    return !("message" in read) && read.measure === dimension;
  });
  return found === undefined ? undefined : `write "${number} ${found}"`;
}

function fail(message: string, hint?: string): Parsed {
  return hint === undefined ? { ok: false, message } : { ok: false, message, hint };
}

interface Scale {
  readonly step: number;
  readonly prefixes: readonly string[];
}

const decimalScale: Scale = { step: 1000, prefixes: ["", "k", "M", "G", "T", "P", "E", "Z", "Y"] };
const binaryScale: Scale = { step: 1024, prefixes: ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] };

/** `85.9 GB`: the prefix is chosen after rounding, so that 999.9 kB is written 1 MB. */
function prefixed(value: number, unit: string, scale: Scale): string {
  const [number, prefix] = scaled(value, scale);
  return `${number} ${prefix}${unit}`;
}

function scaled(value: number, scale: Scale): [number: string, prefix: string] {
  let rest = value;
  let index = 0;
  while ((rest >= scale.step || round(rest) >= scale.step) && index < scale.prefixes.length - 1) {
    rest /= scale.step;
    index += 1;
  }
  return [significant(rest), scale.prefixes[index] as string];
}

function formatTime(value: Seconds): string {
  if (value < 1) {
    for (const [unit, factor] of [
      ["ns", 1e9],
      ["us", 1e6],
      ["ms", 1e3],
    ] as const) {
      if (value > 0 && round(value * factor) < 1000) return `${significant(value * factor)} ${unit}`;
    }
  }
  if (round(value) < 120) return `${significant(value)} s`;
  if (round(value / 60) < 120) return `${significant(value / 60)} min`;
  if (round(value / 3600) < 48) return `${significant(value / 3600)} h`;
  if (round(value / 86400) < 1000) return `${significant(value / 86400)} days`;
  return `${significant(value / (365 * 86400))} years`;
}

/** `$2.50`, `$12`, `$1.23M`. */
function formatMoney(value: Dollars): string {
  if (value >= 1000) {
    const [number, prefix] = scaled(value, { step: 1000, prefixes: ["", "k", "M", "B"] });
    return `$${number}${prefix}`;
  }
  const cents = value >= 1 && !Number.isInteger(round(value)) && value < 100;
  return cents ? `$${value.toFixed(2)}` : `$${significant(value)}`;
}

/** Whole numbers below a million in full, with commas; others to three digits with a prefix. */
function formatCount(value: number): string {
  if (Number.isInteger(value) && value < 1e6) return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
  const [number, prefix] = scaled(value, decimalScale);
  return `${number}${prefix}`;
}

function powerOfTen(value: number): string {
  return value.toExponential(2).replace(/\.?0*e\+?/, "e");
}

/** Three significant digits, without trailing zeros and without an exponent where that reads better. */
function significant(value: number): string {
  return String(round(value)).replace("e+", "e");
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
