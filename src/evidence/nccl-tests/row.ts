/**
 * One row of an nccl-tests table. Columns differ between versions and collectives:
 *
 *     size  count  type  [redop]  [root]  time  algbw  busbw  [#wrong | error]  [time  algbw  busbw  [#wrong | error]]
 *
 * A row is found by its element type, whatever stands before it, and believed where its bandwidth follows from its size
 * and time.
 */

import { type Bytes, type BytesPerSecond, parseQuantity, type Seconds } from "../../base/quantity.ts";
import { units } from "../log/format.ts";

export interface Timing {
  readonly time: Seconds;
  /** As they were printed; a few digits only. */
  readonly algorithmBandwidth: BytesPerSecond;
  readonly busBandwidth: BytesPerSecond;
  /** Elements that came out wrong; absent where the check was off. */
  readonly wrong?: number;
}

export interface NcclRow {
  readonly size: Bytes;
  readonly count: number;
  /** Bytes of one element. */
  readonly element: Bytes;
  readonly type: string;
  readonly redop?: string;
  readonly root?: number;
  readonly outOfPlace: Timing;
  readonly inPlace?: Timing;
  /** 1 is the first line of the file. */
  readonly line: number;
}

/** What the header above a table says of its columns. */
export interface Columns {
  readonly root: boolean;
  readonly wrong: boolean;
  /** Columns of one measurement: time, algbw, busbw and what follows before the next time. */
  readonly block: number;
  /** Measurements in a row: out of place, or that and in place. */
  readonly blocks: number;
  /** The program was asked for the time of the processor, which is not that of the collective. */
  readonly clock: "device" | "processor";
}

const elements: Readonly<Record<string, Bytes>> = {
  int8: 1,
  uint8: 1,
  char: 1,
  fp8_e4m3: 1,
  fp8_e5m2: 1,
  f8e4m3: 1,
  f8e5m2: 1,
  half: 2,
  float16: 2,
  fp16: 2,
  bfloat16: 2,
  bf16: 2,
  int: 4,
  int32: 4,
  uint32: 4,
  float: 4,
  float32: 4,
  int64: 8,
  uint64: 8,
  double: 8,
  float64: 8,
};

/** Bytes of one element of a type, where it is one of the library's. */
export function elementBytes(type: string): Bytes | undefined {
  return elements[type];
}

/** The columns of a header line; undefined for any other line. */
export function columnsOf(words: readonly string[]): Columns | undefined {
  const size = words.indexOf("size");
  const names = words.slice(size + 1);
  if (size < 0 || names[0] !== "count" || names[1] !== "type") return undefined;
  const isTime = (name: string): boolean => name === "time" || name === "cputime";
  const first = names.findIndex(isTime);
  if (first < 0) return undefined;
  const second = names.findIndex((name, index) => index > first && isTime(name));
  return {
    root: names.slice(0, first).includes("root"),
    wrong: names.some((name) => name === "#wrong" || name === "error"),
    block: (second < 0 ? names.length : second) - first,
    blocks: second < 0 ? 1 : 2,
    clock: names[first] === "cputime" ? "processor" : "device",
  };
}

/** A row; "damaged" where it begins like one and its numbers do not hold together; undefined for any other line. */
export function rowOf(
  words: readonly string[],
  line: number,
  columns: Columns | undefined,
): NcclRow | "damaged" | undefined {
  const at = words.findIndex((word, index) => index >= 2 && elements[word] !== undefined);
  const type = words[at];
  const element = type === undefined ? undefined : elements[type];
  if (type === undefined || element === undefined) return undefined;
  const count = wholeOf(words[at - 1]);
  const size = sizeOf(words[at - 2], words[at - 3]);
  if (count === undefined || size === undefined) return undefined;
  const redop = /^[A-Za-z]+$/.test(words[at + 1] ?? "") ? words[at + 1] : undefined;
  const tail = words.slice(at + (redop === undefined ? 1 : 2));
  for (const rooted of rootChoices(tail, columns)) {
    const numbers = tail.slice(rooted);
    const block = blockOf(numbers.length, columns);
    const outOfPlace = timingOf(numbers, 0, size);
    if (outOfPlace === undefined) continue;
    const inPlace = columns?.blocks === 1 ? undefined : timingOf(numbers, block, size);
    return {
      size,
      count,
      element,
      type,
      ...(redop === undefined ? {} : { redop }),
      ...(rooted === 0 ? {} : { root: Number(tail[0]) }),
      outOfPlace,
      ...(inPlace === undefined ? {} : { inPlace }),
      line,
    };
  }
  return "damaged";
}

/** How many words the root takes, likelier first: the header says so, or the word is a whole number. */
function rootChoices(tail: readonly string[], columns: Columns | undefined): readonly number[] {
  if (!/^-?\d+$/.test(tail[0] ?? "")) return [0];
  return columns === undefined || columns.root ? [1, 0] : [0, 1];
}

/** Words of one measurement. */
function blockOf(words: number, columns: Columns | undefined): number {
  if (columns !== undefined && words >= columns.block) return columns.block;
  return words === 6 ? 3 : 4;
}

/** A measurement, if its bandwidth is what its size and time make. */
function timingOf(numbers: readonly string[], from: number, size: Bytes): Timing | undefined {
  const [time, algorithm, bus] = numbers.slice(from, from + 3).map(numberOf);
  if (time === undefined || algorithm === undefined || bus === undefined || time <= 0) return undefined;
  const seconds: Seconds = time * units.micro;
  const stated: BytesPerSecond = algorithm * units.giga;
  if (!follows(stated, size / seconds)) return undefined;
  if (bus > 0.1 && !(bus <= 2.02 * algorithm && bus >= 0.3 * algorithm)) return undefined;
  const fourth = numbers[from + 3];
  const wrong = fourth === undefined || !/^\d+(e\+\d+)?$/.test(fourth) ? undefined : Number(fourth);
  return {
    time: seconds,
    algorithmBandwidth: stated,
    busBandwidth: bus * units.giga,
    ...(wrong === undefined ? {} : { wrong }),
  };
}

/** Printed to two decimals; programs of before 2020 count the part that moves only, half of the size or more. */
function follows(stated: BytesPerSecond, exact: BytesPerSecond): boolean {
  const rounding: BytesPerSecond = 0.011 * units.giga;
  return stated <= exact * 1.03 + rounding && stated >= exact * 0.485 - rounding;
}

function numberOf(word: string): number | undefined {
  return /^\d+(\.\d*)?(e[+-]?\d+)?$/.test(word) ? Number(word) : undefined;
}

function wholeOf(word: string | undefined): number | undefined {
  const digits = word?.replace(/,(?=\d{3})/g, "");
  if (digits === undefined || !/^\d+$/.test(digits)) return undefined;
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** A number of bytes, or text with a unit, in one word or two: prefixes are powers of 1024, as for the options -b and -e. */
function sizeOf(word: string | undefined, before: string | undefined): Bytes | undefined {
  const whole = wholeOf(word);
  if (whole !== undefined) return whole;
  const text = /^[KMGT]?i?B$/i.test(word ?? "") ? `${before ?? ""}${word ?? ""}` : (word ?? "");
  const found = /^(\d+(?:\.\d+)?)([KMGT])i?B?$/i.exec(text);
  if (found === null) return undefined;
  const parsed = parseQuantity(`${found[1]} ${found[2]?.replace(/k/i, "K").toUpperCase()}iB`, "bytes");
  return parsed.ok ? Math.round(parsed.value) : undefined;
}
