/**
 * How far the truth lies from a prediction, from the range that holds truth over prediction with a probability. The
 * logarithm is normal on either side of the middle m, which is 1, or the geometric middle of a range without it:
 *
 *     truth / prediction = m (high / m)^(z / z_edge) above,  m (m / low)^(z / z_edge) below
 *
 * z is standard normal and z_edge cuts off the same on either side: a range of 90 % leaves a twentieth beyond each end.
 * Draws, deadlines and the requirements of reports all take it from here.
 */

import { log, pow, sqrt } from "./math.ts";
import { normalQuantile, upperTail } from "./normal.ts";

export interface ErrorRange {
  readonly low: number;
  readonly high: number;
  /** Probability of the truth between them. */
  readonly level: number;
}

/** Truth over prediction, so many standard deviations from the middle. */
export function errorFactor(range: ErrorRange, deviations: number): number {
  const middle = middleOf(range);
  const edge = edgeOf(range.level);
  return deviations > 0
    ? middle * pow(range.high / middle, deviations / edge)
    : middle * pow(range.low / middle, -deviations / edge);
}

/** Probability that truth over prediction is at most so much; 0 or 1 where the range has no width on that side. */
export function errorAtMost(range: ErrorRange, factor: number): number {
  const middle = middleOf(range);
  if (!(factor > 0)) return 0;
  const side = factor < middle ? middle / range.low : range.high / middle;
  if (!(side > 1)) return factor < middle ? 0 : 1;
  return upperTail((-log(factor / middle) / log(side)) * edgeOf(range.level));
}

function middleOf({ low, high }: ErrorRange): number {
  return low <= 1 && high >= 1 ? 1 : sqrt(low * high);
}

/** The usual level, looked up once. */
const nine = { level: 0.9, edge: normalQuantile(0.95) } as const;

function edgeOf(level: number): number {
  return level === nine.level ? nine.edge : normalQuantile((1 + level) / 2);
}
