/**
 * What a pipeline schedule is: where the stages sit, and in which order each rank runs its pieces of work. A backward
 * pass is one piece, or two: the gradient of its input, which the stage before waits for, and the gradient of its
 * weights, for which nobody does.
 */

import type { Placement, RankChunks } from "./placement.ts";

export interface ScheduleShape extends RankChunks {
  readonly microBatches: number;
}

export interface Schedule {
  readonly name: string;
  readonly summary: string;
  readonly placement: Placement;
  /** Model chunks per rank: one, two, or several as the layout says. */
  readonly chunks: "one" | "two" | "several";
  /**
   * How backward passes run: whole; split in input and weight gradient; or whole and beside a forward, and split only
   * while the pipeline fills and drains.
   */
  readonly backward: "whole" | "split" | "paired";
  /**
   * When ranks update: together, once the last has finished; or each as soon as it has, which takes an update that is
   * checked afterwards, so that the next step begins where this one ended. @source qi-2023-zero-bubble section 4
   */
  readonly update: "together" | "apart";
  /** What the schedule needs and this shape does not give; absent: it runs with any. */
  lacks?(shape: ScheduleShape): Lack | undefined;
  /** Work of each rank in order, see `pieceOf`. */
  orders(shape: ScheduleShape): readonly Int32Array[];
  /**
   * Idle time of a rank when all stages take the same time; undefined where no closed form holds. Of schedules with
   * pairs: of a rank with `pairs` of them.
   */
  bubble(shape: ScheduleShape, times: RankTimes): number | undefined;
  /** Forwards that run beside a backward on the rank with most of them. */
  pairs?(shape: ScheduleShape): number;
  /** Micro-batches whose activations a rank holds at most, in units of all chunks of the rank. */
  inFlight(shape: ScheduleShape, rank: number): number;
}

/** A need of a schedule that a shape does not meet, and what to write instead. */
export interface Lack {
  /** `an even pipeline, but pipeline is 3`. */
  readonly need: string;
  readonly hint: string;
}

/** What one micro-batch takes on one rank, all stages alike. */
export interface RankTimes {
  readonly forward: number;
  /** The whole backward pass, and the part of it that only the weights need. */
  readonly backward: number;
  readonly weight: number;
  /** A forward and a whole backward that run beside each other. */
  readonly pair: number;
}

export type PieceKind = "forward" | "backward" | "inputGradient" | "weightGradient" | "forwardBeside";

/** Kinds of pieces. A forward beside a backward is followed by that backward, and both run at the same time. */
export const pieces: Readonly<Record<PieceKind, number>> = Object.freeze({
  forward: 0,
  backward: 1,
  inputGradient: 2,
  weightGradient: 3,
  forwardBeside: 4,
});

/** One piece of work: a chunk counts this rank's model chunks from the first. */
export function pieceWork(kind: PieceKind, microBatch: number, chunk: number, chunks: number): number {
  return 8 * (microBatch * chunks + chunk) + pieces[kind];
}

const kinds = Object.keys(pieces) as readonly PieceKind[];

/** The piece behind an entry of an order. */
export function pieceOf(
  entry: number,
  chunks: number,
): { readonly kind: PieceKind; readonly microBatch: number; readonly chunk: number } {
  const kind = kinds[entry & 7];
  if (kind === undefined) throw new Error(`no piece of work has kind ${entry & 7}`);
  const place = entry >> 3;
  const chunk = place % chunks;
  return { kind, microBatch: (place - chunk) / chunks, chunk };
}

/** Orders of all ranks from the order of one. */
export function everyRank(
  shape: ScheduleShape,
  order: (shape: ScheduleShape, rank: number) => Int32Array,
): readonly Int32Array[] {
  return Array.from({ length: shape.ranks }, (_, rank) => order(shape, rank));
}

export function forwardWork(microBatch: number, chunk: number, chunks: number): number {
  return pieceWork("forward", microBatch, chunk, chunks);
}

export function backwardWork(microBatch: number, chunk: number, chunks: number): number {
  return pieceWork("backward", microBatch, chunk, chunks);
}
