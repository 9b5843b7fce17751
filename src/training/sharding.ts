/**
 * What a sharding scheme keeps on each rank, what it sends, and how often: replicas, ZeRO-1, ZeRO-2 (or shard-grad-op),
 * ZeRO-3 (or FSDP), hybrid sharding, and weights kept or resharded more coarsely after the forward pass.
 *
 * Ignores: shards of uneven size, and what a bucket adds to a layer.
 * @source rajbhandari-2020 @source zhao-2023-fsdp @source torch-fully-shard
 */

import type { Bytes } from "../base/quantity.ts";
import type { TrainingCase } from "./case.ts";
import { denseReplicas, expertReplicas } from "./parallel.ts";
import type { WeightBuckets } from "./weights.ts";

type Scheme = Pick<TrainingCase, "layout" | "software">;

/** How often weights travel to the ranks that compute with them. */
export type Gathers = "never" | "step" | "forward" | "both";

/**
 * Gathers of weights: once a step after the update, before every forward pass, or before every forward and backward
 * pass. Weights that stay gathered on a pipeline stay so until the step ends.
 */
export function gathersOf({ layout, software }: Scheme): Gathers {
  switch (layout.sharding) {
    case "none":
      return "never";
    case "optimizer":
      return "step";
    case "gradients":
      return software.state.gradients === "shard-grad-op" ? "forward" : "step";
    case "full":
    case "hybrid":
      if (layout.reshardAfterForward !== "never") return "both";
      return layout.pipeline > 1 ? "step" : "forward";
  }
}

/**
 * Reductions of a rank's gradients in one micro-batch: one wherever only a shard of them is kept, one in p where a
 * chunk of an interleaved pipeline first accumulates the p micro-batches that it runs in a row (Llama 3), none where whole
 * gradients wait for the end of the step.
 * @source llama3-2024
 */
export function reductionsInside({ layout, software }: Scheme): number {
  const sharded = layout.sharding === "gradients" || layout.sharding === "full" || layout.sharding === "hybrid";
  if (!sharded || software.state.reduceEvery === "step") return 0;
  return inRounds({ layout, software }) ? 1 / layout.pipeline : 1;
}

/** Whether chunks accumulate whole gradients over a round; without interleaving a chunk runs one micro-batch in a row. */
export function inRounds({ layout, software }: Scheme): boolean {
  return software.state.reduceEvery === "round" && layout.schedule === "interleaved" && layout.pipeline > 1;
}

/** Whether anything of the scheme happens inside micro-batches. */
export function shardedInside(c: Scheme): boolean {
  const gathers = gathersOf(c);
  return gathers === "forward" || gathers === "both" || reductionsInside(c) > 0;
}

export interface StateBytes {
  readonly weights: Bytes;
  readonly gradients: Bytes;
  readonly optimizer: Bytes;
}

/**
 * State of dense (or routed-expert) parameters over D `replicas`, bytes per parameter of the rank's slice.
 *
 *     none          2          g          o
 *     optimizer     2          g          o/D
 *     gradients     2          g/D        o/D
 *     full          0 or 2/D   g/D        o/D     (hybrid: D the ranks of one copy)
 *
 * g stored gradient, o master and moments. Under full sharding the 32-bit shard is the weight, or a 16-bit shard lies
 * beside it; frozen weights stay in 16 bit. Gradients reduced once a step are kept whole.
 */
export function stateBytes(c: TrainingCase, replicas: number, learns: boolean): StateBytes {
  const { bytes, state } = c.software;
  const { sharding, shardGroup } = c.layout;
  const gradient = learns ? bytes.gradient : 0;
  const optimizer = learns ? bytes.master + bytes.moments : 0;
  const copy = sharding === "hybrid" ? Math.min(shardGroup ?? replicas, replicas) : replicas;
  const gradients = reductionsInside(c) > 0 ? gradient / copy : gradient;
  switch (sharding) {
    case "none":
      return { weights: 2, gradients, optimizer };
    case "optimizer":
      return { weights: 2, gradients, optimizer: optimizer / replicas };
    case "gradients":
      return { weights: 2, gradients, optimizer: optimizer / replicas };
    case "full":
    case "hybrid": {
      const beside = learns && state.weightShard === "copy" ? 2 : 0;
      return { weights: beside / copy, gradients, optimizer: (learns ? optimizer : 2) / copy };
    }
  }
}

/**
 * Gathered weights that stay on a rank from forward to backward: none where they are resharded, all of them where they
 * are not, 1/N where they are resharded over N ranks.
 * @source wang-2023-zeropp
 */
export function keptWeights(c: TrainingCase, { split, replicated, experts }: WeightBuckets): Bytes {
  const { sharding, reshardAfterForward: kept } = c.layout;
  if ((sharding !== "full" && sharding !== "hybrid") || kept === undefined || kept === "always") return 0;
  const share = kept === "never" ? 1 : 1 / kept;
  return share * (split + replicated + experts) * c.software.bytes.parameterGather;
}

/** Ranks that share one optimizer update of dense and of routed-expert parameters. */
export function updateReplicas({ layout }: Pick<TrainingCase, "layout">): {
  readonly dense: number;
  readonly experts: number;
} {
  if (layout.sharding === "none") return { dense: 1, experts: 1 };
  const dense = denseReplicas(layout);
  const experts = expertReplicas(layout);
  if (layout.sharding !== "hybrid") return { dense, experts };
  const copy = layout.shardGroup ?? dense;
  return { dense: Math.min(copy, dense), experts: Math.min(copy, experts) };
}
