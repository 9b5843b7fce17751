/** What no layout of the same degrees, sharding and offload gets below in memory. */

import type { Bytes } from "../base/quantity.ts";
import type { TrainingCase } from "./case.ts";
import { overheadOf, stateOf } from "./memory.ts";
import { offloadedShare } from "./offload.ts";
import { frozenLayers } from "./tuning.ts";
import { layerWeights } from "./weights.ts";

/**
 * No layout with these degrees, sharding and offload holds less on its fullest rank: its share of the layers' state,
 * were it spread evenly, and what lies outside the allocator. 0 state where some weights do not learn.
 */
export function leastMemory(c: TrainingCase): Bytes {
  const overhead = overheadOf(c);
  return (1 + overhead.fragmentation) * leastState(c) + overhead.outside;
}

function leastState(c: TrainingCase): Bytes {
  const { pipeline, weightOffload } = c.layout;
  const plain = c.tuning.method === "full" && frozenLayers(c) === 0 && c.software.optimizerRule === "adam";
  if (!plain || weightOffload === "on") return 0;
  const sums = { split: 0, replicated: 0, experts: 0 };
  for (let index = 0; index < c.model.layerKinds.length; index++) {
    let count = 0;
    for (const kind of c.model.layers) if (kind === index) count += 1;
    const { split, replicated, experts } = layerWeights(c.model.layerKinds[index]!, c.layout);
    sums.split += (count * split) / pipeline;
    sums.replicated += (count * replicated) / pipeline;
    sums.experts += (count * experts) / pipeline;
  }
  const { weights, gradients, optimizer } = stateOf(c, sums, true);
  return weights + gradients + optimizer * (1 - offloadedShare(c));
}
