/** Sources of the training part. */
import type { Source } from "./source.ts";

export const trainingSources: Readonly<Record<string, Source>> = {
  "korthikanti-2022": {
    title: "Reducing Activation Recomputation in Large Transformer Models",
    year: 2022,
    url: "https://arxiv.org/abs/2205.05198",
    kind: "paper",
  },
  "torch-checkpoint": {
    title: "torch.utils.checkpoint: set_checkpoint_early_stop",
    year: 2023,
    url: "https://docs.pytorch.org/docs/stable/checkpoint.html",
    kind: "documentation",
  },
  "narayanan-2021": {
    title: "Efficient Large-Scale Language Model Training on GPU Clusters Using Megatron-LM",
    year: 2021,
    url: "https://arxiv.org/abs/2104.04473",
    kind: "paper",
  },
  "huang-2019": {
    title: "GPipe: Efficient Training of Giant Neural Networks using Pipeline Parallelism",
    year: 2019,
    url: "https://arxiv.org/abs/1811.06965",
    kind: "paper",
  },
  "rajbhandari-2020": {
    title: "ZeRO: Memory Optimizations Toward Training Trillion Parameter Models",
    year: 2020,
    url: "https://arxiv.org/abs/1910.02054",
    kind: "paper",
  },
  "zhao-2023-fsdp": {
    title: "PyTorch FSDP: Experiences on Scaling Fully Sharded Data Parallel",
    year: 2023,
    url: "https://arxiv.org/abs/2304.11277",
    kind: "paper",
  },
  "chowdhery-2022": {
    title: "PaLM: Scaling Language Modeling with Pathways",
    year: 2022,
    url: "https://arxiv.org/abs/2204.02311",
    kind: "paper",
  },
  "llama3-2024": {
    title: "The Llama 3 Herd of Models",
    year: 2024,
    url: "https://arxiv.org/abs/2407.21783",
    kind: "paper",
  },
  "dao-2023": {
    title: "FlashAttention-2: Faster Attention with Better Parallelism and Work Partitioning",
    year: 2023,
    url: "https://arxiv.org/abs/2307.08691",
    kind: "paper",
  },
  "luo-2024": {
    title: "Benchmarking and Dissecting the Nvidia Hopper GPU Architecture via Microbenchmarking",
    year: 2024,
    url: "https://arxiv.org/abs/2402.13499",
    kind: "paper",
  },
  "liu-2023-ring": {
    title: "Ring Attention with Blockwise Transformers for Near-Infinite Context",
    year: 2023,
    url: "https://arxiv.org/abs/2310.01889",
    kind: "paper",
  },
  "jacobs-2023-ulysses": {
    title: "DeepSpeed Ulysses: System Optimizations for Enabling Training of Extreme Long Sequence Transformer Models",
    year: 2023,
    url: "https://arxiv.org/abs/2309.14509",
    kind: "paper",
  },
  "smith-2022": {
    title: "Using DeepSpeed and Megatron to Train Megatron-Turing NLG 530B",
    year: 2022,
    url: "https://arxiv.org/abs/2201.11990",
    kind: "paper",
  },
  "jiang-2024-megascale": {
    title: "MegaScale: Scaling Large Language Model Training to More Than 10,000 GPUs",
    year: 2024,
    url: "https://arxiv.org/abs/2402.15627",
    kind: "paper",
  },
  "megatron-core-parallel-state": {
    title: "Megatron-Core parallel_state: rank order tp-cp-ep-dp-pp",
    year: 2024,
    url: "https://github.com/NVIDIA/Megatron-LM",
    kind: "source-code",
  },
  "megatron-core-readme": {
    title: "Megatron-LM README",
    year: 2024,
    url: "https://github.com/NVIDIA/Megatron-LM/blob/d98e8a64ddf34856e74b24714e3bedb2f5a39553/README.md",
    kind: "documentation",
  },
  "megatron-bridge-summary": {
    title: "NVIDIA Megatron-Bridge performance summary",
    year: 2026,
    url: "https://github.com/NVIDIA-NeMo/Megatron-Bridge/blob/067f987df03b8355b03192d88d70f1709fedf51a/docs/performance-summary-archive.md",
    kind: "measurement",
  },
  "megatron-bridge-guide": {
    title: "Megatron-Bridge performance guide: memory outside the model",
    year: 2026,
    url: "https://github.com/NVIDIA-NeMo/Megatron-Bridge",
    kind: "documentation",
  },
  "transformer-engine-docs": {
    title: "Transformer Engine user guide: FP8, MXFP8 and NVFP4 recipes",
    year: 2025,
    url: "https://docs.nvidia.com/deeplearning/transformer-engine/user-guide/",
    kind: "documentation",
  },
  "mosaic-mpt": {
    title: "MosaicML llm-foundry MPT training benchmarks",
    year: 2024,
    url: "https://github.com/mosaicml/llm-foundry/blob/8c8dd48f72168c5d51e2f7b151595892a8fba43d/scripts/train/benchmarking/README.md",
    kind: "measurement",
  },
  "mlperf-training-4.0": {
    title: "MLPerf Training v4.0 results",
    year: 2024,
    url: "https://github.com/mlcommons/training_results_v4.0",
    kind: "measurement",
  },
  "maxtext-readme": {
    title: "MaxText",
    year: 2024,
    url: "https://github.com/AI-Hypercomputer/maxtext",
    kind: "documentation",
  },
  "primus-projection": {
    title: "Primus projection",
    year: 2026,
    url: "https://github.com/AMD-AGI/Primus/blob/fd1eeabbad15135e3702094087e96142b4b4eacb/docs_deprecated/tech_blogs/projection/projection.md",
    kind: "documentation",
  },
};
