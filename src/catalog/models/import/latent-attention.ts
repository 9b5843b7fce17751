/** Multi-head latent attention (MLA), alone and with the sparse indexer of DSA: DeepSeek V2 to V3.2, Kimi K2, GLM-5. */

import type { LatentAttention, LayerKind, Projection, SparseSelection } from "../../model.ts";
import type { ModelBody } from "./blocks.ts";
import {
  denseFeedForward,
  draftModule,
  expertFeedForward,
  fullSpan,
  layer,
  replicatedWeights,
  weights,
} from "./blocks.ts";
import type { ModelClass } from "./class.ts";
import type { Fields } from "./reader.ts";
import { rangeOf, wordEntry } from "./reader.ts";
import { names, plainEmbedding, readActivation, readExperts, readStack, refuseFlag } from "./shape.ts";

export const latentAttentionClasses: readonly ModelClass[] = [
  {
    modelTypes: ["deepseek_v2", "deepseek_v3", "kimi_k2"],
    architectures: ["DeepseekV2ForCausalLM", "DeepseekV3ForCausalLM", "KimiK25ForConditionalGeneration"],
    sources: ["transformers-models", "deepseek-v3-2024"],
    read: (fields, modelType) => readLatent(fields, modelType, "dense"),
  },
  {
    modelTypes: ["deepseek_v32"],
    architectures: ["DeepseekV32ForCausalLM"],
    sources: ["transformers-models", "deepseek-v32-2025"],
    read: (fields, modelType) => readLatent(fields, modelType, "sparse"),
  },
  {
    modelTypes: ["glm_moe_dsa"],
    architectures: ["GlmMoeDsaForCausalLM"],
    sources: ["transformers-models", "glm-5-2026"],
    read: (fields, modelType) => readLatent(fields, modelType, "sparse"),
  },
];

export interface LatentShape {
  readonly hidden: number;
  readonly heads: number;
  readonly queryRank: number | null;
  readonly keyValueRank: number;
  readonly nopeDim: number;
  readonly ropeDim: number;
  readonly valueHeadDim: number;
  readonly sparse?: SparseSelection;
  readonly gate?: "none" | "full";
}

/** The ranks and head sizes of MLA; `head_dim` and `num_key_value_heads` say nothing here. */
export function readLatentShape(fields: Fields, hidden: number): LatentShape {
  return {
    hidden,
    heads: fields.integer(names.heads),
    queryRank: fields.integerOrNull("q_lora_rank"),
    keyValueRank: fields.integer("kv_lora_rank"),
    nopeDim: fields.integer("qk_nope_head_dim"),
    ropeDim: fields.integer("qk_rope_head_dim"),
    valueHeadDim: fields.integer("v_head_dim"),
  };
}

/**
 * h u + u + u a (n + p) (without query rank h a (n + p)) + h (r + p) + r + r a (n + d_v) + a d_v h,
 * + h a d_v with an output gate, + u H d + h d + 2 d + h H with an indexer. Latents and indexer are replicated.
 * @source deepseek-v3-2024
 */
export function latentAttention(shape: LatentShape): LatentAttention {
  const { hidden, heads, queryRank, keyValueRank, nopeDim, ropeDim, valueHeadDim } = shape;
  const queryWidth = heads * (nopeDim + ropeDim);
  const projections: Projection[] =
    queryRank === null
      ? [{ name: "query", in: hidden, out: queryWidth, split: "column" }]
      : [
          { name: "query-down", in: hidden, out: queryRank, split: "replicated" },
          { name: "query-up", in: queryRank, out: queryWidth, split: "column" },
        ];
  projections.push(
    { name: "key-value-down", in: hidden, out: keyValueRank + ropeDim, split: "replicated" },
    { name: "key-value-up", in: keyValueRank, out: heads * (nopeDim + valueHeadDim), split: "column" },
  );
  if (shape.gate === "full") {
    projections.push({ name: "gate", in: hidden, out: heads * valueHeadDim, split: "column" });
  }
  projections.push({ name: "output", in: heads * valueHeadDim, out: hidden, split: "row" });
  const indexer = shape.sparse?.indexer;
  if (indexer) projections.push(...indexerProjections(indexer, hidden, queryRank ?? hidden));
  const norms = (queryRank ?? 0) + keyValueRank + (indexer ? 2 * indexer.dim : 0);
  return {
    kind: "latent-attention",
    heads,
    queryRank,
    keyValueRank,
    nopeDim,
    ropeDim,
    valueHeadDim,
    span: fullSpan,
    ...(shape.sparse ? { sparse: shape.sparse } : {}),
    ...(shape.gate === "full" ? { outputGate: heads * valueHeadDim } : {}),
    parameters: weights(projections) + norms,
    replicatedParameters: replicatedWeights(projections) + norms,
    projections,
  };
}

/** Indexer that scores keys for a query: queries from the query latent, one shared key, one weight a head. */
export function indexerProjections(
  indexer: { readonly heads: number; readonly dim: number },
  hidden: number,
  queryRank: number,
): Projection[] {
  return [
    { name: "index-query", in: queryRank, out: indexer.heads * indexer.dim, split: "replicated" },
    { name: "index-key", in: hidden, out: indexer.dim, split: "replicated" },
    { name: "index-weight", in: hidden, out: indexer.heads, split: "replicated" },
  ];
}

/** Which layers run an indexer of their own. */
function readIndexers(fields: Fields, modelType: string, layers: number): boolean[] {
  if (modelType !== "glm_moe_dsa") return rangeOf(layers).map(() => true);
  const entry = wordEntry(fields, ["full", "shared"]);
  const listed = fields.perLayer(["indexer_types", "index_topk_pattern"], layers, entry);
  if (listed) return listed.map((type) => type === "full");
  const frequency = fields.integer("index_topk_freq", 1);
  const offset = fields.integer("index_skip_topk_offset", 2, { min: 0 });
  if (fields.value("index_topk_freq") === undefined) {
    fields.warn("fields indexer_types and index_topk_freq absent: every layer runs its own indexer");
  }
  return rangeOf(layers).map((index) => Math.max(index - offset + 1, 0) % frequency === 0);
}

/** Dense or sparse by layer: `mlp_layer_types` wins over `first_k_dense_replace` and `moe_layer_freq`. */
export function readDenseLayers(fields: Fields, layers: number, firstDefault: number): boolean[] {
  const listed = fields.perLayer("mlp_layer_types", layers, wordEntry(fields, ["dense", "sparse"]));
  if (listed) return listed.map((type) => type === "dense");
  const first = fields.integer("first_k_dense_replace", firstDefault, { min: 0 });
  const frequency = fields.integer("moe_layer_freq", 1);
  return rangeOf(layers).map((index) => index < first || index % frequency !== 0);
}

function readLatent(fields: Fields, modelType: string, attend: "dense" | "sparse"): ModelBody {
  const stack = readStack(fields, "untied");
  const { hidden } = stack;
  refuseFlag(fields, "attention_bias");
  const shape = readLatentShape(fields, hidden);
  const indexer =
    attend === "sparse"
      ? { heads: fields.integer("index_n_heads"), dim: fields.integer("index_head_dim") }
      : { heads: 0, dim: 0 };
  const keys = attend === "sparse" ? fields.integer("index_topk") : 0;
  const mixer = (owns: boolean): LatentAttention =>
    attend === "dense"
      ? latentAttention(shape)
      : latentAttention({ ...shape, sparse: { method: "dsa", keys, ratio: 1, ...(owns ? { indexer } : {}) } });
  const indexers = attend === "sparse" ? readIndexers(fields, modelType, stack.layers) : [];
  fields.perLayer("layer_types", stack.layers, wordEntry(fields, ["full_attention", "deepseek_sparse_attention"]));
  const isDense = readDenseLayers(fields, stack.layers, modelType === "deepseek_v2" ? 0 : 3);
  const routed = readRouted(fields, modelType, hidden);
  const width = isDense.includes(true) ? fields.integer("intermediate_size") : 1;
  const dense = denseFeedForward({ hidden, width, gated: "gated", activation: readActivation(fields, "silu") });
  const norms = { parameters: 2 * hidden, norms: 2 };
  const layers = isDense.map((isPlain, index): LayerKind => {
    return layer(mixer(indexers[index] ?? false), isPlain ? dense : routed, norms);
  });
  const modules = fields.integer("num_nextn_predict_layers", 0, { min: 0, max: 16 });
  // GLM-5 checkpoints share embedding and head with the draft module, DeepSeek's store copies.
  const copyParameters = modelType === "glm_moe_dsa" ? 0 : 2 * stack.vocabulary * hidden;
  const multiToken = draftModule({ hidden, modules, layer: layer(mixer(true), routed, norms), copyParameters });
  return { ...stack, embedding: plainEmbedding(stack, hidden), layers, ...(modules > 0 ? { multiToken } : {}) };
}

/** Routed and shared experts; the correction bias belongs to sigmoid routers only. */
function readRouted(fields: Fields, modelType: string, hidden: number): LayerKind["feedForward"] {
  const { experts, topK } = readExperts(fields);
  const width = fields.integer("moe_intermediate_size");
  const fallback = modelType === "deepseek_v2" ? "softmax" : "sigmoid";
  const routing = fields.word("scoring_func", ["softmax", "sigmoid"], fallback);
  const count = fields.integer("n_group", 1);
  const limit = fields.integer("topk_group", count);
  if (fields.sound() && limit > count) fields.problem("topk_group", `${limit} groups of only ${count}`);
  return expertFeedForward({
    hidden,
    experts,
    topK,
    width,
    routing,
    routerVectors: routing === "sigmoid" ? experts : 0,
    sharedWidth: fields.integer("n_shared_experts", 0, { min: 0 }) * width,
    ...(count > 1 ? { groups: { count, limit } } : {}),
  });
}
