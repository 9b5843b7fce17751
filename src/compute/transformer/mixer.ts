/** Mixers as operators: attention in its fused or unfused form, latent attention, recurrent scans. */

import type { Mixer, Projection } from "../../catalog/model.ts";
import type { LayerShard, LayerStyle, Module, Operator } from "./operator.ts";
import { element, gatePass, headNormPass, kindOf, pass, tokensPerRank } from "./passes.ts";

/** The mixer of one layer. */
export function pushMixer(
  operators: Operator[],
  hidden: number,
  mixer: Mixer,
  shard: LayerShard,
  style: LayerStyle,
): void {
  if (mixer.kind === "none") return;
  const tokens = tokensPerRank(shard);
  for (const group of fusedProjections(mixer, shard.tensor, style.deltaInputs)) {
    operators.push({
      kind: "matrix",
      name: group.name,
      modules: group.modules,
      m: tokens,
      n: group.n,
      k: group.k,
      recipe: "layer",
    });
  }
  if (mixer.kind === "attention" && mixer.normElements !== undefined)
    operators.push(headNormPass(mixer.normElements, shard, style));
  if (mixer.kind === "attention") pushAttention(operators, hidden, mixer, shard, style);
  else if (mixer.kind === "latent-attention") pushLatentAttention(operators, mixer, shard);
  else {
    const share = 1 / Math.min(shard.tensor, mixer.heads);
    operators.push({
      kind: "recurrent",
      name: mixer.kind,
      modules: ["attention-core"],
      flop: mixer.coreFlop * tokens * share,
      convolutionBytes: 2 * mixer.convolution.channels * element * tokens * share,
    });
  }
  const gated =
    mixer.kind === "attention" || mixer.kind === "latent-attention" ? mixer.outputGate : mixer.gatedElements;
  if (gated !== undefined) operators.push(gatePass(gated, shard, style));
}

/** Grouped-query attention: rotary pass, then the fused core or its unfused pieces. */
function pushAttention(
  operators: Operator[],
  hidden: number,
  mixer: Extract<Mixer, { kind: "attention" }>,
  shard: LayerShard,
  style: LayerStyle,
): void {
  const tokens = tokensPerRank(shard);
  const heads = mixer.heads / shard.tensor;
  const keyValueHeads = Math.max(1, mixer.keyValueHeads / shard.tensor);
  if (style.rotary !== "off") operators.push(rotaryPass((heads + keyValueHeads) * mixer.headDim, tokens, style));
  if (style.attention === "unfused") {
    pushUnfusedAttention(operators, { heads, headDim: mixer.headDim, hidden }, shard, style);
    return;
  }
  const window = mixer.span.kind === "full" ? undefined : mixer.span.size;
  operators.push({
    kind: "attention",
    name: "attention-core",
    modules: ["attention-core", "attention"],
    shape: {
      sequences: shard.sequences,
      queries: shard.sequenceLength,
      keys: shard.sequenceLength,
      heads,
      keyValueHeads,
      headDim: mixer.headDim,
      valueHeadDim: mixer.valueHeadDim,
      causal: "causal",
      ...(window === undefined ? {} : { window }),
    },
    sharedBy: shard.context,
  });
}

/**
 * Queries and keys turned: read and written once each way. Operation by operation two products, a negated half, its
 * concatenation, the sum and a last concatenation are 12 reads and writes; backward two products, the halves joined
 * again, both slices filled up with zeros and three sums are 17.
 * @source megatron-core-rotary
 */
function rotaryPass(elements: number, tokens: number, style: LayerStyle): Operator {
  const bytes = tokens * elements * element;
  if (style.rotary === "separate") return pass("rotary", ["attention"], 12 * bytes, 17 * bytes, 2);
  return { ...pass("rotary", ["attention"], 2 * bytes, 2 * bytes, 1), pass: kindOf("rotary", style) };
}

/** Latent attention trains in its expanded form: every head has its own key of nope + rope dimensions. */
function pushLatentAttention(
  operators: Operator[],
  mixer: Extract<Mixer, { kind: "latent-attention" }>,
  shard: LayerShard,
): void {
  const tokens = tokensPerRank(shard);
  const heads = mixer.heads / shard.tensor;
  const headDim = mixer.nopeDim + mixer.ropeDim;
  // Rotary on the rope part and the concatenation of nope and rope parts: queries and keys read and written once.
  const bytes = tokens * heads * headDim * 2 * element;
  operators.push(pass("rotary", ["attention"], 2 * bytes, 2 * bytes, 2));
  operators.push({
    kind: "attention",
    name: "attention-core",
    modules: ["attention-core", "attention"],
    shape: {
      sequences: shard.sequences,
      queries: shard.sequenceLength,
      keys: shard.sequenceLength,
      heads,
      keyValueHeads: heads,
      headDim,
      valueHeadDim: mixer.valueHeadDim,
      causal: "causal",
    },
    sharedBy: shard.context,
  });
}

/**
 * Attention before flash kernels: scores, softmax, dropout and context as separate kernels over the full s x s
 * square (no causal skip). Bytes per score element: softmax reads and writes 2, dropout reads 2 and writes 2 + mask.
 * @source korthikanti-2022
 */
function pushUnfusedAttention(
  operators: Operator[],
  dims: { readonly heads: number; readonly headDim: number; readonly hidden: number },
  shard: LayerShard,
  style: LayerStyle,
): void {
  const queries = shard.sequenceLength / shard.context;
  const count = shard.sequences * dims.heads;
  const scores = count * queries * shard.sequenceLength;
  const modules: readonly Module[] = ["attention-core", "attention"];
  operators.push({
    kind: "batched",
    name: "scores",
    modules,
    count,
    m: queries,
    n: shard.sequenceLength,
    k: dims.headDim,
  });
  const dropout = style.dropout === "on" ? 2 * element + 1 : 0;
  operators.push(
    pass(
      "softmax",
      modules,
      scores * (2 * element + dropout),
      scores * (3 * element + dropout),
      style.dropout === "on" ? 2 : 1,
    ),
  );
  operators.push({
    kind: "batched",
    name: "context",
    modules,
    count,
    m: queries,
    n: dims.headDim,
    k: shard.sequenceLength,
  });
}

interface FusedProjection {
  readonly name: string;
  readonly n: number;
  readonly k: number;
  readonly modules: readonly Module[];
}

/**
 * Projections that read the same input and are split the same way run as one product (QKV and the like), those of gated
 * delta nets where the stack joins them.
 */
function fusedProjections(
  { projections, kind }: Exclude<Mixer, { kind: "none" }>,
  tensor: number,
  deltaInputs: LayerStyle["deltaInputs"],
): readonly FusedProjection[] {
  const delta = kind === "gated-delta" ? deltaInputs : undefined;
  const fused: { name: string; in: number; split: string; n: number; k: number; modules: readonly Module[] }[] = [];
  for (const projection of delta === "as-stored" ? projections.flatMap(storedParts) : projections) {
    const ways = projection.split === "replicated" ? 1 : Math.min(tensor, projection.splitLimit ?? tensor);
    const n = projection.split === "column" ? projection.out / ways : projection.out;
    const k = projection.split === "row" ? projection.in / ways : projection.in;
    const last = fused.find(
      (entry) => entry.in === projection.in && entry.split === projection.split && projection.split !== "row",
    );
    if (last !== undefined && delta === undefined) {
      last.n += n;
      last.name = `${last.name}+${projection.name}`;
      continue;
    }
    // MLA's second factors (q_b, kv_b) expand the latents; named so that recompute can choose them.
    const up = kind === "latent-attention" && projection.split === "column";
    fused.push({
      name: projection.name,
      in: projection.in,
      split: projection.split,
      n,
      k,
      modules: up ? ["latent-up-projection", "attention"] : ["attention"],
    });
  }
  return fused;
}

/** A projection as the matrices that the checkpoint has for it. */
function storedParts(projection: Projection): readonly Projection[] {
  const { name, stored = [projection.out] } = projection;
  return stored.map((out, index) => ({ ...projection, name: stored.length > 1 ? `${name}-${index}` : name, out }));
}
