/** DeepSeek V2-Lite to V4, Kimi K2 to K3, GLM-5: latent, sparse and compressed attention. */

import type { ModelConfig, ModelEntry } from "../entry.ts";
import { decoder, fp8Block, nvfp4, variant } from "../entry.ts";

/** Ranks and head sizes that DeepSeek V3 and its descendants share. */
const latent = { q_lora_rank: 1536, kv_lora_rank: 512, qk_nope_head_dim: 128, qk_rope_head_dim: 64, v_head_dim: 128 };
const v3Shape = { hidden: 7168, width: 18432, layers: 61, heads: 128, vocabulary: 129280, length: 163840 };
const v3Experts = {
  moe_intermediate_size: 2048,
  n_routed_experts: 256,
  n_shared_experts: 1,
  num_experts_per_tok: 8,
  first_k_dense_replace: 3,
  n_group: 8,
  topk_group: 4,
  scoring_func: "sigmoid",
};
const v3 = (): ModelConfig =>
  decoder(
    { type: "deepseek_v3", ...v3Shape },
    { ...latent, ...v3Experts, num_nextn_predict_layers: 1, quantization_config: fp8Block },
  );
const indexer = { index_n_heads: 64, index_head_dim: 128 };
const v32 = (): ModelConfig => ({ ...v3(), model_type: "deepseek_v32", ...indexer, index_topk: 2048 });

const kimiShape = { hidden: 7168, width: 18432, layers: 61, heads: 64, vocabulary: 163840 };
const kimiExperts = { ...v3Experts, n_routed_experts: 384, first_k_dense_replace: 1, n_group: 1, topk_group: 1 };
const kimi2 = (): ModelConfig =>
  decoder(
    { type: "kimi_k2", ...kimiShape, length: 131072 },
    { ...latent, ...kimiExperts, quantization_config: fp8Block },
  );
const kimiIgnored = [
  "lm_head",
  "re:.*self_attn.*",
  "re:.*shared_experts.*",
  "re:.*mlp\\.(gate|up|gate_up|down)_proj.*",
];
const kimiTower = {
  vt_hidden_size: 1152,
  vt_intermediate_size: 4304,
  vt_num_hidden_layers: 27,
  patch_size: 14,
  init_pos_emb_height: 64,
  init_pos_emb_width: 64,
  merge_kernel_size: [2, 2],
  mm_projector_type: "patchmerger",
  text_hidden_size: 7168,
};

function kimi25(): ModelConfig {
  const int4 = { num_bits: 4, type: "int", group_size: 32 };
  return {
    ...kimi2(),
    max_position_embeddings: 262144,
    vision_config: kimiTower,
    quantization_config: {
      quant_method: "compressed-tensors",
      config_groups: { group_0: { weights: int4 } },
      ignore: kimiIgnored,
    },
  };
}

/** Every fourth layer of K3, and its last, counted from 1, has full attention. */
function kimi3(): ModelConfig {
  const layers = Array.from({ length: 93 }, (_, index) => index + 1);
  const full = layers.filter((layer) => layer % 4 === 0 || layer === 93);
  return decoder(
    { type: "kimi_linear", hidden: 7168, width: 33792, layers: 93, heads: 96, vocabulary: 163840, length: 1048576 },
    {
      ...latent,
      hidden_act: "situ",
      linear_attn_config: {
        num_heads: 96,
        head_dim: 128,
        short_conv_kernel_size: 4,
        use_full_rank_gate: true,
        full_attn_layers: full,
        kda_layers: layers.filter((layer) => !full.includes(layer)),
      },
      mla_use_output_gate: true,
      attn_res_block_size: 12,
      first_k_dense_replace: 1,
      num_experts: 896,
      num_experts_per_token: 16,
      num_shared_experts: 2,
      moe_intermediate_size: 3072,
      routed_expert_hidden_size: 3584,
      latent_moe_use_norm: true,
      moe_router_activation_func: "sigmoid",
      vision_config: { vt_hidden_size: 1024, mm_projector_type: "patchmergerv2" },
      quantization_config: {
        quant_method: "compressed-tensors",
        config_groups: { group_0: { weights: { num_bits: 4, type: "float", group_size: 32 } } },
        ignore: kimiIgnored,
      },
    },
  );
}

/** Compression of V4 after its first two layers alternates 4 and 128; the draft block at the end has none. */
function v4Ratios(first: readonly number[], layers: number): number[] {
  const rest = Array.from({ length: layers - first.length }, (_, index) => (index % 2 === 0 ? 4 : 128));
  return [...first, ...rest, 0];
}

const v4Fields = {
  head_dim: 512,
  o_lora_rank: 1024,
  hc_mult: 4,
  num_hash_layers: 3,
  sliding_window: 128,
  ...indexer,
  n_shared_experts: 1,
  num_experts_per_tok: 6,
  scoring_func: "sqrtsoftplus",
  num_nextn_predict_layers: 1,
  expert_dtype: "fp4",
  quantization_config: fp8Block,
};
const v4 = { type: "deepseek_v4", groups: 1, vocabulary: 129280, length: 1048576 };

const glm5Experts = { ...v3Experts, n_group: 1, topk_group: 1 };
const glm5Latent = {
  q_lora_rank: 2048,
  kv_lora_rank: 512,
  qk_nope_head_dim: 192,
  qk_rope_head_dim: 64,
  v_head_dim: 256,
  index_n_heads: 32,
  index_head_dim: 128,
  index_topk: 2048,
};
const glm5Shape = { type: "glm_moe_dsa", hidden: 6144, width: 12288, layers: 78, heads: 64, vocabulary: 154880 };
const glm5 = (): ModelConfig =>
  decoder(
    { ...glm5Shape, length: 202752 },
    { ...glm5Latent, ...glm5Experts, index_topk_freq: 1, num_nextn_predict_layers: 1 },
  );
const glm52 = (): ModelConfig => ({
  ...glm5(),
  max_position_embeddings: 1048576,
  index_topk_freq: 4,
  index_skip_topk_offset: 3,
});
const facts = ["aiconfigurator-models"];

export const deepseekEntries: readonly ModelEntry[] = [
  {
    name: "deepseek-ai/DeepSeek-V2-Lite",
    config: () =>
      decoder(
        { type: "deepseek_v2", hidden: 2048, width: 10944, layers: 27, heads: 16, vocabulary: 102400, length: 163840 },
        {
          ...latent,
          q_lora_rank: null,
          moe_intermediate_size: 1408,
          n_routed_experts: 64,
          n_shared_experts: 2,
          num_experts_per_tok: 6,
          first_k_dense_replace: 1,
          scoring_func: "softmax",
        },
      ),
    sources: ["inference-sim-models"],
  },
  { name: "deepseek-ai/DeepSeek-V3", aliases: ["deepseek3-671b"], config: v3, sources: ["deepseek-v3-2024"] },
  { name: "deepseek-ai/DeepSeek-V3.1", config: v3, sources: facts },
  { name: "deepseek-ai/DeepSeek-R1", aliases: ["deepseek-ai/DeepSeek-R1-0528"], config: v3, sources: facts },
  { name: "deepseek-ai/DeepSeek-V3.2", config: v32, sources: ["deepseek-v32-2025"] },
  {
    name: "nvidia/DeepSeek-V3.1-NVFP4",
    config: variant(v3, { quantization_config: nvfp4(["*.self_attn*"], "16-bit") }),
    sources: facts,
  },
  {
    name: "deepseek-ai/DeepSeek-V4-Flash",
    config: () =>
      decoder(
        { ...v4, hidden: 4096, layers: 43, heads: 64 },
        {
          ...v4Fields,
          q_lora_rank: 1024,
          o_groups: 8,
          index_topk: 512,
          moe_intermediate_size: 2048,
          n_routed_experts: 256,
          compress_ratios: v4Ratios([0, 0], 43),
        },
      ),
    sources: ["deepseek-v4-2026"],
  },
  {
    name: "deepseek-ai/DeepSeek-V4-Pro",
    config: () =>
      decoder(
        { ...v4, hidden: 7168, layers: 61, heads: 128 },
        {
          ...v4Fields,
          q_lora_rank: 1536,
          o_groups: 16,
          index_topk: 1024,
          moe_intermediate_size: 3072,
          n_routed_experts: 384,
          compress_ratios: v4Ratios([128, 128], 61),
        },
      ),
    sources: ["deepseek-v4-2026"],
  },
  { name: "moonshotai/Kimi-K2-Instruct", aliases: ["moonshotai/Kimi-K2", "kimi-k2-1t"], config: kimi2, sources: facts },
  { name: "moonshotai/Kimi-K2.5", config: kimi25, sources: facts },
  {
    name: "nvidia/Kimi-K2.5-NVFP4",
    config: variant(kimi25, { quantization_config: nvfp4(["*.self_attn*"], "fp8") }),
    sources: facts,
  },
  { name: "moonshotai/Kimi-K3", config: kimi3, sources: facts },
  { name: "zai-org/GLM-5", config: glm5, sources: ["glm-5-2026"] },
  { name: "zai-org/GLM-5-FP8", config: variant(glm5, { quantization_config: fp8Block }), sources: ["glm-5-2026"] },
  { name: "zai-org/GLM-5.2", config: glm52, sources: ["glm-5-2026"] },
  { name: "zai-org/GLM-5.2-FP8", config: variant(glm52, { quantization_config: fp8Block }), sources: ["glm-5-2026"] },
];
