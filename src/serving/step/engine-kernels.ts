/** How the engines run operators, by name: kernels, all-reduces, graphs. */

import type { Accelerator } from "../../catalog/accelerator.ts";
import { isSince } from "../version.ts";
import type { EngineKernels, SortedSampler } from "./options.ts";

/**
 * Top-p over 128 rows of 32,768 and 131,072 logits: 0.626 and 2.318 ms by sorting in PyTorch, 0.260 and 0.528 ms by
 * Triton kernels, 0.046 and 0.139 ms by FlashInfer, all on one part of 2026.
 * @source vllm-sampler-benchmark
 */
export const sortedSamplers: Readonly<Record<"sort" | "triton" | "flashinfer", SortedSampler>> = Object.freeze({
  sort: { start: 100e-6, perLogit: 0.13e-9 },
  triton: { start: 170e-6, perLogit: 0.021e-9 },
  flashinfer: { start: 15e-6, perLogit: 0.0074e-9 },
});

/** 1, 2, 4, then multiples of 8 to 256 and of 16 beyond. @source vllm-compilation-config */
export function vllmGraphSizes(largest: number): readonly number[] {
  const sizes = [1, 2, 4];
  for (let size = 8; size <= 256; size += 8) sizes.push(size);
  for (let size = 272; size <= largest; size += 16) sizes.push(size);
  return sizes.filter((size) => size <= largest);
}

/** vLLM sorts in PyTorch up to 0.15, and by kernels of its own from 0.16 on. */
function vllmSampler(version: string): SortedSampler {
  return isSince(version, "0.16") ? sortedSamplers.triton : sortedSamplers.sort;
}

/**
 * Experts in 8 bit with a scale a channel run CUTLASS grouped products, as TensorRT-LLM's do; vLLM's table is of its
 * Triton kernel without tuned tiles, two to three times slower on Hopper.
 * @source vllm-cutlass-experts
 * @param sequences most that run at once.
 */
export function vllmKernels(sequences: number, version: string): EngineKernels {
  return {
    library: "vllm",
    experts: { fp8: "trtllm" },
    sharedExperts: "before",
    fused: [],
    sortedSampler: vllmSampler(version),
    allReduce: "custom/vllm",
    deltaInputs: "separate",
    dispatcher: "all-gather",
    graphSizes: vllmGraphSizes(Math.min(2 * sequences, 512)),
    mixedGraphs: "on",
  };
}

/**
 * SGLang runs the same all-reduce kernel as vLLM, and graphs for decode batches only. From 0.5.10 on it joins the inputs of
 * Qwen3.5's delta nets.
 * @source sglang-delta-inputs
 */
export function sglangKernels(sequences: number, version: string): EngineKernels {
  return {
    ...vllmKernels(sequences, version),
    sortedSampler: sortedSamplers.flashinfer,
    deltaInputs: isSince(version, "0.5.10") ? "separate" : "as-stored",
    graphSizes: vllmGraphSizes(Math.min(sequences, 512)),
    mixedGraphs: "off",
  };
}

/**
 * Engines run shared experts on a second stream on NVIDIA's parts: TensorRT-LLM and SGLang while they capture graphs, vLLM
 * from 0.12 on. SGLang takes DeepSeek-V3's on Hopper as a 257th that every token is sent to; on Blackwell its usual
 * kernels of experts switched that off.
 * @source vllm-shared-experts-stream sglang-shared-experts tensorrt-llm-deepseek
 */
export function sharedExpertsOf(
  { name, version }: { readonly name: string; readonly version: string },
  { generation, vendor }: Pick<Accelerator, "generation" | "vendor">,
): EngineKernels["sharedExperts"] {
  if (vendor !== "NVIDIA") return "before";
  if (name === "sglang") return generation === "hopper" ? "routed" : "beside";
  if (name === "tensorrt-llm") return "beside";
  return isSince(version, "0.12") ? "beside" : "before";
}

/**
 * TensorRT-LLM casts inside norms, activations and attention, turns and stores keys inside attention, and norms inside
 * small all-reduces. Its table of 4-bit experts mixes two kernels under one key; vLLM's, on Blackwell, is of the very
 * kernels that TensorRT-LLM takes. Before 1.2 it chose all-reduces by tokens alone.
 * @source tensorrt-llm-fusions tensorrt-llm-allreduce-choice
 */
export function tensorrtKernels(sequences: number, version: string): EngineKernels {
  return {
    ...(isSince(version, "1.2") ? {} : { oneShotTokens: 128 }),
    library: "trtllm",
    experts: { nvfp4: "vllm", mxfp4: "vllm" },
    sharedExperts: "before",
    fused: ["quantize", "rotary", "norm"],
    sortedSampler: sortedSamplers.flashinfer,
    allReduce: "custom/tensorrt-llm",
    deltaInputs: "separate",
    dispatcher: "all-gather",
    graphSizes: vllmGraphSizes(sequences),
    mixedGraphs: "off",
  };
}
