/** PyTorch FSDP stacks: MosaicML's llm-foundry on Composer (FSDP1), torchtitan (FSDP2). */

import type { SoftwareProfile } from "../software.ts";

const foundry: SoftwareProfile = {
  name: "llm-foundry",
  version: "0.1",
  label: "llm-foundry 0.1 on Composer 0.14, torch 1.13 to 2.0",
  kernels: {
    attention: "flash-1",
    elementwise: "eager",
    expertBias: "separate",
    expertBiasSums: "registers",
    router: "fused",
    permutation: "separate",
    rowFilling: "separate",
    expertWeights: "outputs",
    activationInputs: "16-bit",
    gradientAccumulation: "product",
    crossEntropy: "fused",
    recompute: "whole",
    dropout: "off",
  },
  overlap: {
    tensor: "off",
    tensorGradient: "off",
    gradientReduce: "on",
    parameterGather: "on",
    pipeline: "off",
    optimizerOffload: "on",
    expert: "off",
    sharedExpert: "off",
  },
  cudaGraphs: "none",
  contextExchange: "ring",
  dispatcher: "all-to-all",
  routing: "dropless",
  bytes: { gradient: 4, gradientReduce: 2, parameterGather: 2, master: 4, moments: 8 },
  optimizerRule: "adam",
  optimizer: "multi-tensor",
  host: "fsdp",
  state: {
    weightShard: "master",
    reduceEvery: "micro-batch",
    lastBlock: "resharded",
    gradients: "shard-grad-op",
    prefetch: "after",
  },
  expertImbalance: 1,
  sources: ["mosaic-mpt"],
};

/**
 * torchtitan: fully_shard block by block with 32-bit shards, 16-bit gathers and 32-bit reductions, the last block kept;
 * every block compiled.
 */
const titan: SoftwareProfile = {
  ...foundry,
  name: "torchtitan",
  version: "2025",
  label: "torchtitan 2025 (FSDP2, compiled blocks)",
  kernels: { ...foundry.kernels, attention: "flash", elementwise: "compiled", recompute: "needed" },
  overlap: { ...foundry.overlap, pipeline: "on" },
  contextExchange: "all-gather",
  bytes: { gradient: 4, gradientReduce: 4, parameterGather: 2, master: 4, moments: 8 },
  optimizer: "fused",
  state: {
    weightShard: "master",
    reduceEvery: "micro-batch",
    lastBlock: "kept",
    gradients: "shard-grad-op",
    prefetch: "before",
  },
  sources: ["torchtitan", "torch-fully-shard"],
};

export const fsdpProfiles: readonly SoftwareProfile[] = [
  foundry,
  {
    ...foundry,
    version: "0.5",
    label: "llm-foundry 0.5 on Composer 0.17, torch 2.1",
    kernels: { ...foundry.kernels, recompute: "needed" },
  },
  titan,
];
