/**
 * Configurations for models that are given by their dimensions alone: the Megatron GPT family, and Llama-like
 * decoders where the MLP is gated or keys are grouped. For evidence rows and inline models.
 */

import type { ModelConfig } from "./entry.ts";

export interface DenseDimensions {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  /** Absent means as many as heads. */
  readonly keyValueHeads?: number;
  /** Absent means hidden / heads. */
  readonly headDim?: number;
  /** Absent means 4 x hidden. */
  readonly width?: number;
  readonly gated?: "gated" | "plain";
  readonly vocabulary: number;
  /** Tokens of the training sequence: learned positions of a GPT. */
  readonly positions: number;
  /** Absent means tied for a GPT, untied for a Llama-like decoder. */
  readonly tied?: "tied" | "untied";
}

/**
 * A configuration that `importModel` reads: class gpt2 (learned positions, LayerNorm, biases, plain MLP) when the MLP
 * is plain and every head has its own key and value, else class llama, or nemotron where the MLP is plain.
 */
export function denseConfig(dimensions: DenseDimensions): ModelConfig {
  const { layers, hidden, heads, vocabulary, positions } = dimensions;
  const width = dimensions.width ?? 4 * hidden;
  const keyValueHeads = dimensions.keyValueHeads ?? heads;
  const tied = dimensions.tied === undefined ? {} : { tie_word_embeddings: dimensions.tied === "tied" };
  const headDim = dimensions.headDim === undefined ? {} : { head_dim: dimensions.headDim };
  if (dimensions.gated !== "gated" && keyValueHeads === heads) {
    const gpt = { n_layer: layers, n_embd: hidden, n_head: heads, n_inner: width, n_positions: positions };
    return { model_type: "gpt2", ...gpt, vocab_size: vocabulary, ...headDim, ...tied };
  }
  return {
    model_type: dimensions.gated === "gated" ? "llama" : "nemotron",
    num_hidden_layers: layers,
    hidden_size: hidden,
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    intermediate_size: width,
    vocab_size: vocabulary,
    max_position_embeddings: positions,
    ...headDim,
    ...tied,
  };
}
