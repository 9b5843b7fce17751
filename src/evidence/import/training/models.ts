/** Models of the rows: catalog names, or the dimensions that the row states as an inline config. */

import type { Section } from "../../record.ts";
import { countOf, type RawRow } from "../raw.ts";

/** GPT-2-style decoder: learned positions, biases, plain MLP of the stated width, tied head unless said. */
export function gptConfig(
  row: RawRow,
  options: { readonly vocabulary?: number; readonly tied?: boolean } = {},
): Section {
  const workload = row.workload;
  return {
    model_type: "gpt2",
    _name_or_path: String(workload.model),
    n_embd: countOf(workload, "hidden"),
    n_layer: countOf(workload, "layers"),
    n_head: countOf(workload, "heads"),
    n_inner: countOf(workload, "ffn"),
    vocab_size: options.vocabulary ?? countOf(workload, "vocab"),
    n_positions: countOf(workload, "seq"),
    tie_word_embeddings: options.tied ?? true,
  };
}

/** Llama-style decoder from the dimensions of the row. */
export function llamaConfig(row: RawRow, tied = false): Section {
  const workload = row.workload;
  const headDim = countOf(workload, "head_dim");
  return {
    model_type: "llama",
    _name_or_path: String(workload.model),
    hidden_size: countOf(workload, "hidden"),
    num_hidden_layers: countOf(workload, "layers"),
    num_attention_heads: countOf(workload, "heads"),
    num_key_value_heads: countOf(workload, "kv_heads"),
    ...(headDim === undefined ? {} : { head_dim: headDim }),
    intermediate_size: countOf(workload, "ffn"),
    vocab_size: countOf(workload, "vocab"),
    tie_word_embeddings: tied,
  };
}

const catalogNames: Readonly<Record<string, string>> = {
  "llama-3-8b": "meta-llama/Llama-3.1-8B",
  "llama-3-70b": "meta-llama/Llama-3.1-70B",
  "llama-3.1-8b": "meta-llama/Llama-3.1-8B",
  "llama-3.1-70b": "meta-llama/Llama-3.1-70B",
  "llama-3.1-405b": "meta-llama/Llama-3.1-405B",
  "llama3.1-70b": "meta-llama/Llama-3.1-70B",
  "llama3.1-405b": "meta-llama/Llama-3.1-405B",
  "llama3-1-405b": "meta-llama/Llama-3.1-405B",
  "qwen3-30b-a3b": "Qwen/Qwen3-30B-A3B",
  "qwen3-235b-a22b": "Qwen/Qwen3-235B-A22B",
  "deepseek-v3": "deepseek-ai/DeepSeek-V3",
  "deepseek3-671b": "deepseek-ai/DeepSeek-V3",
  "gpt-oss-120b": "openai/gpt-oss-120b",
  "kimi-k2": "moonshotai/Kimi-K2-Instruct",
  "nemotron-3-nano": "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B",
  "nemotron-3-super": "nvidia/NVIDIA-Nemotron-3-Super-120B-A12B",
  "gemma4-4b": "google/gemma-4-E4B",
  "gemma4-26b": "google/gemma-4-26B-A4B",
  "gemma4-31b": "google/gemma-4-31B",
  "llama4-maverick-17b-128e-maxtext": "meta-llama/Llama-4-Maverick-17B-128E",
  "llama4-scout-17b-16e-maxtext": "meta-llama/Llama-4-Scout-17B-16E",
};

/** Transformer layers of catalog models, where a row names its model but not its depth. */
const catalogLayers: Readonly<Record<string, number>> = {
  "nemotron-3-nano": 52,
  "nemotron-3-super": 88,
};

/** Catalog name of the row's model, if we know it under one. */
export function catalogModel(row: RawRow): string | undefined {
  return catalogNames[String(row.workload.model)];
}

export function layersOf(row: RawRow): number | undefined {
  return countOf(row.workload, "layers") ?? catalogLayers[String(row.workload.model)];
}
