/** Fields that nearly every class has, under all their spellings. */

import type { ModelArchitecture } from "../../model.ts";
import type { Span } from "./blocks.ts";
import { fullSpan } from "./blocks.ts";
import type { Fields, Names } from "./reader.ts";
import { rangeOf, wordEntry } from "./reader.ts";

export const names: Readonly<
  Record<"layers" | "hidden" | "heads" | "keyValueHeads" | "headDim" | "experts" | "topK" | "length", readonly string[]>
> = {
  layers: ["num_hidden_layers", "n_layer", "n_layers"],
  hidden: ["hidden_size", "n_embd", "d_model", "n_embed"],
  heads: ["num_attention_heads", "n_head", "n_heads"],
  keyValueHeads: ["num_key_value_heads", "num_attention_groups"],
  headDim: ["head_dim", "attention_head_dim"],
  experts: ["n_routed_experts", "num_experts", "num_local_experts", "moe_num_experts"],
  topK: ["num_experts_per_tok", "num_experts_per_token", "experts_per_token", "top_k_experts", "moe_top_k"],
  length: ["max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "n_ctx"],
};

/** More layers than this is a mistake, and would only cost memory. */
const layersMax = 10_000;

export interface Stack {
  readonly hidden: number;
  readonly layers: number;
  readonly vocabulary: number;
  readonly tied: "tied" | "untied";
}

/** Size of the stack and its vocabulary. */
export function readStack(fields: Fields, tiedDefault: "tied" | "untied", layerCount?: number): Stack {
  return {
    hidden: fields.integer(names.hidden),
    layers: fields.integer(names.layers, layerCount, { max: layersMax }),
    vocabulary: fields.integer("vocab_size"),
    tied: fields.flag("tie_word_embeddings", tiedDefault === "tied" ? "yes" : "no") ? "tied" : "untied",
  };
}

export interface Heads {
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
}

/** Heads of grouped-query attention; g defaults to a, d to h / a. */
export function readHeads(fields: Fields, hidden: number, keyValueDefault?: number): Heads {
  const heads = fields.integer(names.heads);
  const keyValueHeads = fields.integer(names.keyValueHeads, keyValueDefault ?? heads);
  const given = fields.integerOrNull(names.headDim);
  if (fields.sound()) {
    if (given === null && hidden % heads !== 0) {
      fields.problem("head_dim", `hidden size ${hidden} does not divide by ${heads} heads`, "state head_dim");
    }
    checkGroups(fields, "num_key_value_heads", heads, keyValueHeads);
  }
  return { heads, keyValueHeads, headDim: given ?? Math.max(1, Math.floor(hidden / heads)) };
}

/** Query heads must divide by key-value heads. */
export function checkGroups(fields: Fields, name: string, heads: number, keyValueHeads: number): void {
  if (fields.sound() && heads % keyValueHeads !== 0) {
    fields.problem(name, `${heads} heads do not divide by ${keyValueHeads} key-value heads`);
  }
}

/** Chosen experts cannot outnumber the experts. */
export function readExperts(fields: Fields, expertNames: Names = names.experts): { experts: number; topK: number } {
  const experts = fields.integer(expertNames);
  const topK = fields.integer(names.topK);
  if (fields.sound() && topK > experts) {
    fields.problem("num_experts_per_tok", `${topK} experts a token of only ${experts}`);
  }
  return { experts, topK };
}

/** Rules of a class about which layers see only a window. */
export interface SpanRules {
  readonly layers: number;
  readonly local: Span;
  /** Default of a layer without a list: true where it is local. */
  readonly localByDefault: (index: number) => boolean;
  readonly localWord?: string;
}

/** Spans by layer: `layer_types` wins over the class's rule. */
export function readSpans(fields: Fields, rules: SpanRules): Span[] {
  const localWord = rules.localWord ?? "sliding_attention";
  const types = fields.perLayer("layer_types", rules.layers, wordEntry(fields, ["full_attention", localWord]));
  return rangeOf(rules.layers).map((index) => {
    const isLocal = types ? types[index] === localWord : rules.localByDefault(index);
    return isLocal ? rules.local : fullSpan;
  });
}

/** Token embedding, head and final norm. */
export function plainEmbedding(
  stack: Stack,
  otherParameters: number,
  positionParameters = 0,
): ModelArchitecture["embedding"] {
  return { tied: stack.tied, positionParameters, otherParameters };
}

/** Refuses a switch that this reader does not know the consequences of. */
export function refuseFlag(fields: Fields, name: string): void {
  if (fields.flag(name, "no")) fields.problem(name, `not derivable: field ${name} true`);
}

/** Refuses a window in a class whose published models have none: which layers it would bind is unknown. */
export function refuseWindow(fields: Fields): void {
  if (fields.value("sliding_window") !== undefined) {
    fields.problem("sliding_window", "not derivable: field sliding_window: which layers it binds is unknown");
  }
}

/** Name of the activation function, for people. */
export function readActivation(fields: Fields, fallback: string): string {
  return fields.text(["hidden_act", "hidden_activation", "activation_function", "mlp_hidden_act"]) ?? fallback;
}
