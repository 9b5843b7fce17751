/**
 * Blocks that classes are put together from, each with its exact parameters, how tensor parallelism divides
 * them, and its matrix products. Symbols: h hidden, a heads, g key-value heads, d head size, f width, E experts.
 * @source transformers-models
 */

import type {
  Attention,
  DenseFeedForward,
  ExpertFeedForward,
  LayerKind,
  ModelArchitecture,
  Projection,
  SparseSelection,
} from "../../model.ts";

/** What a class reader answers; the importer adds name, sources, vision and storage. */
export interface ModelBody {
  readonly hidden: number;
  readonly vocabulary: number;
  readonly embedding: ModelArchitecture["embedding"];
  /** One entry a layer; equal ones are merged into kinds. */
  readonly layers: readonly LayerKind[];
  readonly multiToken?: NonNullable<ModelArchitecture["multiToken"]>;
  readonly streams?: number;
}

export type Span = Attention["span"];
export const fullSpan: Span = { kind: "full" };

export interface AttentionShape {
  readonly hidden: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  readonly valueHeadDim?: number;
  readonly span?: Span;
  readonly bias?: "none" | "query-key-value" | "all";
  /** Scale vectors on queries and keys: one a head, or over the whole projection. */
  readonly norm?: "none" | "head" | "layer";
  readonly sinks?: "none" | "per-head";
  /** Sigmoid output gate: as wide as the output (a second half of the query projection), or one a head. */
  readonly gate?: "none" | "full" | "per-head";
  /** shared-value: no value projection, the key is the value. borrowed: keys and values of an earlier layer. */
  readonly keyValue?: "own" | "shared-value" | "borrowed";
  readonly sparse?: SparseSelection;
}

/**
 * Grouped-query attention.
 *
 *     h a d + h g d + h g d_v + a d_v h, + (a + g) d + g d_v with biases, + h with an output bias,
 *     + 2 d or (a + g) d for norms of query and key, + a for sinks
 *
 * @source transformers-models
 */
export function groupedQueryAttention(shape: AttentionShape): Attention {
  const { hidden, heads, keyValueHeads, headDim, keyValue = "own", bias = "none", norm = "none" } = shape;
  const valueHeadDim = shape.valueHeadDim ?? headDim;
  const gate = shape.gate ?? "none";
  const queryWidth = heads * headDim;
  const outputWidth = heads * valueHeadDim;
  const keyWidth = keyValue === "borrowed" ? 0 : keyValueHeads * headDim;
  const valueWidth = keyValue === "own" ? keyValueHeads * valueHeadDim : 0;
  const projections: Projection[] = [
    { name: "query", in: hidden, out: gate === "full" ? 2 * queryWidth : queryWidth, split: "column" },
  ];
  const keyValueSplit = { split: "column", splitLimit: keyValueHeads } as const;
  if (keyWidth > 0) projections.push({ name: "key", in: hidden, out: keyWidth, ...keyValueSplit });
  if (valueWidth > 0) projections.push({ name: "value", in: hidden, out: valueWidth, ...keyValueSplit });
  if (gate === "per-head") projections.push({ name: "gate", in: hidden, out: heads, split: "column" });
  projections.push({ name: "output", in: outputWidth, out: hidden, split: "row" });
  const index = blockIndexer(shape);
  projections.push(...index.projections);

  const replicated = (norm === "head" ? (keyWidth > 0 ? 2 : 1) * headDim : 0) + (bias === "all" ? hidden : 0);
  const splitVectors =
    (bias === "none" ? 0 : queryWidth + keyWidth + valueWidth) +
    (norm === "layer" ? queryWidth + keyWidth : 0) +
    (shape.sinks === "per-head" ? heads : 0);
  return {
    kind: "attention",
    heads,
    keyValueHeads,
    headDim,
    valueHeadDim,
    span: shape.span ?? fullSpan,
    ...(shape.sparse ? { sparse: shape.sparse } : {}),
    ...(gate === "none" ? {} : { outputGate: gate === "full" ? queryWidth : heads }),
    ...(norm === "none" ? {} : { normElements: queryWidth + keyWidth }),
    ...(norm === "layer" ? { normSpan: "whole" } : {}),
    ...(keyValue === "borrowed" ? { cacheElements: 0 } : {}),
    parameters: weights(projections) + splitVectors + replicated + index.norms,
    replicatedParameters: replicated + index.replicated,
    projections,
  };
}

/** Indexer of block-sparse attention (MSA): h H d + h d + 2 d; queries divide by index heads, the key does not. */
function blockIndexer(shape: AttentionShape): {
  projections: Projection[];
  norms: number;
  replicated: number;
} {
  const indexer = shape.sparse?.method === "msa" ? shape.sparse.indexer : undefined;
  if (!indexer) return { projections: [], norms: 0, replicated: 0 };
  const { heads, dim } = indexer;
  return {
    projections: [
      { name: "index-query", in: shape.hidden, out: heads * dim, split: "column", splitLimit: heads },
      { name: "index-key", in: shape.hidden, out: dim, split: "replicated" },
    ],
    norms: 2 * dim,
    replicated: shape.hidden * dim + 2 * dim,
  };
}

/** Weights of a list of projections. */
export function weights(projections: readonly Projection[]): number {
  return projections.reduce((sum, projection) => sum + projection.in * projection.out, 0);
}

/** Parameters of projections that every tensor-parallel rank holds in full. */
export function replicatedWeights(projections: readonly Projection[]): number {
  return weights(projections.filter((projection) => projection.split === "replicated"));
}

export interface DenseShape {
  readonly hidden: number;
  readonly width: number;
  readonly gated: "gated" | "plain";
  readonly activation: string;
  readonly bias?: "none" | "all";
}

/** MLP: gated 3 h f, plain 2 h f; biases add f (2 f gated) + h. */
export function denseFeedForward(shape: DenseShape): DenseFeedForward {
  const matrices = shape.gated === "gated" ? 3 : 2;
  const bias = shape.bias === "all" ? (matrices - 1) * shape.width + shape.hidden : 0;
  return {
    kind: "dense",
    width: shape.width,
    gated: shape.gated,
    activation: shape.activation,
    parameters: matrices * shape.hidden * shape.width + bias,
    ...(bias > 0 ? { replicatedParameters: shape.hidden } : {}),
  };
}

export interface ExpertShape {
  readonly hidden: number;
  /** Width the routed experts work at; hidden unless latent. */
  readonly inner?: number;
  readonly latentNorm?: "none" | "rms";
  readonly experts: number;
  readonly topK: number;
  readonly width: number;
  readonly gated?: "gated" | "plain";
  readonly expertBias?: "none" | "all";
  readonly routing: NonNullable<ExpertFeedForward["routing"]>;
  /** Parameters of the router besides its matrix: correction bias, bias, scales. */
  readonly routerVectors?: number;
  readonly sharedWidth?: number;
  readonly sharedGate?: "none" | "scalar";
  readonly parallelDenseWidth?: number;
  readonly groups?: { readonly count: number; readonly limit: number };
}

/** Mixture of experts: E n l f_e routed, + h E router, + n h f_s shared, + h shared gate, + 2 h l (+ l) latent. */
export function expertFeedForward(shape: ExpertShape): ExpertFeedForward {
  const { hidden, experts, width } = shape;
  const gated = shape.gated ?? "gated";
  const inner = shape.inner ?? hidden;
  const matrices = gated === "gated" ? 3 : 2;
  const expertBias = shape.expertBias === "all" ? (matrices - 1) * width + inner : 0;
  const projections: Projection[] = [{ name: "router", in: hidden, out: experts, split: "replicated" }];
  if (inner !== hidden) {
    projections.push({ name: "latent-down", in: hidden, out: inner, split: "replicated" });
    projections.push({ name: "latent-up", in: inner, out: hidden, split: "replicated" });
  }
  if (shape.sharedGate === "scalar") projections.push({ name: "shared-gate", in: hidden, out: 1, split: "replicated" });
  const sharedWidth = shape.sharedWidth ?? 0;
  const parallelDenseWidth = shape.parallelDenseWidth ?? 0;
  return {
    kind: "experts",
    experts,
    topK: shape.topK,
    width,
    gated,
    inner,
    sharedWidth,
    parallelDenseWidth,
    parameters: {
      routed: experts * (matrices * inner * width + expertBias),
      shared: matrices * hidden * (sharedWidth + parallelDenseWidth),
      replicated: weights(projections) + (shape.routerVectors ?? 0) + (shape.latentNorm === "rms" ? inner : 0),
    },
    ...(shape.groups ? { groups: shape.groups } : {}),
    projections,
    routing: shape.routing,
  };
}

/** One layer; its name is made of its parts. */
export function layer(
  mixer: LayerKind["mixer"],
  feedForward: LayerKind["feedForward"],
  other: { readonly parameters: number; readonly norms: number; readonly flop?: number },
): LayerKind {
  const parts = [mixerName(mixer), feedForward.kind === "none" ? "" : feedForward.kind === "experts" ? "moe" : "mlp"];
  return {
    name: parts.filter((part) => part !== "").join("+"),
    mixer,
    feedForward,
    otherParameters: other.parameters,
    norms: other.norms,
    ...(other.flop ? { otherFlop: other.flop } : {}),
  };
}

/** One layer for each span, the same object for spans that are the same object. */
export function layersBySpan(spans: readonly Span[], make: (span: Span) => LayerKind): LayerKind[] {
  const made = new Map<Span, LayerKind>();
  return spans.map((span) => {
    const kind = made.get(span) ?? make(span);
    made.set(span, kind);
    return kind;
  });
}

function mixerName(mixer: LayerKind["mixer"]): string {
  if (mixer.kind === "none") return "";
  if (mixer.kind !== "attention" && mixer.kind !== "latent-attention") return mixer.kind;
  if (mixer.sparse)
    return `${mixer.sparse.method}${mixer.sparse.indexer || mixer.sparse.method === "hca" ? "" : "-reuse"}`;
  if (mixer.kind === "latent-attention") return "latent";
  return mixer.span.kind === "full" ? "attention" : mixer.span.kind;
}

/** Draft module that fuses hidden state and embedding by a 2 h x h product: 2 h h + 3 h besides its block. */
export function draftModule(options: {
  readonly hidden: number;
  readonly modules: number;
  readonly layer: LayerKind;
  readonly copyParameters: number;
  readonly extraParameters?: number;
}): NonNullable<ModelArchitecture["multiToken"]> {
  const { hidden } = options;
  const fusion: Projection = { name: "fusion", in: 2 * hidden, out: hidden, split: "replicated" };
  return {
    modules: options.modules,
    layer: options.layer,
    otherParameters: weights([fusion]) + 3 * hidden + (options.extraParameters ?? 0),
    copyParameters: options.copyParameters,
    projections: [fusion],
  };
}
