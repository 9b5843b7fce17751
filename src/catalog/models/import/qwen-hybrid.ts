/** Qwen3-Next and Qwen3.5: gated delta nets with every fourth layer gated full attention. */

import type { FeedForward } from "../../model.ts";
import type { ModelBody } from "./blocks.ts";
import { denseFeedForward, draftModule, expertFeedForward, groupedQueryAttention, layer } from "./blocks.ts";
import type { ModelClass } from "./class.ts";
import { readSparseLayers } from "./moe.ts";
import type { Fields } from "./reader.ts";
import { rangeOf, wordEntry } from "./reader.ts";
import { gatedDelta } from "./recurrent.ts";
import { plainEmbedding, readActivation, readExperts, readHeads, readStack, refuseFlag } from "./shape.ts";

export const qwenHybridClasses: readonly ModelClass[] = [
  {
    modelTypes: ["qwen3_next", "qwen3_5_text", "qwen3_5_moe_text"],
    architectures: ["Qwen3NextForCausalLM", "Qwen3_5ForConditionalGeneration", "Qwen3_5MoeForConditionalGeneration"],
    sources: ["transformers-models"],
    read: readQwenHybrid,
  },
];

function readQwenHybrid(fields: Fields, modelType: string): ModelBody {
  const stack = readStack(fields, "untied");
  const { hidden } = stack;
  const heads = readHeads(fields, hidden);
  refuseFlag(fields, "use_sliding_window");
  const attention = groupedQueryAttention({
    hidden,
    ...heads,
    bias: fields.flag("attention_bias", "no") ? "all" : "none",
    norm: "head",
    gate: fields.flag("attn_output_gate", "yes") ? "full" : "none",
  });
  const delta = gatedDelta(fields, hidden, modelType === "qwen3_next" ? "joined" : "apart");
  const interval = fields.integer("full_attention_interval", 4);
  const types = fields.perLayer("layer_types", stack.layers, wordEntry(fields, ["full_attention", "linear_attention"]));
  const feedForwards = readFeedForwards(fields, modelType, stack.layers, hidden);
  const norms = { parameters: 2 * hidden, norms: 2 };
  const layers = feedForwards.layers.map((feedForward, index) => {
    const isFull = types ? types[index] === "full_attention" : (index + 1) % interval === 0;
    return layer(isFull ? attention : delta, feedForward, norms);
  });
  const declared = fields.integerOrNull(["mtp_num_hidden_layers", "num_nextn_predict_layers"], { min: 0, max: 16 });
  if (declared === null && modelType === "qwen3_next") {
    fields.warn("field mtp_num_hidden_layers absent: one draft module assumed, as the published weights hold one");
  }
  const modules = declared ?? (modelType === "qwen3_next" ? 1 : 0);
  const draft = layer(attention, feedForwards.draft, norms);
  return {
    ...stack,
    embedding: plainEmbedding(stack, hidden),
    layers,
    ...(modules > 0 ? { multiToken: draftModule({ hidden, modules, layer: draft, copyParameters: 0 }) } : {}),
  };
}

/** MLP, or softmax experts with one shared expert behind a scalar gate. */
function readFeedForwards(
  fields: Fields,
  modelType: string,
  layers: number,
  hidden: number,
): { readonly layers: readonly FeedForward[]; readonly draft: FeedForward } {
  const activation = readActivation(fields, "silu");
  if (modelType === "qwen3_5_text") {
    const dense = denseFeedForward({ hidden, width: fields.integer("intermediate_size"), gated: "gated", activation });
    return { layers: rangeOf(layers).map(() => dense), draft: dense };
  }
  const sparse = readSparseLayers(fields, layers);
  const routed = expertFeedForward({
    hidden,
    ...readExperts(fields),
    width: fields.integer("moe_intermediate_size"),
    routing: "softmax",
    sharedWidth: fields.integer("shared_expert_intermediate_size"),
    sharedGate: "scalar",
  });
  const width = sparse.includes(false) ? fields.integer("intermediate_size") : 1;
  const dense = denseFeedForward({ hidden, width, gated: "gated", activation });
  return { layers: sparse.map((isSparse) => (isSparse ? routed : dense)), draft: routed };
}
