/** Qwen 2.5, Qwen 3 dense and MoE, Qwen3-Next, Qwen 3.5. */

import type { ModelConfig, ModelEntry } from "../entry.ts";
import { decoder, fp8Block, nvfp4, variant } from "../entry.ts";

const qwen25 = { type: "qwen2", vocabulary: 152064, length: 32768 };
const qwen3 = { type: "qwen3", headDim: 128, groups: 8, vocabulary: 151936, length: 40960 };
const qwen3Moe = { type: "qwen3_moe", headDim: 128, groups: 4, vocabulary: 151936, length: 40960 };
const moeFields = { num_experts: 128, num_experts_per_tok: 8, decoder_sparse_step: 1 };

const size32 = (): ModelConfig => decoder({ ...qwen3, hidden: 5120, width: 25600, layers: 64, heads: 64 });
const size30 = (): ModelConfig =>
  decoder({ ...qwen3Moe, hidden: 2048, layers: 48, heads: 32 }, { ...moeFields, moe_intermediate_size: 768 });
const size235 = (): ModelConfig =>
  decoder({ ...qwen3Moe, hidden: 4096, layers: 94, heads: 64 }, { ...moeFields, moe_intermediate_size: 1536 });

/** Gated delta net of the hybrids: 16 key heads, all heads 128 wide. */
function delta(valueHeads: number): ModelConfig {
  return {
    full_attention_interval: 4,
    linear_conv_kernel_dim: 4,
    linear_key_head_dim: 128,
    linear_num_key_heads: 16,
    linear_num_value_heads: valueHeads,
    linear_value_head_dim: 128,
  };
}

const next = (): ModelConfig =>
  decoder(
    {
      type: "qwen3_next",
      hidden: 2048,
      layers: 48,
      heads: 16,
      groups: 2,
      headDim: 256,
      vocabulary: 151936,
      length: 262144,
    },
    {
      ...delta(32),
      num_experts: 512,
      num_experts_per_tok: 10,
      moe_intermediate_size: 512,
      shared_expert_intermediate_size: 512,
      mtp_num_hidden_layers: 1,
    },
  );

/** Tower of Qwen 3.5; only its output width differs. */
function tower(outputWidth: number): ModelConfig {
  return {
    depth: 27,
    hidden_size: 1152,
    intermediate_size: 4304,
    patch_size: 16,
    temporal_patch_size: 2,
    num_position_embeddings: 2304,
    spatial_merge_size: 2,
    out_hidden_size: outputWidth,
  };
}

const qwen35 = { headDim: 256, vocabulary: 248320, length: 262144 };
const qwen35Moe = { ...qwen35, type: "qwen3_5_moe_text", groups: 2 };

function moe35(valueHeads: number, experts: number, topK: number, width: number): ModelConfig {
  const expertFields = { moe_intermediate_size: width, shared_expert_intermediate_size: width };
  return {
    ...delta(valueHeads),
    num_experts: experts,
    num_experts_per_tok: topK,
    ...expertFields,
    mtp_num_hidden_layers: 1,
  };
}

const size122 = (): ModelConfig =>
  decoder(
    { ...qwen35Moe, hidden: 3072, layers: 48, heads: 32 },
    { ...moe35(64, 256, 8, 1024), vision_config: tower(3072) },
  );
const size397 = (): ModelConfig =>
  decoder(
    { ...qwen35Moe, hidden: 4096, layers: 60, heads: 32 },
    { ...moe35(64, 512, 10, 1024), vision_config: tower(4096) },
  );
const facts = ["aiconfigurator-models"];

export const qwenEntries: readonly ModelEntry[] = [
  {
    name: "Qwen/Qwen2.5-7B",
    aliases: ["Qwen/Qwen2.5-7B-Instruct"],
    config: () => decoder({ ...qwen25, hidden: 3584, width: 18944, layers: 28, heads: 28, groups: 4 }),
    sources: ["inference-sim-models"],
  },
  {
    name: "Qwen/Qwen2.5-32B",
    aliases: ["Qwen/Qwen2.5-32B-Instruct"],
    config: () => decoder({ ...qwen25, hidden: 5120, width: 27648, layers: 64, heads: 40, groups: 8 }),
    sources: ["qwen2.5-2024"],
  },
  {
    name: "Qwen/Qwen2.5-72B",
    aliases: ["Qwen/Qwen2.5-72B-Instruct"],
    config: () => decoder({ ...qwen25, hidden: 8192, width: 29568, layers: 80, heads: 64, groups: 8 }),
    sources: ["qwen2.5-2024"],
  },
  {
    name: "Qwen/Qwen3-0.6B",
    config: () => decoder({ ...qwen3, hidden: 1024, width: 3072, layers: 28, heads: 16, tied: "tied" }),
    sources: facts,
  },
  {
    name: "Qwen/Qwen3-1.7B",
    config: () => decoder({ ...qwen3, hidden: 2048, width: 6144, layers: 28, heads: 16, tied: "tied" }),
    sources: facts,
  },
  {
    name: "Qwen/Qwen3-8B",
    config: () => decoder({ ...qwen3, hidden: 4096, width: 12288, layers: 36, heads: 32 }),
    sources: facts,
  },
  {
    name: "Qwen/Qwen3-14B",
    config: () => decoder({ ...qwen3, hidden: 5120, width: 17408, layers: 40, heads: 40 }),
    sources: facts,
  },
  { name: "Qwen/Qwen3-32B", config: size32, sources: facts },
  { name: "Qwen/Qwen3-32B-FP8", config: variant(size32, { quantization_config: fp8Block }), sources: facts },
  { name: "Qwen/Qwen3-30B-A3B", config: size30, sources: facts },
  { name: "Qwen/Qwen3-30B-A3B-FP8", config: variant(size30, { quantization_config: fp8Block }), sources: facts },
  { name: "Qwen/Qwen3-235B-A22B", config: size235, sources: facts },
  { name: "Qwen/Qwen3-235B-A22B-FP8", config: variant(size235, { quantization_config: fp8Block }), sources: facts },
  {
    name: "Qwen/Qwen3-Next-80B-A3B",
    aliases: ["Qwen/Qwen3-Next-80B-A3B-Instruct", "qwen3-next"],
    config: next,
    sources: ["infersim-models"],
  },
  {
    name: "Qwen/Qwen3.5-27B",
    config: () =>
      decoder(
        { ...qwen35, type: "qwen3_5_text", hidden: 5120, width: 17408, layers: 64, heads: 24, groups: 4 },
        { ...delta(48), mtp_num_hidden_layers: 1, vision_config: tower(5120) },
      ),
    sources: facts,
  },
  {
    name: "Qwen/Qwen3.5-35B-A3B",
    config: () =>
      decoder(
        { ...qwen35Moe, hidden: 2048, layers: 40, heads: 16 },
        { ...moe35(32, 256, 8, 512), vision_config: tower(2048) },
      ),
    sources: facts,
  },
  { name: "Qwen/Qwen3.5-122B-A10B", config: size122, sources: facts },
  { name: "Qwen/Qwen3.5-397B-A17B", config: size397, sources: facts },
  {
    name: "nvidia/Qwen3.5-397B-A17B-NVFP4",
    config: variant(size397, {
      quantization_config: nvfp4(["*.linear_attn*", "*.self_attn*", "*.mlp.shared_expert.*"], "fp8"),
    }),
    sources: facts,
  },
];
