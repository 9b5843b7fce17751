/** What may be done to a trace's times: spread coarse ticks, and draw it together to another rate. */

import type { Seconds } from "../../../base/quantity.ts";
import { random } from "../../../base/random.ts";
import type { RequestList } from "../list.ts";
import type { RateChoice } from "./format.ts";

/** The same requests at another rate: times of roots are scaled, delays after parents stay. */
export function atRate(list: RequestList, choice: RateChoice): RequestList {
  if (choice.kind === "as-recorded") return list;
  const factor = choice.kind === "factor" ? choice.factor : choice.rate / meanRate(list);
  if (!(factor > 0 && factor < Number.POSITIVE_INFINITY)) throw new Error(`a rate times ${factor}`);
  const release = list.release.slice();
  for (let row = 0; row < list.count; row++) {
    if (isRoot(list, row)) release[row] = (release[row] as number) / factor;
  }
  return { ...list, release };
}

/** Roots over the time from the first to the last; NaN where they all come at once. */
export function meanRate(list: RequestList): number {
  let roots = 0;
  let first = Number.NaN;
  let last = 0;
  for (let row = 0; row < list.count; row++) {
    if (!isRoot(list, row)) continue;
    last = list.release[row] as number;
    if (roots === 0) first = last;
    roots += 1;
  }
  return last > first ? roots / (last - first) : Number.NaN;
}

/**
 * Spreads roots with one time evenly at random over the time until the next; the last over as long as the ones before.
 * Their order stays.
 */
export function spreadTicks(list: RequestList, seed: number): RequestList {
  const stream = random(seed).stream("workload/ticks");
  const rows = roots(list);
  const release = list.release.slice();
  let width: Seconds = 0;
  for (let from = 0; from < rows.length; ) {
    const time = list.release[rows[from] as number] as number;
    let to = from + 1;
    while (to < rows.length && list.release[rows[to] as number] === time) to += 1;
    if (to < rows.length) width = (list.release[rows[to] as number] as number) - time;
    const places = Float64Array.from({ length: to - from }, () => stream.uniform()).sort();
    for (let at = from; at < to && to - from > 1; at++) {
      release[rows[at] as number] = time + width * (places[at - from] as number);
    }
    from = to;
  }
  return { ...list, release };
}

function roots(list: RequestList): Int32Array {
  const rows = new Int32Array(list.count);
  let count = 0;
  for (let row = 0; row < list.count; row++) if (isRoot(list, row)) rows[count++] = row;
  return rows.subarray(0, count);
}

/** True for a row that waits for no other. */
export function isRoot(list: RequestList, row: number): boolean {
  return list.parentStart[row] === list.parentStart[row + 1];
}
