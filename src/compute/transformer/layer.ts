/**
 * A layer as a list of operators: projections, attention core, feed-forward, experts and the memory-bound
 * passes between them. Ignores: bias additions (they ride in epilogues), position tables, random number generation.
 */

import type { PassKind } from "../../catalog/calibration/kernels.ts";
import type { DenseFeedForward, ExpertFeedForward, LayerKind, Mixer, Projection } from "../../catalog/model.ts";
import type { LayerShard, LayerStyle, Module, Operator, PassOperator } from "./operator.ts";

/** Bytes of one 16-bit activation element. */
const element = 2;

/** Operators of one layer, in forward order. */
export function layerOperators(options: {
  readonly hidden: number;
  readonly kind: LayerKind;
  readonly shard: LayerShard;
  readonly style: LayerStyle;
}): readonly Operator[] {
  const { hidden, kind, shard, style } = options;
  const operators: Operator[] = [];
  const norms = kind.norms;
  const blocks = (kind.mixer.kind === "none" ? 0 : 1) + (kind.feedForward.kind === "none" ? 0 : 1);
  if (norms > 0) operators.push(normPass(hidden, norms, shard, style));
  pushMixer(operators, hidden, kind.mixer, shard, style);
  if (kind.feedForward.kind === "dense") pushDense(operators, hidden, kind.feedForward, shard, style);
  if (kind.feedForward.kind === "experts") pushExperts(operators, hidden, kind.feedForward, shard, style);
  if (blocks > 0) operators.push(residualPass(hidden, blocks, shard, style));
  return operators;
}

/** Tokens of the micro-batch on one rank where activations are whole (inside tensor-parallel blocks). */
export function tokensPerRank(shard: LayerShard): number {
  return (shard.sequences * shard.sequenceLength) / shard.context;
}

/** Tokens of the micro-batch on one rank between tensor-parallel blocks: divided under sequence parallelism. */
export function tokensBetweenBlocks(shard: LayerShard): number {
  return shard.sequenceParallel === "on" ? tokensPerRank(shard) / shard.tensor : tokensPerRank(shard);
}

function normPass(hidden: number, norms: number, shard: LayerShard, style: LayerStyle): Operator {
  const bytes = tokensBetweenBlocks(shard) * hidden * element * norms;
  // Outside Transformer Engine the gradients of the norm's own parameters read input and gradient a second time.
  const separate = isSeparate(style) ? 2 : 0;
  return { ...pass("norms", ["layer-norm"], 2 * bytes, (3 + separate) * bytes, norms), pass: kindOf("norm", style) };
}

/** Elementwise kernels of their own, neither Transformer Engine's nor a compiler's. */
function isSeparate(style: LayerStyle): boolean {
  return style.elementwise === "eager" || style.elementwise === "fused";
}

function kindOf(kind: PassKind, style: LayerStyle): PassKind {
  return isSeparate(style) ? kind : "stream";
}

/** Residual additions, with bias and dropout merged where the stack has the fused kernel. */
function residualPass(hidden: number, blocks: number, shard: LayerShard, style: LayerStyle): Operator {
  const bytes = tokensBetweenBlocks(shard) * hidden * element * blocks;
  const dropout = style.dropout === "on" ? (style.elementwise === "eager" ? 2.5 : 0.5) : 0;
  return pass("residual", ["always"], (3 + dropout) * bytes, (3 + dropout) * bytes, blocks * (dropout > 1 ? 2 : 1));
}

function pass(
  name: string,
  modules: readonly Module[],
  forwardBytes: number,
  backwardBytes: number,
  kernels: number,
): PassOperator {
  return {
    kind: "pass",
    part: "elementwise",
    pass: "stream",
    name,
    modules,
    forwardBytes,
    backwardBytes,
    forwardKernels: kernels,
    backwardKernels: kernels,
  };
}

function pushMixer(operators: Operator[], hidden: number, mixer: Mixer, shard: LayerShard, style: LayerStyle): void {
  if (mixer.kind === "none") return;
  const tokens = tokensPerRank(shard);
  for (const group of fusedProjections(mixer.projections, shard.tensor, mixer.kind)) {
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
  if (style.rotary === "on") {
    const bytes = tokens * (heads + keyValueHeads) * mixer.headDim * element;
    operators.push({ ...pass("rotary", ["attention"], 2 * bytes, 2 * bytes, 1), pass: kindOf("rotary", style) });
  }
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

function pushDense(
  operators: Operator[],
  hidden: number,
  feed: DenseFeedForward,
  shard: LayerShard,
  style: LayerStyle,
): void {
  const tokens = tokensPerRank(shard);
  pushMlp(operators, {
    name: "mlp",
    hidden,
    width: feed.width / shard.tensor,
    gated: feed.gated,
    tokens,
    module: "mlp",
    style,
  });
}

function pushMlp(
  operators: Operator[],
  mlp: {
    readonly name: string;
    readonly hidden: number;
    readonly width: number;
    readonly gated: "gated" | "plain";
    readonly tokens: number;
    readonly module: Module;
    readonly style: LayerStyle;
  },
): void {
  const { name, hidden, width, tokens, module } = mlp;
  const ways = mlp.gated === "gated" ? 2 : 1;
  operators.push({
    kind: "matrix",
    name: `${name}-up`,
    modules: [module],
    m: tokens,
    n: ways * width,
    k: hidden,
    recipe: "layer",
  });
  operators.push(activationPass(`${name}-activation`, [module], tokens * width * element, ways, mlp.style));
  operators.push({
    kind: "matrix",
    name: `${name}-down`,
    modules: [module],
    m: tokens,
    n: hidden,
    k: width,
    recipe: "layer",
  });
}

/** Activation function: reads its inputs, writes the product; backward reads both and the gradient, writes theirs. */
function activationPass(
  name: string,
  modules: readonly Module[],
  bytes: number,
  ways: number,
  style: LayerStyle,
): Operator {
  const eager = style.elementwise === "eager" && ways === 2 ? 2 : 1;
  const moved = pass(name, modules, (ways + 1) * bytes * eager, (2 * ways + 1) * bytes * eager, eager);
  return { ...moved, pass: kindOf("activation", style) };
}

function pushExperts(
  operators: Operator[],
  hidden: number,
  feed: ExpertFeedForward,
  shard: LayerShard,
  style: LayerStyle,
): void {
  // Under sequence parallelism a rank routes its own slice of the tokens; without it every tensor rank routes all.
  const tokens = tokensBetweenBlocks(shard);
  const groups = feed.experts / shard.expert;
  const rows = tokens * feed.topK * (shard.sequenceParallel === "on" ? 1 : 1 / shard.tensor) * shard.expertTensor;
  const width = feed.width / shard.expertTensor;
  const ways = feed.gated === "gated" ? 2 : 1;
  const inner = feed.inner;
  const imbalance = style.expertImbalance;
  operators.push({
    kind: "matrix",
    name: "router",
    modules: ["moe"],
    m: tokens,
    n: feed.experts,
    k: hidden,
    recipe: "16-bit",
  });
  operators.push(pass("router-choice", ["moe"], tokens * feed.experts * 8, tokens * feed.experts * 8, 4));
  if (inner !== hidden) {
    operators.push({
      kind: "matrix",
      name: "latent-down",
      modules: ["moe"],
      m: tokens,
      n: inner,
      k: hidden,
      recipe: "layer",
    });
    operators.push({
      kind: "matrix",
      name: "latent-up",
      modules: ["moe"],
      m: tokens,
      n: hidden,
      k: inner,
      recipe: "layer",
    });
  }
  const moved = rows * inner * element;
  // Each side of the exchange sorts the rows (read and write) and the way back undoes it; backward the same.
  const permuted = 4 * style.permutePasses * moved;
  operators.push(pass("permute", ["moe"], permuted, permuted, 2 * style.permutePasses));
  operators.push({
    kind: "experts",
    name: "experts-up",
    modules: ["moe"],
    groups,
    rows,
    n: ways * width,
    k: inner,
    imbalance,
  });
  operators.push(
    activationPass("experts-activation", ["moe", "expert-activation"], rows * width * element * imbalance, ways, style),
  );
  operators.push({
    kind: "experts",
    name: "experts-down",
    modules: ["moe"],
    groups,
    rows,
    n: inner,
    k: width,
    imbalance,
  });
  if (style.expertBias === "separate" && hasBias(feed)) operators.push(expertBiasPass(feed, rows, width));
  const shared = { hidden, gated: feed.gated, tokens: tokensPerRank(shard), module: "moe" as const, style };
  if (feed.sharedWidth > 0) pushMlp(operators, { ...shared, name: "shared", width: feed.sharedWidth / shard.tensor });
  if (feed.parallelDenseWidth > 0)
    pushMlp(operators, { ...shared, name: "dense", width: feed.parallelDenseWidth / shard.tensor });
}

/** Routed parameters beyond the matrices are biases (GPT-OSS). */
function hasBias({ experts, gated, inner, width, parameters }: ExpertFeedForward): boolean {
  return parameters.routed > experts * (gated === "gated" ? 3 : 2) * inner * width;
}

/**
 * Biases added expert by expert and joined again, and a clamped gate in separate kernels: 4 passes over the first
 * product's output, 14 over the gate's, 6 over the second's, some of them in 32 bit; backward as many and the
 * reductions.
 * @source megatron-core-experts
 */
function expertBiasPass(feed: ExpertFeedForward, rows: number, width: number): Operator {
  const ways = feed.gated === "gated" ? 2 : 1;
  const bytes = rows * element * (4 * ways * width + 14 * width + 6 * feed.inner);
  return { ...pass("experts-bias", ["moe", "expert-activation"], bytes, 1.7 * bytes, 1) };
}

interface FusedProjection {
  readonly name: string;
  readonly n: number;
  readonly k: number;
  readonly modules: readonly Module[];
}

/** Projections that read the same input and are split the same way run as one product (QKV and the like). */
function fusedProjections(
  projections: readonly Projection[],
  tensor: number,
  mixer: Mixer["kind"],
): readonly FusedProjection[] {
  const fused: { name: string; in: number; split: string; n: number; k: number; modules: readonly Module[] }[] = [];
  for (const projection of projections) {
    const ways = projection.split === "replicated" ? 1 : Math.min(tensor, projection.splitLimit ?? tensor);
    const n = projection.split === "column" ? projection.out / ways : projection.out;
    const k = projection.split === "row" ? projection.in / ways : projection.in;
    const last = fused.find(
      (entry) => entry.in === projection.in && entry.split === projection.split && projection.split !== "row",
    );
    if (last !== undefined) {
      last.n += n;
      last.name = `${last.name}+${projection.name}`;
      continue;
    }
    // MLA's second factors (q_b, kv_b) expand the latents; named so that recompute can choose them.
    const up = mixer === "latent-attention" && projection.split === "column";
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
