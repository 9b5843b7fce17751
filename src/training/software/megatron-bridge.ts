/** NVIDIA Megatron-Bridge releases: Megatron-Core with Transformer Engine. Recipes change switches per model. */

import type { SoftwareProfile } from "../software.ts";

const base: SoftwareProfile = {
  name: "megatron-bridge",
  version: "25.09",
  label: "Megatron-Bridge 25.09",
  kernels: {
    attention: "cudnn",
    elementwise: "transformer-engine",
    expertBias: "separate",
    expertBiasSums: "registers",
    router: "fused",
    permutation: "separate",
    rowFilling: "separate",
    expertWeights: "activation",
    activationInputs: "16-bit",
    gradientAccumulation: "product",
    crossEntropy: "fused",
    recompute: "whole",
    dropout: "off",
  },
  overlap: {
    tensor: "off",
    tensorGradient: "on",
    gradientReduce: "on",
    parameterGather: "on",
    pipeline: "on",
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
  optimizer: "fused",
  host: "megatron",
  state: {
    weightShard: "copy",
    reduceEvery: "round",
    lastBlock: "resharded",
    gradients: "zero-2",
    prefetch: "before",
  },
  expertImbalance: 1,
  sources: ["megatron-bridge-summary"],
};

/** The patch release's kernel compiler spills where fused products add up gradients of experts' biases. */
const spilling: SoftwareProfile = {
  ...base,
  version: "26.06.01",
  label: "Megatron-Bridge 26.06.01",
  kernels: { ...base.kernels, expertBiasSums: "memory" },
  sources: [...base.sources, "cudnn-frontend-dglu", "megatron-bridge-gpt-oss"],
};

const releases = ["25.09", "25.11", "26.02", "26.04", "26.06"].map((version) => ({
  ...base,
  version,
  label: `Megatron-Bridge ${version}`,
}));

/** Whoever names no version is told the last: the one without the patch release's fault. */
export const megatronBridgeProfiles: readonly SoftwareProfile[] = [spilling, ...releases];
