/** Sources of the compute part. */
import type { Source } from "./source.ts";

export const computeSources: Readonly<Record<string, Source>> = {
  aiconfigurator: {
    title: "AIConfigurator kernel and collective timings (NVIDIA, Apache-2.0)",
    year: 2026,
    where: "commit 095f58a, aic-core/src/aiconfigurator_core/systems/data",
    url: "https://github.com/ai-dynamo/aiconfigurator",
    kind: "measurement",
  },
  "nvidia-matmul-guide": {
    title: "Matrix Multiplication Background User's Guide (NVIDIA): tiles and waves",
    year: 2023,
    url: "https://docs.nvidia.com/deeplearning/performance/dl-performance-matrix-multiplication/index.html",
    kind: "documentation",
  },
  "vidur-profiles": {
    title: "Vidur: profiled operators of Llama models on A100 and H100 (Microsoft, MIT)",
    year: 2024,
    where: "commit 7d47513, data/profiling/compute",
    url: "https://github.com/microsoft/vidur",
    kind: "measurement",
  },
  "cudnn-frontend-attention": {
    title: "cuDNN frontend: attention training benchmark results (NVIDIA)",
    year: 2026,
    where:
      "benchmark/attention_training/results/{llama3.1,dsv3,gpt_oss}/{a100,h200,gb200}/*_20260928_*.csv and benchmark/sdpa_benchmark_training/results/gb200_919_only_cudnn/*.csv",
    url: "https://github.com/NVIDIA/cudnn-frontend",
    date: "2026-11-22",
    kind: "measurement",
  },
  "flash-attention-3": {
    title: "FlashAttention-3: Fast and Accurate Attention with Asynchrony and Low-precision",
    year: 2024,
    where: "Figures 5 and 6: forward and backward speed on H100, head dimensions 64, 128, 256",
    url: "https://arxiv.org/abs/2407.08608",
    kind: "paper",
  },
  "transformer-engine-gemm-profiling": {
    title: "Transformer Engine documentation: GEMM profiling tutorial (B300 and H200 NVL, five precisions)",
    year: 2026,
    where: "docs/examples/gemm_profiling/gemm_profiling.rst, commit 8f2e635",
    url: "https://nvidia.github.io/TransformerEngine/examples/gemm_profiling/gemm_profiling.html",
    date: "2026-11-22",
    kind: "documentation",
  },
  "gpu-flops-bench": {
    title: "gpu-flops-bench: dense cuBLASLt rates of NVIDIA cards (table in the README)",
    url: "https://github.com/xzwgit/gpu-flops-bench",
    date: "2026-11-22",
    kind: "measurement",
  },
  "amd-maf": {
    title: "Measuring Max-Achievable FLOPs, part 2 (AMD ROCm blog): MI300X and MI325X",
    year: 2025,
    url: "https://rocm.blogs.amd.com/software-tools-optimization/measuring-max-achievable-flops-part2/README.html",
    kind: "recalled",
  },
  "ml-engineering-mamf": {
    title: "Machine Learning Engineering (Bekman): maximum achievable matmul FLOPS comparison table",
    year: 2025,
    url: "https://github.com/stas00/ml-engineering/tree/master/compute/accelerator",
    kind: "recalled",
  },
  "gaudi2-mamf": {
    title: "Stas Bekman: Intel's measurement of maximum achievable matmul FLOPS on Gaudi 2, 99.4 % of peak",
    year: 2024,
    url: "https://huggingface.co/posts/stas/819441540441901",
    date: "2026-11-22",
    kind: "measurement",
  },
  "jax-scaling-book": {
    title: "How to Scale Your Model (Austin et al.): TPU rooflines",
    year: 2025,
    url: "https://jax-ml.github.io/scaling-book/tpus",
    date: "2026-11-22",
    kind: "documentation",
  },
  "ko-2025-lora": {
    title: "LoRA Is Slower Than You Think",
    year: 2025,
    url: "https://arxiv.org/abs/2507.08833",
    kind: "paper",
  },
  "megatron-bridge-gpt-oss": {
    title: "Megatron-Bridge issue 5028: 26.06.01 GPT-OSS 50% performance drop",
    year: 2026,
    where: "GPT-OSS 20B, MXFP8, 8 GB200, recipe gpt_oss_20b: 421.1 ms an iteration with 26.06.00, 627.3 with 26.06.01",
    url: "https://github.com/NVIDIA-NeMo/Megatron-Bridge/issues/5028",
    kind: "measurement",
  },
  "cudnn-frontend-dglu": {
    title: "cuDNN frontend: grouped GEMM dGLU with bias gradients under CUTLASS DSL 4.5 (issue 256, pull request 322)",
    year: 2026,
    where:
      "excessive local memory for the sums of bias gradients: 1,363 us before the fix, 156 us after, 139 us without",
    url: "https://github.com/NVIDIA/cudnn-frontend/pull/322",
    kind: "measurement",
  },
  "megatron-core-rotary": {
    title: "Megatron-Core: apply_rotary_pos_emb, and Transformer Engine's fused kernel without a scale",
    year: 2026,
    where: "megatron/core/models/common/embeddings/rope_utils.py: mscale other than 1 uses the unfused implementation",
    url: "https://github.com/NVIDIA/Megatron-LM/blob/00c51e13247685110aec81e60aa3db91cbdbff7d/megatron/core/models/common/embeddings/rope_utils.py",
    kind: "source-code",
  },
  "megatron-core-quick-geglu": {
    title: "Megatron-Core: weighted_bias_quick_geglu_impl",
    year: 2026,
    where: "the clamped gate's linear offset is made by torch.tensor on the device, which waits for the stream",
    url: "https://github.com/NVIDIA/Megatron-LM/blob/1fb2a0cab0f1d042d12dca011b5015d21f7308fd/megatron/core/fusions/fused_bias_geglu.py",
    kind: "source-code",
  },
  "megatron-core-expert-overlap": {
    title: "Megatron-Core: schedule plan of the expert overlap, and graphs for it (pull request 2184)",
    year: 2026,
    where:
      "model_chunk_schedule_plan.py: nodes attn, moe_dispatch, mlp, moe_combine, and weight gradients of attn and mlp; EP Overlap brings extra cpu overhead and may cause GPU bubble",
    url: "https://github.com/NVIDIA/Megatron-LM/blob/01cf4fb552b3c38aa71201e263d7248721f0c656/megatron/core/models/common/model_chunk_schedule_plan.py",
    kind: "source-code",
  },
};
