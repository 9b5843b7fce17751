/**
 * Measured times of the ranks of a layout, by step and, where they were measured, by micro-batch. Ranks that share a
 * stage and a data rank are the members of its cell; a table of cells has one member each.
 */

import type { Seconds } from "../../base/quantity.ts";

/** forward and backward, or both as computation; communication without waiting for peers. */
export type TimeKind = "forward" | "backward" | "computation" | "communication";

export interface RankTable {
  /** Numbers of the steps, in the order of the file. */
  readonly steps: readonly number[];
  /** Rows of a rank in a step: one for each micro-batch, or one that sums them. */
  readonly rows: "micro-batch" | "step";
  readonly microBatches: number;
  readonly stages: number;
  readonly dataRanks: number;
  readonly members: number;
  /** Whether members are ranks that the file names. */
  readonly named: "ranks" | "cells";
  /** Times of one micro-batch, by `entryOf`. */
  readonly times: Partial<Readonly<Record<TimeKind, Float64Array>>>;
}

export type TableShape = Omit<RankTable, "times">;

/** Rows that a rank has in a step. */
export function rowsOf({ rows, microBatches }: TableShape): number {
  return rows === "step" ? 1 : microBatches;
}

export function ranksOf({ stages, dataRanks, members }: TableShape): number {
  return stages * dataRanks * members;
}

/** Index of a time: steps outermost, then rows, then ranks as they are numbered: stage, data rank, member. */
export function entryOf(table: TableShape, step: number, row: number, rank: number): number {
  return (step * rowsOf(table) + row) * ranksOf(table) + rank;
}

export function stageOf({ dataRanks, members }: TableShape, rank: number): number {
  return Math.floor(rank / (dataRanks * members));
}

export function dataRankOf({ dataRanks, members }: TableShape, rank: number): number {
  return Math.floor(rank / members) % dataRanks;
}

/** `rank 12`, or `stage 3 of data rank 2` in a table of cells. */
export function rankText(table: TableShape, rank: number): string {
  if (table.named === "ranks") return `rank ${rank}`;
  return `stage ${stageOf(table, rank)} of data rank ${dataRankOf(table, rank)}`;
}

/** The same table with other times. */
export function mapTimes(
  table: RankTable,
  change: (time: Seconds, kind: TimeKind, entry: number) => Seconds,
): RankTable {
  const times: Partial<Record<TimeKind, Float64Array>> = {};
  for (const [name, values] of Object.entries(table.times)) {
    const kind = name as TimeKind;
    times[kind] = values.map((time, entry) => change(time, kind, entry));
  }
  return { ...table, times };
}
