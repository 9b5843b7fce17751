/**
 * Kimi Linear and Kimi K3: Kimi delta attention with every fourth layer latent attention without positions.
 * @source kimi-linear-2025
 */

import type { LatentAttention } from "../../model.ts";
import type { ModelBody } from "./blocks.ts";
import { denseFeedForward, draftModule, expertFeedForward, layer } from "./blocks.ts";
import type { ModelClass } from "./class.ts";
import { latentAttention, readDenseLayers, readLatentShape } from "./latent-attention.ts";
import type { Fields } from "./reader.ts";
import { fieldsOf, notDerivable, rangeOf } from "./reader.ts";
import { kimiDelta } from "./recurrent.ts";
import { plainEmbedding, readActivation, readExperts, readStack } from "./shape.ts";

export const kimiLinearClasses: readonly ModelClass[] = [
  {
    modelTypes: ["kimi_linear"],
    architectures: ["KimiLinearForCausalLM", "KimiK3ForConditionalGeneration"],
    sources: ["kimi-linear-2025", "aiconfigurator-models"],
    read: readKimiLinear,
  },
];

function readKimiLinear(fields: Fields): ModelBody {
  const stack = readStack(fields, "untied");
  const { hidden } = stack;
  const section = fields.section("linear_attn_config");
  if (!section && fields.sound()) fields.problem("linear_attn_config", notDerivable("linear_attn_config"));
  const linear = section ?? fieldsOf({}, "linear_attn_config.", fields.report);
  const delta = kimiDelta(linear, hidden);
  const isFull = readFullLayers(linear, stack.layers);
  const gate = fields.flag("mla_use_output_gate", "no") ? "full" : "none";
  const latent: LatentAttention = latentAttention({ ...readLatentShape(fields, hidden), gate });
  const isDense = readDenseLayers(fields, stack.layers, 3);
  const width = isDense.includes(true) ? fields.integer("intermediate_size") : 1;
  const dense = denseFeedForward({ hidden, width, gated: "gated", activation: readActivation(fields, "silu") });
  const routed = readRouted(fields, hidden);
  // Each layer mixes earlier block sums by softmax: two sites of 2 h, and 2 h at the end.
  const residual = fields.value("attn_res_block_size") === undefined ? 0 : hidden;
  const norms = { parameters: 2 * hidden + 4 * residual, norms: 2 };
  const layers = rangeOf(stack.layers).map((index) =>
    layer(isFull[index] ? latent : delta, isDense[index] ? dense : routed, norms),
  );
  const modules = fields.integer("num_nextn_predict_layers", 0, { min: 0, max: 16 });
  const draft = layer(latent, routed, norms);
  return {
    ...stack,
    embedding: plainEmbedding(stack, hidden + 2 * residual),
    layers,
    ...(modules > 0 ? { multiToken: draftModule({ hidden, modules, layer: draft, copyParameters: 0 }) } : {}),
  };
}

/** Both lists count layers from 1, and together name each layer once. */
function readFullLayers(linear: Fields, layers: number): boolean[] {
  const full = new Set(linear.integers("full_attn_layers") ?? []);
  const delta = new Set(linear.integers("kda_layers") ?? []);
  const result = rangeOf(layers).map((index) => full.has(index + 1));
  if (!linear.sound()) return result;
  const unclear = rangeOf(layers).find((index) => full.has(index + 1) === delta.has(index + 1));
  if (unclear !== undefined) {
    const how = full.has(unclear + 1) ? "both" : "neither";
    linear.problem(
      "full_attn_layers",
      `not derivable: layer ${unclear + 1} is in ${how} of full_attn_layers and kda_layers`,
    );
  }
  return result;
}

function readRouted(fields: Fields, hidden: number): ReturnType<typeof expertFeedForward> {
  const { experts, topK } = readExperts(fields);
  const width = fields.integer("moe_intermediate_size");
  const routing = fields.word(["moe_router_activation_func", "scoring_func"], ["sigmoid", "softmax"], "sigmoid");
  const inner = fields.integer("routed_expert_hidden_size", hidden);
  return expertFeedForward({
    hidden,
    inner,
    latentNorm: fields.flag("latent_moe_use_norm", "no") && inner !== hidden ? "rms" : "none",
    experts,
    topK,
    width,
    routing,
    routerVectors: routing === "sigmoid" ? experts : 0,
    sharedWidth: fields.integer(["num_shared_experts", "n_shared_experts"], 0, { min: 0 }) * width,
  });
}
