/**
 * A table of times taken apart into causes:
 *
 *     time = base x stage x rank x data x jitter
 *
 * stage: median of the stage over the mean of all stages' medians. rank: what persists of a rank against the other ranks
 * of its stage, the median over steps. data: what all stages and passes of one micro-batch (or step) of a data rank
 * share, as longer sequences do. jitter: the rest, which neither persists nor is shared.
 * Leaves out: causes that come and go over many steps, which count as jitter; a data rank whose sequences are longer in
 * every step, which counts as slow ranks.
 * @source lin-2025-stragglers
 */

import { mean, median, percentile } from "../../base/statistics.ts";
import { dataRankOf, entryOf, type RankTable, ranksOf, rowsOf, stageOf, type TimeKind } from "./table.ts";

export interface Causes {
  /** By kind: the mean of the stages' medians; of computation at mean sequences, which are not the median ones. */
  readonly base: Partial<Readonly<Record<TimeKind, number>>>;
  /** By stage. */
  readonly stage: Partial<Readonly<Record<TimeKind, Float64Array>>>;
  /** By rank. */
  readonly rank: Partial<Readonly<Record<TimeKind, Float64Array>>>;
  /** By [(step x rows + row) x data ranks + data rank], over their mean: sequences can be moved, not removed. */
  readonly data: Float64Array;
}

type Factors = Partial<Record<TimeKind, Float64Array>>;

export function causesOf(table: RankTable): Causes {
  const bases: Partial<Record<TimeKind, number>> = {};
  const stage: Factors = {};
  const rank: Factors = {};
  const rest: Factors = {};
  for (const [name, times] of Object.entries(table.times)) {
    const kind = name as TimeKind;
    const medians = stageMedians(table, times);
    const base = mean(medians);
    bases[kind] = base;
    stage[kind] = medians.map((value) => (base > 0 ? value / base : 1));
    const relative = times.map((time, entry) => over(time, medians[stageOf(table, entry % ranksOf(table))] ?? 0));
    const persists = rankMedians(table, relative);
    rank[kind] = persists;
    if (kind !== "communication") {
      rest[kind] = relative.map((value, entry) => over(value, persists[entry % ranksOf(table)] ?? 1));
    }
  }
  const shared = sharedOf(table, Object.values(rest));
  const middle = mean(shared);
  for (const kind of Object.keys(rest) as TimeKind[]) bases[kind] = (bases[kind] ?? 0) * middle;
  return { base: bases, stage, rank, data: shared.map((value) => value / middle) };
}

/** A ratio; what takes no time anywhere is not slow. */
function over(time: number, peers: number): number {
  return peers > 0 ? time / peers : 1;
}

function stageMedians(table: RankTable, times: Float64Array): Float64Array {
  const ranks = ranksOf(table);
  const each = ranks / table.stages;
  const rows = times.length / ranks;
  return Float64Array.from({ length: table.stages }, (_, stage) => {
    const values = new Float64Array(rows * each);
    for (let row = 0; row < rows; row++) {
      const start = row * ranks + stage * each;
      values.set(times.subarray(start, start + each), row * each);
    }
    return usual(values);
  });
}

function rankMedians(table: RankTable, relative: Float64Array): Float64Array {
  const ranks = ranksOf(table);
  return Float64Array.from({ length: ranks }, (_, rank) => {
    const values = new Float64Array(relative.length / ranks);
    for (let row = 0; row < values.length; row++) values[row] = relative[row * ranks + rank]!;
    return usual(values);
  });
}

/** The middle; of two in the middle the shorter, so that of two ranks the faster is taken for the healthy one. */
function usual(values: Float64Array): number {
  return percentile(values, 0.5);
}

/** What all passes and stages of a row of a data rank share, over the median row. */
function sharedOf(table: RankTable, rest: readonly Float64Array[]): Float64Array {
  const { dataRanks, steps } = table;
  const rows = rowsOf(table);
  const values = Array.from({ length: steps.length * rows * dataRanks }, (): number[] => []);
  for (let step = 0; step < steps.length; step++) {
    for (let row = 0; row < rows; row++) {
      for (let rank = 0; rank < ranksOf(table); rank++) {
        const list = values[(step * rows + row) * dataRanks + dataRankOf(table, rank)];
        for (const each of rest) list?.push(each[entryOf(table, step, row, rank)]!);
      }
    }
  }
  return Float64Array.from(values, sharedPart);
}

/** The middle of three or more; of two what both have beyond 1 in the same direction; of one nothing is shared. */
function sharedPart(values: readonly number[]): number {
  if (values.length > 2) return median(values);
  const [one = 1, other = 1] = values;
  if (values.length < 2 || (one - 1) * (other - 1) <= 0) return 1;
  return Math.abs(one - 1) < Math.abs(other - 1) ? one : other;
}
