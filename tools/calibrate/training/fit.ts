/**
 * Coordinate descent on a few named constants from several starts: robust, deterministic, and slow enough only for a
 * tool.
 */

/** Errors beyond this count no more: outliers do not pull. */
const clip = 0.25;

/** Mean clipped absolute error. */
export function loss(errors: readonly number[]): number {
  return errors.reduce((sum, error) => sum + Math.min(clip, Math.abs(error)), 0) / errors.length;
}

/** Loss of moving a constant to e times its usual size: what the rows do not tell stays as it is usual. */
const unusual = 0.002;

/** Starts around the first: each coordinate at one of three sizes, by a Latin square, so that no two are alike. */
const sizes = [1, 0.7, 1.4];

/**
 * The constants of least loss, found from each start in turn. Rows that say nothing of a constant leave it near `usual`.
 */
export function fittest(usual: readonly number[], lossOf: (at: readonly number[]) => number): readonly number[] {
  const penalised = (at: readonly number[]): number =>
    lossOf(at) + unusual * at.reduce((sum, value, index) => sum + Math.log(value / usual[index]!) ** 2, 0);
  const starts = sizes.flatMap((_, row) =>
    [1, 2].map((step) => usual.map((value, index) => value * sizes[(row + step * index) % sizes.length]!)),
  );
  const found = starts.map((start) => descend(start, penalised));
  return found.reduce((best, next) => (penalised(next) < penalised(best) ? next : best));
}

/** Walks each coordinate up and down by a shrinking share of its value while the loss falls. */
function descend(start: readonly number[], lossOf: (at: readonly number[]) => number): readonly number[] {
  let best = [...start];
  let least = lossOf(best);
  for (let share = 0.16; share > 0.004; share /= 2) {
    for (let coordinate = 0; coordinate < best.length; coordinate++) {
      for (const direction of [1 + share, 1 / (1 + share)]) {
        for (;;) {
          const tried = best.map((value, index) => (index === coordinate ? value * direction : value));
          const found = lossOf(tried);
          if (found >= least - 1e-7) break;
          least = found;
          best = tried;
        }
      }
    }
  }
  return best;
}

/** Median, 90th percentile (nearest rank) of absolute errors, and the mean signed error. */
export function summary(errors: readonly number[]): {
  readonly median: number;
  readonly p90: number;
  readonly bias: number;
} {
  const sorted = errors.map(Math.abs).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  const round = (value: number): number => Number(value.toFixed(4));
  return {
    median: round(at(0.5)),
    p90: round(at(0.9)),
    bias: round(errors.reduce((sum, error) => sum + error, 0) / errors.length),
  };
}
