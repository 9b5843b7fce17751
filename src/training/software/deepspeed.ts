/** Megatron-DeepSpeed: the Megatron model with DeepSpeed's engine. */

import type { SoftwareProfile } from "../software.ts";

export const deepspeedProfiles: readonly SoftwareProfile[] = [
  {
    name: "megatron-deepspeed",
    version: "2022",
    label: "Megatron-DeepSpeed 2022",
    kernels: {
      attention: "unfused",
      elementwise: "fused",
      expertBias: "separate",
      router: "fused",
      permutation: "separate",
      rowFilling: "separate",
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
      expert: "off",
    },
    cudaGraphs: "none",
    contextExchange: "ring",
    dispatcher: "all-to-all",
    routing: "dropless",
    bytes: { gradient: 2, gradientReduce: 2, parameterGather: 2, master: 4, moments: 8 },
    optimizer: "multi-tensor",
    host: "megatron",
    expertImbalance: 1,
    sources: ["smith-2022"],
  },
];
