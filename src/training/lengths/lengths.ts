/** Sequences of unequal length: how long they are, how rows are made of them, and who gets which row. */

import type { Tokens } from "../../base/quantity.ts";

/** A share of all sequences is longer than the entry before and at most `upTo` tokens, every length as likely. */
export interface LengthBin {
  readonly upTo: Tokens;
  readonly share: number;
}

export type LengthDistribution =
  | { readonly kind: "histogram"; readonly bins: readonly LengthBin[] }
  /** Every one as likely. */
  | { readonly kind: "samples"; readonly lengths: readonly Tokens[] }
  | { readonly kind: "lognormal"; readonly median: Tokens; readonly p99: Tokens };

export interface SequenceLengths {
  readonly distribution: LengthDistribution;
  /** none: a row is one sequence, padded; greedy: next fit in the order they come; best-fit: decreasing, best fit. */
  readonly packing: "none" | "greedy" | "best-fit";
  /** Without packing: a micro-batch is padded to its longest sequence, or all rows to the same length. */
  readonly padding: "longest" | "packed-length";
  /** Tokens of a packed row attend to their own sequence, or to all of the row before them. */
  readonly masking: "documents" | "none";
  /** Who gets which row of a step, see `balance.ts`. */
  readonly balance: "none" | "sorted" | "workload";
  /** What is cut over context ranks: each sequence, or the row whatever sequences it holds. */
  readonly contextCut: "document" | "row";
  readonly seed: number;
}
