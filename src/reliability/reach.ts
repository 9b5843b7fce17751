/**
 * What a goodput demands: for a job's rate of interruptions, how long a stall, a restart, a lag or an interval may be,
 * each with all else as it is. Where even nothing of it would not do, the answer is undefined.
 */

import type { Seconds } from "../base/quantity.ts";
import { bestInterval, type CheckpointPlan } from "./goodput.ts";
import { type TieredPlan, tieredShares } from "./tiers.ts";

export interface Demands {
  readonly goodput: number;
  /** Longest stall, with the interval that is best for it. */
  readonly stall?: Seconds;
  /** Longest detection and restart together. */
  readonly recovery?: Seconds;
  /** Shortest and longest interval. */
  readonly interval?: readonly [shortest: Seconds, longest: Seconds];
  /** Most interruptions per second. */
  readonly rate?: number;
}

/** Goodput of a plan while no node is waited for. */
export function goodputOf(plan: TieredPlan): number {
  return 1 / tieredShares(plan).total;
}

/**
 * What reaches a goodput, one thing at a time.
 * @param least shortest interval that is possible: a step, or a checkpoint's lag.
 */
export function demandsOf(plan: TieredPlan, goodput: number, least: Seconds): Demands {
  if (!(goodput > 0 && goodput < 1)) throw new RangeError(`a goodput of ${goodput}`);
  const { store } = plan;
  const withStore = (change: Partial<CheckpointPlan>): number => goodputOf({ ...plan, store: { ...store, ...change } });
  const withStall = (stall: Seconds): number => {
    return withStore({ stall, interval: bestInterval({ rate: store.rate, stall, least }) });
  };
  const together = store.detection + store.restart;
  const stall = largest(withStall, goodput, 1 / store.rate);
  const recovery = largest(
    (time) => withStore({ detection: Math.min(store.detection, time), restart: Math.max(0, time - store.detection) }),
    goodput,
    Math.max(together, 1 / store.rate),
  );
  const rate = largest((value) => withStore({ rate: value }), goodput, 100 * store.rate);
  const interval = intervals((value) => withStore({ interval: value }), goodput, {
    least,
    best: bestInterval({ rate: store.rate, stall: store.stall, least }),
    most: 10 / store.rate,
  });
  return {
    goodput,
    ...(stall === undefined ? {} : { stall }),
    ...(recovery === undefined ? {} : { recovery }),
    ...(interval === undefined ? {} : { interval }),
    ...(rate === undefined ? {} : { rate }),
  };
}

/** The largest value up to a limit at which a falling goodput is still reached. */
function largest(goodput: (value: number) => number, wanted: number, most: number): number | undefined {
  if (goodput(0) < wanted) return undefined;
  if (goodput(most) >= wanted) return most;
  return bisect((value) => goodput(value) >= wanted, 0, most);
}

/** Both ends of where a goodput with one maximum is reached. */
function intervals(
  goodput: (value: number) => number,
  wanted: number,
  { least, best, most }: { readonly least: Seconds; readonly best: Seconds; readonly most: Seconds },
): readonly [Seconds, Seconds] | undefined {
  const reached = (value: number): boolean => goodput(value) >= wanted;
  if (!reached(best)) return undefined;
  const shortest = reached(least) ? least : bisect(reached, best, least);
  const longest = reached(most) ? most : bisect(reached, best, most);
  return [shortest, longest];
}

/** The last value from a good one on the way to a bad one that is still good. */
function bisect(good: (value: number) => boolean, from: number, to: number): number {
  let [inside, outside] = [from, to];
  for (let round = 0; round < 60; round++) {
    const middle = (inside + outside) / 2;
    if (good(middle)) inside = middle;
    else outside = middle;
  }
  return inside;
}
