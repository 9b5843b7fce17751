/** Recurrent mixers: gated delta net, Kimi delta attention, Mamba-2. States do not grow with the context. */

import type { Projection, Recurrent } from "../../model.ts";
import { replicatedWeights, weights } from "./blocks.ts";
import type { Fields } from "./reader.ts";

/** Chunk of the parallel form of delta-rule kernels. */
const deltaChunk = 64;

/** Bytes of a state element from the declared type; engines keep float32 unless told otherwise. */
export function readStateBytes(fields: Fields, name: string): number {
  const type = fields.word(name, ["float32", "bfloat16", "float16"], "float32");
  return type === "float32" ? 4 : 2;
}

/**
 * Gated delta net: h (2 K + 2 V) + 2 h n_v + w (2 K + V) + 2 n_v + d_v + V h, with K = n_k d_k and V = n_v d_v;
 * core 8 n_v d_k d_v FLOP a token.
 * @param stored whether the gate is in one matrix with queries, keys and values, and beta with decay (Qwen3-Next), or each
 * in one of its own (Qwen3.5).
 * @source megatron-bridge-flops
 */
export function gatedDelta(fields: Fields, hidden: number, stored: "joined" | "apart"): Recurrent {
  const keyHeads = fields.integer("linear_num_key_heads");
  const valueHeads = fields.integer("linear_num_value_heads");
  const keyDim = fields.integer("linear_key_head_dim");
  const valueDim = fields.integer("linear_value_head_dim");
  const kernel = fields.integer("linear_conv_kernel_dim");
  if (fields.sound() && valueHeads % keyHeads !== 0) {
    fields.problem("linear_num_value_heads", `${valueHeads} value heads do not divide by ${keyHeads} key heads`);
  }
  const keys = keyHeads * keyDim;
  const values = valueHeads * valueDim;
  const channels = 2 * keys + values;
  const input = (name: string, one: number, other: number): Projection => {
    const apart = stored === "apart" ? { stored: [one, other] } : {};
    return { name, in: hidden, out: one + other, split: "column", ...apart };
  };
  const projections: Projection[] = [
    { ...input("query-key-value-gate", channels, values), splitLimit: keyHeads },
    { ...input("beta-decay", valueHeads, valueHeads), splitLimit: keyHeads },
    { name: "output", in: values, out: hidden, split: "row", splitLimit: keyHeads },
  ];
  return {
    kind: "gated-delta",
    heads: valueHeads,
    coreFlop: 8 * valueHeads * keyDim * valueDim,
    stateElements: valueHeads * keyDim * valueDim,
    gatedElements: values,
    stateElementBytes: readStateBytes(fields, "mamba_ssm_dtype"),
    convolutionElements: (kernel - 1) * channels,
    convolution: { channels, kernel },
    activationElements: hidden + 2 * channels + 2 * values + 2 * valueHeads,
    chunk: deltaChunk,
    parameters: weights(projections) + kernel * channels + 2 * valueHeads + valueDim,
    replicatedParameters: valueDim,
    projections,
  };
}

/**
 * Kimi delta attention, P = heads x head size: 3 h P + 3 w P + (h + P) d + h heads + heads + P + d + P h, gate h P
 * or low-rank (h + P) d; core 8 P d FLOP a token (by analogy with the gated delta net).
 * @source kimi-linear-2025
 */
export function kimiDelta(fields: Fields, hidden: number): Recurrent {
  const heads = fields.integer("num_heads");
  const headDim = fields.integer("head_dim");
  const kernel = fields.integer("short_conv_kernel_size");
  const fullGate = fields.flag("use_full_rank_gate", "no");
  const width = heads * headDim;
  const lowRank = (name: string): Projection[] => [
    { name: `${name}-down`, in: hidden, out: headDim, split: "replicated" },
    { name: `${name}-up`, in: headDim, out: width, split: "column" },
  ];
  const gate: Projection[] = fullGate ? [{ name: "gate", in: hidden, out: width, split: "column" }] : lowRank("gate");
  const projections: Projection[] = [
    { name: "query", in: hidden, out: width, split: "column" },
    { name: "key", in: hidden, out: width, split: "column" },
    { name: "value", in: hidden, out: width, split: "column" },
    ...lowRank("decay"),
    { name: "beta", in: hidden, out: heads, split: "column" },
    ...gate,
    { name: "output", in: width, out: hidden, split: "row" },
  ];
  return {
    kind: "kimi-delta",
    heads,
    coreFlop: 8 * width * headDim,
    stateElements: width * headDim,
    gatedElements: width,
    convolutionElements: (kernel - 1) * 3 * width,
    convolution: { channels: 3 * width, kernel },
    activationElements: hidden + 8 * width,
    chunk: deltaChunk,
    parameters: weights(projections) + 3 * kernel * width + heads + width + headDim,
    replicatedParameters: replicatedWeights(projections) + headDim,
    projections,
  };
}

/**
 * Mamba-2, I = heads x head size (not expand x h), C = I + 2 groups N: h (I + C + heads) + w C (+ C) + 3 heads + I + I h;
 * core 7 I N FLOP a token.
 * @source megatron-bridge-flops
 */
export function mamba2(fields: Fields, hidden: number): Recurrent {
  const heads = fields.integer("mamba_num_heads");
  const headDim = fields.integer("mamba_head_dim");
  const groups = fields.integer("n_groups");
  const state = fields.integer("ssm_state_size");
  const kernel = fields.integer("conv_kernel");
  const convolutionBias = fields.flag("use_conv_bias", "no");
  if (fields.sound() && heads % groups !== 0)
    fields.problem("n_groups", `${heads} heads do not divide by ${groups} groups`);
  const inner = heads * headDim;
  const shared = 2 * groups * state;
  const channels = inner + shared;
  const projections: Projection[] = [
    { name: "gate-input", in: hidden, out: 2 * inner, split: "column" },
    { name: "state-in-out", in: hidden, out: shared, split: "column", splitLimit: groups },
    { name: "step", in: hidden, out: heads, split: "column" },
    { name: "output", in: inner, out: hidden, split: "row" },
  ];
  return {
    kind: "mamba2",
    heads,
    coreFlop: 7 * inner * state,
    stateElements: inner * state,
    gatedElements: inner,
    stateElementBytes: readStateBytes(fields, "mamba_ssm_cache_dtype"),
    convolutionElements: (kernel - 1) * channels,
    convolution: { channels, kernel },
    activationElements: hidden + 2 * channels + 3 * inner,
    chunk: fields.integer("chunk_size", 128),
    parameters: weights(projections) + kernel * channels + (convolutionBias ? channels : 0) + 3 * heads + inner,
    replicatedParameters: 0,
    projections,
  };
}
