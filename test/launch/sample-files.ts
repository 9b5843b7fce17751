/** Public launch files kept verbatim under samples/, each with what it leaves open. Their origin is in samples/README.md. */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { importLaunch, type LaunchImport } from "../../src/launch/index.ts";
import type { Design } from "../../src/scenario/index.ts";

export const samplesFolder: string = join(dirname(fileURLToPath(import.meta.url)), "samples");

export interface Sample {
  readonly path: string;
  readonly format: string;
  /** What the file does not say, as the command line gives it. */
  readonly options?: {
    readonly model?: string;
    readonly node?: string;
    readonly nodes?: number;
    readonly software?: string;
    readonly set?: Readonly<Record<string, string>>;
  };
  /** Further files that the launch names, by the path as written there. */
  readonly files?: Readonly<Record<string, string>>;
}

const megatron = "NVIDIA/Megatron-LM/examples";
const bridge = "NVIDIA-NeMo/Megatron-Bridge";
const titan = "pytorch/torchtitan/torchtitan/models";
const foundry = "mosaicml/llm-foundry/scripts/train/yamls";
const chat =
  "microsoft/DeepSpeedExamples/applications/DeepSpeed-Chat/training/step1_supervised_finetuning/training_scripts";
const maxtext = "AI-Hypercomputer/maxtext/MaxText/configs";
const deepseek = { TP: "1", PP: "8", EP: "64", CP: "1", VPP: "1", SEQ_LEN: "4096", MBS: "1", GBS: "8192" };

export const samples: readonly Sample[] = [
  { path: `${megatron}/gpt3/train_gpt3_175b_distributed.sh`, format: "megatron", options: { nodes: 128 } },
  { path: `${megatron}/pretrain_gpt3_175B.sh`, format: "megatron", options: { node: "hgx-a100" } },
  { path: `${megatron}/pretrain_gpt_distributed_with_mp.sh`, format: "megatron" },
  { path: `${megatron}/pretrain_gpt.sh`, format: "megatron" },
  { path: `${megatron}/llama/train_llama3_8b_h100_fp8.sh`, format: "megatron" },
  {
    path: `${megatron}/mixtral/train_mixtral_8x7b_distributed.sh`,
    format: "megatron",
    options: { set: { SLURM_NNODES: "8" } },
  },
  { path: "NVIDIA/NeMo-Framework-Launcher/launcher_scripts/conf/training/llama/llama3_1_70b.yaml", format: "bridge" },
  {
    path: `${bridge}/scripts/moe_model_zoo/model_configs/DeepSeek-V3.yaml`,
    format: "bridge",
    options: { nodes: 128, set: deepseek },
  },
  {
    path: `${bridge}/examples/recipes/llama/conf/llama3_8b_pretrain_override_example_megatron_fsdp.yaml`,
    format: "bridge",
    options: {
      nodes: 1,
      model: "llama-3-8b",
      set: { "model.tensor_model_parallel_size": "1", "model.pipeline_model_parallel_size": "1" },
    },
  },
  {
    path: `${bridge}/examples/recipes/qwen3_moe/conf/qwen3_moe_30b_a3b_pretrain_override_example.yaml`,
    format: "bridge",
    options: { nodes: 4, model: "qwen3-30b-a3b" },
  },
  {
    path: `${titan}/llama3/train_configs/llama3_8b.toml`,
    format: "torchtitan",
    options: { node: "hgx-a100", nodes: 8 },
  },
  {
    path: `${titan}/llama3/train_configs/llama3_70b.toml`,
    format: "torchtitan",
    options: { node: "hgx-a100", nodes: 8 },
  },
  { path: `${titan}/llama3/train_configs/llama3_405b.toml`, format: "torchtitan", options: { nodes: 16 } },
  { path: `${titan}/qwen3/train_configs/qwen3_32b.toml`, format: "torchtitan", options: { nodes: 1 } },
  { path: `${titan}/deepseek_v3/train_configs/deepseek_v3_16b.toml`, format: "torchtitan", options: { nodes: 1 } },
  { path: `${titan}/deepseek_v3/train_configs/deepseek_v3_671b.toml`, format: "torchtitan", options: { nodes: 64 } },
  { path: `${foundry}/pretrain/mpt-7b.yaml`, format: "llm-foundry", options: { nodes: 16 } },
  { path: `${foundry}/pretrain/mpt-70b.yaml`, format: "llm-foundry", options: { nodes: 64 } },
  { path: `${foundry}/finetune/mpt-7b_dolly_sft.yaml`, format: "llm-foundry", options: { nodes: 1 } },
  { path: `${foundry}/finetune/llama-3-8b_domain_adapt.yaml`, format: "llm-foundry", options: { nodes: 4 } },
  { path: `${chat}/single_node/llama2/run_llama2_7b.sh`, format: "deepspeed", options: { nodes: 1 } },
  { path: `${chat}/multi_node/run_66b.sh`, format: "deepspeed", options: { nodes: 8 } },
  {
    path: "huggingface/transformers/tests/deepspeed/ds_config_zero2.json",
    format: "deepspeed",
    options: {
      nodes: 1,
      model: "llama-2-7b",
      set: { per_device_train_batch_size: "4", gradient_accumulation_steps: "8", max_seq_length: "2048", bf16: "true" },
    },
  },
  {
    path: "huggingface/transformers/tests/deepspeed/ds_config_zero3.json",
    format: "deepspeed",
    options: { nodes: 2, model: "llama-2-7b", set: { per_device_train_batch_size: "2", max_seq_length: "2048" } },
  },
  {
    path: "hiyouga/LLaMA-Factory/examples/deepspeed/ds_z3_config.json",
    format: "deepspeed",
    options: {
      nodes: 1,
      model: "qwen3-8b",
      set: { per_device_train_batch_size: "1", gradient_accumulation_steps: "8", cutoff_len: "4096", bf16: "true" },
    },
  },
  { path: `${maxtext}/v5p/64b.sh`, format: "maxtext", options: { nodes: 16 } },
  {
    path: `${maxtext}/a3/llama_2_7b/16vm.sh`,
    format: "maxtext",
    files: { "MaxText/configs/models/gpu/llama2_7b.yml": `${maxtext}/models/gpu/llama2_7b.yml` },
  },
  { path: `${maxtext}/a3/llama_3.1_405b/128vm.sh`, format: "maxtext" },
];

export function sampleText(path: string): string {
  return readFileSync(join(samplesFolder, path), "utf8");
}

export function importSample({ path, options = {}, files = {} }: Sample): LaunchImport & { readonly design: Design } {
  const texts = Object.entries(files).map(([name, file]) => [name, sampleText(file)]);
  const file = path.split("/").at(-1) ?? path;
  return importLaunch({ text: sampleText(path), file, ...options, files: Object.fromEntries(texts) });
}
