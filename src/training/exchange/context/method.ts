/**
 * What a way of exchanging keys and values between context-parallel ranks is: one file that exports one of these,
 * and a line in `index.ts`. Bytes, kernel calls and time are asked apart, so that each can be held against what its
 * paper or code says.
 */

import type { Bytes } from "../../../base/quantity.ts";
import type { AttentionShape, PassOperator } from "../../../compute/index.ts";
import type { GroupPlacement, Platform } from "../../../network/index.ts";
import type { Exchange, PassTimes } from "../exchange.ts";

/** The attention core of one layer and micro-batch that a group of ranks shares; heads are those of a tensor rank. */
export interface ContextWork {
  /** The core of the whole sequences, as one rank alone would run it. */
  readonly shape: AttentionShape;
  /** Ranks that share each sequence. */
  readonly ranks: number;
  /** Of these, ranks that exchange heads for tokens under the hierarchical exchange. */
  readonly inner: number;
  readonly balance: ContextBalance;
}

/**
 * zig-zag: 2 c chunks, rank r has chunks r and 2 c - 1 - r, so that all attend to as many keys; contiguous: rank r has
 * the r-th of c.
 * @source llama3-2024 section 3.3.2
 */
export type ContextBalance = "zig-zag" | "contiguous";

/** Kernel calls of one shape. */
export interface CoreCall {
  readonly shape: AttentionShape;
  readonly count: number;
}

/** Bytes that the busiest rank sends, one direction. */
export interface PassBytes {
  readonly forward: Bytes;
  readonly backward: Bytes;
}

/** Where an exchange runs, and under how much attention: seconds of the core of one rank. */
export interface ContextRun {
  readonly platform: Platform;
  readonly group: GroupPlacement;
  /** Ranks that exchange heads, and those of the ring around them, under the hierarchical exchange. */
  readonly innerGroup: GroupPlacement;
  readonly outerGroup: GroupPlacement;
  readonly core: PassTimes;
}

export interface ContextMethod {
  readonly name: string;
  readonly summary: string;
  /** Why this work cannot be shared so; undefined where it can. */
  problem(work: ContextWork): string | undefined;
  bytes(work: ContextWork): PassBytes;
  /** Kernel calls of the busiest rank; their pairs are the work's over the ranks where the balance is even. */
  calls(work: ContextWork): readonly CoreCall[];
  /** Ranks over which tokens stay cut while the core runs, and the core they share. */
  cut(work: ContextWork): { readonly ranks: number; readonly shape: AttentionShape };
  /** Memory-bound passes around the kernels of the busiest rank: merging, ordering. */
  pass(work: ContextWork): Pick<PassOperator, "forwardBytes" | "backwardBytes" | "forwardKernels" | "backwardKernels">;
  /** Exposed and hidden time. */
  time(work: ContextWork, run: ContextRun): Exchange;
  /** Buffers that live while one layer's core runs, beside its activations. */
  buffers(work: ContextWork): Bytes;
}

/** 16-bit elements on the wire. */
export const element = 2;

/** Bytes that one rank holds of the micro-batch: queries, keys with values, and outputs of one tensor rank's heads. */
export interface LocalBytes {
  readonly query: Bytes;
  readonly keyValue: Bytes;
  readonly output: Bytes;
}

export function localBytes({ shape, ranks }: Pick<ContextWork, "shape" | "ranks">): LocalBytes {
  const tokens = (shape.sequences * shape.queries) / ranks;
  return {
    query: tokens * shape.heads * shape.headDim * element,
    keyValue: tokens * shape.keyValueHeads * (shape.headDim + shape.valueHeadDim) * element,
    output: tokens * shape.heads * shape.valueHeadDim * element,
  };
}
