/** Error statistics of a set of lines: failed ones are counted, never dropped. */

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
  const sorted = found.map(Math.abs).sort((a, b) => a - b);
  return {
    count: errors.length,
    failed: errors.length - found.length,
    medianAbsError: median(sorted),
    p90AbsError: nearestRank(sorted, 0.9),
    bias: found.length === 0 ? null : found.reduce((sum, error) => sum + error, 0) / found.length,
  };
}

/** Median of sorted values: the mean of the middle two where there are two. */
export function median(sorted: readonly number[]): number | null {
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}

/** The smallest value with at least a share `rank` of the sorted values at or below it. */
export function nearestRank(sorted: readonly number[], rank: number): number | null {
  return sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)] ?? null;
}
