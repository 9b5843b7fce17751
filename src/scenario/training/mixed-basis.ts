/**
 * Trust in a prediction that rests on several generations of accelerators: that of the worst of them, within the widest
 * of their intervals. No measured run mixes generations, so a mixture is never inside of what was measured.
 */

import type { Basis } from "../prediction.ts";

const order = ["measured", "interpolated", "extrapolated", "assumed"] as const satisfies readonly Basis["trust"][];

/** One basis for all; that of a single generation as it is. */
export function worstBasis(bases: readonly Basis[]): Basis {
  const [first, ...others] = bases;
  if (first === undefined) throw new Error("a prediction rests on some hardware");
  if (others.length === 0) return first;
  const rank = ({ trust }: Basis): number => order.indexOf(trust);
  const worst = bases.reduce((known, next) => (rank(next) > rank(known) ? next : known));
  const intervals = bases.map(({ interval }) => interval).filter((interval) => interval !== null);
  const interval =
    intervals.length < bases.length
      ? null
      : ([Math.min(...intervals.map(([low]) => low)), Math.max(...intervals.map(([, high]) => high))] as const);
  const trust = rank(worst) < order.indexOf("extrapolated") ? "extrapolated" : worst.trust;
  return { ...worst, interval, trust };
}
