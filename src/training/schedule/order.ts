/** Writes the order of one rank piece by piece: of each kind and chunk, micro-batches come in turn. */

import { type PieceKind, pieceWork } from "./schedule.ts";

export interface OrderWriter {
  /** Appends the next micro-batch's piece; nothing once all of them have run. */
  add(kind: PieceKind, chunk: number): void;
  /** Pieces of a kind and chunk so far. */
  count(kind: PieceKind, chunk: number): number;
  order(): Int32Array;
}

type Pass = "forward" | "input" | "weight";

/** The passes behind each kind of piece: a whole backward is the gradient of the input and of the weights. */
const passes: Readonly<Record<PieceKind, readonly [Pass, ...Pass[]]>> = {
  forward: ["forward"],
  forwardBeside: ["forward"],
  backward: ["input", "weight"],
  inputGradient: ["input"],
  weightGradient: ["weight"],
};

/**
 * @param microBatches those that pass each chunk.
 * @param firstOf the first micro-batch of each chunk.
 */
export function orderWriter(
  chunks: number,
  microBatches: number,
  firstOf: (chunk: number) => number = () => 0,
): OrderWriter {
  const list: number[] = [];
  const run = Array.from({ length: chunks }, () => ({ forward: 0, input: 0, weight: 0 }));
  const countsOf = (chunk: number) => run[chunk] ?? { forward: 0, input: 0, weight: 0 };
  return {
    add(kind, chunk) {
      const counts = countsOf(chunk);
      const index = counts[passes[kind][0]];
      if (index === microBatches) return;
      for (const pass of passes[kind]) counts[pass]++;
      list.push(pieceWork(kind, firstOf(chunk) + index, chunk, chunks));
    },
    count: (kind, chunk) => countsOf(chunk)[passes[kind][0]],
    order: () => Int32Array.from(list),
  };
}
