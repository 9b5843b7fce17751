/** Sources of step times of inference engines. */
import type { Source } from "./source.ts";

export const servingStepSources: Readonly<Record<string, Source>> = {
  "leviathan-2023": {
    title: "Leviathan, Kalman, Matias: Fast Inference from Transformers via Speculative Decoding",
    year: 2023,
    where: "section 3.1: expected tokens of a run with acceptance a and k drafts, (1 - a^(k+1)) / (1 - a)",
    url: "https://arxiv.org/abs/2211.17192",
    kind: "paper",
  },
  "eagle-2024": {
    title: "Li, Wei, Zhang, Zhang: EAGLE: Speculative Sampling Requires Rethinking Feature Uncertainty",
    year: 2024,
    where: "section 4: a head of one fully connected layer over feature and embedding and one decoder layer",
    url: "https://arxiv.org/abs/2401.15077",
    kind: "paper",
  },
  "deepseek-v3-report": {
    title: "DeepSeek-AI: DeepSeek-V3 Technical Report",
    year: 2024,
    where: "section 5.4.3: acceptance of the second token between 85 % and 90 %, 1.8 times the tokens a second",
    url: "https://arxiv.org/abs/2412.19437",
    kind: "paper",
  },
  "mtp-acceptance-places": {
    title: "Acceptance of multi-token prediction by place, as engines counted it",
    year: 2026,
    where:
      "ROCm/ATOM pull 1216, GSM8K, shares of three places: DeepSeek-V3.2 0.9393, 0.6789, 0.3387; Qwen3-Next 0.9323, 0.8153, 0.6440. SemiAnalysisAI/InferenceX golden_al_distribution, coding: DeepSeek-V4-Pro 1.79, 2.27, 2.49 tokens with 1, 2, 3 drafted (thinking) and 1.92, 2.61, 2.97 (not); Qwen3.5 3.39 with three",
    url: "https://github.com/ROCm/ATOM/pull/1216",
    date: "2026-11-24",
    kind: "measurement",
  },
  "mtp-acceptance-random": {
    title: "Acceptance of DeepSeek-V4's multi-token prediction on prompts of random tokens",
    year: 2026,
    where: "comment of 28 April 2026: 76.9, 75.7, 78.6 % at the first and 38.1, 35.5, 35.8 % up to the second place",
    url: "https://github.com/vllm-project/vllm/pull/41044",
    date: "2026-11-24",
    kind: "measurement",
  },
  "mtp-acceptance-text": {
    title: "Acceptance of Qwen3.8-27B's multi-token prediction by kind of text",
    year: 2026,
    where: "comment of 25 August 2026: code 0.91, factual 0.61, prose 0.49, technical 0.48, greedy, one drafted",
    url: "https://github.com/tenstorrent/vllm/issues/442",
    date: "2026-11-24",
    kind: "measurement",
  },
  "deepseek-expert-counts": {
    title:
      "SGLang: rows of every expert of DeepSeek-V3 over whole runs of prompts and decodes (issue 6017, pull request 5524)",
    year: 2025,
    where:
      "attachment_ep_statistics of github.com/GeneratedRandomly/SGLang-reproduce, decode_in1000out1000.json and prefill_in1024.json: two layers of each; the pull request's standard deviation over the mean before balancing is 0.70",
    url: "https://github.com/sgl-project/sglang/issues/6017",
    kind: "measurement",
  },
  "deepep-expert-popularity": {
    title: "DeepEP: imbalance factor of its low-latency test (pull request 393)",
    year: 2025,
    where:
      "tokens of MMLU Pro in layers of DeepSeek-V3: of several distributions the log-normal fits rows of experts best",
    url: "https://github.com/deepseek-ai/DeepEP/pull/393",
    kind: "measurement",
  },
  "mixtral-2024": {
    title: "Jiang et al.: Mixtral of Experts",
    year: 2024,
    where: "section 5: no obvious pattern in the choice of experts by topic",
    url: "https://arxiv.org/abs/2401.04088",
    kind: "paper",
  },
  "vllm-whole-norm": {
    title: "Norms of MiniMax M2 over all heads: sums, all-reduce, norm (vLLM pull request 31493, SGLang 14416)",
    year: 2025,
    where: "one all-reduce of both sums of squares a layer instead of two; three kernels instead of six",
    url: "https://github.com/vllm-project/vllm/pull/31493",
    kind: "documentation",
  },
  "vllm-lora": {
    title: "vLLM: adapters of requests (LoRA)",
    year: 2026,
    where:
      "docs/features/lora.md: --enable-lora, --max-loras (1), --max-lora-rank (16); vllm/lora/layers: stacked A and B of all slots, A whole beside column-parallel and B whole beside row-parallel layers unless fully sharded; vllm/v1/core/kv_cache_utils.py: the adapter is part of a block's hash",
    url: "https://docs.vllm.ai/en/latest/features/lora/",
    kind: "documentation",
  },
  "vllm-speculation": {
    title: "vLLM: speculative decoding, its methods, and what works ahead beside it",
    year: 2026,
    where:
      "vllm/config/speculative.py and vllm/config/vllm.py: asynchronous scheduling with EAGLE, MTP and draft models",
    url: "https://docs.vllm.ai/en/latest/features/speculative_decoding/",
    kind: "documentation",
  },
  "llmservingsim-profiles": {
    title: "LLMServingSim 2.0: layer profiles and recorded runs on RTX PRO 6000 (KAIST CASYS Lab, MIT)",
    year: 2026,
    where: "profiler/perf and bench/examples at 5daddb21a545; documentation of skew fit and trace generation",
    url: "https://github.com/casys-kaist/LLMServingSim",
    kind: "measurement",
  },
  "vidur-reference": {
    title: "Vidur: simulated runs of two scheduling semantics (Microsoft, MIT)",
    year: 2024,
    where: "commit 7d47513, random forests over the A100 profiles; attention profile by formula",
    url: "https://github.com/microsoft/vidur",
    kind: "source-code",
  },
  "vllm-compilation-config": {
    title: "vLLM 0.15: captured batch sizes of CUDA graphs, full for decodes and piecewise for mixed batches",
    year: 2026,
    where: "docs.vllm.ai: CompilationConfig, cudagraph_capture_sizes and cudagraph_mode FULL_AND_PIECEWISE",
    url: "https://docs.vllm.ai/en/latest/api/vllm/config/compilation.html",
    kind: "documentation",
  },
  "vllm-pipeline-layers": {
    title: "vLLM: how layers are split over pipeline stages",
    year: 2025,
    where: "vllm/distributed/utils.py, get_pp_indices",
    url: "https://github.com/vllm-project/vllm",
    kind: "source-code",
  },
  "vllm-mxfp4-kernels": {
    title: "vLLM pull requests 27523 and 28788: Marlin and Triton kernels of MXFP4 experts on Hopper",
    year: 2025,
    where:
      "27523: with triton_kernels present Hopper takes them instead of Marlin (latency 1.17 to 1.58 s, 3.78 to 3.12 requests/s); 28788 makes them a default dependency",
    url: "https://github.com/vllm-project/vllm/pull/27523",
    kind: "source-code",
  },
  "vllm-cutlass-experts": {
    title: "vLLM: fused experts by CUTLASS grouped products for fp8 with per-channel and per-token scales",
    year: 2025,
    where: "pull request 13972 and csrc/quantization/cutlass_w8a8/moe",
    url: "https://github.com/vllm-project/vllm/pull/13972",
    kind: "source-code",
  },
  "vllm-shared-experts-stream": {
    title: "vLLM: shared and routed experts on two streams, up to 256 tokens, on CUDA",
    year: 2025,
    where:
      "pull requests 26440 (8-bit DeepSeek-R1 on eight B200, 32 sequences: 23.35 to 22.09 ms a token), 28406 and 30085",
    url: "https://github.com/vllm-project/vllm/pull/26440",
    kind: "source-code",
  },
  "tensorrt-llm-deepseek": {
    title: "TensorRT-LLM: DeepSeek-V3 runs shared and routed experts in parallel on an auxiliary stream",
    year: 2025,
    where: "tensorrt_llm/_torch/models/modeling_deepseekv3.py, maybe_execute_in_parallel",
    url: "https://github.com/NVIDIA/TensorRT-LLM/blob/main/tensorrt_llm/_torch/models/modeling_deepseekv3.py",
    kind: "source-code",
  },
  "sglang-shared-experts": {
    title: "SGLang: shared experts of DeepSeek-V3 and R1 fused with the routed ones",
    year: 2025,
    where:
      "pull requests 4918 and 5571 (enabled on compute capability 9.0); server_args.py: switched off by flashinfer_trtllm",
    url: "https://github.com/sgl-project/sglang/pull/5571",
    kind: "source-code",
  },
  "vllm-sampler-benchmark": {
    title: "vLLM: top-p and top-k by sorting, by Triton and by FlashInfer kernels",
    year: 2026,
    where: "tables of pull requests 40376 and 33538",
    url: "https://github.com/vllm-project/vllm/pull/40376",
    kind: "measurement",
  },
  "vllm-async-scheduling": {
    title: "vLLM: asynchronous scheduling runs one iteration ahead of execution",
    year: 2025,
    where: "pull request 19970; default from 0.14 (31998 for drafted tokens)",
    url: "https://github.com/vllm-project/vllm/pull/19970",
    kind: "source-code",
  },
  "tensorrt-llm-fusions": {
    title: "TensorRT-LLM: low-latency kernels and fusions for DeepSeek-R1 and Llama on Blackwell and Hopper",
    year: 2025,
    where:
      "docs/source/blogs/tech_blog: fused norm, quantisation, rotary and cache write; TRTLLM expert backend; AllReduceFusionOp.RESIDUAL_RMS_NORM, within the workspace of CustomAllReduceHelper (16 MB for two ranks, 8 MB for more)",
    url: "https://github.com/NVIDIA/TensorRT-LLM",
    kind: "documentation",
  },
  "tensorrt-llm-prompt-waiting": {
    title: "TensorRT-LLM: when prompts wait for others (attention_dp_config, batch_wait_timeout_iters)",
    year: 2026,
    where:
      "tensorrt_llm/_torch/pyexecutor/scheduler: _balance_adp_context_requests (enable_balance; timeout_iters 50, batching_wait_iters 10 where not told), _apply_batch_waiting (batch_wait_timeout_iters, batch_wait_max_tokens_ratio; not with attention data parallelism)",
    url: "https://github.com/NVIDIA/TensorRT-LLM",
    date: "2026-11-24",
    kind: "source-code",
  },
  "tensorrt-llm-allreduce-choice": {
    title: "TensorRT-LLM: which all-reduce kernel runs",
    year: 2025,
    where:
      "pull 5432 of June 2025 (128 tokens between one shot and NCCL), pull 7870 of September 2025: by a table of accelerator, ranks, width and tokens instead, since one shot was slower than NCCL on H100",
    url: "https://github.com/NVIDIA/TensorRT-LLM/pull/7870",
    date: "2026-11-24",
    kind: "source-code",
  },
  "ai-simulate-288": {
    title: "AISimulate: request path of GPT-OSS-120B on TensorRT-LLM and B200, stage by stage",
    year: 2026,
    where: "pull request 288: server to executor 2.7 ms, executor queue 5.7, return 2.0",
    kind: "measurement",
  },
};
