/**
 * BabelStream's table: a line a function with MBytes/sec (10^6 bytes, those read and those written) of its fastest run.
 * A log may hold one table after the other, one an accelerator.
 *
 *     Function    MBytes/sec  Min (sec)   Max         Average
 *     Copy        1709360.800 0.00031     0.00032     0.00032
 *
 * @source babelstream
 */

import type { MeasuredValue, Reading } from "./reading.ts";
import { megabytesPerSecond } from "./unit.ts";

const metrics: Readonly<Record<string, string>> = { Copy: "copyBandwidth", Triad: "triadBandwidth" };

/** Undefined where the text holds no such table. */
export function readStream(text: string, file: string): Reading | undefined {
  if (!/^\s*Function\s+MBytes\/sec/m.test(text)) return undefined;
  const values: MeasuredValue[] = [];
  let table = -1;
  let failed = "";
  for (const line of text.split("\n")) {
    if (/^\s*Function\s+MBytes\/sec/.test(line)) table++;
    if (/Validation failed/.test(line)) failed = line.trim();
    const found = /^\s*(Copy|Triad)\s+(\d+(?:\.\d+)?)\s/.exec(line);
    const metric = metrics[found?.[1] ?? ""];
    if (metric === undefined || found === null) continue;
    const fault = failed === "" ? {} : { fault: failed };
    values.push({ metric, value: megabytesPerSecond(Number(found[2])), of: `accelerator ${table}`, ...fault });
    if (metric === "triadBandwidth") failed = "";
  }
  return { kind: "memory", file, about: { function: "Copy" }, values, notes: [] };
}
