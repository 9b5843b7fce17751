/** How one training step is laid over the accelerators. Degrees multiply to their number: t x c x p x D. */

/** Modules whose activations are thrown away in the forward pass and computed again in the backward pass. */
export type RecomputeModule =
  | "attention-core"
  | "layer-norm"
  | "mlp"
  | "moe"
  | "expert-activation"
  | "latent-up-projection"
  | "attention";

export type Recompute = "none" | "selective" | "full" | readonly RecomputeModule[];

/** none: replicated; optimizer = ZeRO-1; gradients = ZeRO-2 or SHARD_GRAD_OP; full = ZeRO-3 or FSDP; hybrid = HSDP. */
export type Sharding = "none" | "optimizer" | "gradients" | "full" | "hybrid";

export type ScheduleName =
  | "gpipe"
  | "1f1b"
  | "interleaved"
  | "zero-bubble-h1"
  | "zero-bubble-h2"
  | "zero-bubble-v"
  | "v-half"
  | "v-min"
  | "dualpipe"
  | "dualpipe-v";

/** Virtual stages of the embedding, of the loss, and of each MTP module's layer. */
export interface StageEnds {
  readonly embedding: number;
  readonly loss: number;
  readonly modules: readonly number[];
}

export interface Layout {
  readonly tensor: number;
  readonly sequenceParallel: "on" | "off";
  readonly context: number;
  /** With the hierarchical context exchange: ranks that exchange heads, innermost. */
  readonly contextInner?: number;
  /** How a sequence is cut over context ranks; absent means zig-zag. */
  readonly contextBalance?: "zig-zag" | "contiguous";
  readonly pipeline: number;
  /** Model chunks per pipeline rank; how many follows from the schedule but for interleaving. */
  readonly virtualStages: number;
  readonly data: number;
  /** Expert-parallel degree, inside tensor x context x data of one stage. */
  readonly expert: number;
  readonly expertTensor: number;
  /** Sequences per micro-batch. */
  readonly microBatch: number;
  readonly schedule: ScheduleName;
  readonly recompute: Recompute;
  /** With full recompute: layers of each stage that are recomputed; absent means all. */
  readonly recomputeLayers?: number;
  readonly sharding: Sharding;
  /**
   * Fully sharded weights after the forward pass: sharded again, kept, or sharded over so many neighbouring ranks only
   * (ZeRO++'s secondary partition). Absent: always.
   */
  readonly reshardAfterForward?: "always" | "never" | number;
  /** Ranks that share one copy under hybrid sharding. */
  readonly shardGroup?: number;
  /**
   * Which layers each stage holds, in pipeline order through all virtual stages, when it is not an even split.
   * Each entry counts transformer layers; embedding sits on the first, head (and MTP) on the last stage.
   */
  readonly stageLayers?: readonly number[];
  /** Where the ends sit, when not on the first and the last stage. */
  readonly stageEnds?: StageEnds;
  /** Fraction of the optimizer state (0..1) that lies in host memory and is updated there; absent: none. */
  readonly optimizerOffload?: number;
  /** Sharded weights, gradients and optimizer state all in host memory; weights come up for each gather; absent: off. */
  readonly weightOffload?: "on" | "off";
  /** Fraction of the activations (0..1) moved to host memory in the forward pass. */
  readonly activationOffload: number;
}

/** One rank: nothing split, nothing recomputed, ZeRO-1. */
export const oneRank: Layout = {
  tensor: 1,
  sequenceParallel: "off",
  context: 1,
  pipeline: 1,
  virtualStages: 1,
  data: 1,
  expert: 1,
  expertTensor: 1,
  microBatch: 1,
  schedule: "1f1b",
  recompute: "none",
  sharding: "optimizer",
  activationOffload: 0,
};

/** Dimensions whose groups exchange something; expertData are the replicas of routed experts. */
export type TrafficDimension = "tensor" | "context" | "expert" | "data" | "expertData" | "pipeline";
