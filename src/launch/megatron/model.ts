/**
 * Model sizes in Megatron's words as a configuration that the catalog's importer reads: dense decoders, mixtures of
 * experts, and latent attention. What has no class there is a problem that names the flag, never a guess.
 */

import type { Config, ModelFacts } from "../model.ts";
import { complain, countOf, credit, find, type Setting, type Sheet, truthOf, wordOf } from "../sheet.ts";
import { named } from "./rows.ts";
import { vocabularyOf } from "./vocabulary.ts";

const key = "workload.model";

/** Collects settings while sizes are read. */
interface Sizes {
  readonly sheet: Sheet;
  readonly from: Setting[];
  count(...names: readonly string[]): number | undefined;
  flag(...names: readonly string[]): "on" | "off" | undefined;
  word(...names: readonly string[]): string | undefined;
  setting(...names: readonly string[]): Setting | undefined;
}

function sizesOf(sheet: Sheet): Sizes {
  const from: Setting[] = [];
  const setting = (...names: readonly string[]): Setting | undefined => {
    const found = find(sheet, ...names);
    if (found !== undefined) {
      from.push(found);
      credit(sheet, found, key);
    }
    return found;
  };
  return {
    sheet,
    from,
    setting,
    count: (...names) => countOf(sheet, setting(...names), 0),
    flag: (...names) => truthOf(sheet, setting(...names)),
    word: (...names) => wordOf(sheet, setting(...names)),
  };
}

/** What the program takes for a model where its flags are absent. */
export interface ModelDefaults {
  readonly gated: "gated" | "plain";
  readonly bias: "on" | "off";
  readonly tied: "on" | "off";
  readonly positions: "learned" | "rotary";
}

export const megatronModel: ModelDefaults = { gated: "plain", bias: "on", tied: "on", positions: "learned" };
/** Providers of Megatron-Bridge set these in code; the usual decoder of today. */
export const bridgeModel: ModelDefaults = { gated: "gated", bias: "off", tied: "off", positions: "rotary" };

/** The model's facts; undefined where sizes are missing, which is a problem then. */
export function megatronSizes(sheet: Sheet, defaults: ModelDefaults): ModelFacts | undefined {
  const sizes = sizesOf(sheet);
  const layers = sizes.count(...named("num-layers", "model"));
  const hidden = sizes.count(...named("hidden-size", "model"));
  const heads = sizes.count(...named("num-attention-heads", "model"));
  const missing = Object.entries({ "num-layers": layers, "hidden-size": hidden, "num-attention-heads": heads })
    .filter(([name, value]) => value === undefined && find(sheet, ...named(name, "model")) === undefined)
    .map(([name]) => name);
  if (missing.length > 0) {
    const hint = "state them, or name the model with --model (a catalog name, or a path to a config.json)";
    complain(sheet, sizes.from[0], `model sizes are missing: ${missing.join(", ")}`, hint);
  }
  if (layers === undefined || hidden === undefined || heads === undefined) return undefined;
  const hybrid = sizes.setting("hybrid-override-pattern", "hybrid-layer-pattern", "model.hybrid_override_pattern");
  if (hybrid !== undefined) {
    complain(sheet, hybrid, "layers of several kinds cannot be read from a command", "name the model with --model");
    return undefined;
  }
  const { vocabulary, hint } = vocabularyOf(sheet, sizes.setting);
  const shape = shapeOf(sizes, { layers, hidden, heads }, defaults);
  const config: Config = { ...shape, ...(vocabulary === undefined ? {} : { vocab_size: vocabulary }) };
  return { config, from: sizes.from, ...(hint === undefined ? {} : { hint }) };
}

interface Core {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
}

function shapeOf(sizes: Sizes, core: Core, defaults: ModelDefaults): Config {
  const gated = gatedOf(sizes, defaults);
  const bias = biasOf(sizes, defaults);
  const tied = tiedOf(sizes, defaults);
  const positions = positionsOf(sizes, defaults);
  const length = sizes.count(...named("max-position-embeddings", "model"));
  const width = sizes.count(...named("ffn-hidden-size", "model")) ?? usualWidth(core.hidden, gated);
  const channels = sizes.count(...named("kv-channels", "model"));
  const grouped = sizes.flag(...named("group-query-attention", "model"));
  const groups = sizes.count(...named("num-query-groups", "model"));
  const keyValueHeads = grouped === "off" ? core.heads : (groups ?? core.heads);
  const experts = sizes.count("num-experts", "model.num_moe_experts");
  const common = {
    num_hidden_layers: core.layers,
    hidden_size: core.hidden,
    num_attention_heads: core.heads,
    intermediate_size: width,
    tie_word_embeddings: tied === "on",
    ...(length === undefined ? {} : { max_position_embeddings: length }),
  };
  const latent = sizes.flag(...named("multi-latent-attention", "model")) === "on";
  const heads = {
    num_key_value_heads: keyValueHeads,
    ...(channels === undefined || latent || channels * core.heads === core.hidden ? {} : { head_dim: channels }),
  };
  if (latent) return latentConfig(sizes, common, experts);
  if (experts !== undefined && experts > 1) return expertConfig(sizes, { ...common, ...heads }, { experts, width });
  const normed = sizes.flag(...named("qk-layernorm", "model")) === "on";
  if (gated === "gated") return gatedConfig(sizes, { ...common, ...heads }, bias, normed);
  const absent = length === undefined && find(sizes.sheet, ...named("max-position-embeddings", "model")) === undefined;
  if (absent && isLearned({ bias, positions, keyValueHeads, core })) {
    const hint = "state it, or --position-embedding-type rope";
    complain(
      sizes.sheet,
      undefined,
      "--max-position-embeddings is missing (learned positions are Megatron's default)",
      hint,
    );
  }
  return plainConfig({ ...common, ...heads }, { bias, positions, length: length ?? 1, keyValueHeads, core });
}

function gatedOf(sizes: Sizes, defaults: ModelDefaults): "gated" | "plain" {
  const swiglu = sizes.flag("swiglu", "model.gated_linear_unit");
  if (swiglu !== undefined) return swiglu === "on" ? "gated" : "plain";
  const activation = sizes.word("model.activation");
  if (activation !== undefined) return /glu$/.test(activation) ? "gated" : "plain";
  return sizes.flag("squared-relu") === "on" ? "plain" : defaults.gated;
}

function biasOf(sizes: Sizes, defaults: ModelDefaults): "on" | "off" {
  const off = sizes.flag("disable-bias-linear");
  if (off !== undefined) return off === "on" ? "off" : "on";
  return sizes.flag("add-bias-linear", "model.add_bias_linear", "model.bias") ?? defaults.bias;
}

function tiedOf(sizes: Sizes, defaults: ModelDefaults): "on" | "off" {
  const untied = sizes.flag("untie-embeddings-and-output-weights");
  if (untied !== undefined) return untied === "on" ? "off" : "on";
  return sizes.flag("model.share_embeddings_and_output_weights") ?? defaults.tied;
}

function positionsOf(sizes: Sizes, defaults: ModelDefaults): "learned" | "rotary" {
  const type = sizes.word(...named("position-embedding-type", "model"));
  const rotary = sizes.flag("use-rotary-position-embeddings");
  const none = sizes.flag("no-position-embedding");
  if (type !== undefined) return /learned/.test(type) ? "learned" : "rotary";
  return rotary === "on" || none === "on" ? "rotary" : defaults.positions;
}

/**
 * Width of the MLP where none is given: four times the hidden size; with a gate two thirds of it, in steps of 64.
 * @source megatron-arguments
 */
function usualWidth(hidden: number, gated: "gated" | "plain"): number {
  return gated === "gated" ? Math.floor((4 * hidden * 2) / 3 / 64) * 64 : 4 * hidden;
}

function gatedConfig(sizes: Sizes, common: Config, bias: "on" | "off", normed: boolean): Config {
  const queryBias = sizes.flag("add-qkv-bias", "model.add_qkv_bias") === "on";
  if (normed) return { model_type: "qwen3", ...common };
  if (queryBias && bias === "off") return { model_type: "qwen2", ...common };
  return { model_type: "llama", ...common, ...(bias === "on" ? { attention_bias: true, mlp_bias: true } : {}) };
}

interface Plain {
  readonly bias: "on" | "off";
  readonly positions: "learned" | "rotary";
  readonly keyValueHeads: number;
  readonly core: Core;
}

/** A table of positions is a part of the model. */
function isLearned({ bias, positions, keyValueHeads, core }: Plain): boolean {
  return positions === "learned" && bias === "on" && keyValueHeads === core.heads;
}

function plainConfig(common: Config, given: Plain & { readonly length: number }): Config {
  const { bias, length, core } = given;
  if (isLearned(given)) {
    return {
      model_type: "gpt2",
      n_layer: core.layers,
      n_embd: core.hidden,
      n_head: core.heads,
      n_inner: common.intermediate_size,
      n_positions: length,
      tie_word_embeddings: common.tie_word_embeddings,
    };
  }
  return { model_type: "nemotron", ...common, ...(bias === "on" ? { attention_bias: true, mlp_bias: true } : {}) };
}

/** Which layers have experts: `[0]*3+[1]*58`, a list, or a number of which every n-th has. */
function denseFirst(sizes: Sizes, layers: number): number | undefined {
  const setting = sizes.setting(...named("moe-layer-freq", "model"));
  if (setting === undefined || setting.value === 1 || setting.value === "1") return 0;
  const pattern = Array.isArray(setting.value)
    ? setting.value.map(Number)
    : [...String(setting.value).matchAll(/\[([01](?:,\s*[01])*)\](?:\*(\d+))?/g)].flatMap(
        ([, bits = "", times = "1"]) => Array.from({ length: Number(times) }, () => bits.split(",").map(Number)).flat(),
      );
  const first = pattern.indexOf(1);
  const regular = pattern.length === layers && first >= 0 && pattern.slice(first).every((bit) => bit === 1);
  if (regular) return first;
  const message = `found "${setting.text}", expected dense layers first and experts in all others`;
  complain(sizes.sheet, setting, message, "name the model with --model");
  return undefined;
}

interface Experts {
  readonly experts: number;
  readonly width: number;
}

function expertConfig(sizes: Sizes, common: Config, { experts, width }: Experts): Config {
  const each = sizes.count(...named("moe-ffn-hidden-size", "model")) ?? width;
  const topK = sizes.count(...named("moe-router-topk", "model")) ?? 2;
  const shared = sizes.count(...named("moe-shared-expert-intermediate-size", "model")) ?? 0;
  const normed = sizes.flag(...named("qk-layernorm", "model")) === "on";
  const dense = denseFirst(sizes, Number(common.num_hidden_layers));
  const queryBias = sizes.flag(...named("add-qkv-bias", "model")) === "on";
  const chosen = { num_experts_per_tok: topK };
  if (shared === 0 && !normed && !queryBias && dense === 0) {
    return {
      model_type: "mixtral",
      ...common,
      ...chosen,
      intermediate_size: each,
      num_local_experts: experts,
      sliding_window: null,
    };
  }
  if (shared === 0 && normed && !queryBias) {
    const first = Array.from({ length: dense ?? 0 }, (_, index) => index);
    return {
      model_type: "qwen3_moe",
      ...common,
      ...chosen,
      num_experts: experts,
      moe_intermediate_size: each,
      mlp_only_layers: first,
    };
  }
  return {
    model_type: "glm4_moe",
    ...common,
    ...chosen,
    n_routed_experts: experts,
    moe_intermediate_size: each,
    n_shared_experts: sharedExperts(sizes, shared, each),
    first_k_dense_replace: dense ?? 0,
    use_qk_norm: normed,
    attention_bias: queryBias,
    num_nextn_predict_layers: sizes.count(...named("mtp-num-layers", "model")) ?? 0,
  };
}

function sharedExperts(sizes: Sizes, shared: number, each: number): number {
  if (shared % each === 0) return shared / each;
  const at = find(sizes.sheet, ...named("moe-shared-expert-intermediate-size", "model"));
  complain(sizes.sheet, at, `${shared} is no multiple of an expert's ${each}`, "name the model with --model");
  return 1;
}

/** Multi-head latent attention as DeepSeek has it, with experts. */
function latentConfig(sizes: Sizes, common: Config, experts: number | undefined): Config {
  const count = (argument: string): number | undefined => sizes.count(...named(argument, "model"));
  sizes.flag(...named("qk-layernorm", "model"));
  const rank = count("q-lora-rank");
  const each = count("moe-ffn-hidden-size");
  const groups = count("moe-router-num-groups");
  const score = sizes.word(...named("moe-router-score-function", "model")) ?? "softmax";
  const correction = sizes.flag(...named("moe-router-enable-expert-bias", "model"));
  const modules = count("mtp-num-layers");
  return {
    model_type: score === "sigmoid" || correction === "on" ? "deepseek_v3" : "deepseek_v2",
    ...common,
    q_lora_rank: rank === undefined || rank === 0 ? null : rank,
    kv_lora_rank: count("kv-lora-rank"),
    qk_nope_head_dim: count("qk-head-dim"),
    qk_rope_head_dim: count("qk-pos-emb-head-dim"),
    v_head_dim: count("v-head-dim"),
    n_routed_experts: experts,
    num_experts_per_tok: count("moe-router-topk"),
    moe_intermediate_size: each,
    n_shared_experts: sharedExperts(sizes, count("moe-shared-expert-intermediate-size") ?? 0, each ?? 1),
    first_k_dense_replace: denseFirst(sizes, Number(common.num_hidden_layers)) ?? 0,
    scoring_func: score,
    ...(groups === undefined ? {} : { n_group: groups, topk_group: count("moe-router-group-topk") ?? groups }),
    ...(modules === undefined ? {} : { num_nextn_predict_layers: modules }),
  };
}
