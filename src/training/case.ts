/** One training step to be predicted: everything resolved, SI units, no names left to look up. */

import type { Cluster } from "../catalog/cluster.ts";
import type { ModelArchitecture } from "../catalog/model.ts";
import type { Layout } from "./layout.ts";
import type { NaturalRouting } from "./routing.ts";
import type { SoftwareProfile } from "./software.ts";

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

/** Names as in Megatron: into the mixer, out of it, into the feed-forward network (experts alike), out of it. */
export type AdapterTarget = "linear_qkv" | "linear_proj" | "linear_fc1" | "linear_fc2";

/** full: every weight learns (pre-training, SFT); lora: only adapters of this rank beside the targets do. */
export type Tuning =
  | { readonly method: "full" }
  | { readonly method: "lora"; readonly rank: number; readonly targets: readonly AdapterTarget[] };

export interface TrainingCase {
  readonly model: ModelArchitecture;
  readonly cluster: Cluster;
  /** Tokens per sequence. */
  readonly sequenceLength: number;
  /** Sequences per optimizer step over the whole job. */
  readonly globalBatch: number;
  readonly precision: TrainingPrecision;
  readonly tuning: Tuning;
  /** MTP modules trained; 0 leaves them out. */
  readonly multiTokenModules: number;
  /** First and last layers kept in bf16 under low precision. */
  readonly highPrecisionLayers: { readonly first: number; readonly last: number };
  readonly layout: Layout;
  readonly software: SoftwareProfile;
  /** Absent: every expert gets the same. */
  readonly routing?: NaturalRouting;
}
