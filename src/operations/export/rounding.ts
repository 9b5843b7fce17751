/**
 * What a trace has otherwise because it has whole numbers: bytes that one rank puts in, and microseconds. A size that
 * becomes 0 is left out.
 */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { Lost } from "../../launch/index.ts";
import { wholeMicros } from "../../workload/chakra/index.ts";

/** A size that so many ranks put in together: those of the group for an all-gather, else one. */
export interface PutIn {
  readonly size: Bytes;
  readonly ranks: number;
}

/** The size that is written; 0 is not. */
export function wholeSize({ size, ranks }: PutIn): Bytes {
  return ranks * Math.round(size / ranks);
}

/** How many ranks put in the size of an operation. */
export function putIn(operation: string, size: Bytes, members: number): PutIn {
  return { size, ranks: operation === "all-gather" ? members : 1 };
}

export function sizesLost(path: string, sizes: readonly PutIn[]): readonly Lost[] {
  const changed = sizes.filter((each) => {
    const whole = wholeSize(each);
    return whole === 0 || Math.abs(whole - each.size) > sizeNoise;
  });
  const rows = changed.map((each): Row => {
    const whole = wholeSize(each);
    return [`${each.size} B`, whole === 0 ? "nothing" : `${whole} B`];
  });
  return listed(path, rows, "every rank puts in whole bytes");
}

export function timesLost(path: string, times: readonly Seconds[]): readonly Lost[] {
  const changed = times.filter((time) => Math.abs(wholeMicros(time) - time) > timeNoise);
  const rows = changed.map((time): Row => [microsText(time), microsText(wholeMicros(time))]);
  return listed(path, rows, "times are whole microseconds, at least one");
}

type Row = readonly [value: string, instead: string];

/** Below these it is arithmetic, not rounding. */
const sizeNoise: Bytes = 0.01;
const timeNoise: Seconds = 1e-12;

function microsText(time: Seconds): string {
  return `${Number((time / 1e-6).toPrecision(9))} us`;
}

/** Values that are named one by one. */
const rowsMost = 5;

function listed(path: string, rows: readonly Row[], reason: string): readonly Lost[] {
  if (rows.length === 0) return [];
  const different = [...new Map(rows.map((row) => [row[0], row])).values()];
  const more = different.length - rowsMost;
  const shown = different.slice(0, rowsMost);
  return [
    {
      path,
      value: [...shown.map(([value]) => value), ...(more > 0 ? [`${more} more`] : [])].join(", "),
      instead: shown.map(([, instead]) => instead).join(", "),
      reason,
    },
  ];
}
