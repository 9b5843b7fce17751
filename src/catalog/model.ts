/**
 * Model architectures, normalised: whatever a vendor's config.json looks like, this is what the rest of
 * Windtunnel computes with. Layers are a list of kinds plus, for each layer in order, the index of its kind.
 */

export interface ModelArchitecture {
  /** `ORG/NAME`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** The config's model_type, e.g. `llama`. */
  readonly family: string;
  readonly hidden: number;
  readonly vocabulary: number;
  readonly embedding: {
    readonly tied: "tied" | "untied";
    /** Learned position parameters (GPT-2, OPT); 0 with rotary or ALiBi. */
    readonly positionParameters: number;
    /** Other parameters before or after the layers: final norm, embedding norm, head bias, stream heads. */
    readonly otherParameters: number;
    /** Width of the token embedding where it differs from hidden (OPT-350M). */
    readonly width?: number;
    /** Looked-up tables besides the token embedding (per-layer embeddings of small Gemma 4 models). */
    readonly tableParameters?: number;
    /** Projections at the borders of the stack, run once per token; their parameters are in otherParameters. */
    readonly projections?: readonly Projection[];
  };
  readonly layerKinds: readonly LayerKind[];
  /** For each of the L layers, its index in layerKinds. */
  readonly layers: readonly number[];
  /** Multi-token prediction modules stored with the model. */
  readonly multiToken?: {
    readonly modules: number;
    readonly layer: LayerKind;
    /** Parameters of one module beyond its layer (fusion projection 2 h h, norms). */
    readonly otherParameters: number;
    /** Embedding and head copies that some checkpoints store; not counted as parameters of the model. */
    readonly copyParameters: number;
    /** Fusion projections of one module, run once per drafted token. */
    readonly projections?: readonly Projection[];
  };
  /** Residual streams carried between layers: 1, or hc_mult of DeepSeek-V4. */
  readonly streams?: number;
  readonly vision?: { readonly parameters: number | "not-derivable"; readonly note: string };
  readonly maximumLength?: number;
  /** Storage format of the weights as published (serving), default bf16. */
  readonly weightFormat?: string;
  /** Storage of the published weights by part; absent means 16-bit throughout. */
  readonly weights?: WeightStorage;
  /** What had to be assumed, one sentence each; printed back. */
  readonly assumptions: readonly string[];
  readonly sources: readonly string[];
}

export interface LayerKind {
  /** Short name, e.g. `attention+moe`. */
  readonly name: string;
  readonly mixer: Mixer;
  readonly feedForward: FeedForward;
  /** Norm and other small replicated parameters of the layer (norms, hyper-connections, scalars). */
  readonly otherParameters: number;
  /** Norms executed per layer (memory passes). */
  readonly norms: number;
  /** FLOP per token of matrices that are neither mixer nor feed-forward (hyper-connections, per-layer inputs). */
  readonly otherFlop?: number;
}

export type Mixer = { readonly kind: "none" } | Attention | LatentAttention | Recurrent;

export interface Attention {
  readonly kind: "attention";
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  readonly valueHeadDim: number;
  /** Keys seen by a query: all before it, a sliding window, or its chunk. */
  readonly span:
    | { readonly kind: "full" }
    | { readonly kind: "window"; readonly size: number }
    | { readonly kind: "chunk"; readonly size: number };
  /** Sparse selection on top (MSA, CSA, HCA): keys kept per query and the indexer that picks them. */
  readonly sparse?: SparseSelection;
  /** Elements of the sigmoid output gate per token, where there is one (a d, or one a head). */
  readonly outputGate?: number;
  /** Elements of queries and keys per token that are normalised once more, head by head or whole. */
  readonly normElements?: number;
  /** Whole: one norm over all heads, so that tensor ranks must add up their sums of squares. */
  readonly normSpan?: "whole";
  /** Elements cached per key where that is not g (d + d_v): d with a shared key and value, 0 with a borrowed cache. */
  readonly cacheElements?: number;
  /** Exact parameters of the mixer, biases, per-head norms, sinks, gates and indexers included. */
  readonly parameters: number;
  /** Of these, parameters that tensor parallelism replicates (per-head norms, indexer keys, V4's shared KV). */
  readonly replicatedParameters: number;
  /** Linear projections as [in, out] with how tensor parallelism splits them. */
  readonly projections: readonly Projection[];
}

export interface LatentAttention {
  readonly kind: "latent-attention";
  readonly heads: number;
  readonly queryRank: number | null;
  readonly keyValueRank: number;
  readonly nopeDim: number;
  readonly ropeDim: number;
  readonly valueHeadDim: number;
  readonly span: Attention["span"];
  readonly sparse?: SparseSelection;
  /** Elements of the sigmoid output gate per token (Kimi K3), where there is one. */
  readonly outputGate?: number;
  readonly parameters: number;
  readonly replicatedParameters: number;
  readonly projections: readonly Projection[];
}

export interface Recurrent {
  readonly kind: "gated-delta" | "kimi-delta" | "mamba2";
  readonly heads: number;
  /** Core FLOP per token of one layer, forward (7 I N for Mamba-2, 8 nv dk dv for GDN). */
  readonly coreFlop: number;
  /** Recurrent state elements per sequence and layer (for memory of serving and chunk states). */
  readonly stateElements: number;
  /** Convolution state elements per sequence and layer. */
  readonly convolutionElements: number;
  /** Bytes per recurrent state element as engines keep it; absent means 4. */
  readonly stateElementBytes?: number;
  /** Elements of the result per token, which a norm gates before the output projection. */
  readonly gatedElements: number;
  /** Short depthwise convolution; its products are not matrix products but count as FLOP. */
  readonly convolution: { readonly channels: number; readonly kernel: number };
  /** Activation elements kept for backward per token (reference/architectures.md 2.5), without chunk states. */
  readonly activationElements: number;
  readonly chunk: number;
  readonly parameters: number;
  readonly replicatedParameters: number;
  readonly projections: readonly Projection[];
}

export interface SparseSelection {
  readonly method: "dsa" | "msa" | "csa" | "hca";
  /** Keys attended per query besides the local window; every one of them with HCA (`unlimitedKeys`). */
  readonly keys: number;
  /** Tokens per compressed key (1 for DSA/MSA, 4 CSA, 128 HCA). */
  readonly ratio: number;
  /** Absent on layers that reuse another layer's choice, and with HCA. */
  readonly indexer?: { readonly heads: number; readonly dim: number };
}

/** `SparseSelection.keys` where nothing is selected away: every compressed key is attended. */
export const unlimitedKeys: number = Number.MAX_SAFE_INTEGER;

/** One dense projection y[tokens, out] = x[tokens, in] W. `column` splits out, `row` splits in, `replicated` neither. */
export interface Projection {
  readonly name: string;
  readonly in: number;
  readonly out: number;
  readonly split: "column" | "row" | "replicated";
  /** For grouped-query keys and values: at most this many ways (KV heads). */
  readonly splitLimit?: number;
  /** Widths of the matrices that the checkpoint stores side by side for it; absent where it is one. */
  readonly stored?: readonly number[];
}

export type FeedForward = { readonly kind: "none" } | DenseFeedForward | ExpertFeedForward;

export interface DenseFeedForward {
  readonly kind: "dense";
  readonly width: number;
  /** 3 matrices (gate, up, down) or 2. */
  readonly gated: "gated" | "plain";
  readonly activation: string;
  readonly parameters: number;
  /** Of these, parameters that tensor parallelism replicates (the bias of the second product). */
  readonly replicatedParameters?: number;
}

export interface ExpertFeedForward {
  readonly kind: "experts";
  readonly experts: number;
  readonly topK: number;
  readonly width: number;
  readonly gated: "gated" | "plain";
  /** Width the routed experts work at: hidden, or the latent size. */
  readonly inner: number;
  /** Total width of the always-on shared experts; 0 without. */
  readonly sharedWidth: number;
  /** Dense MLP in parallel (Gemma-4), 0 without. */
  readonly parallelDenseWidth: number;
  readonly parameters: {
    /** All routed experts together, biases included. */
    readonly routed: number;
    /** Shared experts and the dense MLP in parallel. */
    readonly shared: number;
    /** Router, correction bias, latent projections, gates: replicated under tensor parallelism. */
    readonly replicated: number;
  };
  readonly groups?: { readonly count: number; readonly limit: number };
  /** Products on every token besides the experts: router, latent down and up, shared-expert gate. */
  readonly projections?: readonly Projection[];
  /** How tokens find their experts: scores, or a table by token id (first layers of DeepSeek-V4). */
  readonly routing?: "softmax" | "sigmoid" | "sqrtsoftplus" | "hash";
}

/** Bytes per weight by part. The layer lists name layers whose part stayed 16-bit. */
export interface WeightStorage {
  readonly attention: StorageFormat;
  readonly dense: StorageFormat;
  readonly shared: StorageFormat;
  readonly routed: StorageFormat;
  readonly head: StorageFormat;
  /** Format that the checkpoint asks cached keys and values to have; absent where it asks for none. */
  readonly cache?: "fp8";
  readonly unquantized: {
    readonly attention: readonly number[];
    readonly dense: readonly number[];
    readonly shared: readonly number[];
    readonly routed: readonly number[];
  };
}

export type StorageFormat = "fp32" | "bf16" | "fp8" | "fp8-block" | "mxfp4" | "nvfp4" | "int4" | "int8";

export interface ParameterCount {
  /** Text model, all parameters, without MTP. */
  readonly total: number;
  /** Active per token, embedding and head included. */
  readonly active: number;
  readonly activeWithoutEmbedding: number;
  readonly multiToken: number;
  readonly embedding: number;
  readonly head: number;
}
