/** Parameters of one rank's slice of a layer, in the three buckets that parallelism treats differently. */

import type { LayerKind } from "../catalog/model.ts";
import type { Layout } from "./layout.ts";

export interface WeightBuckets {
  /** Split by tensor parallelism; reduced over data x context. */
  readonly split: number;
  /** Whole on every tensor rank. */
  readonly replicated: number;
  /** Routed experts of this rank; reduced over expert replicas. */
  readonly experts: number;
}

export function layerWeights(kind: LayerKind, layout: Layout): WeightBuckets {
  const mixer = kind.mixer.kind === "none" ? { parameters: 0, replicatedParameters: 0 } : kind.mixer;
  const feed = kind.feedForward;
  let split = (mixer.parameters - mixer.replicatedParameters) / layout.tensor;
  let replicated = mixer.replicatedParameters + kind.otherParameters;
  let experts = 0;
  if (feed.kind === "dense") split += feed.parameters / layout.tensor;
  if (feed.kind === "experts") {
    split += feed.parameters.shared / layout.tensor;
    replicated += feed.parameters.replicated;
    experts = feed.parameters.routed / (layout.expert * layout.expertTensor);
  }
  return { split, replicated, experts };
}
