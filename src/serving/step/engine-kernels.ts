/** How the engines run operators, by name: kernels, all-reduces, graphs. */

import type { EngineKernels } from "./options.ts";

/** 1, 2, 4, then multiples of 8 to 256 and of 16 beyond. @source vllm-compilation-config */
export function vllmGraphSizes(largest: number): readonly number[] {
  const sizes = [1, 2, 4];
  for (let size = 8; size <= 256; size += 8) sizes.push(size);
  for (let size = 272; size <= 512; size += 16) sizes.push(size);
  return sizes.filter((size) => size <= largest);
}

/** @param sequences most that run at once. */
export function vllmKernels(sequences: number): EngineKernels {
  return {
    library: "vllm",
    allReduce: "custom/vllm",
    dispatcher: "all-gather",
    graphSizes: vllmGraphSizes(Math.min(2 * sequences, 512)),
    mixedGraphs: "on",
  };
}

/** SGLang runs the same all-reduce kernel as vLLM, and graphs for decode batches only. */
export function sglangKernels(sequences: number): EngineKernels {
  return { ...vllmKernels(sequences), graphSizes: vllmGraphSizes(Math.min(sequences, 512)), mixedGraphs: "off" };
}

export function tensorrtKernels(sequences: number): EngineKernels {
  return {
    library: "trtllm",
    allReduce: "custom/tensorrt-llm",
    dispatcher: "all-gather",
    graphSizes: vllmGraphSizes(sequences),
    mixedGraphs: "off",
  };
}
