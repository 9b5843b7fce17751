/** How many ranks took part: what a log says, what its columns imply, and what contradicts a number that is given. */

import type { TestProgram } from "./operation.ts";
import type { NcclRow } from "./row.ts";
import type { NcclTable } from "./table.ts";

/** Ranks of one group, from the lines that list them or the library's messages. */
export function namedRanks({ ranks, rankCount }: NcclTable): { readonly ranks: number } | undefined {
  const largest = ranks.reduce((most, { rank }) => Math.max(most, rank), -1);
  if (largest < 0) return rankCount === undefined ? undefined : { ranks: rankCount };
  const groups = groupCount(ranks);
  if (groups > 1) return { ranks: Math.max(1, Math.round((largest + 1) / groups)) };
  return { ranks: largest + 1 };
}

export function groupCount(ranks: NcclTable["ranks"]): number {
  return Math.max(1, new Set(ranks.map(({ group }) => group)).size);
}

/** Ranks that the columns imply, where they leave one number. */
export function impliedRanks(program: TestProgram, rows: readonly NcclRow[]): number | undefined {
  const { low, high } = columnRanks(program, rows) ?? { low: 0, high: 1 };
  return low === high ? low : undefined;
}

/**
 * What a log says against a number of ranks. Its columns decide where they tell; a list of ranks may be cut, and then
 * only holds that there are no fewer.
 */
export function ranksContradiction(
  {
    table,
    rows,
    program,
  }: { readonly table: NcclTable; readonly rows: readonly NcclRow[]; readonly program: TestProgram },
  ranks: number,
): string | undefined {
  const named = namedRanks(table)?.ranks;
  if (named !== undefined && ranks < named) return `the log names ${named} ranks`;
  const columns = columnRanks(program, rows);
  if (columns === undefined) return named === undefined || ranks === named ? undefined : `the log names ${named} ranks`;
  const { low, high } = columns;
  if (ranks >= low && ranks <= high) return undefined;
  const range = low === high ? low : high > 10 * low ? `at least ${low}` : `${low} to ${high}`;
  return `the columns of the log are of ${range} ranks`;
}

/**
 * Fewest and most ranks that the columns allow: size over one rank's part, or the ratio of the bandwidths with the
 * rounding of its two decimals.
 *
 *     all-reduce: busbw/algbw = 2 (n-1)/n;  parts: (n-1)/n
 *
 * @source nccl-tests-performance
 */
function columnRanks(
  program: TestProgram,
  rows: readonly NcclRow[],
): { readonly low: number; readonly high: number } | undefined {
  if (program.sharded) {
    const parts = partsOf(rows);
    return parts > 1 ? { low: parts, high: parts } : undefined;
  }
  if (program.factor(2) === program.factor(4)) return undefined;
  const large = rows.map(({ outOfPlace }) => outOfPlace).filter(({ algorithmBandwidth }) => algorithmBandwidth >= 1e9);
  const algorithm = large.reduce((sum, timing) => sum + timing.algorithmBandwidth, 0);
  const bus = large.reduce((sum, timing) => sum + timing.busBandwidth, 0);
  if (algorithm === 0) return undefined;
  const ratio = bus / algorithm;
  const rounding = (large.length * 0.005e9 * (1 + ratio)) / algorithm;
  const possible = (value: number): number => 2 / (2 - Math.min(value, 2 - 1e-9));
  const [low, high] = [Math.ceil(possible(ratio - rounding)), Math.floor(possible(ratio + rounding))];
  return low > high ? undefined : { low, high };
}

/** Size over count x bytes of an element, of the largest row: rounding matters least there. */
export function partsOf(rows: readonly NcclRow[]): number {
  const { size, count, element } = rows.reduce((most, row) => (row.size >= most.size ? row : most));
  return count > 0 ? Math.round(size / (count * element)) : 1;
}
