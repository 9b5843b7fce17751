/** How a layer is cut for one rank, which kernels the stack runs it with, and what the backward pass computes again. */

import type { LayerShard, LayerStyle, Module } from "../compute/index.ts";
import type { TrainingCase } from "./case.ts";

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

/** The plain dispatchers sort before and after the exchange, DeepEP after it; HybridEP sorts while it copies. */
const permutePasses = { "all-to-all": 2, "all-gather": 2, deepep: 1, hybridep: 0 } as const;

export function layerStyle({ model, software }: TrainingCase): LayerStyle {
  return {
    attention: software.kernels.attention,
    elementwise: software.kernels.elementwise,
    dropout: software.kernels.dropout,
    rotary: withoutRotary.has(model.family) ? "off" : "on",
    expertImbalance: software.expertImbalance,
    expertBias: software.kernels.expertBias,
    permutePasses: permutePasses[software.dispatcher],
  };
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
