/** Sources of the words of launch files: what a flag of a training program means, and what it does by itself. */

import type { Source } from "./source.ts";

export const launchSources: Readonly<Record<string, Source>> = {
  "megatron-arguments": {
    title: "Megatron-LM: arguments of the training scripts and their defaults",
    year: 2025,
    where: "megatron/training/arguments.py, megatron/core/model_parallel_config.py",
    url: "https://github.com/NVIDIA/Megatron-LM",
    kind: "source-code",
  },
  "nemo-configs": {
    title: "NeMo 1.0 and NeMo Framework Launcher: configurations of GPT and Llama training",
    year: 2024,
    where: "examples/nlp/language_modeling/conf, launcher_scripts/conf/training",
    url: "https://github.com/NVIDIA/NeMo-Framework-Launcher",
    kind: "source-code",
  },
  "torchtitan-configs": {
    title: "torchtitan: job configuration and training configurations of its models",
    year: 2025,
    where: "torchtitan/config/job_config.py, torchtitan/models/*/train_configs",
    url: "https://github.com/pytorch/torchtitan",
    kind: "source-code",
  },
  "deepspeed-config": {
    title: "DeepSpeed configuration JSON",
    year: 2025,
    where: "batch size related parameters, ZeRO optimizations",
    url: "https://www.deepspeed.ai/docs/config-json/",
    kind: "documentation",
  },
  "transformers-trainer": {
    title: "Hugging Face Transformers: TrainingArguments and the DeepSpeed integration",
    year: 2025,
    where: "docs/source/en/deepspeed.md: values that are auto",
    url: "https://huggingface.co/docs/transformers/deepspeed",
    kind: "documentation",
  },
  "accelerate-launch": {
    title: "Hugging Face Accelerate: arguments of accelerate launch, and fully sharded data parallel",
    year: 2025,
    where: "--num_processes is of all machines; fsdp_sharding_strategy 1 to 5, FULL_SHARD where none is given",
    url: "https://huggingface.co/docs/accelerate/package_reference/cli",
    kind: "documentation",
  },
};
