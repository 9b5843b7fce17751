/** What the training domain answers. `breakdown` holds every leaf as a number; the term tree is a view of it. */

import type { Bytes, Flop, Seconds } from "../base/quantity.ts";
import type { Term } from "../base/term.ts";

export type Fit = "fits" | "tight" | "does-not-fit";

export interface MemoryUse {
  /** Worst stage. */
  readonly total: Bytes;
  readonly stage: number;
  /** The pool it is on, where there are several. */
  readonly pool?: string;
  readonly modelState: Bytes;
  readonly activations: Bytes;
  /** Named parts that add up to the total. */
  readonly parts: readonly { readonly name: string; readonly label: string; readonly value: Bytes }[];
  readonly capacity: Bytes;
  readonly fit: Fit;
  readonly binding?: { readonly resource: string; readonly needed: number; readonly available: number };
}

export interface TrainingPrediction {
  readonly stepTime: Seconds;
  readonly bubbleTime: Seconds;
  readonly exposedCommunicationTime: Seconds;
  /** Model FLOP of one step over the whole job under `megatron-core-2024`. */
  readonly modelFlop: Flop;
  readonly memory: MemoryUse;
  readonly term: Term;
  readonly assumptions: readonly { readonly path: string; readonly value: string; readonly reason: string }[];
  readonly warnings: readonly string[];
}

export type FlopConvention =
  | "megatron-sc21"
  | "korthikanti-model"
  | "megatron-core-2024"
  | "palm"
  | "mosaic"
  | "maxtext"
  | "torchtitan"
  | "6nd";
