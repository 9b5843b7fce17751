/** Dense decoders with gated MLP and rotary positions (llama, mistral, qwen2, qwen3), Nemotron-4 and PaLM. */

import type { LayerKind } from "../../model.ts";
import type { AttentionShape, ModelBody, Span } from "./blocks.ts";
import { denseFeedForward, fullSpan, groupedQueryAttention, layer, layersBySpan } from "./blocks.ts";
import type { ModelClass } from "./class.ts";
import type { Fields } from "./reader.ts";
import { rangeOf } from "./reader.ts";
import { plainEmbedding, readActivation, readHeads, readSpans, readStack } from "./shape.ts";

export const denseClasses: readonly ModelClass[] = [
  {
    modelTypes: ["llama", "mistral", "qwen2", "qwen3"],
    architectures: ["LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM"],
    sources: ["transformers-models"],
    read: readDense,
  },
  {
    modelTypes: ["nemotron"],
    architectures: ["NemotronForCausalLM"],
    sources: ["transformers-models", "nemotron-4-2024"],
    read: readNemotron,
  },
  { modelTypes: ["palm"], architectures: ["PalmForCausalLM"], sources: ["chowdhery-2022"], read: readPalm },
];

/**
 * L x (grouped-query attention + gated MLP + 2 h) + h + V h (+ V h untied).
 * qwen2 has biases on q, k, v; qwen3 norms each query and key head; the others follow `attention_bias`.
 * @source transformers-models
 */
function readDense(fields: Fields, modelType: string): ModelBody {
  const stack = readStack(fields, "untied");
  const heads = readHeads(fields, stack.hidden, modelType === "mistral" ? 8 : undefined);
  const width = fields.integer("intermediate_size");
  const declaredBias = modelType !== "mistral" && fields.flag("attention_bias", modelType === "qwen2" ? "yes" : "no");
  const bias: AttentionShape["bias"] = modelType === "qwen2" ? "query-key-value" : declaredBias ? "all" : "none";
  const feedForward = denseFeedForward({
    hidden: stack.hidden,
    width,
    gated: "gated",
    activation: readActivation(fields, "silu"),
    bias: fields.flag("mlp_bias", "no") ? "all" : "none",
  });
  const norm = modelType === "qwen3" ? "head" : "none";
  const layers = layersBySpan(denseSpans(fields, modelType, stack.layers), (span) => {
    const attention = groupedQueryAttention({ hidden: stack.hidden, ...heads, span, bias, norm });
    return layer(attention, feedForward, { parameters: 2 * stack.hidden, norms: 2 });
  });
  return { ...stack, embedding: plainEmbedding(stack, stack.hidden), layers };
}

/** Mistral's window holds on all layers; Qwen's only when switched on, from `max_window_layers` up. */
function denseSpans(fields: Fields, modelType: string, layers: number): Span[] {
  let local: Span = fullSpan;
  let first = 0;
  if (modelType === "mistral") {
    const size = fields.written("sliding_window") ? fields.integerOrNull("sliding_window") : 4096;
    if (size !== null) local = { kind: "window", size };
  } else if (modelType !== "llama" && fields.flag("use_sliding_window", "no")) {
    local = { kind: "window", size: fields.integer("sliding_window") };
    first = fields.integer("max_window_layers", undefined, { min: 0 });
  }
  return readSpans(fields, { layers, local, localByDefault: (index) => index >= first });
}

/** Squared ReLU, two matrices, LayerNorm with bias (4 h a layer), no other biases. */
function readNemotron(fields: Fields): ModelBody {
  const stack = readStack(fields, "untied");
  const heads = readHeads(fields, stack.hidden);
  const attention = groupedQueryAttention({
    hidden: stack.hidden,
    ...heads,
    bias: fields.flag("attention_bias", "no") ? "all" : "none",
  });
  const feedForward = denseFeedForward({
    hidden: stack.hidden,
    width: fields.integer("intermediate_size"),
    gated: "plain",
    activation: readActivation(fields, "relu2"),
    bias: fields.flag("mlp_bias", "no") ? "all" : "none",
  });
  const kind: LayerKind = layer(attention, feedForward, { parameters: 4 * stack.hidden, norms: 2 });
  return {
    ...stack,
    embedding: plainEmbedding(stack, 2 * stack.hidden),
    layers: rangeOf(stack.layers).map(() => kind),
  };
}

/** Multi-query attention and gated MLP in parallel behind one norm without bias; tied embedding. */
function readPalm(fields: Fields): ModelBody {
  const stack = readStack(fields, "tied");
  const heads = readHeads(fields, stack.hidden, 1);
  const feedForward = denseFeedForward({
    hidden: stack.hidden,
    width: fields.integer("intermediate_size"),
    gated: "gated",
    activation: readActivation(fields, "silu"),
  });
  const kind = layer(groupedQueryAttention({ hidden: stack.hidden, ...heads }), feedForward, {
    parameters: stack.hidden,
    norms: 1,
  });
  return { ...stack, embedding: plainEmbedding(stack, stack.hidden), layers: rangeOf(stack.layers).map(() => kind) };
}
