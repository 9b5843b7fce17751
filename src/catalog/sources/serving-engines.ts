/** Sources of what serving engines do by themselves: their arguments, defaults and memory. */

import type { Source } from "./source.ts";

const read = "2026-11";

export const servingEngineSources: Readonly<Record<string, Source>> = {
  "vllm-engine": {
    title: "vLLM: engine arguments, scheduler and cache configuration, and their defaults",
    year: 2026,
    where:
      "vllm/engine/arg_utils.py (batch defaults by memory), vllm/config/{scheduler,cache}.py, vllm/distributed/utils.py (layers of stages)",
    url: "https://github.com/vllm-project/vllm",
    date: read,
    kind: "source-code",
  },
  "vllm-scheduler": {
    title: "vLLM v1: scheduler, cache manager, block pool, and the balancer of data-parallel ranks",
    year: 2026,
    where:
      "vllm/v1/core/sched/scheduler.py, vllm/v1/core/{kv_cache_manager,block_pool}.py, vllm/v1/engine/core_client.py; room for the whole prompt: pull request 37307",
    url: "https://github.com/vllm-project/vllm",
    date: read,
    kind: "source-code",
  },
  "vllm-memory-profiling": {
    title: "vLLM: memory that start-up sets aside before the cache, and what it printed",
    year: 2026,
    where:
      "vllm/v1/worker/gpu_worker.py; pull request 21489 (0.07 GiB outside of torch, 0.65 GiB of graphs); graphs are counted since 0.21",
    url: "https://github.com/vllm-project/vllm/pull/21489",
    date: read,
    kind: "source-code",
  },
  "generation-configs": {
    title: "Published generation_config.json of Llama 3.1, Llama 4, Qwen2.5 and Qwen3: do_sample with top_p",
    year: 2025,
    where:
      "huggingface.co: meta-llama/Llama-3.1-8B-Instruct, Qwen/Qwen3-32B and their like, file generation_config.json",
    url: "https://huggingface.co/Qwen/Qwen3-32B/blob/main/generation_config.json",
    date: read,
    kind: "documentation",
  },
  "sglang-server-args": {
    title: "SGLang: server arguments and how those left out follow from the memory",
    year: 2026,
    where: "python/sglang/srt/server_args.py: chunked_prefill_size, cuda_graph_max_bs, mem_fraction_static",
    url: "https://github.com/sgl-project/sglang",
    date: read,
    kind: "source-code",
  },
  "sglang-streaming": {
    title: "SGLang pull requests 22548 and 22567: cost of streaming in the tokenizer manager",
    year: 2026,
    where:
      "H200, 4 replicas of Qwen3-1.7B, 400 prompts, answers up to 1,024: 21,753 tokens a second streamed, 28,828 not; time of copy and text by tokens so far (1.28 us at 331, 21.30 us at 5,247)",
    url: "https://github.com/sgl-project/sglang/pull/22548",
    date: read,
    kind: "measurement",
  },
  "sglang-scheduler": {
    title: "SGLang: scheduler, admission, retraction and radix cache",
    year: 2026,
    where:
      "python/sglang/srt at 00550cd11b35: managers/{scheduler,schedule_policy,schedule_batch}.py, mem_cache/radix_cache.py, environ.py (0.7, 0.14, 600, 20, 4096, 32)",
    url: "https://github.com/sgl-project/sglang",
    date: read,
    kind: "source-code",
  },
  "checkpoint-cache-format": {
    title: "Engines cache keys and values in the format that a checkpoint by ModelOpt asks for",
    year: 2026,
    where:
      "vllm-project/vllm pull 29980 (December 2025) and vllm/utils/torch_utils.py resolve_kv_cache_dtype_string; sglang model_runner.py configure_kv_cache_dtype; TensorRT-LLM: kv_cache_quant_algo of hf_quant_config.json",
    url: "https://github.com/vllm-project/vllm/pull/29980",
    date: read,
    kind: "source-code",
  },
  "flash-linear-attention": {
    title: "flash-linear-attention: chunked gated delta rule and its neighbours, as engines run them",
    year: 2025,
    where:
      "fla/ops/gated_delta_rule/chunk.py: l2norm_fwd twice, chunk_local_cumsum, chunk_scaled_dot_kkt_fwd, solve_tril, recompute_w_u_fwd, chunk_gated_delta_rule_fwd_h, chunk_fwd_o; fused_qkvzba_split_reshape_cat and causal_conv1d of sglang and vllm",
    url: "https://github.com/fla-org/flash-linear-attention",
    kind: "recalled",
  },
  "sglang-shared-gate": {
    title: "SGLang: Qwen2MoeSparseMoeBlock, shared_expert_gate",
    year: 2026,
    where: "python/sglang/srt/models/qwen2_moe.py: sigmoid(shared_expert_gate(x)) * shared_expert(x)",
    url: "https://github.com/sgl-project/sglang",
    kind: "recalled",
  },
  "tokenizer-speed": {
    title: "Hugging Face's tokenizers on one core, as developers measured them",
    year: 2026,
    where:
      "charlesxu.io/parallel-tokenizer (1M tokens, 4 MB in 1.1 s); vllm-project/vllm pull 19334 (100 requests of 10,000 tokens); benvanik's gist on IREE's tokenizer (2.7, 2.6, 2.5 MiB/s for English, Japanese and C)",
    url: "https://github.com/vllm-project/vllm/pull/19334",
    date: read,
    kind: "measurement",
  },
  "sglang-drafting-overlap": {
    title: "SGLang: overlap of scheduling with drafting (SGLANG_ENABLE_SPEC_V2), usual from 0.5.11 on",
    year: 2026,
    where:
      "pull 21062, merged on 29 April 2026, and issue 23005; Qwen3.5 on one request 298 to 324 tokens a second (pull 18906)",
    url: "https://github.com/sgl-project/sglang/pull/21062",
    date: read,
    kind: "source-code",
  },
  "sglang-triton-experts": {
    title: "SGLang: Triton's experts of DeepSeek-R1 in 8 bit on B200, over eight",
    year: 2025,
    where: "comment of 19 October 2025: tuning_fused_moe_triton.py --tp 8 --dtype w8a8, 1 to 24 tokens, before tuning",
    url: "https://github.com/sgl-project/sglang/pull/11816",
    date: read,
    kind: "measurement",
  },
  "sglang-delta-inputs": {
    title: "SGLang: inputs of Qwen3.5's gated delta nets as four products, then as two",
    year: 2026,
    where:
      "pull 20074 of 7 March 2026 (in_proj_qkv, in_proj_z, in_proj_b and in_proj_a apart), pull 21019 of 20 March (joined; releases of April have it)",
    url: "https://github.com/sgl-project/sglang/pull/21019",
    date: read,
    kind: "source-code",
  },
  "latent-attention-paths": {
    title: "Latent attention of decodes and of prompts, as engines launch it",
    year: 2026,
    where:
      "vllm/v1/attention/backends/mla/common.py forward (decodes and prompts of one iteration in turn); sglang/srt/models/deepseek_v2.py forward_normal and forward_absorb; tensorrt_llm/_torch/modules/attention.py MLA.forward_context_default and forward_generation",
    url: "https://github.com/vllm-project/vllm",
    date: read,
    kind: "recalled",
  },
  "eager-launches": {
    title: "Iterations without CUDA graphs whose accelerator is faster than its host, as developers measured them",
    year: 2026,
    where:
      "sgl-project/sglang pull 12160 (DeepSeek-V3); deepspeedai/DeepSpeed pull 8352 (GPT-2 under vLLM and SGLang); wejoncy/sfllm pull 46 (Qwen3-4B); NVIDIA/TensorRT-LLM pull 12653 (LTX-2)",
    url: "https://github.com/sgl-project/sglang/pull/12160",
    date: read,
    kind: "measurement",
  },
  "sglang-receive-interval": {
    title: "SGLang: --scheduler-recv-interval, the scheduler's skipping of looks for requests",
    year: 2026,
    where:
      "python/sglang/srt/managers/scheduler_recv_skipper.py: a decode counts one, prompts a thousand; a look where the count reaches the interval",
    url: "https://github.com/sgl-project/sglang",
    date: read,
    kind: "source-code",
  },
  "tensorrt-llm-scheduler": {
    title: "TensorRT-LLM: capacity scheduler, micro-batch scheduler and blocks to completion",
    year: 2025,
    where:
      "cpp/tensorrt_llm/batch_manager: capacityScheduler.cpp at 02a10fed0dbf, microBatchScheduler.cpp at 0a949d3128bf, scheduledBlocksManager.h at 1ce9149bf3c2, kvCacheManager.cpp (1.0)",
    url: "https://github.com/NVIDIA/TensorRT-LLM",
    date: read,
    kind: "source-code",
  },
  "tensorrt-llm-arguments": {
    title: "TensorRT-LLM: arguments of the LLM API and of its executor, and their defaults",
    year: 2026,
    where: "tensorrt_llm/llmapi/llm_args.py: KvCacheConfig, SchedulerConfig, max_batch_size, max_num_tokens",
    url: "https://github.com/NVIDIA/TensorRT-LLM",
    date: read,
    kind: "source-code",
  },
  "vllm-bench-serve": {
    title: "vLLM: vllm bench serve, its arguments, data sets and what --save-result writes",
    year: 2026,
    where: "vllm/benchmarks/serve.py, vllm/benchmarks/datasets.py; docs/benchmarking/cli.md",
    url: "https://docs.vllm.ai/en/latest/benchmarking/cli/",
    date: read,
    kind: "documentation",
  },
  "sglang-bench-serving": {
    title: "SGLang: bench_serving, its arguments and what it writes",
    year: 2026,
    where: "python/sglang/bench_serving.py",
    url: "https://github.com/sgl-project/sglang",
    date: read,
    kind: "source-code",
  },
  "trtllm-bench": {
    title: "TensorRT-LLM: trtllm-bench and the data sets that it prepares",
    year: 2026,
    where: "docs/source/developer-guide/perf-benchmarking.md; examples/llm-api/llm_mgmn_trtllm_bench.sh",
    url: "https://github.com/NVIDIA/TensorRT-LLM",
    date: read,
    kind: "documentation",
  },
  aiperf: {
    title: "AIPerf: profile_export_aiperf.json and its metrics (GenAI-Perf writes the same names)",
    year: 2026,
    where: "reference: JSON export schema, metrics; inter token latency is (latency - first token) / (tokens - 1)",
    url: "https://docs.nvidia.com/aiperf/reference/json-export-schema",
    date: read,
    kind: "documentation",
  },
  "inference-perf-results": {
    title: "inference-perf: summary_lifecycle_metrics.json",
    year: 2026,
    where: "inference_perf/reportgen; successes.latency, successes.throughput, in seconds",
    url: "https://github.com/kubernetes-sigs/inference-perf",
    date: read,
    kind: "source-code",
  },
};
