/**
 * Whether a fleet keeps up with what is sent to it.
 *
 *     overloaded   in the second half of the arrivals fewer requests got work than came, by more than chance, and the
 *                  queue they left is longer than what the fleet begins in the meantime; or requests were given up
 *     backlogged   it keeps up in the end, but a tenth of the requests waited longer for work than for their own prompt
 *     stable       neither
 */

import type { Seconds } from "../../base/quantity.ts";
import { percentileOfSorted } from "../../base/statistics.ts";
import { phases, type RequestState } from "../request-state.ts";

export type Verdict = "stable" | "backlogged" | "overloaded";

/** Share of requests that may be given up by chance, and by which work may fall behind arrivals. */
const tolerated = 0.01;
const fallsBehind = 0.05;
/** Waiting below this is the rhythm of iterations. */
const noticed: Seconds = 0.5;

/** A verdict and what it rests on. */
export function verdictOf(state: RequestState): { readonly verdict: Verdict; readonly reason: string } {
  const { count } = state.list;
  let lost = 0;
  for (let row = 0; row < count; row++) if (state.phase[row] === phases.timedOut) lost += 1;
  if (lost > tolerated * count) {
    return { verdict: "overloaded", reason: `clients gave up on ${lost} of ${count} requests` };
  }
  if (isOpenLoop(state) && queueGrows(state)) {
    return { verdict: "overloaded", reason: "in the second half of the arrivals the queue grew without end" };
  }
  if (waitsLong(state)) {
    return { verdict: "backlogged", reason: "a tenth of the requests waited longer for work than their prompts took" };
  }
  return { verdict: "stable", reason: "requests got work as they came" };
}

/** Clients that wait for answers, or keep to a number at once, cannot send more than is served. */
function isOpenLoop({ list }: RequestState): boolean {
  return list.concurrency === 0 && list.parents.length < list.count / 2;
}

function queueGrows(state: RequestState): boolean {
  const { released, scheduled, list } = state;
  const [first, last] = extent(released);
  if (!(last > first)) return false;
  const middle = (first + last) / 2;
  let came = 0;
  let begun = 0;
  let waiting = 0;
  for (let row = 0; row < list.count; row++) {
    if (released[row]! > middle) came += 1;
    if (scheduled[row]! > middle && scheduled[row]! <= last) begun += 1;
    if (!(scheduled[row]! <= last)) waiting += 1;
  }
  // So many more come by chance in a Poisson stream, three deviations.
  const chance = 3 * Math.sqrt(came);
  return came - begun > Math.max(fallsBehind * came, chance) && waiting > fallsBehind * came;
}

function waitsLong(state: RequestState): boolean {
  const { list, released, scheduled, prefillAlone, phase } = state;
  const waits = new Float64Array(list.count);
  let count = 0;
  for (let row = 0; row < list.count; row++) {
    if (phase[row] !== phases.done) continue;
    const wait = scheduled[row]! - released[row]!;
    waits[count] = wait > noticed ? wait - prefillAlone[row]! : 0;
    count += 1;
  }
  return count > 0 && percentileOfSorted(waits.subarray(0, count).sort(), 0.9) > 0;
}

function extent(values: Float64Array): readonly [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}
