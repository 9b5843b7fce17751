/** Exchange of the tensor-parallel group around each block of a layer. */

import type { Seconds } from "../../base/quantity.ts";
import type { LayerKind } from "../../catalog/model.ts";
import { type LayerCost, type LayerShard, tokensPerRank } from "../../compute/index.ts";
import { collectiveSeconds } from "../../network/index.ts";
import type { SoftwareProfile } from "../software.ts";
import { type Exchange, type LayerOptions, none, nothing, type PassTimes } from "./exchange.ts";

/**
 * Tensor parallelism: an all-reduce after each block, or all-gather before and reduce-scatter after under sequence
 * parallelism; the same backward. Sequence parallelism keeps only a slice of each block's input, which backward gathers
 * again for the weight gradient, under the product by the input where gradients are asynchronous.
 * @source korthikanti-2022
 */
export function tensorExchange(options: LayerOptions, shard: LayerShard, cost: LayerCost): Exchange {
  const { kind, platform, groups } = options;
  const { model, layout, software } = options.case;
  if (layout.tensor === 1) return none;
  const blocks = tensorBlocks(kind);
  if (blocks === 0) return none;
  const size = tokensPerRank(shard) * model.hidden * 2;
  const group = groups.tensor;
  const sequence = layout.sequenceParallel === "on";
  const gather = sequence ? blocks * collectiveSeconds(platform, { operation: "all-gather", size, group }) : 0;
  const once = sequence
    ? gather + blocks * collectiveSeconds(platform, { operation: "reduce-scatter", size, group })
    : blocks * collectiveSeconds(platform, { operation: "all-reduce", size, group });
  const { tensor: overlap, tensorGradient } = software.overlap;
  const under = overlap === "off" && tensorGradient === "off" ? 0 : Math.min(gather, cost.backwardInput.matrix);
  const again = { exposed: gather - under, hidden: under };
  if (overlap !== "off") {
    const { forward, backward } = overlapped(overlap, once, layout.tensor, cost);
    return {
      forward,
      backward: backward + again.exposed,
      hidden: { forward: once - forward, backward: once - backward + again.hidden },
    };
  }
  if (tensorGradient === "off") return { forward: once, backward: once + again.exposed, hidden: nothing };
  // Without sequence parallelism the whole backward exchange is the column input's; with it, half of it is.
  const coverable = sequence ? once / 2 : once;
  const hidden = Math.min(coverable, cost.backwardWeight.matrix / 2);
  return {
    forward: once,
    backward: once - hidden + again.exposed,
    hidden: { forward: 0, backward: hidden + again.hidden },
  };
}

/** Share of the exchange that kernels which communicate tile by tile leave exposed at best. @source flux-2024 */
const fusedShare = 0.04;

/**
 * Exposed part of an exchange of length T under products of length P, over t ranks.
 *
 *     on              T / t                 one chunk of t (userbuffers)
 *     asynchronous    max(T / t, T - P)     chunks by copy engines beside the chunks of one product
 *     fused           max(0.04 T, T - P)    tiles inside one kernel
 *
 * Ignores: that chunks of a product fill the device less well than the whole.
 * @source flux-2024 @source torch-async-tensor-parallel
 */
function overlapped(
  how: Exclude<SoftwareProfile["overlap"]["tensor"], "off">,
  once: Seconds,
  tensor: number,
  cost: LayerCost,
): PassTimes {
  if (how === "on") return { forward: once / tensor, backward: once / tensor };
  const share = how === "fused" ? fusedShare : 1 / tensor;
  const exposed = (products: Seconds): Seconds => Math.max(share * once, once - products);
  return {
    forward: exposed(cost.forward.matrix),
    backward: exposed(cost.backwardInput.matrix + cost.backwardWeight.matrix),
  };
}

/** Blocks of a layer that tensor parallelism splits: mixer, and dense or shared feed-forward. */
export function tensorBlocks(kind: LayerKind): number {
  const mixer = kind.mixer.kind === "none" ? 0 : 1;
  const feed = kind.feedForward;
  if (feed.kind === "none") return mixer;
  return mixer + (feed.kind === "dense" || feed.sharedWidth > 0 || feed.parallelDenseWidth > 0 ? 1 : 0);
}
