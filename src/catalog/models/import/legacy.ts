/** Older dense decoders: plain MLP, multi-head attention, LayerNorm, tied head (gpt2, opt, bloom, mpt). */

import type { LayerKind } from "../../model.ts";
import type { ModelBody } from "./blocks.ts";
import { denseFeedForward, groupedQueryAttention, layer } from "./blocks.ts";
import type { ModelClass } from "./class.ts";
import type { Fields } from "./reader.ts";
import { fieldsOf, rangeOf } from "./reader.ts";
import type { Stack } from "./shape.ts";
import { checkGroups, names, plainEmbedding, readActivation, readHeads, readStack, refuseFlag } from "./shape.ts";

export const legacyClasses: readonly ModelClass[] = [
  { modelTypes: ["gpt2"], architectures: ["GPT2LMHeadModel"], sources: ["transformers-models"], read: readGpt2 },
  { modelTypes: ["opt"], architectures: ["OPTForCausalLM"], sources: ["transformers-models"], read: readOpt },
  { modelTypes: ["bloom"], architectures: ["BloomForCausalLM"], sources: ["transformers-models"], read: readBloom },
  {
    modelTypes: ["mpt"],
    architectures: ["MptForCausalLM", "MPTForCausalLM"],
    sources: ["transformers-models", "llm-foundry"],
    read: readMpt,
  },
];

/** Layers with biases everywhere: 4 h² + 4 h, 2 h f + f + h, 4 h of norms; 12 h² + 13 h where f = 4 h. */
function biasedLayers(fields: Fields, stack: Stack, width: number, activation: string): LayerKind[] {
  const heads = readHeads(fields, stack.hidden);
  const attention = groupedQueryAttention({ hidden: stack.hidden, ...heads, bias: "all" });
  const feedForward = denseFeedForward({ hidden: stack.hidden, width, gated: "plain", activation, bias: "all" });
  const kind = layer(attention, feedForward, { parameters: 4 * stack.hidden, norms: 2 });
  return rangeOf(stack.layers).map(() => kind);
}

/** GPT-2 and, inline, every Megatron GPT of its kind: `n_inner`, `n_positions`, head tied or not. */
function readGpt2(fields: Fields): ModelBody {
  const stack = readStack(fields, "tied");
  const width = fields.integer("n_inner", 4 * stack.hidden);
  const positions = fields.integer(names.length) * stack.hidden;
  const layers = biasedLayers(fields, stack, width, readActivation(fields, "gelu"));
  return { ...stack, embedding: plainEmbedding(stack, 2 * stack.hidden, positions), layers };
}

/** OPT: two positions more than its length; a narrower token embedding adds two projections. */
function readOpt(fields: Fields): ModelBody {
  const stack = readStack(fields, "tied");
  const width = fields.integer("ffn_dim");
  const positions = (fields.integer("max_position_embeddings") + 2) * stack.hidden;
  const embeddingWidth = fields.integer("word_embed_proj_dim", stack.hidden);
  if (!fields.flag("enable_bias", "yes")) fields.problem("enable_bias", "not derivable: field enable_bias false");
  const finalNorm = fields.flag("do_layer_norm_before", "yes") && !fields.flag("_remove_final_layer_norm", "no");
  const layers = biasedLayers(fields, stack, width, readActivation(fields, "relu"));
  const other = finalNorm ? 2 * stack.hidden : 0;
  if (embeddingWidth === stack.hidden) return { ...stack, embedding: plainEmbedding(stack, other, positions), layers };
  return {
    ...stack,
    embedding: {
      tied: stack.tied,
      positionParameters: positions,
      otherParameters: other + 2 * embeddingWidth * stack.hidden,
      width: embeddingWidth,
      projections: [
        { name: "embedding-up", in: embeddingWidth, out: stack.hidden, split: "replicated" },
        { name: "embedding-down", in: stack.hidden, out: embeddingWidth, split: "replicated" },
      ],
    },
    layers,
  };
}

/** BLOOM: ALiBi instead of positions, a norm behind the embedding. */
function readBloom(fields: Fields): ModelBody {
  const stack = readStack(fields, "tied");
  const layers = biasedLayers(fields, stack, 4 * stack.hidden, "gelu");
  return { ...stack, embedding: plainEmbedding(stack, 4 * stack.hidden), layers };
}

/** MPT: 12 h² + 2 h without biases; with them, as its training code builds it, 12 h² + 13 h and positions. */
function readMpt(fields: Fields): ModelBody {
  const stack = readStack(fields, "tied");
  const { hidden } = stack;
  const heads = fields.integer(names.heads);
  if (fields.sound() && hidden % heads !== 0) {
    fields.problem("n_heads", `hidden size ${hidden} does not divide by ${heads} heads`);
  }
  const section = fields.section("attn_config") ?? fieldsOf({}, "attn_config.", fields.report);
  const type = section.word(
    "attn_type",
    ["multihead_attention", "multiquery_attention", "grouped_query_attention"],
    "multihead_attention",
  );
  const keyValueHeads =
    type === "multihead_attention" ? heads : type === "multiquery_attention" ? 1 : section.integer("kv_n_heads");
  checkGroups(fields, "attn_config.kv_n_heads", heads, keyValueHeads);
  refuseFlag(section, "qk_ln");
  refuseFlag(section, "qk_gn");
  const window = section.integerOrNull("sliding_window_size", { min: -1 });
  if (window !== null && window !== -1)
    section.problem("sliding_window_size", "not derivable: field sliding_window_size");
  const bias = fields.flag("no_bias", "yes") ? "none" : "all";
  const attention = groupedQueryAttention({ hidden, heads, keyValueHeads, headDim: Math.floor(hidden / heads), bias });
  const width = Math.round(fields.number("expansion_ratio", 4, { min: 0.01, max: 64 }) * hidden);
  const feedForward = denseFeedForward({ hidden, width, gated: "plain", activation: "gelu", bias });
  const normParameters = bias === "all" ? 2 * hidden : hidden;
  const kind = layer(attention, feedForward, { parameters: 2 * normParameters, norms: 2 });
  const learned = !section.flag("alibi", "yes") && fields.flag("learned_pos_emb", "yes");
  const positions = learned ? fields.integer(["max_seq_len", "max_position_embeddings"]) * hidden : 0;
  return {
    ...stack,
    embedding: plainEmbedding(stack, normParameters, positions),
    layers: rangeOf(stack.layers).map(() => kind),
  };
}
