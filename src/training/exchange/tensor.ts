/** Exchange of the tensor-parallel group around each block of a layer. */

import type { LayerKind } from "../../catalog/model.ts";
import { type LayerCost, type LayerShard, tokensPerRank } from "../../compute/index.ts";
import { collectiveSeconds } from "../../network/index.ts";
import { type Exchange, type LayerOptions, none, nothing } from "./exchange.ts";

/**
 * Tensor parallelism: an all-reduce after each block, or all-gather before and reduce-scatter after under sequence
 * parallelism; the same backward. Pipelined stacks leave one chunk of t exposed; asynchronous gradients hide the
 * backward exchange of each column-parallel input under its weight gradient.
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
  const perBlock =
    layout.sequenceParallel === "on"
      ? collectiveSeconds(platform, { operation: "all-gather", size, group }) +
        collectiveSeconds(platform, { operation: "reduce-scatter", size, group })
      : collectiveSeconds(platform, { operation: "all-reduce", size, group });
  const once = blocks * perBlock;
  if (software.overlap.tensor === "on") {
    const exposed = once / layout.tensor;
    const hidden = once - exposed;
    return { forward: exposed, backward: exposed, hidden: { forward: hidden, backward: hidden } };
  }
  if (software.overlap.tensorGradient === "off") return { forward: once, backward: once, hidden: nothing };
  // Without sequence parallelism the whole backward exchange is the column input's; with it, half of it is.
  const coverable = layout.sequenceParallel === "on" ? once / 2 : once;
  const hidden = Math.min(coverable, cost.backwardWeight.matrix / 2);
  return { forward: once, backward: once - hidden, hidden: { forward: 0, backward: hidden } };
}

/** Blocks of a layer that tensor parallelism splits: mixer, and dense or shared feed-forward. */
function tensorBlocks(kind: LayerKind): number {
  const mixer = kind.mixer.kind === "none" ? 0 : 1;
  const feed = kind.feedForward;
  if (feed.kind === "none") return mixer;
  return mixer + (feed.kind === "dense" || feed.sharedWidth > 0 || feed.parallelDenseWidth > 0 ? 1 : 0);
}
