/** NVIDIA's own: Nemotron-4, the Nemotron-H hybrid and the Nemotron 3 family. */

import type { ModelConfig, ModelEntry } from "../entry.ts";
import { decoder } from "../entry.ts";

const hybrid = { type: "nemotron_h", headDim: 128, vocabulary: 131072, length: 262144 };
const mamba = {
  mamba_head_dim: 64,
  n_groups: 8,
  ssm_state_size: 128,
  conv_kernel: 4,
  use_conv_bias: true,
  chunk_size: 128,
};
const experts = { n_shared_experts: 1 };
const drafts = { mtp_hybrid_override_pattern: "*E", num_nextn_predict_layers: 1 };

/** M Mamba-2, * attention, E experts, - MLP. */
const pattern = {
  base56: `M-M-M-M*${"-M-M-M-M-M*".repeat(9)}-M-M-M-M-M-`,
  nano: `MEMEM*${"EMEMEM*".repeat(4)}EMEMEMEM*EMEMEMEME`,
  super: `MEMEMEM*${"EMEMEMEM*".repeat(2)}${"EMEMEMEMEM*".repeat(4)}EMEMEMEM*EMEMEMEME`,
  ultra: `MEMEMEM*${"EMEMEM*EMEMEMEM*EMEMEMEM*".repeat(3)}EMEMEM*EMEMEMEM*EMEMEMEME`,
};

const nano = (): ModelConfig =>
  decoder(
    { ...hybrid, hidden: 2688, layers: 52, heads: 32, groups: 2 },
    {
      ...mamba,
      ...experts,
      hybrid_override_pattern: pattern.nano,
      mamba_num_heads: 64,
      moe_intermediate_size: 1856,
      moe_shared_expert_intermediate_size: 3712,
      n_routed_experts: 128,
      num_experts_per_tok: 6,
    },
  );
const facts = ["aiconfigurator-models"];

export const nemotronEntries: readonly ModelEntry[] = [
  {
    name: "nvidia/Nemotron-4-340B",
    aliases: ["nvidia/Nemotron-4-340B-Base"],
    config: () =>
      decoder({
        type: "nemotron",
        hidden: 18432,
        width: 73728,
        layers: 96,
        heads: 96,
        groups: 8,
        headDim: 192,
        vocabulary: 256000,
        length: 4096,
      }),
    sources: ["nemotron-4-2024"],
  },
  {
    name: "nvidia/Nemotron-H-56B-Base-8K",
    aliases: ["nvidia/Nemotron-H-56B"],
    config: () =>
      decoder(
        { ...hybrid, hidden: 8192, width: 32768, layers: 118, heads: 64, groups: 8, length: 8192 },
        { ...mamba, ssm_state_size: 256, mamba_num_heads: 256, hybrid_override_pattern: pattern.base56 },
      ),
    sources: facts,
  },
  {
    name: "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B",
    aliases: ["nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "nemotron-3-nano", "nemotron-3-nano-30b-a3b"],
    config: nano,
    sources: facts,
  },
  {
    name: "nvidia/NVIDIA-Nemotron-3-Super-120B-A12B",
    aliases: ["nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-BF16", "nemotron-3-super", "nemotron-3-super-120b-a12b"],
    config: () =>
      decoder(
        { ...hybrid, hidden: 4096, layers: 88, heads: 32, groups: 2 },
        {
          ...mamba,
          ...experts,
          ...drafts,
          hybrid_override_pattern: pattern.super,
          mamba_num_heads: 128,
          moe_latent_size: 1024,
          moe_intermediate_size: 2688,
          moe_shared_expert_intermediate_size: 5376,
          n_routed_experts: 512,
          num_experts_per_tok: 22,
        },
      ),
    sources: facts,
  },
  {
    name: "nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B",
    aliases: ["nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B-BF16", "nemotron-3-ultra", "nemotron-3-ultra-550b-a55b"],
    config: () =>
      decoder(
        { ...hybrid, hidden: 8192, layers: 108, heads: 64, groups: 2 },
        {
          ...mamba,
          ...experts,
          ...drafts,
          hybrid_override_pattern: pattern.ultra,
          mamba_num_heads: 256,
          moe_latent_size: 2048,
          moe_intermediate_size: 5120,
          moe_shared_expert_intermediate_size: 10240,
          n_routed_experts: 512,
          num_experts_per_tok: 22,
        },
      ),
    sources: facts,
  },
];
