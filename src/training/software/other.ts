/** Stacks outside the Megatron and FSDP families: TPU (XLA), AMD Primus, DeepSeek's own, Pathways. */

import type { SoftwareProfile } from "../software.ts";

const xla: SoftwareProfile = {
  name: "maxtext",
  version: "2024",
  label: "MaxText 2024 (XLA)",
  kernels: {
    attention: "flash",
    elementwise: "compiled",
    expertBias: "separate",
    crossEntropy: "fused",
    recompute: "whole",
    dropout: "off",
  },
  overlap: {
    tensor: "on",
    tensorGradient: "on",
    gradientReduce: "on",
    parameterGather: "on",
    pipeline: "on",
    expert: "off",
  },
  cudaGraphs: "full",
  contextExchange: "all-gather",
  dispatcher: "all-to-all",
  routing: "dropless",
  bytes: { gradient: 4, gradientReduce: 4, parameterGather: 2, master: 4, moments: 8 },
  optimizer: "fused",
  host: "xla",
  expertImbalance: 1,
  sources: ["maxtext-readme"],
};

export const otherProfiles: readonly SoftwareProfile[] = [
  { ...xla, name: "pathways", version: "2022", label: "T5X on Pathways (PaLM)", sources: ["chowdhery-2022"] },
  xla,
  { ...xla, version: "2025", label: "MaxText 2025 (XLA)" },
  {
    ...xla,
    name: "primus",
    version: "2025",
    label: "AMD Primus (Megatron and torchtitan on ROCm)",
    overlap: { ...xla.overlap, tensor: "off", expert: "off" },
    cudaGraphs: "none",
    contextExchange: "ring",
    host: "megatron",
    bytes: { gradient: 4, gradientReduce: 2, parameterGather: 2, master: 4, moments: 8 },
    sources: ["primus-projection"],
  },
  {
    ...xla,
    name: "deepseek-hai",
    version: "2024",
    label: "DeepSeek HAI-LLM (DualPipe, DeepEP)",
    overlap: {
      tensor: "off",
      tensorGradient: "off",
      gradientReduce: "on",
      parameterGather: "on",
      pipeline: "on",
      expert: "on",
    },
    cudaGraphs: "none",
    contextExchange: "ring",
    dispatcher: "deepep",
    routing: "dropless",
    host: "megatron",
    bytes: { gradient: 4, gradientReduce: 4, parameterGather: 2, master: 4, moments: 4 },
    sources: ["deepseek-v3-2024"],
  },
];
