/** Mixture-of-experts decoders with plain grouped-query attention on every layer. */

import type { ModelBody } from "./blocks.ts";
import { denseFeedForward, draftModule, expertFeedForward, fullSpan, groupedQueryAttention, layer } from "./blocks.ts";
import type { ModelClass } from "./class.ts";
import type { Fields } from "./reader.ts";
import { numberEntry, rangeOf } from "./reader.ts";
import { plainEmbedding, readActivation, readExperts, readHeads, readSpans, readStack, refuseWindow } from "./shape.ts";

export const moeClasses: readonly ModelClass[] = [
  {
    modelTypes: ["mixtral"],
    architectures: ["MixtralForCausalLM"],
    sources: ["transformers-models"],
    read: readMixtral,
  },
  { modelTypes: ["phimoe"], architectures: ["PhiMoEForCausalLM"], sources: ["transformers-models"], read: readPhiMoe },
  {
    modelTypes: ["qwen3_moe"],
    architectures: ["Qwen3MoeForCausalLM"],
    sources: ["transformers-models"],
    read: readQwen3Moe,
  },
  {
    modelTypes: ["glm4_moe"],
    architectures: ["Glm4MoeForCausalLM"],
    sources: ["transformers-models"],
    read: readGlm4Moe,
  },
  {
    modelTypes: ["minimax_m2"],
    architectures: ["MiniMaxM2ForCausalLM"],
    sources: ["transformers-models"],
    read: readMiniMaxM2,
  },
];

/** Experts of `intermediate_size`, softmax router, no shared expert. */
function readMixtral(fields: Fields): ModelBody {
  const stack = readStack(fields, "untied");
  const heads = readHeads(fields, stack.hidden, 8);
  const size = fields.integerOrNull("sliding_window");
  const attention = groupedQueryAttention({
    hidden: stack.hidden,
    ...heads,
    span: size === null ? fullSpan : { kind: "window", size },
  });
  const feedForward = expertFeedForward({
    hidden: stack.hidden,
    ...readExperts(fields),
    width: fields.integer("intermediate_size"),
    routing: "softmax",
  });
  const kind = layer(attention, feedForward, { parameters: 2 * stack.hidden, norms: 2 });
  return { ...stack, embedding: plainEmbedding(stack, stack.hidden), layers: rangeOf(stack.layers).map(() => kind) };
}

/** LayerNorm with bias, biases on all four projections and on the head. */
function readPhiMoe(fields: Fields): ModelBody {
  const stack = readStack(fields, "untied");
  const heads = readHeads(fields, stack.hidden);
  const size = fields.integerOrNull("sliding_window");
  if (size !== null)
    fields.assume(`sliding_window ${size} applies to every layer; whether engines do so is unverified`);
  const attention = groupedQueryAttention({
    hidden: stack.hidden,
    ...heads,
    bias: fields.flag("attention_bias", "no") ? "all" : "none",
    span: size === null ? fullSpan : { kind: "window", size },
  });
  const feedForward = expertFeedForward({
    hidden: stack.hidden,
    ...readExperts(fields),
    width: fields.integer("intermediate_size"),
    routing: "softmax",
  });
  const kind = layer(attention, feedForward, { parameters: 4 * stack.hidden, norms: 2 });
  const headBias = fields.flag("lm_head_bias", "no") ? stack.vocabulary : 0;
  return {
    ...stack,
    embedding: plainEmbedding(stack, 2 * stack.hidden + headBias),
    layers: rangeOf(stack.layers).map(() => kind),
  };
}

/** Experts where (i + 1) mod `decoder_sparse_step` is 0 and the layer is not in `mlp_only_layers`. */
export function readSparseLayers(fields: Fields, layers: number): boolean[] {
  const step = fields.integer("decoder_sparse_step", 1);
  const dense = new Set(fields.integers("mlp_only_layers") ?? []);
  return rangeOf(layers).map((index) => !dense.has(index) && (index + 1) % step === 0);
}

/** Attention of Qwen3 (norm on each query and key head), softmax router without correction. */
function readQwen3Moe(fields: Fields): ModelBody {
  const stack = readStack(fields, "untied");
  const { hidden } = stack;
  const heads = readHeads(fields, hidden);
  const bias = fields.flag("attention_bias", "no") ? "all" : "none";
  const window = fields.flag("use_sliding_window", "no") ? fields.integer("sliding_window") : null;
  const first = window === null ? 0 : fields.integer("max_window_layers", undefined, { min: 0 });
  const spans = readSpans(fields, {
    layers: stack.layers,
    local: window === null ? fullSpan : { kind: "window", size: window },
    localByDefault: (index) => index >= first,
  });
  const sparse = readSparseLayers(fields, stack.layers);
  const experts = expertFeedForward({
    hidden,
    ...readExperts(fields),
    width: fields.integer("moe_intermediate_size"),
    routing: "softmax",
  });
  const width = sparse.includes(false) ? fields.integer("intermediate_size") : 1;
  const dense = denseFeedForward({ hidden, width, gated: "gated", activation: readActivation(fields, "silu") });
  const layers = sparse.map((isSparse, index) => {
    const attention = groupedQueryAttention({ hidden, ...heads, bias, norm: "head", span: spans[index] ?? fullSpan });
    return layer(attention, isSparse ? experts : dense, { parameters: 2 * hidden, norms: 2 });
  });
  return { ...stack, embedding: plainEmbedding(stack, hidden), layers };
}

/** GLM-4.5: first layers dense, sigmoid experts with shared ones, one draft layer stored with its own copies. */
function readGlm4Moe(fields: Fields): ModelBody {
  const stack = readStack(fields, "untied");
  const { hidden } = stack;
  const heads = readHeads(fields, hidden);
  const attention = groupedQueryAttention({
    hidden,
    ...heads,
    bias: fields.flag("attention_bias", "no") ? "query-key-value" : "none",
    norm: fields.flag("use_qk_norm", "no") ? "head" : "none",
  });
  const { experts, topK } = readExperts(fields);
  const width = fields.integer("moe_intermediate_size");
  const sharedWidth = fields.integer("n_shared_experts", undefined, { min: 0 }) * width;
  const routed = expertFeedForward({
    hidden,
    experts,
    topK,
    width,
    routing: "sigmoid",
    routerVectors: experts,
    sharedWidth,
  });
  const denseLayers = fields.integer("first_k_dense_replace", 3, { min: 0 });
  const denseWidth = denseLayers > 0 ? fields.integer("intermediate_size") : 1;
  const dense = denseFeedForward({
    hidden,
    width: denseWidth,
    gated: "gated",
    activation: readActivation(fields, "silu"),
  });
  const norms = { parameters: 2 * hidden, norms: 2 };
  const moeLayer = layer(attention, routed, norms);
  const denseLayer = layer(attention, dense, norms);
  const declared = fields.integerOrNull("num_nextn_predict_layers", { min: 0, max: 16 });
  if (declared === null) {
    fields.warn("field num_nextn_predict_layers absent: one draft module assumed, as published for GLM-4.5");
  }
  const modules = declared ?? 1;
  return {
    ...stack,
    embedding: plainEmbedding(stack, hidden),
    layers: rangeOf(stack.layers).map((index) => (index < denseLayers ? denseLayer : moeLayer)),
    ...(modules === 0
      ? {}
      : {
          multiToken: draftModule({ hidden, modules, layer: moeLayer, copyParameters: 2 * stack.vocabulary * hidden }),
        }),
  };
}

/** MiniMax M2: experts on every layer, sigmoid router with correction, norm over the whole query and key. */
function readMiniMaxM2(fields: Fields): ModelBody {
  const stack = readStack(fields, "untied");
  const { hidden } = stack;
  const heads = readHeads(fields, hidden);
  refuseWindow(fields);
  fields.perLayer("attn_type_list", stack.layers, numberEntry(fields, [1]));
  const normed = fields.flag("use_qk_norm", "yes");
  const normType = fields.word("qk_norm_type", ["per_layer", "per_head"], "per_layer");
  const attention = groupedQueryAttention({
    hidden,
    ...heads,
    norm: normed ? (normType === "per_layer" ? "layer" : "head") : "none",
  });
  const { experts, topK } = readExperts(fields);
  const feedForward = expertFeedForward({
    hidden,
    experts,
    topK,
    width: fields.integer("intermediate_size"),
    routing: "sigmoid",
    routerVectors: fields.flag("use_routing_bias", "yes") ? experts : 0,
    sharedWidth: fields.integer("shared_intermediate_size", 0, { min: 0 }),
  });
  if (fields.flag("use_mtp", "no") || fields.value("num_mtp_modules") !== undefined) {
    fields.warn("draft modules are declared (num_mtp_modules) but the published weights hold none: counted 0");
  }
  const kind = layer(attention, feedForward, { parameters: 2 * hidden, norms: 2 });
  return { ...stack, embedding: plainEmbedding(stack, hidden), layers: rangeOf(stack.layers).map(() => kind) };
}
