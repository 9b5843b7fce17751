/** PyTorch FSDP stacks: MosaicML's llm-foundry on Composer. */

import type { SoftwareProfile } from "../software.ts";

const foundry: SoftwareProfile = {
  name: "llm-foundry",
  version: "0.1",
  label: "llm-foundry 0.1 on Composer 0.14, torch 1.13 to 2.0",
  kernels: {
    attention: "flash-1",
    elementwise: "eager",
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
    tensorGradient: "off",
    gradientReduce: "on",
    parameterGather: "on",
    pipeline: "off",
    expert: "off",
  },
  cudaGraphs: "none",
  contextExchange: "ring",
  dispatcher: "all-to-all",
  routing: "dropless",
  bytes: { gradient: 4, gradientReduce: 2, parameterGather: 2, master: 4, moments: 8 },
  optimizer: "multi-tensor",
  host: "fsdp",
  expertImbalance: 1,
  sources: ["mosaic-mpt"],
};

export const fsdpProfiles: readonly SoftwareProfile[] = [
  foundry,
  {
    ...foundry,
    version: "0.5",
    label: "llm-foundry 0.5 on Composer 0.17, torch 2.1",
    kernels: { ...foundry.kernels, recompute: "needed" },
  },
];
