/**
 * The rows of some steps, drawn once for a scenario: the same whatever the layout, the stack and the balancer, so that
 * those are compared on the same sequences.
 */

import type { Tokens } from "../../base/quantity.ts";
import { type RandomStream, random } from "../../base/random.ts";
import type { TrainingCase } from "../case.ts";
import { drawLength } from "./distribution.ts";
import type { SequenceLengths } from "./lengths.ts";
import { packRows, type Row } from "./packing.ts";

export interface DrawnRows {
  /** Rows of each drawn step. */
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

/** Rows drawn for means: 2,048, in 2 to 32 steps. */
const rowsDrawn = 2048;
const fewestSteps = 2;
const mostSteps = 32;

type DrawCase = Pick<TrainingCase, "sequenceLength" | "globalBatch">;

export function drawRows(c: DrawCase, lengths: SequenceLengths): DrawnRows {
  const { globalBatch, sequenceLength: capacity } = c;
  const streams = random(lengths.seed);
  const drawn = streams.stream("training/lengths");
  const count = Math.min(mostSteps, Math.max(fewestSteps, Math.ceil(rowsDrawn / globalBatch)));
  const uniform = lengths.packing === "none" ? stratified(drawn, count * globalBatch) : undefined;
  const rows = packRows(lengths.packing, {
    capacity,
    count: count * globalBatch,
    draw: () => drawLength(lengths.distribution, drawn, uniform),
    order: streams.stream("training/row-order"),
  });
  let tokens = 0;
  for (const row of rows) for (const length of row) tokens += length;
  const steps = Array.from({ length: count }, (_, step) => rows.slice(step * globalBatch, (step + 1) * globalBatch));
  return { steps, tokens: tokens / count };
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
export function documentGroups(lengths: SequenceLengths, { steps }: DrawnRows): readonly DocumentGroup[] {
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
  for (const rows of steps) {
    for (const row of rows) {
      if (lengths.masking === "documents") row.forEach(add);
      else add(row.reduce((sum, length) => sum + length, 0));
    }
  }
  return [...sums.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, { tokens, squares }]) => ({ length: squares / tokens, tokens: tokens / steps.length }));
}
