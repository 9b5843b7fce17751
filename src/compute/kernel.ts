/** The kernels every domain asks for, of one accelerator under one library stack. Times are of one call. */

import type { Bytes, Flop, Seconds } from "../base/quantity.ts";
import type { NarrowFormat, PassKind } from "../catalog/calibration/kernels.ts";

/** How a matrix product is done: operand format and, for quantised types, how scales are laid out. */
export type GemmFormat = "fp32" | "tf32" | "bf16" | "fp16" | "fp8" | "fp8-block" | "mxfp8" | "nvfp4" | "mxfp4" | "int8";

export interface AttentionShape {
  readonly sequences: number;
  /** Query tokens of each sequence. */
  readonly queries: number;
  /** Keys of each sequence, cached ones included. */
  readonly keys: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  readonly valueHeadDim: number;
  readonly causal: "causal" | "full";
  /** Sliding window size; absent means all. */
  readonly window?: number;
}

/** Absorbed latent attention of one token a sequence. */
export interface LatentDecodeShape {
  readonly sequences: number;
  readonly context: number;
  readonly heads: number;
  readonly keyValueRank: number;
  readonly ropeDim: number;
  readonly cacheBytes: number;
}

export interface Kernels {
  /**
   * y[m,n] = x[m,k] W[k,n]; operands already in the format, no quantisation kernel.
   * @param weightBytes bytes of a weight where it is stored narrower than it is multiplied (weight-only quantisation).
   */
  gemm(format: GemmFormat, m: number, n: number, k: number, weightBytes?: number): Seconds;
  /** The same with bf16 activations quantised on the fly (inference engines, dynamic scales). */
  quantizedGemm(format: GemmFormat, m: number, n: number, k: number): Seconds;
  /** `groups` products that share n and k, `rows` rows in all, worst group `imbalance` times the mean. */
  groupedGemm(
    format: GemmFormat,
    shape: {
      readonly groups: number;
      readonly rows: number;
      readonly n: number;
      readonly k: number;
      readonly imbalance: number;
    },
  ): Seconds;
  /** Fused (flash) attention, forward: prefill or a training forward pass. */
  attention(shape: AttentionShape): Seconds;
  /** Backward of the same. */
  attentionBackward(shape: AttentionShape): Seconds;
  /** One query token per sequence against a paged cache. */
  decodeAttention(shape: {
    readonly sequences: number;
    readonly context: number;
    readonly heads: number;
    readonly keyValueHeads: number;
    readonly headDim: number;
    readonly cacheBytes: number;
  }): Seconds;
  /** Absorbed latent attention at decode. */
  latentDecodeAttention(shape: LatentDecodeShape): Seconds;
  /** Routed experts of one rank: both (three) products, with expert-weight reads. */
  experts(
    format: GemmFormat,
    shape: {
      readonly tokens: number;
      readonly topK: number;
      readonly localExperts: number;
      readonly experts: number;
      readonly hidden: number;
      readonly width: number;
      readonly gated: "gated" | "plain";
      readonly imbalance: number;
      /** Bytes of a weight where it is stored narrower than it is multiplied. */
      readonly weightBytes?: number;
      /** Weights of four bits multiplied in 16 run kernels of their own; of mxfp4 those of Marlin. */
      readonly stored?: NarrowFormat | "mxfp4";
      /** Distinct experts that are read; absent: the mean of a rank. */
      readonly reached?: number;
    },
  ): Seconds;
  /** A chunked scan of a recurrent mixer (delta rule, state-space), forward, so many FLOP. */
  scan(flop: Flop): Seconds;
  /** The short causal convolution before such a scan, forward, that reads and writes so many bytes. */
  convolution(bytes: Bytes): Seconds;
  /**
   * An elementwise kernel that moves so many bytes through memory: at streaming speed, or as slowly as the named kind
   * of kernel ran in inference engines of 2024 (norms and activations there reach a third to a half of it).
   */
  memoryPass(bytes: Bytes, kind?: PassKind): Seconds;
  /** How well these numbers are founded. */
  readonly basis: { readonly trust: "measured" | "interpolated" | "assumed"; readonly note: string };
}
