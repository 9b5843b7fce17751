/** Llama and its relatives: Code Llama, Yi, Nemotron-Super-49B, Llama 4. */

import type { ModelConfig, ModelEntry } from "../entry.ts";
import { decoder } from "../entry.ts";

const type = "llama";
const llama3 = { type, vocabulary: 128256, length: 8192 };
const llama31 = { ...llama3, length: 131072 };
const size8 = { hidden: 4096, width: 14336, layers: 32, heads: 32, groups: 8 };
const size70 = { hidden: 8192, width: 28672, layers: 80, heads: 64, groups: 8 };
const llama2 = { type, vocabulary: 32000, length: 4096 };

/** One block of Nemotron-NAS: query heads a key-value head (0 skips attention) and multiplier of the MLP width. */
function nasBlock(groupSize: number, multiplier: number): ModelConfig {
  const attention = groupSize === 0 ? { no_op: true } : { n_heads_in_group: groupSize };
  return { attention, ffn: { ffn_mult: multiplier } };
}

/** Runs of equal blocks of Llama-3.3-Nemotron-Super-49B: count, query heads a key-value head, multiplier. */
const super49Runs: readonly (readonly [number, number, number])[] = [
  [1, 8, 2.625],
  [5, 8, 5.25],
  [2, 0, 2.625],
  [3, 8, 5.25],
  [1, 0, 3.28125],
  [30, 8, 5.25],
  [1, 0, 1.3125],
  [2, 0, 2.625],
  [1, 0, 1.3125],
  [1, 0, 5.25],
  [1, 0, 1.3125],
  [1, 0, 2.625],
  [3, 0, 1.3125],
  [1, 8, 5.25],
  [1, 0, 1.3125],
  [2, 0, 1],
  [1, 0, 1.3125],
  [3, 0, 1],
  [2, 0, 1.3125],
  [2, 0, 0.5],
  [2, 0, 1],
  [2, 0, 0.5],
  [1, 0, 1],
  [2, 0, 0.5],
  [9, 8, 5.25],
];

function super49(): ModelConfig {
  const blocks = super49Runs.flatMap(([count, groupSize, multiplier]) =>
    Array.from({ length: count }, () => nasBlock(groupSize, multiplier)),
  );
  return decoder(
    { type: "nemotron-nas", hidden: 8192, layers: 80, heads: 64, vocabulary: 128256, length: 131072 },
    { block_configs: blocks },
  );
}

const llama4 = {
  type: "llama4_text",
  hidden: 5120,
  width: 8192,
  layers: 48,
  heads: 40,
  groups: 8,
  headDim: 128,
  vocabulary: 202048,
};
const llama4Fields = {
  attention_chunk_size: 8192,
  num_experts_per_tok: 1,
  vision_config: { hidden_size: 1408, intermediate_size: 5632, num_hidden_layers: 34, image_size: 336, patch_size: 14 },
};
const scout = (): ModelConfig =>
  decoder({ ...llama4, length: 10485760 }, { ...llama4Fields, interleave_moe_layer_step: 1, num_local_experts: 16 });

export const llamaEntries: readonly ModelEntry[] = [
  {
    name: "meta-llama/Llama-2-7B",
    aliases: ["meta-llama/Llama-2-7b-hf", "llama2-7b"],
    config: () => decoder({ ...llama2, hidden: 4096, width: 11008, layers: 32, heads: 32 }),
    sources: ["llama-2-2023"],
  },
  {
    name: "meta-llama/Llama-2-13B",
    aliases: ["meta-llama/Llama-2-13b-hf", "llama2-13b"],
    config: () => decoder({ ...llama2, hidden: 5120, width: 13824, layers: 40, heads: 40 }),
    sources: ["llama-2-2023"],
  },
  {
    name: "meta-llama/Llama-2-70B",
    aliases: ["meta-llama/Llama-2-70b-hf", "llama2-70b"],
    config: () => decoder({ ...llama2, ...size70 }),
    sources: ["llama-2-2023"],
  },
  {
    name: "meta-llama/Llama-3-8B",
    aliases: ["meta-llama/Meta-Llama-3-8B", "llama3-8b", "Meta-Llama-3-8B-Instruct"],
    config: () => decoder({ ...llama3, ...size8 }),
    sources: ["llama-3-2024"],
  },
  {
    name: "meta-llama/Llama-3-70B",
    aliases: ["meta-llama/Meta-Llama-3-70B", "llama3-70b", "Meta-Llama-3-70B-Instruct"],
    config: () => decoder({ ...llama3, ...size70 }),
    sources: ["llama-3-2024"],
  },
  {
    name: "meta-llama/Llama-3.1-8B",
    aliases: ["meta-llama/Meta-Llama-3.1-8B", "meta-llama/Llama-3.1-8B-Instruct", "llama3.1-8b", "llama3-1-8b"],
    config: () => decoder({ ...llama31, ...size8 }),
    sources: ["llama-3-2024"],
  },
  {
    name: "meta-llama/Llama-3.1-70B",
    aliases: ["meta-llama/Meta-Llama-3.1-70B", "meta-llama/Llama-3.1-70B-Instruct", "llama3.1-70b", "llama3-1-70b"],
    config: () => decoder({ ...llama31, ...size70 }),
    sources: ["llama-3-2024"],
  },
  {
    name: "meta-llama/Llama-3.1-405B",
    aliases: ["meta-llama/Meta-Llama-3.1-405B", "meta-llama/Llama-3.1-405B-Instruct", "llama3.1-405b", "llama3-1-405b"],
    config: () => decoder({ ...llama31, hidden: 16384, width: 53248, layers: 126, heads: 128, groups: 8 }),
    sources: ["llama-3-2024"],
  },
  {
    name: "meta-llama/Llama-3.3-70B-Instruct",
    aliases: ["Llama-3.3-70B", "llama3.3-70b"],
    config: () => decoder({ ...llama31, ...size70 }),
    sources: ["llama-3-2024"],
  },
  {
    name: "nvidia/Llama-3.1-70B-Instruct-FP8",
    config: () =>
      decoder(
        { ...llama31, ...size70 },
        { quantization_config: { quant_method: "modelopt", quant_algo: "FP8", ignore: ["lm_head"] } },
      ),
    sources: ["llama-3-2024", "aiconfigurator-models"],
  },
  {
    name: "nvidia/Llama-3_3-Nemotron-Super-49B-v1",
    aliases: ["Llama-3.3-Nemotron-Super-49B", "nemotron-super-49b"],
    config: super49,
    sources: ["aiconfigurator-models"],
  },
  {
    name: "codellama/CodeLlama-34b-Instruct-hf",
    aliases: ["CodeLlama-34B"],
    config: () =>
      decoder({ type, hidden: 8192, width: 22016, layers: 48, heads: 64, groups: 8, vocabulary: 32000, length: 16384 }),
    sources: ["inference-sim-models"],
  },
  {
    name: "01-ai/Yi-34B",
    config: () =>
      decoder({ type, hidden: 7168, width: 20480, layers: 60, heads: 56, groups: 8, vocabulary: 64000, length: 4096 }),
    sources: ["inference-sim-models"],
  },
  {
    name: "meta-llama/Llama-4-Scout-17B-16E",
    aliases: ["meta-llama/Llama-4-Scout-17B-16E-Instruct", "llama-4-scout", "llama4-scout-17b-16e"],
    config: scout,
    sources: ["aiconfigurator-models"],
  },
  {
    name: "RedHatAI/Llama-4-Scout-17B-16E-Instruct-FP8-dynamic",
    aliases: ["llama-4-scout-17b-16e-fp8"],
    config: () => ({
      ...scout(),
      quantization_config: {
        quant_method: "compressed-tensors",
        config_groups: { group_0: { weights: { num_bits: 8, type: "float" } } },
        ignore: ["re:.*self_attn.*", "re:.*router.*", "re:.*lm_head.*"],
      },
    }),
    sources: ["inference-sim-models"],
  },
  {
    name: "meta-llama/Llama-4-Maverick-17B-128E",
    aliases: ["meta-llama/Llama-4-Maverick-17B-128E-Instruct", "llama-4-maverick", "llama4-maverick-17b-128e"],
    config: () =>
      decoder(
        { ...llama4, length: 1048576 },
        { ...llama4Fields, intermediate_size_mlp: 16384, interleave_moe_layer_step: 2, num_local_experts: 128 },
      ),
    sources: ["aiconfigurator-models"],
  },
];
