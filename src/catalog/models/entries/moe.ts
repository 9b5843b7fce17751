/** Mixture-of-experts models with grouped-query attention: Mistral, Phi, GLM-4.5, MiniMax, GPT-OSS, MiMo, Gemma. */

import type { ModelConfig, ModelEntry } from "../entry.ts";
import { decoder, fp8Block, nvfp4, variant } from "../entry.ts";

const facts = ["aiconfigurator-models"];
const mistral7 = { hidden: 4096, width: 14336, layers: 32, heads: 32, groups: 8, vocabulary: 32000, length: 32768 };

const mistralEntries: readonly ModelEntry[] = [
  {
    name: "mistralai/Mistral-7B-v0.1",
    aliases: ["mistral-7b"],
    config: () => decoder({ type: "mistral", ...mistral7 }, { sliding_window: 4096 }),
    sources: ["mistral-7b-2023"],
  },
  {
    name: "mistralai/Mistral-Nemo-Instruct-2407",
    aliases: ["mistral-nemo", "mistral-nemo-12b"],
    config: () =>
      decoder(
        {
          type: "mistral",
          hidden: 5120,
          width: 14336,
          layers: 40,
          heads: 32,
          groups: 8,
          headDim: 128,
          vocabulary: 131072,
          length: 131072,
        },
        { sliding_window: null },
      ),
    sources: ["inference-sim-models"],
  },
  {
    name: "mistralai/Mixtral-8x7B-v0.1",
    aliases: ["mixtral-8x7b", "mistralai/Mixtral-8x7B-Instruct-v0.1"],
    config: () => decoder({ type: "mixtral", ...mistral7 }, { num_local_experts: 8, num_experts_per_tok: 2 }),
    sources: facts,
  },
  {
    name: "mistralai/Mixtral-8x22B-v0.1",
    aliases: ["mixtral-8x22b"],
    config: () =>
      decoder(
        {
          type: "mixtral",
          hidden: 6144,
          width: 16384,
          layers: 56,
          heads: 48,
          groups: 8,
          vocabulary: 32000,
          length: 65536,
        },
        { num_local_experts: 8, num_experts_per_tok: 2 },
      ),
    sources: facts,
  },
  {
    name: "microsoft/Phi-mini-MoE-instruct",
    aliases: ["phi-mini-moe"],
    config: () =>
      decoder(
        {
          type: "phimoe",
          hidden: 4096,
          width: 960,
          layers: 32,
          heads: 32,
          groups: 8,
          headDim: 128,
          vocabulary: 32064,
          length: 4096,
        },
        {
          num_local_experts: 16,
          num_experts_per_tok: 2,
          attention_bias: true,
          lm_head_bias: true,
          sliding_window: 2047,
        },
      ),
    sources: ["llmservingsim-models"],
  },
];

const gptOss = {
  type: "gpt_oss",
  hidden: 2880,
  width: 2880,
  heads: 64,
  groups: 8,
  headDim: 64,
  vocabulary: 201088,
  length: 131072,
};
const gptOssFields = {
  num_experts_per_tok: 4,
  sliding_window: 128,
  attention_bias: true,
  quantization_config: { quant_method: "mxfp4" },
};

const glm45 = { type: "glm4_moe", heads: 96, groups: 8, headDim: 128, vocabulary: 151552 };
const glm45Fields = { n_shared_experts: 1, num_experts_per_tok: 8, attention_bias: true, num_nextn_predict_layers: 1 };
const glm45Large = (length: number): ModelConfig =>
  decoder(
    { ...glm45, hidden: 5120, width: 12288, layers: 92, length },
    { ...glm45Fields, moe_intermediate_size: 1536, n_routed_experts: 160, first_k_dense_replace: 3, use_qk_norm: true },
  );

const m2 = (length: number): ModelConfig =>
  decoder(
    {
      type: "minimax_m2",
      hidden: 3072,
      width: 1536,
      layers: 62,
      heads: 48,
      groups: 8,
      headDim: 128,
      vocabulary: 200064,
      length,
    },
    { num_local_experts: 256, num_experts_per_tok: 8, qk_norm_type: "per_layer", quantization_config: fp8Block },
  );

/** The first three layers of M3 are dense and attend to everything. */
function m3(): ModelConfig {
  const fromThird = Array.from({ length: 60 }, (_, index) => (index < 3 ? 0 : 1));
  return decoder(
    {
      type: "minimax_m3",
      hidden: 6144,
      width: 3072,
      layers: 60,
      heads: 64,
      groups: 4,
      headDim: 128,
      vocabulary: 200064,
      length: 1048576,
    },
    {
      dense_intermediate_size: 12288,
      hidden_act: "swigluoai",
      n_shared_experts: 1,
      shared_intermediate_size: 3072,
      num_local_experts: 128,
      num_experts_per_tok: 4,
      moe_layer_freq: fromThird,
      sparse_attention_config: {
        sparse_attention_freq: fromThird,
        sparse_disable_index_value: fromThird,
        sparse_num_index_heads: 4,
        sparse_index_dim: 128,
        sparse_topk_blocks: 16,
        sparse_block_size: 128,
      },
    },
  );
}

/** Sliding but for the first layer and every sixth from the sixth on. */
function mimo(): ModelConfig {
  const pattern = Array.from({ length: 48 }, (_, index) => (index === 0 || index % 6 === 5 ? 0 : 1));
  return decoder(
    {
      type: "mimo_v2_flash",
      hidden: 4096,
      width: 16384,
      layers: 48,
      heads: 64,
      groups: 4,
      headDim: 192,
      vocabulary: 152576,
      length: 262144,
    },
    {
      v_head_dim: 128,
      sliding_window: 128,
      swa_num_attention_heads: 64,
      swa_num_key_value_heads: 8,
      swa_head_dim: 192,
      swa_v_head_dim: 128,
      add_swa_attention_sink_bias: true,
      hybrid_layer_pattern: pattern,
      moe_layer_freq: pattern.map((_, index) => (index === 0 ? 0 : 1)),
      moe_intermediate_size: 2048,
      n_routed_experts: 256,
      num_experts_per_tok: 8,
      quantization_config: fp8Block,
    },
  );
}

const gemma4 = { type: "gemma4_text", headDim: 256, vocabulary: 262144, length: 262144, tied: "tied" } as const;

const gemmaEntries: readonly ModelEntry[] = [
  {
    name: "google/gemma-3-27b",
    aliases: ["google/gemma-3-27b-it"],
    config: () =>
      decoder(
        {
          type: "gemma3_text",
          hidden: 5376,
          width: 21504,
          layers: 62,
          heads: 32,
          groups: 16,
          headDim: 128,
          vocabulary: 262208,
          length: 131072,
        },
        { sliding_window: 1024 },
      ),
    sources: ["maxtext-models"],
  },
  {
    name: "google/gemma-4-26B-A4B",
    aliases: ["gemma4-26b", "gemma-4-26b"],
    config: () =>
      decoder(
        { ...gemma4, hidden: 2816, width: 2112, layers: 30, heads: 16, groups: 8 },
        {
          global_head_dim: 512,
          num_global_key_value_heads: 2,
          attention_k_eq_v: true,
          sliding_window: 1024,
          enable_moe_block: true,
          num_experts: 128,
          top_k_experts: 8,
          moe_intermediate_size: 704,
          vision_config: { model_type: "gemma4_vision" },
        },
      ),
    sources: facts,
  },
  {
    name: "google/gemma-4-31B",
    aliases: ["gemma4-31b"],
    config: () =>
      decoder(
        { ...gemma4, hidden: 5376, width: 21504, layers: 60, heads: 32, groups: 16 },
        {
          global_head_dim: 512,
          num_global_key_value_heads: 4,
          attention_k_eq_v: true,
          sliding_window: 1024,
          vision_config: { model_type: "gemma4_vision" },
        },
      ),
    sources: ["maxtext-models"],
  },
  {
    name: "google/gemma-4-E4B",
    aliases: ["gemma4-4b", "gemma4-e4b"],
    config: () =>
      decoder(
        { ...gemma4, hidden: 2560, width: 10240, layers: 42, heads: 8, groups: 2, length: 131072 },
        {
          global_head_dim: 512,
          sliding_window: 512,
          hidden_size_per_layer_input: 256,
          num_kv_shared_layers: 18,
          vision_config: { model_type: "gemma4_vision" },
        },
      ),
    sources: ["maxtext-models"],
  },
];

export const moeEntries: readonly ModelEntry[] = [
  ...mistralEntries,
  {
    name: "openai/gpt-oss-20b",
    config: () => decoder({ ...gptOss, layers: 24 }, { ...gptOssFields, num_local_experts: 32 }),
    sources: facts,
  },
  {
    name: "openai/gpt-oss-120b",
    config: () => decoder({ ...gptOss, layers: 36 }, { ...gptOssFields, num_local_experts: 128 }),
    sources: facts,
  },
  {
    name: "zai-org/GLM-4.5-Air",
    config: () =>
      decoder(
        { ...glm45, hidden: 4096, width: 10944, layers: 46, length: 131072 },
        {
          ...glm45Fields,
          moe_intermediate_size: 1408,
          n_routed_experts: 128,
          first_k_dense_replace: 1,
          use_qk_norm: false,
        },
      ),
    sources: ["slime-models"],
  },
  { name: "zai-org/GLM-4.5", config: () => glm45Large(131072), sources: ["slime-models"] },
  { name: "zai-org/GLM-4.6", config: () => glm45Large(202752), sources: ["slime-models"] },
  { name: "MiniMaxAI/MiniMax-M2.5", config: () => m2(196608), sources: facts },
  { name: "MiniMaxAI/MiniMax-M2.7", config: () => m2(204800), sources: facts },
  {
    name: "nvidia/MiniMax-M2.5-NVFP4",
    config: variant(() => m2(196608), { quantization_config: nvfp4(["*.self_attn*"], "fp8") }),
    sources: facts,
  },
  { name: "MiniMaxAI/MiniMax-M3", config: m3, sources: ["minimax-m3-2026"] },
  { name: "XiaomiMiMo/MiMo-V2-Flash", config: mimo, sources: ["mimo-v2-flash-2026"] },
  ...gemmaEntries,
];
