/**
 * MiniMax M3: grouped-query attention with block-sparse selection (MSA) on most layers, experts with a shared one.
 * @source minimax-m3-2026
 */

import type { Attention, SparseSelection } from "../../model.ts";
import type { ModelBody } from "./blocks.ts";
import { denseFeedForward, expertFeedForward, groupedQueryAttention, layer } from "./blocks.ts";
import type { ModelClass } from "./class.ts";
import type { Fields } from "./reader.ts";
import { notDerivable, numberEntry, rangeOf } from "./reader.ts";
import { plainEmbedding, readActivation, readExperts, readHeads, readStack, refuseFlag } from "./shape.ts";

export const minimaxM3Classes: readonly ModelClass[] = [
  {
    modelTypes: ["minimax_m3"],
    architectures: ["MiniMaxM3ForCausalLM"],
    sources: ["vllm-models", "minimax-m3-2026"],
    read: readMiniMaxM3,
  },
];

function readMiniMaxM3(fields: Fields): ModelBody {
  const stack = readStack(fields, "untied");
  const { hidden } = stack;
  const heads = readHeads(fields, hidden);
  refuseFlag(fields, "attention_output_gate");
  const normed = fields.flag("use_qk_norm", "yes");
  fields.word("qk_norm_type", ["per_head"], "per_head");
  const attention = (sparse?: SparseSelection): Attention =>
    groupedQueryAttention({ hidden, ...heads, norm: normed ? "head" : "none", ...(sparse ? { sparse } : {}) });
  const selections = readSelections(fields, stack.layers);
  const { experts, topK } = readExperts(fields);
  const width = fields.integer(["moe_intermediate_size", "intermediate_size"]);
  const sharedWidth =
    fields.integer("n_shared_experts", 0, { min: 0 }) * fields.integer("shared_intermediate_size", width);
  const routed = expertFeedForward({
    hidden,
    experts,
    topK,
    width,
    routing: fields.word("scoring_func", ["sigmoid", "softmax"], "sigmoid"),
    routerVectors: fields.flag("use_routing_bias", "yes") ? experts : 0,
    sharedWidth,
  });
  const isSparse = fields.perLayer("moe_layer_freq", stack.layers, numberEntry(fields, [0, 1]));
  if (isSparse === null && fields.sound()) fields.problem("moe_layer_freq", notDerivable("moe_layer_freq"));
  const denseWidth = isSparse?.includes(0) ? fields.integer("dense_intermediate_size") : 1;
  const dense = denseFeedForward({
    hidden,
    width: denseWidth,
    gated: "gated",
    activation: readActivation(fields, "silu"),
  });
  if (fields.value(["num_mtp_modules", "num_nextn_predict_layers"]) !== undefined) {
    fields.warn(
      "draft modules are declared (num_mtp_modules, num_nextn_predict_layers) but the published weights hold none: counted 0",
    );
  }
  fields.warn("left out: vision tower (no field), about 0.87 B parameters published, runs once per image");
  const layers = selections.map((selection, index) =>
    layer(attention(selection ?? undefined), isSparse?.[index] === 1 ? routed : dense, {
      parameters: 2 * hidden,
      norms: 2,
    }),
  );
  return { ...stack, embedding: plainEmbedding(stack, hidden), layers };
}

/** Which layers select blocks of keys; an index branch with values of its own is not derivable. */
function readSelections(fields: Fields, layers: number): (SparseSelection | null)[] {
  const section = fields.section("sparse_attention_config");
  if (!section) {
    if (fields.sound()) fields.problem("sparse_attention_config", notDerivable("sparse_attention_config"));
    return rangeOf(layers).map(() => null);
  }
  if (!section.flag("use_sparse_attention", "yes")) return rangeOf(layers).map(() => null);
  const sparse = section.perLayer("sparse_attention_freq", layers, numberEntry(section, [0, 1]));
  const disabled = section.perLayer("sparse_disable_index_value", layers, numberEntry(section, [0, 1]));
  if (sparse === null && section.sound())
    section.problem("sparse_attention_freq", notDerivable("sparse_attention_freq"));
  if (disabled === null && section.sound()) {
    section.problem("sparse_disable_index_value", notDerivable("sparse_disable_index_value"));
  }
  const heads = section.integer("sparse_num_index_heads");
  const dim = section.integer("sparse_index_dim");
  const keys = section.integer("sparse_topk_blocks") * section.integer("sparse_block_size");
  return rangeOf(layers).map((index) => {
    if (sparse?.[index] !== 1) return null;
    if (disabled?.[index] === 0 && section.sound()) {
      section.problem(
        "sparse_disable_index_value",
        "not derivable: index value branch unknown",
        `layer ${index} has sparse_disable_index_value 0`,
      );
    }
    return { method: "msa", keys, ratio: 1, indexer: { heads, dim } };
  });
}
