/** DeepSpeed's engine: under the Megatron model of 2022, and under Hugging Face's trainer. */

import type { SoftwareProfile } from "../software.ts";

const classic: SoftwareProfile = {
  name: "megatron-deepspeed",
  version: "2022",
  label: "Megatron-DeepSpeed 2022",
  kernels: {
    attention: "unfused",
    elementwise: "fused",
    expertBias: "separate",
    expertBiasSums: "registers",
    router: "fused",
    permutation: "separate",
    rowFilling: "separate",
    expertWeights: "outputs",
    activationInputs: "16-bit",
    gradientAccumulation: "separate",
    crossEntropy: "eager",
    recompute: "whole",
    dropout: "on",
  },
  overlap: {
    tensor: "off",
    tensorGradient: "off",
    gradientReduce: "off",
    parameterGather: "off",
    pipeline: "off",
    optimizerOffload: "on",
    expert: "off",
    sharedExpert: "off",
  },
  cudaGraphs: "none",
  contextExchange: "ring",
  dispatcher: "all-to-all",
  routing: "dropless",
  bytes: { gradient: 2, gradientReduce: 2, parameterGather: 2, master: 4, moments: 8 },
  optimizerRule: "adam",
  optimizer: "multi-tensor",
  host: "megatron",
  state: {
    weightShard: "copy",
    reduceEvery: "micro-batch",
    lastBlock: "resharded",
    gradients: "zero-2",
    prefetch: "before",
  },
  expertImbalance: 1,
  sources: ["smith-2022"],
};

/** ZeRO under Hugging Face's trainer: eager modules with flash attention, gathers prefetched, gradients in 16 bit. */
const engine: SoftwareProfile = {
  ...classic,
  name: "deepspeed",
  version: "0.16",
  label: "DeepSpeed 0.16 under Hugging Face Trainer",
  kernels: { ...classic.kernels, attention: "flash", elementwise: "eager", recompute: "needed", dropout: "off" },
  overlap: { ...classic.overlap, gradientReduce: "on", parameterGather: "on" },
  optimizerRule: "adam",
  optimizer: "fused",
  host: "fsdp",
  sources: ["deepspeed-configuration", "rajbhandari-2020"],
};

export const deepspeedProfiles: readonly SoftwareProfile[] = [classic, engine];
