/** Mixture-of-experts decoders with windows or chunks on most layers: GPT-OSS, MiMo, Llama 4, Step 3.7. */

import type { LayerKind } from "../../model.ts";
import type { AttentionShape, ModelBody, Span } from "./blocks.ts";
import { denseFeedForward, expertFeedForward, fullSpan, groupedQueryAttention, layer, layersBySpan } from "./blocks.ts";
import type { ImportOptions, ModelClass } from "./class.ts";
import type { Fields } from "./reader.ts";
import { notDerivable, numberEntry, rangeOf } from "./reader.ts";
import {
  checkGroups,
  plainEmbedding,
  readActivation,
  readExperts,
  readHeads,
  readSpans,
  readStack,
  refuseFlag,
} from "./shape.ts";

export const moeLocalClasses: readonly ModelClass[] = [
  { modelTypes: ["gpt_oss"], architectures: ["GptOssForCausalLM"], sources: ["transformers-models"], read: readGptOss },
  {
    modelTypes: ["mimo_v2_flash"],
    architectures: ["MiMoV2FlashForCausalLM"],
    sources: ["vllm-models", "mimo-v2-flash-2026"],
    read: readMimo,
  },
  {
    modelTypes: ["llama4_text"],
    architectures: ["Llama4ForConditionalGeneration", "Llama4ForCausalLM"],
    sources: ["transformers-models"],
    read: readLlama4,
  },
  {
    modelTypes: ["step3p7"],
    architectures: ["Step3p7FlashForCausalLM", "Step3p7ForConditionalGeneration"],
    sources: ["aiconfigurator-models"],
    read: readStep,
  },
];

/** Biases everywhere, one sink a head, window on even layers. */
function readGptOss(fields: Fields): ModelBody {
  const stack = readStack(fields, "untied");
  const { hidden } = stack;
  const heads = readHeads(fields, hidden);
  const size = fields.integer("sliding_window", 128);
  const spans = readSpans(fields, {
    layers: stack.layers,
    local: { kind: "window", size },
    localByDefault: (index) => index % 2 === 0,
  });
  const bias = fields.flag("attention_bias", "yes") ? "all" : "none";
  const { experts, topK } = readExperts(fields);
  const feedForward = expertFeedForward({
    hidden,
    experts,
    topK,
    width: fields.integer("intermediate_size"),
    expertBias: "all",
    routing: "softmax",
    routerVectors: experts,
  });
  const layers = layersBySpan(spans, (span) => {
    const attention = groupedQueryAttention({ hidden, ...heads, span, bias, sinks: "per-head" });
    return layer(attention, feedForward, { parameters: 2 * hidden, norms: 2 });
  });
  return { ...stack, embedding: plainEmbedding(stack, hidden), layers };
}

/** Full and sliding layers with heads of their own; values narrower than keys; sinks by switch. */
function readMimo(fields: Fields): ModelBody {
  const stack = readStack(fields, "untied");
  const { hidden } = stack;
  refuseFlag(fields, "attention_bias");
  const full = readHeads(fields, hidden);
  const valueHeadDim = fields.integer("v_head_dim", full.headDim);
  const heads = fields.integer("swa_num_attention_heads", full.heads);
  const keyValueHeads = fields.integer("swa_num_key_value_heads", full.keyValueHeads);
  checkGroups(fields, "swa_num_key_value_heads", heads, keyValueHeads);
  const sinks = (name: string, fallback: "yes" | "no"): "none" | "per-head" =>
    fields.flag(name, fallback) ? "per-head" : "none";
  const fullShape: AttentionShape = {
    hidden,
    ...full,
    valueHeadDim,
    sinks: sinks("add_full_attention_sink_bias", "no"),
  };
  const localShape: AttentionShape = {
    hidden,
    heads,
    keyValueHeads,
    headDim: fields.integer("swa_head_dim", full.headDim),
    valueHeadDim: fields.integer("swa_v_head_dim", valueHeadDim),
    span: { kind: "window", size: fields.integer("sliding_window") },
    sinks: sinks("add_swa_attention_sink_bias", "no"),
  };
  const pattern = fields.perLayer("hybrid_layer_pattern", stack.layers, numberEntry(fields, [0, 1]));
  const sparse = fields.perLayer("moe_layer_freq", stack.layers, numberEntry(fields, [0, 1]));
  for (const [name, list] of Object.entries({ hybrid_layer_pattern: pattern, moe_layer_freq: sparse })) {
    if (list === null && fields.sound()) fields.problem(name, notDerivable(name));
  }
  const { experts, topK } = readExperts(fields);
  const width = fields.integer("moe_intermediate_size");
  const routed = expertFeedForward({
    hidden,
    experts,
    topK,
    width,
    routing: "sigmoid",
    routerVectors: experts,
    sharedWidth: fields.integer("n_shared_experts", 0, { min: 0 }) * width,
  });
  const denseWidth = sparse?.includes(0) ? fields.integer("intermediate_size") : 1;
  const dense = denseFeedForward({
    hidden,
    width: denseWidth,
    gated: "gated",
    activation: readActivation(fields, "silu"),
  });
  fields.warn("not derivable: number of draft (MTP) modules unknown, counted 0; one would hold 0.33 B parameters");
  const layers = rangeOf(stack.layers).map((index) => {
    const attention = groupedQueryAttention(pattern?.[index] === 1 ? localShape : fullShape);
    return layer(attention, sparse?.[index] === 1 ? routed : dense, { parameters: 2 * hidden, norms: 2 });
  });
  return { ...stack, embedding: plainEmbedding(stack, hidden), layers };
}

/** Chunked attention on three layers of four; experts of `intermediate_size` with one shared. */
function readLlama4(fields: Fields): ModelBody {
  const stack = readStack(fields, "untied");
  const { hidden } = stack;
  const heads = readHeads(fields, hidden);
  const bias = fields.flag("attention_bias", "no") ? "all" : "none";
  const spans = llama4Spans(fields, stack.layers);
  const width = fields.integer("intermediate_size");
  const routed = expertFeedForward({
    hidden,
    ...readExperts(fields),
    width,
    routing: "sigmoid",
    sharedWidth: width,
  });
  const step = fields.integer("interleave_moe_layer_step", 1);
  const listed = fields.integers("moe_layers");
  const sparse = rangeOf(stack.layers).map((index) => (listed ? listed.includes(index) : index % step === step - 1));
  const denseWidth = sparse.includes(false) ? fields.integer("intermediate_size_mlp") : 1;
  const dense = denseFeedForward({
    hidden,
    width: denseWidth,
    gated: "gated",
    activation: readActivation(fields, "silu"),
  });
  const layers = spans.map((span, index) => {
    const attention = groupedQueryAttention({ hidden, ...heads, span, bias });
    return layer(attention, sparse[index] ? routed : dense, { parameters: 2 * hidden, norms: 2 });
  });
  return { ...stack, embedding: plainEmbedding(stack, hidden), layers };
}

/** `no_rope_layers`[i] = 1 means rotary and chunked; default on (i + 1) mod 4 != 0. */
function llama4Spans(fields: Fields, layers: number): Span[] {
  const size = fields.integerOrNull("attention_chunk_size");
  const local: Span = size === null ? fullSpan : { kind: "chunk", size };
  const rotary = fields.perLayer("no_rope_layers", layers, numberEntry(fields, [0, 1]));
  return readSpans(fields, {
    layers,
    local,
    localWord: "chunked_attention",
    localByDefault: (index) => (rotary ? rotary[index] === 1 : (index + 1) % 4 !== 0),
  });
}

/**
 * Step 3.7 Flash. The vendor's file gives sliding layers other heads (`attention_other_setting`) and a gate a
 * head; trimmed copies lack both, so that parameters and FLOPs cannot be derived from them.
 * @source aiconfigurator-models
 */
function readStep(fields: Fields, _modelType: string, options: ImportOptions): ModelBody {
  const stack = readStack(fields, "untied");
  const { hidden } = stack;
  const full = readHeads(fields, hidden);
  const other = stepOtherHeads(fields, full, options);
  const gate = fields.flag("use_head_wise_attn_gate", "no") ? "per-head" : "none";
  const size = fields.integer("sliding_window");
  const types = readSpans(fields, {
    layers: stack.layers,
    local: { kind: "window", size },
    localByDefault: (index) => index % 4 !== 0,
  });
  const { experts, topK } = readExperts(fields);
  const routed = expertFeedForward({
    hidden,
    experts,
    topK,
    width: fields.integer("moe_intermediate_size"),
    routing: "sigmoid",
    routerVectors: fields.flag("use_moe_router_bias", "no") ? experts : 0,
    sharedWidth: fields.integer("share_expert_dim"),
  });
  const denseLayers = fields.integer("first_k_dense_replace", 3, { min: 0 });
  const dense = denseFeedForward({
    hidden,
    width: fields.integer("intermediate_size"),
    gated: "gated",
    activation: readActivation(fields, "silu"),
  });
  fields.warn("draft (MTP) modules left out: their structure is not derivable");
  const layers = types.map((span, index): LayerKind => {
    const shape = span.kind === "full" ? full : other;
    const attention = groupedQueryAttention({ hidden, ...shape, span, norm: "head", gate });
    return layer(attention, index < denseLayers ? dense : routed, { parameters: 2 * hidden, norms: 2 });
  });
  return { ...stack, embedding: plainEmbedding(stack, hidden), layers };
}

function stepOtherHeads(
  fields: Fields,
  full: { readonly heads: number; readonly keyValueHeads: number; readonly headDim: number },
  options: ImportOptions,
): { readonly heads: number; readonly keyValueHeads: number; readonly headDim: number } {
  const section = fields.section("attention_other_setting");
  if (section) {
    const heads = section.integer("num_attention_heads", full.heads);
    const keyValueHeads = section.integer(["num_attention_groups", "num_key_value_heads"], full.keyValueHeads);
    checkGroups(section, "num_attention_groups", heads, keyValueHeads);
    return { heads, keyValueHeads, headDim: section.integer("head_dim", full.headDim) };
  }
  if (options.missing === "as-filed") {
    fields.assume("field attention_other_setting absent: sliding layers counted with the heads of full ones, no gate");
  } else {
    fields.problem(
      "attention_other_setting",
      notDerivable("attention_other_setting"),
      "take attention_other_setting and use_head_wise_attn_gate from the vendor's config.json; the cache needs neither",
    );
  }
  return full;
}
