/** Exchange of the context-parallel group around the attention core. */

import { type LayerCost, type LayerShard, tokensPerRank } from "../../compute/index.ts";
import { collectiveSeconds } from "../../network/index.ts";
import { type Exchange, type LayerOptions, none, nothing } from "./exchange.ts";

/**
 * Context parallelism: keys and values travel a ring under the attention core, are gathered, or queries, keys,
 * values and outputs change places (all-to-all). Backward moves them and their gradients.
 * @source liu-2023-ring @source jacobs-2023-ulysses
 */
export function contextExchange(options: LayerOptions, shard: LayerShard, cost: LayerCost): Exchange {
  const { kind, platform, groups } = options;
  const { layout, software } = options.case;
  const mixer = kind.mixer;
  if (layout.context === 1 || (mixer.kind !== "attention" && mixer.kind !== "latent-attention")) return none;
  const tokens = tokensPerRank(shard);
  const heads = mixer.heads / layout.tensor;
  const keyValue =
    mixer.kind === "attention"
      ? Math.max(1, mixer.keyValueHeads / layout.tensor) * (mixer.headDim + mixer.valueHeadDim)
      : heads * (mixer.nopeDim + mixer.ropeDim + mixer.valueHeadDim);
  const query = mixer.kind === "attention" ? heads * mixer.headDim : heads * (mixer.nopeDim + mixer.ropeDim);
  const group = groups.context;
  if (software.contextExchange === "all-to-all") {
    const size = tokens * (2 * query + keyValue) * 2;
    const once = collectiveSeconds(platform, { operation: "all-to-all", size, group });
    return { forward: once, backward: once, hidden: nothing };
  }
  const whole = tokens * keyValue * 2 * layout.context;
  const gather = collectiveSeconds(platform, { operation: "all-gather", size: whole, group });
  if (software.contextExchange === "all-gather") {
    return {
      forward: gather,
      backward: gather + collectiveSeconds(platform, { operation: "reduce-scatter", size: whole, group }),
      hidden: nothing,
    };
  }
  const forward = Math.max(gather / layout.context, gather - cost.forward.attention);
  const backward = Math.max((2 * gather) / layout.context, 2 * gather - cost.backwardInput.attention);
  return { forward, backward, hidden: { forward: gather - forward, backward: 2 * gather - backward } };
}
