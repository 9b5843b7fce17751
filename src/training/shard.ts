/** How a layer is cut for one rank, which kernels the stack runs it with, and what the backward pass computes again. */

import type { LayerKind } from "../catalog/model.ts";
import type { LayerShard, LayerStyle, Module } from "../compute/index.ts";
import type { TrainingCase, TrainingPrecision } from "./case.ts";
import { microBatches } from "./parallel.ts";
import { expertImbalance } from "./routing.ts";
import type { SoftwareProfile } from "./software.ts";

export function layerShard({ layout, sequenceLength }: TrainingCase): LayerShard {
  return {
    tensor: layout.tensor,
    sequenceParallel: layout.sequenceParallel,
    context: layout.context,
    expert: layout.expert,
    expertTensor: layout.expertTensor,
    sequences: layout.microBatch,
    sequenceLength,
  };
}

const withoutRotary: ReadonlySet<string> = new Set(["gpt2", "opt", "bloom", "mpt", "gpt3"]);

/** YaRN that also scales queries and keys: no `mscale` in the configuration cancels its factor. */
const scaledRotary: ReadonlySet<string> = new Set(["gpt_oss"]);

/**
 * Transformer Engine's rotary kernel takes no scale: Megatron then turns queries and keys operation by operation.
 * @source megatron-core-rotary
 */
function rotaryOf(family: string, { host }: SoftwareProfile): LayerStyle["rotary"] {
  if (withoutRotary.has(family)) return "off";
  return scaledRotary.has(family) && host === "megatron" ? "separate" : "fused";
}

/**
 * The plain dispatchers sort before and after the exchange, DeepEP and HybridEP after it; HybridEP can do it while it
 * copies, which training stacks of 2025 and early 2026 do not use.
 * @source hybridep-permutation
 */
function permutePasses({ dispatcher, kernels }: SoftwareProfile): number {
  if (dispatcher === "hybridep" && kernels.permutation === "in-copy") return 0;
  return dispatcher === "all-to-all" || dispatcher === "all-gather" ? 2 : 1;
}

/**
 * Rows of an expert are a multiple of this: block-scaled formats scale 32 rows at a time along either side, other 8-bit
 * products take 16, 4-bit ones 32. A capacity gives every expert such a multiple already.
 * @source megatron-core-experts
 */
function rowAlignment(precision: TrainingPrecision, { routing }: SoftwareProfile): number {
  if (routing === "capacity") return 1;
  if (precision === "mxfp8" || precision === "nvfp4") return 32;
  return precision.startsWith("fp8") ? 16 : 1;
}

/** How the stack runs a layer of this kind whose products run in `precision`. */
export function layerStyle(
  c: TrainingCase,
  { feedForward: feed }: LayerKind,
  precision: TrainingPrecision,
): LayerStyle {
  const { model, software } = c;
  const { kernels } = software;
  return {
    attention: kernels.attention,
    elementwise: kernels.elementwise,
    dropout: kernels.dropout,
    rotary: rotaryOf(model.family, software),
    expertImbalance: feed.kind === "experts" ? expertImbalance(c, feed) : 1,
    expertBias: kernels.expertBias,
    expertBiasSums: kernels.expertBiasSums,
    permutePasses: permutePasses(software),
    rowAlignment: rowAlignment(precision, software),
    // HybridEP fills up where it sorts.
    rowFilling: software.dispatcher === "hybridep" ? "fused" : kernels.rowFilling,
    router: kernels.router,
    accumulationBytes: accumulationBytes(c),
  };
}

/**
 * Bytes that a pass of its own moves for each weight and micro-batch to add up gradients: it reads the product's 16-bit
 * result and reads and writes the sum. A sum in 16 bit starts as the first micro-batch's result. Sharded gradients are
 * added up shard by shard, which is not counted.
 *
 *     2 + 2 g,   g bytes of a stored gradient
 *
 * @source megatron-lm-accumulation
 */
export function accumulationBytes(c: TrainingCase): number {
  const { layout, software, tuning } = c;
  const whole = layout.sharding === "none" || layout.sharding === "optimizer";
  if (!whole || software.kernels.gradientAccumulation === "product" || tuning.method === "lora") return 0;
  const { gradient } = software.bytes;
  const first = gradient > 2 ? 0 : 1 / microBatches(layout, c.globalBatch);
  return (2 + 2 * gradient) * (1 - first);
}

/** What the backward pass computes again. */
export type Recomputed = "all" | "all-needed" | readonly Module[];

/** Modules recomputed in the backward pass. */
export function recomputedModules({ layout, software }: Pick<TrainingCase, "layout" | "software">): Recomputed {
  if (layout.recompute === "full") return software.kernels.recompute === "needed" ? "all-needed" : "all";
  if (layout.recompute === "none") return [];
  if (layout.recompute === "selective") return ["attention-core"];
  return layout.recompute;
}
