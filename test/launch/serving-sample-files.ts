/** Public launches of inference engines that are kept for tests, with what each leaves open. Origins are in samples/README.md. */

import type { Sample } from "./sample-files.ts";

const bench = "jyothisambolu/InferenceMAX/benchmarks";
const trt = "NVIDIA/TensorRT-LLM/examples/configs";
const load = { CONC: "16", ISL: "1024", OSL: "1024", RANDOM_RANGE_RATIO: "0.8" };
const deepseek = { ...load, TP: "8", MODEL: "deepseek-ai/DeepSeek-R1-0528" };
const gptOss = { ...load, TP: "2", MODEL: "openai/gpt-oss-120b" };

export const servingSamples: readonly Sample[] = [
  { path: `${bench}/gptoss_fp4_h200_slurm.sh`, format: "vllm", options: { node: "hgx-h200", set: gptOss } },
  {
    path: `${bench}/70b_fp8_h100_docker.sh`,
    format: "vllm",
    options: { set: { ...load, TP: "2", MODEL: "nvidia/Llama-3.1-70B-Instruct-FP8", MAX_MODEL_LEN: "10240" } },
  },
  { path: "kubernetes-sigs/lws/docs/examples/vllm/GPU/lws.yaml", format: "vllm" },
  {
    path: "vllm-project/vllm/benchmarks/disagg_benchmarks/disagg_performance_benchmark.sh",
    format: "vllm",
    options: { software: "vllm@0.8" },
  },
  { path: `${bench}/dsr1_fp8_h200_slurm.sh`, format: "sglang", options: { node: "hgx-h200", set: deepseek } },
  { path: `${bench}/dsr1_mi325x_docker.sh`, format: "sglang", options: { node: "mi325x-8", set: deepseek } },
  {
    path: "sgl-project/sglang/docker/k8s-sglang-service.yaml",
    format: "sglang",
    options: { set: { "request-rate": "8", "random-input-len": "512", "num-prompts": "500" } },
  },
  { path: `${bench}/gptoss_fp4_h200_trt_slurm.sh`, format: "tensorrt-llm", options: { node: "hgx-h200", set: gptOss } },
  {
    path: `${trt}/curated/llama-3.3-70b.yaml`,
    format: "tensorrt-llm",
    options: { node: "hgx-b200", model: "meta-llama/Llama-3.3-70B-Instruct" },
  },
  { path: `${trt}/curated/qwen3.yaml`, format: "tensorrt-llm", options: { model: "Qwen/Qwen3-30B-A3B" } },
  {
    path: `${trt}/database/deepseek-ai/DeepSeek-R1-0528/B200/1k1k_tp8_conc64.yaml`,
    format: "tensorrt-llm",
    options: {
      node: "hgx-b200",
      model: "deepseek-ai/DeepSeek-R1",
      set: { "max-concurrency": "64", "num-prompts": "320", "random-output-len": "1024" },
    },
  },
];
