/**
 * Memory of one replica: what weights, activations and captured graphs leave for cached keys and values.
 */

import type { Bytes } from "../base/quantity.ts";

/** Of the fullest accelerator of a replica. */
export interface ReplicaMemory {
  readonly capacity: Bytes;
  readonly weights: Bytes;
  /** Most that one iteration needs besides weights and cache. */
  readonly activations: Bytes;
  /** Captured graphs, the runtime and its libraries. */
  readonly runtime: Bytes;
  /** What is left for the cache; negative where the model does not fit. */
  readonly cache: Bytes;
  readonly blockBytes: Bytes;
  /** Kept for every sequence, whatever its length: recurrent states. */
  readonly sequenceBytes: Bytes;
  /** Blocks of one attention-data-parallel rank; 0 where nothing fits. */
  readonly blocks: number;
}
