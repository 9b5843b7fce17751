/** Catalog entries of models: architecture facts in the words of a config.json, read by the importer when asked for. */

/** Fields as a Hugging Face config.json has them. */
export type ModelConfig = Readonly<Record<string, unknown>>;

export interface ModelEntry {
  /** `ORG/NAME`. */
  readonly name: string;
  /** Other names, with or without ORG; each is also known by its part behind the slash. */
  readonly aliases?: readonly string[];
  /** The facts; a function, so that looking up one name builds one configuration. */
  readonly config: () => ModelConfig;
  /** Keys in `catalog/sources`: where the facts were read. */
  readonly sources: readonly string[];
}

/** What nearly every decoder states, under short names. */
export interface DecoderFacts {
  readonly type: string;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  /** Key-value heads; absent means as many as heads. */
  readonly groups?: number;
  readonly headDim?: number;
  /** `intermediate_size`: what it means depends on the class. */
  readonly width?: number;
  readonly vocabulary: number;
  readonly length?: number;
  readonly tied?: "tied";
}

/** Configuration of a decoder: the common facts, and fields of its class as they are written in its file. */
export function decoder(facts: DecoderFacts, classFields: ModelConfig = {}): ModelConfig {
  return {
    model_type: facts.type,
    hidden_size: facts.hidden,
    num_hidden_layers: facts.layers,
    num_attention_heads: facts.heads,
    ...(facts.groups === undefined ? {} : { num_key_value_heads: facts.groups }),
    ...(facts.headDim === undefined ? {} : { head_dim: facts.headDim }),
    ...(facts.width === undefined ? {} : { intermediate_size: facts.width }),
    vocab_size: facts.vocabulary,
    ...(facts.length === undefined ? {} : { max_position_embeddings: facts.length }),
    ...(facts.tied === undefined ? {} : { tie_word_embeddings: true }),
    ...classFields,
  };
}

/** Block-scaled fp8 as DeepSeek, Qwen and GLM publish it. */
export const fp8Block: ModelConfig = { quant_method: "fp8", weight_block_size: [128, 128] };

/** NVFP4 by ModelOpt with the listed parts left in 16 bits; its newer files also ask for a cache in 8 bits. */
export function nvfp4(ignore: readonly string[], cache: "fp8" | "16-bit"): ModelConfig {
  const asked = cache === "fp8" ? { kv_cache_scheme: { dynamic: false, num_bits: 8, type: "float" } } : {};
  return { quant_method: "modelopt", quant_algo: "NVFP4", ignore: ["lm_head", ...ignore], ...asked };
}

/** The same model with other fields, usually a quantised copy. */
export function variant(base: () => ModelConfig, fields: ModelConfig): () => ModelConfig {
  return () => ({ ...base(), ...fields });
}
