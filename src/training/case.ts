/** One training step to be predicted: everything resolved, SI units, no names left to look up. */

import type { Seconds } from "../base/quantity.ts";
import type { Cluster } from "../catalog/cluster.ts";
import type { ModelArchitecture } from "../catalog/model.ts";
import type { AdapterTarget } from "../compute/index.ts";
import type { Layout, TrafficDimension } from "./layout.ts";
import type { SequenceLengths } from "./lengths/lengths.ts";
import type { PoolSpread } from "./pools/spread.ts";
import type { NaturalRouting } from "./routing.ts";
import type { SoftwareProfile } from "./software.ts";
import type { Stragglers } from "./stragglers/straggler.ts";

/** Training precision recipe: how the matrix products of the layers run; attention core and head stay 16-bit. */
export type TrainingPrecision =
  | "fp32"
  | "tf32"
  | "fp16"
  | "bf16"
  | "fp8-delayed"
  | "fp8-current"
  | "fp8-block"
  | "mxfp8"
  | "nvfp4";

/**
 * full: every weight learns (pre-training, SFT); lora: only adapters of this rank beside the targets do. With
 * `frozenLayers` the first layers and the embedding below them learn nothing and have no adapters.
 */
export type Tuning = FullTuning | AdapterTuning;

export interface FullTuning {
  readonly method: "full";
  readonly frozenLayers?: number;
}

/** How frozen weights of the layers are kept: nf4 is QLoRA's, fp8 one 8-bit copy. */
export type FrozenFormat = "bf16" | "fp8" | "nf4";

export interface AdapterTuning {
  readonly method: "lora";
  readonly rank: number;
  readonly targets: readonly AdapterTarget[];
  readonly frozenLayers?: number;
  /** Absent means bf16. */
  readonly base?: FrozenFormat;
  /** Dropout on what enters the adapters; absent means off. */
  readonly dropout?: "on" | "off";
  /** How outputs of adapters beside row-parallel projections reach their places; absent means all-gather. */
  readonly exchange?: "all-gather" | "all-to-all";
}

/** A forward pass over the step's sequences without gradients, beside the training pass. */
export interface AuxiliaryPass {
  readonly name: "reference" | "teacher" | "divergence";
  readonly model: ModelArchitecture;
  /** resident: weights of its own, on the accelerators; shared: the trained model's. */
  readonly weights: "resident" | "shared";
  /** Adapters of the trained model in this pass; off where it has none. */
  readonly adapters: "on" | "off";
  /** Sequences it runs over those trained. */
  readonly share: number;
}

/** What a step computes its loss on, where that is not the next token of every sequence. */
export interface Objective {
  readonly method: "dpo" | "kto" | "orpo" | "simpo" | "reward" | "distillation";
  /** scalar: one number a sequence instead of the vocabulary (reward models). */
  readonly head: "vocabulary" | "scalar";
  readonly passes: readonly AuxiliaryPass[];
}

/** What a fabric does to the groups of a dimension. */
export interface FabricCost {
  readonly factor: number;
  /** Added to every call: buildings that are far from each other. */
  readonly delay: Seconds;
}

export interface TrainingCase {
  readonly model: ModelArchitecture;
  /** All of the hardware; over pools, their common count of accelerators, and the first pool's node and fabric. */
  readonly cluster: Cluster;
  /** Pools of different hardware that the job is spread over. */
  readonly pools?: PoolSpread;
  /** Tokens per sequence; with `lengths`, of a packed row, or of the longest sequence. */
  readonly sequenceLength: number;
  /** Sequences of unequal length; absent means that all have `sequenceLength`. */
  readonly lengths?: SequenceLengths;
  /** Sequences per optimizer step over the whole job. */
  readonly globalBatch: number;
  readonly precision: TrainingPrecision;
  readonly tuning: Tuning;
  /** Absent means the next token; `globalBatch` and `microBatch` count sequences, two of a pair. */
  readonly objective?: Objective;
  /** MTP modules trained; 0 leaves them out. */
  readonly multiTokenModules: number;
  /** First and last layers kept in bf16 under low precision. */
  readonly highPrecisionLayers: { readonly first: number; readonly last: number };
  readonly layout: Layout;
  readonly software: SoftwareProfile;
  /** Places that are slower than the model says. */
  readonly stragglers?: Stragglers;
  /** Loss per doubling of nodes from ranks that finish at different times; absent: calibrated. */
  readonly jitter?: number;
  /** Absent: every expert gets the same. */
  readonly routing?: NaturalRouting;
  /**
   * How many times as long groups of a dimension take on the network as over ports of their own, found by flows for this
   * very layout. Absent: the fabric's tiers say.
   */
  readonly contention?: Readonly<Partial<Record<TrafficDimension, FabricCost>>>;
}
