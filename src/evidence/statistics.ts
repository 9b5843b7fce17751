/** Error statistics of a set of lines: failed ones are counted, never dropped. */

import { mean, median, percentile } from "../base/statistics.ts";

export interface ErrorSummary {
  readonly count: number;
  readonly failed: number;
  readonly medianAbsError: number | null;
  /** 90th percentile of |error| by nearest rank. */
  readonly p90AbsError: number | null;
  /** Mean signed error. */
  readonly bias: number | null;
}

/** Summary of errors; null stands for a record without a prediction. */
export function summarize(errors: readonly (number | null)[]): ErrorSummary {
  const found = errors.filter((error): error is number => error !== null);
  const sizes = found.map(Math.abs);
  const none = found.length === 0;
  return {
    count: errors.length,
    failed: errors.length - found.length,
    medianAbsError: none ? null : median(sizes),
    p90AbsError: none ? null : percentile(sizes, 0.9),
    bias: none ? null : mean(found),
  };
}
