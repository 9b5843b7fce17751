/** What a step time is asked for: a model on accelerators, how it is divided, in which formats, by which engine. */

import type { Seconds } from "../../base/quantity.ts";
import type { Accelerator } from "../../catalog/accelerator.ts";
import type { NarrowFormat } from "../../catalog/calibration/kernels.ts";
import type { ServingConstants } from "../../catalog/calibration/serving.ts";
import type { ModelArchitecture, StorageFormat } from "../../catalog/model.ts";
import { bytesPerWeight } from "../../catalog/models/index.ts";
import { formatBytes, formatSupported, type GemmFormat, type Kernels } from "../../compute/index.ts";
import type { Dispatcher, Library, Platform } from "../../network/index.ts";

export interface StepOptions {
  readonly model: ModelArchitecture;
  readonly accelerator: Accelerator;
  /** Network of the replica's accelerators. */
  readonly platform: Platform;
  readonly layout: ServingLayout;
  readonly precision: ServingPrecision;
  /** Bytes of one element of the cache of keys and values: 2 or 1. */
  readonly cacheBytes: number;
  readonly engine: EngineKernels;
  readonly constants: ServingConstants;
  /** Kernel times, where they come from a user's tables; absent: calibrated ones of the accelerator and the engine. */
  readonly kernels?: Kernels;
  /**
   * How tokens are drawn: plain (greedy, or at a temperature), or from the most likely ones (top-p, top-k), which
   * sorts the vocabulary.
   */
  readonly sampling: "plain" | "sorted";
}

/** One replica has tensor x attentionData x pipeline accelerators. */
export interface ServingLayout {
  readonly tensor: number;
  readonly pipeline: number;
  /** Ways the experts are spread; what is left of tensor x attentionData divides each expert. */
  readonly expert: number;
  /** Attention data-parallel ranks, each of `tensor` accelerators. */
  readonly attentionData: number;
}

export type LinearPart = "attention" | "dense" | "shared" | "routed" | "head";

/** The format that products run in, and the bytes of a stored weight: fewer under weight-only quantisation. */
export interface LinearPrecision {
  readonly compute: GemmFormat;
  readonly weightBytes: number;
  /** Weights of four bits multiplied in 16 run kernels of their own; of mxfp4 those of Marlin. */
  readonly stored?: NarrowFormat | "mxfp4";
}

export type ServingPrecision = Readonly<Record<LinearPart, LinearPrecision>>;

/** Timed tables of expert kernels; Triton's on Blackwell by those of vLLM's table there. */
export type ExpertTable = "vllm" | "trtllm" | "triton";

/** How one engine runs the operators. */
export interface EngineKernels {
  /** Stack whose kernel tables come first. */
  readonly library: "vllm" | "trtllm";
  /** All-reduce kernels, where they were measured on such links. */
  readonly allReduce: Exclude<Library, "nccl">;
  /**
   * Tokens up to which more than two ranks reduce in one shot, however large they are, and beyond which by the collective
   * library; absent: as was measured, by size.
   */
  readonly oneShotTokens?: number;
  /** Whose expert kernels run for a format; absent: those of `library`. */
  readonly experts: Readonly<Partial<Record<GemmFormat, ExpertTable>>>;
  /**
   * Shared experts run before the routed ones, on a stream beside them, or as one more of them that every token takes
   * where they are like them and experts are not spread (else beside them).
   */
  readonly sharedExperts: "before" | "beside" | "routed";
  readonly sortedSampler: SortedSampler;
  /** Passes that ride in the kernels beside them and cost nothing of their own. */
  readonly fused: readonly FusedPass[];
  /** How the inputs of gated delta nets are made. */
  readonly deltaInputs: "separate" | "as-stored";
  /** How tokens reach experts on other data-parallel ranks. */
  readonly dispatcher: Dispatcher;
  /** Token counts that graphs were captured for, ascending; batches up to the last are padded to the next one. */
  readonly graphSizes: readonly number[];
  /** Whether batches with prompt tokens replay graphs too (piecewise). */
  readonly mixedGraphs: "on" | "off";
}

/** Casting activations to the products' format; rotary embedding with the write of new keys and values. */
export type FusedPass = "quantize" | "rotary" | "norm";

/** Time that drawing from the most likely tokens adds to a plain draw. */
export interface SortedSampler {
  readonly start: Seconds;
  readonly perLogit: Seconds;
}

/** A part stored in a format, multiplied in it where the accelerator has units for it, else in 16 bit. */
export function linearPrecision(format: StorageFormat, accelerator: Accelerator): LinearPrecision {
  if (format !== "int4" && format !== "fp32" && formatSupported(accelerator, format)) {
    return { compute: format, weightBytes: formatBytes(format) };
  }
  const stored = format === "int4" ? { stored: format } : {};
  return { compute: "bf16", weightBytes: bytesPerWeight(format), ...stored };
}

/** Formats of the weights as published. */
export function publishedPrecision(model: ModelArchitecture, accelerator: Accelerator): ServingPrecision {
  const of = (part: LinearPart): LinearPrecision => linearPrecision(model.weights?.[part] ?? "bf16", accelerator);
  return {
    attention: of("attention"),
    dense: of("dense"),
    shared: of("shared"),
    routed: of("routed"),
    head: of("head"),
  };
}

/** Every product of the layers in one format, the head in 16 bit, as quantising tools leave it. */
export function uniformPrecision(format: StorageFormat, accelerator: Accelerator): ServingPrecision {
  const all = linearPrecision(format, accelerator);
  return { attention: all, dense: all, shared: all, routed: all, head: linearPrecision("bf16", accelerator) };
}

/** Formats of a scenario: as published, or one for all layers. */
export function precisionFor(
  precision: StorageFormat | "as-published",
  model: ModelArchitecture,
  accelerator: Accelerator,
): ServingPrecision {
  return precision === "as-published"
    ? publishedPrecision(model, accelerator)
    : uniformPrecision(precision, accelerator);
}
