/** Gemma 3 and 4: windows with every sixth layer full, four norms a layer, tied embedding. */

import type { Attention, FeedForward, LayerKind, ModelArchitecture } from "../../model.ts";
import type { AttentionShape, ModelBody, Span } from "./blocks.ts";
import {
  denseFeedForward,
  expertFeedForward,
  fullSpan,
  groupedQueryAttention,
  layer,
  layersBySpan,
  weights,
} from "./blocks.ts";
import type { ModelClass } from "./class.ts";
import type { Fields } from "./reader.ts";
import type { Stack } from "./shape.ts";
import { checkGroups, plainEmbedding, readActivation, readExperts, readHeads, readSpans, readStack } from "./shape.ts";

export const gemmaClasses: readonly ModelClass[] = [
  {
    modelTypes: ["gemma3_text"],
    architectures: ["Gemma3ForCausalLM", "Gemma3ForConditionalGeneration"],
    sources: ["transformers-models"],
    read: readGemma3,
  },
  {
    modelTypes: ["gemma4_text"],
    architectures: ["Gemma4ForConditionalGeneration", "Gemma4ForCausalLM"],
    sources: ["transformers-models"],
    read: readGemma4,
  },
];

/** Sliding except where (i + 1) mod `sliding_window_pattern` is 0. */
function readGemma3(fields: Fields): ModelBody {
  const stack = readStack(fields, "tied");
  const { hidden } = stack;
  const heads = readHeads(fields, hidden);
  const pattern = fields.integer("sliding_window_pattern", 6);
  const spans = readSpans(fields, {
    layers: stack.layers,
    local: { kind: "window", size: fields.integer("sliding_window") },
    localByDefault: (index) => (index + 1) % pattern !== 0,
  });
  const bias = fields.flag("attention_bias", "no") ? "all" : "none";
  const feedForward = denseFeedForward({
    hidden,
    width: fields.integer("intermediate_size"),
    gated: "gated",
    activation: readActivation(fields, "gelu_pytorch_tanh"),
  });
  const layers = layersBySpan(spans, (span) => {
    const attention = groupedQueryAttention({ hidden, ...heads, span, bias, norm: "head" });
    return layer(attention, feedForward, { parameters: 4 * hidden, norms: 4 });
  });
  return { ...stack, embedding: plainEmbedding(stack, hidden), layers };
}

/**
 * Full layers have wider heads and, with `attention_k_eq_v`, no value projection; experts run beside a dense
 * MLP; small models borrow keys and values on their last layers and add an embedding to every layer.
 * @source transformers-models
 */
function readGemma4(fields: Fields): ModelBody {
  const stack = readStack(fields, "tied");
  const { hidden } = stack;
  if (fields.flag("use_double_wide_mlp", "no")) {
    fields.problem(
      "use_double_wide_mlp",
      "not derivable: field use_double_wide_mlp: which layers it widens is unknown",
    );
  }
  const spans = gemma4Spans(fields, stack.layers);
  const borrowed = fields.integer("num_kv_shared_layers", 0, { min: 0, max: stack.layers });
  const attention = gemma4Attention(fields, hidden);
  const perLayer = readPerLayerInput(fields, stack);
  const { feedForward, norms } = gemma4FeedForward(fields, hidden);
  const layers = spans.map((span, index): LayerKind => {
    const keyValue = index >= stack.layers - borrowed ? "borrowed" : "own";
    // One scalar a layer scales its output.
    const parameters = norms * hidden + 1 + perLayer.layerParameters;
    return layer(attention(span, keyValue), feedForward, { parameters, norms, flop: perLayer.layerFlop });
  });
  const embedding = plainEmbedding(stack, hidden + perLayer.parameters);
  return { ...stack, embedding: { ...embedding, ...perLayer.embedding }, layers };
}

/** Five sliding layers, one full; the last is always full. */
function gemma4Spans(fields: Fields, layers: number): Span[] {
  const listed = fields.value("layer_types") !== undefined;
  const spans = readSpans(fields, {
    layers,
    local: { kind: "window", size: fields.integer("sliding_window") },
    localByDefault: (index) => (index + 1) % 6 !== 0,
  });
  if (!listed && spans.length > 0) spans[spans.length - 1] = fullSpan;
  return spans;
}

function gemma4Attention(fields: Fields, hidden: number): (span: Span, keyValue: "own" | "borrowed") => Attention {
  const local = readHeads(fields, hidden);
  const keyIsValue = fields.flag("attention_k_eq_v", "no");
  const globalHeadDim = fields.integer("global_head_dim", local.headDim);
  const globalGroups = keyIsValue ? fields.integer("num_global_key_value_heads", local.keyValueHeads) : null;
  const keyValueHeads = globalGroups ?? local.keyValueHeads;
  checkGroups(fields, "num_global_key_value_heads", local.heads, keyValueHeads);
  const bias = fields.flag("attention_bias", "no") ? "all" : "none";
  return (span, keyValue) => {
    const isFull = span.kind === "full";
    const shape: AttentionShape = isFull
      ? { hidden, heads: local.heads, keyValueHeads, headDim: globalHeadDim, span, bias, norm: "head" }
      : { hidden, ...local, span, bias, norm: "head" };
    return groupedQueryAttention({
      ...shape,
      keyValue: keyValue === "borrowed" ? "borrowed" : isFull && keyIsValue ? "shared-value" : "own",
    });
  };
}

/** Dense MLP, or dense MLP and experts side by side; the router adds h + E of scales. */
function gemma4FeedForward(fields: Fields, hidden: number): { feedForward: FeedForward; norms: number } {
  const width = fields.integer("intermediate_size");
  const activation = readActivation(fields, "gelu_pytorch_tanh");
  if (!fields.flag("enable_moe_block", "no")) {
    return { feedForward: denseFeedForward({ hidden, width, gated: "gated", activation }), norms: 4 };
  }
  const { experts, topK } = readExperts(fields);
  const feedForward = expertFeedForward({
    hidden,
    experts,
    topK,
    width: fields.integer("moe_intermediate_size"),
    routing: "softmax",
    routerVectors: hidden + experts,
    parallelDenseWidth: width,
  });
  return { feedForward, norms: 7 };
}

interface PerLayerInput {
  readonly parameters: number;
  readonly layerParameters: number;
  readonly layerFlop: number;
  readonly embedding: Partial<ModelArchitecture["embedding"]>;
}

/** Embedding of p for every layer: V L p looked up, h L p + p once, 2 h p + h a layer. */
function readPerLayerInput(fields: Fields, stack: Stack): PerLayerInput {
  const width = fields.integer("hidden_size_per_layer_input", 0, { min: 0 });
  if (width === 0) return { parameters: 0, layerParameters: 0, layerFlop: 0, embedding: {} };
  const vocabulary = fields.integer("vocab_size_per_layer_input", stack.vocabulary);
  fields.assume(
    "parameters of per-layer inputs (hidden_size_per_layer_input) are derived, not checked on a checkpoint",
  );
  const projection = {
    name: "per-layer-input",
    in: stack.hidden,
    out: stack.layers * width,
    split: "replicated",
  } as const;
  const layerWeights = 2 * stack.hidden * width;
  return {
    parameters: weights([projection]) + width,
    layerParameters: layerWeights + stack.hidden,
    layerFlop: 2 * layerWeights,
    embedding: { tableParameters: vocabulary * stack.layers * width, projections: [projection] },
  };
}
