/** Megatron-LM and Megatron-Core through the years, and MLPerf's NeMo stack built on it. */

import type { SoftwareProfile } from "../software.ts";

const core: SoftwareProfile = {
  name: "megatron-core",
  version: "2024.07",
  label: "Megatron-Core 0.8 era",
  kernels: {
    attention: "cudnn",
    elementwise: "transformer-engine",
    expertBias: "separate",
    router: "fused",
    permutation: "separate",
    rowFilling: "separate",
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
  bytes: { gradient: 4, gradientReduce: 4, parameterGather: 2, master: 4, moments: 8 },
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
  sources: ["megatron-core-readme"],
};

/** SC21 and 2022 stacks: no flash attention, dropout on, gradients reduced after the backward pass. */
const early: SoftwareProfile = {
  ...core,
  name: "megatron",
  version: "2021",
  label: "Megatron-LM 2.x (SC21)",
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
    optimizerOffload: "on",
    expert: "off",
    sharedExpert: "off",
  },
  bytes: { gradient: 4, gradientReduce: 4, parameterGather: 2, master: 4, moments: 8 },
  sources: ["narayanan-2021"],
};

export const megatronProfiles: readonly SoftwareProfile[] = [
  early,
  {
    ...early,
    version: "2022",
    label: "Megatron-LM 3.0 (sequence parallelism, selective recompute)",
    overlap: { ...early.overlap, tensorGradient: "on" },
    sources: ["korthikanti-2022"],
  },
  { ...core, version: "0.8", label: "Megatron-Core r0.8.0", overlap: { ...core.overlap, tensor: "on" } },
  core,
  {
    ...core,
    name: "nemo",
    version: "2024",
    label: "NeMo 2024 (Megatron-Core)",
    overlap: { ...core.overlap, tensor: "on" },
  },
  {
    ...core,
    name: "mlperf-nemo",
    version: "4.0",
    label: "NeMo as tuned for MLPerf Training v4.0",
    cudaGraphs: "full",
    overlap: { ...core.overlap, tensor: "on" },
    sources: ["mlperf-training-4.0"],
  },
];
