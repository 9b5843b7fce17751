/**
 * The rows of some steps, drawn once for a scenario: the same whatever the layout, the stack and the balancer, so that
 * those are compared on the same sequences.
 */

import type { Tokens } from "../../base/quantity.ts";
import { type RandomStream, random } from "../../base/random.ts";
import type { TrainingCase } from "../case.ts";
import { drawLength, meanWithin } from "./distribution.ts";
import type { SequenceLengths } from "./lengths.ts";
import { packRows, type Row } from "./packing.ts";

export interface DrawnRows {
  /** Rows as drawn, and as each step uses them. */
  readonly pool: readonly Row[];
  readonly steps: readonly (readonly Row[])[];
  /** Tokens of sequences in a step, padding left out, on average. */
  readonly tokens: Tokens;
}

/** Sequences that attend among themselves, grouped by length, of one step on average. */
export interface DocumentGroup {
  /** sum L^2 / sum L: what is linear in L^2 and L then adds up exactly. */
  readonly length: Tokens;
  readonly tokens: Tokens;
}

/**
 * Rows wanted for means, in how many steps at least and at most. Rows of one sequence differ more and are drawn in no
 * time. Of batches larger than `rows` twice that many are drawn, and used again in random order.
 */
const wanted = {
  none: { rows: 8192, fewest: 2, most: 64 },
  packed: { rows: 1024, fewest: 2, most: 32 },
} as const;

/**
 * Sequences drawn for packed rows: of rows that hold more, fewer rows are drawn. A row of n sequences differs from the
 * mean by 1/sqrt(n) of what a sequence does, so that as many sequences give means as certain, however they make rows.
 */
const sequencesMost = 2 ** 19;

/** Sequences of a packed row at most: room is counted in 16 times as many steps (`packing.ts`), and 8 rows are drawn. */
export const sequencesInRowMost: number = 2 ** 16;

type DrawCase = Pick<TrainingCase, "sequenceLength" | "globalBatch">;

export function drawRows(c: DrawCase, lengths: SequenceLengths): DrawnRows {
  const { globalBatch, sequenceLength: capacity } = c;
  const streams = random(lengths.seed);
  const drawn = streams.stream("training/lengths");
  const order = streams.stream("training/row-order");
  const { rows: enough, fewest, most } = wanted[lengths.packing === "none" ? "none" : "packed"];
  const count = Math.min(most, Math.max(fewest, Math.ceil(enough / globalBatch)));
  const places = count * globalBatch;
  const plenty = Math.min(places, fewest * enough);
  const rows = Math.min(plenty, rowsWithin(lengths, capacity));
  const uniform = lengths.packing === "none" ? stratified(drawn, rows) : undefined;
  const pool = packRows(lengths.packing, {
    capacity,
    count: rows,
    draw: () => drawLength(lengths.distribution, drawn, uniform),
    order,
    unfinished: rows < plenty ? "left-out" : "kept",
  });
  const laid = rows === places ? pool : Array.from({ length: places }, () => order.choice(pool));
  const steps = Array.from({ length: count }, (_, step) => laid.slice(step * globalBatch, (step + 1) * globalBatch));
  const sums = new Map(pool.map((row) => [row, rowTokens(row)]));
  const tokens = laid.reduce((sum, row) => sum + (sums.get(row) ?? 0), 0) / count;
  return { pool, steps, tokens };
}

/** Rows of as many sequences as are drawn. */
function rowsWithin({ packing, distribution }: SequenceLengths, capacity: Tokens): number {
  if (packing === "none") return Number.POSITIVE_INFINITY;
  return Math.max(1, Math.floor((sequencesMost * meanWithin(distribution, capacity)) / capacity));
}

function rowTokens(row: Row): Tokens {
  return row.reduce((sum, length) => sum + length, 0);
}

/**
 * Uniform numbers, one from each of `count` equal parts, in random order: where each row is one sequence all drawn
 * steps together hold lengths in the shares of the distribution. Any one rank's rows are too few to notice.
 */
function stratified(stream: RandomStream, count: number): () => number {
  const parts = stream.shuffle(Array.from({ length: count }, (_, part) => part));
  let next = 0;
  return () => ((parts[next++] ?? 0) + stream.uniform()) / count;
}

/** What attends among itself in a drawn step: sequences, or the tokens of a row where nothing masks them apart. */
export function documentGroups(lengths: SequenceLengths, { pool, tokens }: DrawnRows): readonly DocumentGroup[] {
  const sums = new Map<number, { tokens: number; squares: number }>();
  const add = (length: Tokens): void => {
    // Eight groups an octave.
    const octave = 31 - Math.clz32(length);
    const key = 8 * octave + Math.floor((8 * length) / (1 << octave));
    const sum = sums.get(key) ?? { tokens: 0, squares: 0 };
    sum.tokens += length;
    sum.squares += length * length;
    sums.set(key, sum);
  };
  let whole = 0;
  for (const row of pool) {
    whole += rowTokens(row);
    if (lengths.masking === "documents") row.forEach(add);
    else add(rowTokens(row));
  }
  return [...sums.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, group]) => ({ length: group.squares / group.tokens, tokens: (group.tokens / whole) * tokens }));
}
