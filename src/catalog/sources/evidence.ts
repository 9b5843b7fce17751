/** Sources that the import of evidence rests on, besides those of the measured rows themselves. */
import type { Source } from "./source.ts";

export const evidenceSources: Readonly<Record<string, Source>> = {
  "engine-releases": {
    title: "Releases of vLLM, SGLang and TensorRT-LLM",
    year: 2026,
    where: "images and dates that rows of one table name together: which release was run in which month",
    url: "https://github.com/ai-dynamo/aiconfigurator",
    kind: "source-code",
  },
  "aiconfigurator-benchmark-rules": {
    title: "AIConfigurator: rules of its generator for benchmarks",
    year: 2026,
    where:
      "src/aiconfigurator/generator/rule_plugin/benchmark/{sglang,trtllm,vllm}.rule: mixed chunks, tokens of an iteration",
    url: "https://github.com/ai-dynamo/aiconfigurator",
    date: "2026-11",
    kind: "source-code",
  },
  "dynamo-releases": {
    title: "NVIDIA Dynamo release notes",
    year: 2026,
    where: "engines inside of the runtime images: TensorRT-LLM 1.2.0rc2 in 0.7.0, 1.2.0rc6 in 0.8.1",
    url: "https://github.com/ai-dynamo/dynamo/releases",
    kind: "recalled",
  },
  "aiperf-defaults": {
    title: "AIPerf and GenAI-Perf: command line options",
    year: 2025,
    where: "--num-dataset-entries (unique prompts of a synthetic data set), default 100",
    url: "https://github.com/ai-dynamo/aiperf",
    kind: "recalled",
  },
  "inferencex-changelog": {
    title: "SemiAnalysis InferenceX: changelog of configurations",
    year: 2026,
    where: "perf-changelog.yaml: pull requests 392, 594, 620, 632, 642 (TensorRT-LLM), 626, 897 and 898 (SGLang)",
    url: "https://github.com/SemiAnalysisAI/InferenceX",
    kind: "source-code",
  },
  "inferencex-scripts": {
    title: "SemiAnalysis InferenceX: benchmark scripts of single nodes",
    year: 2026,
    where:
      "benchmarks: ten prompts for each of the clients, lengths from --random-range-ratio of the nominal up to it, prefix caching off",
    url: "https://github.com/SemiAnalysisAI/InferenceX",
    kind: "source-code",
  },
  "inferencex-serving-scripts": {
    title: "SemiAnalysis InferenceX: scripts of single nodes by model, format and accelerator",
    year: 2026,
    where:
      "benchmarks/single_node: dsr1_fp8_b200.sh, dsr1_fp8_b200_mtp.sh, dsr1_fp4_b200.sh, dsr1_fp8_h200.sh, qwen3.5_{bf16,fp8,fp4}_b200.sh (SGLang); dsr1_{fp8,fp4}_b200_trt.sh, dsr1_fp8_h200_trt.sh, each with _mtp, gptoss_fp4_b200_trt.sh (TensorRT-LLM; benchmarks/dsr1_*_trt_slurm.sh before December 2025); gptoss_fp4_b200.sh, minimaxm2.5_fp8_b200.sh, kimik2.5_fp4_b200.sh (vLLM); clients of each in .github/configs/nvidia-master.yaml; pull requests 273, 594, 620, 632, 947, 1047",
    url: "https://github.com/SemiAnalysisAI/InferenceX",
    kind: "source-code",
  },
  "inferencex-b200-experts": {
    title: "SemiAnalysis InferenceX: DeepSeek-R1 in 8 bit on B200 under TensorRT-LLM",
    year: 2026,
    where:
      "benchmarks/dsr1_fp8_b200_trt_slurm.sh sets MOE_BACKEND=DEEPGEMM; benchmarks/single_node/dsr1_fp8_b200_trt.sh since pull request 594 TRTLLM, and DEEPGEMM for 1k/8k from 256 clients on; pull request 632: attention data parallelism through DEEPGEMM",
    url: "https://github.com/SemiAnalysisAI/InferenceX/pull/594",
    kind: "source-code",
  },
  "inferencex-minimax-experts": {
    title: "SemiAnalysis InferenceX: MiniMax M2.5 in 8 bit on B200, from vLLM 0.17 to 0.19",
    year: 2026,
    where:
      'pull request 947: `if [ "$EP_SIZE" -ge 1 ]` becomes `-gt 1` before --enable-expert-parallel, and VLLM_USE_FLASHINFER_MOE_FP8=0, VLLM_MOE_USE_DEEP_GEMM=0 go; --gpu-memory-utilization 0.95 --block-size=32',
    url: "https://github.com/SemiAnalysisAI/InferenceX/pull/947",
    kind: "source-code",
  },
  "llmd-benchmark-73": {
    title: "llm-d: benchmarking 73-capacity",
    year: 2025,
    where: "inference-perf configuration (rates and durations of the stages) and configurations of the endpoint picker",
    url: "https://github.com/llm-d/llm-d-kv-cache/blob/main/benchmarking/73-capacity/README.md",
    kind: "source-code",
  },
  "tarantola-2005": {
    title: "Inverse Problem Theory and Methods for Model Parameter Estimation",
    year: 2005,
    where: "section 3.2, linear problems with Gaussian errors",
    url: "https://doi.org/10.1137/1.9780898717921",
    kind: "recalled",
  },
  "composer-2047": {
    title: "mosaicml/composer pull request 2047: update fsdp mixed precision",
    year: 2023,
    where: "DEFAULT becomes low-precision parameters; the reduction follows them",
    url: "https://github.com/mosaicml/composer/pull/2047",
    kind: "source-code",
  },
  "composer-2628": {
    title: "mosaicml/composer pull request 2628: patch default precision",
    year: 2023,
    where: "DEFAULT reduces in fp32 from 10 October 2023",
    url: "https://github.com/mosaicml/composer/pull/2628",
    kind: "source-code",
  },
  "llm-foundry-465": {
    title: "mosaicml/llm-foundry issue 465: settings of the MPT benchmarks",
    year: 2023,
    where: "loss_fn must be set to torch_crossentropy where the fused one cannot run",
    url: "https://github.com/mosaicml/llm-foundry/issues/465",
    kind: "documentation",
  },
  "llm-foundry-543": {
    title: "mosaicml/llm-foundry pull request 543: pre-training benchmarks on H100",
    year: 2023,
    where: "tables reviewed on 18 October 2023",
    url: "https://github.com/mosaicml/llm-foundry/pull/543",
    kind: "measurement",
  },
  "maxtext-configs": {
    title: "MaxText configs of TPU v5e and v5p: per_device_batch_size, ici_tensor_parallelism, remat_policy by size",
    year: 2024,
    where: "MaxText/configs/v5p/*.sh, MaxText/configs/v5e/*.sh, MaxText/configs/base.yml",
    url: "https://github.com/AI-Hypercomputer/maxtext",
    kind: "source-code",
  },
  "tpu-recipes": {
    title: "AI-Hypercomputer tpu-recipes: launch scripts of the v5p and Ironwood runs",
    year: 2026,
    where: "training/v5p/*/cluster_toolkit/run_recipe.sh, training/ironwood/*/*/run_recipe.sh",
    url: "https://github.com/AI-Hypercomputer/tpu-recipes",
    kind: "source-code",
  },
  "mlperf-4.0-lora-configs": {
    title: "MLPerf Training v4.0, Llama-2-70B LoRA: configuration files of the submissions",
    year: 2024,
    where: "NVIDIA/benchmarks/llama2_70b_lora/implementations/nemo/config_*.sh",
    url: "https://github.com/mlcommons/training_results_v4.0",
    kind: "source-code",
  },
  "mlperf-inference-5.1-configurations": {
    title: "MLPerf Inference v5.1, closed division: configurations of the submissions with TensorRT-LLM",
    year: 2025,
    where:
      "closed/{NVIDIA,ASUSTeK,Azure,Cisco,CoreWeave}/configs/*/{Offline,Server,Interactive}/*.py: gpu_batch_size, trtllm_build_flags, trtllm_runtime_flags, use_graphs",
    url: "https://github.com/mlcommons/inference_results_v5.1",
    kind: "source-code",
  },
};
