/**
 * A time that no token of a configuration is quicker than: every iteration reads the weights that it works with.
 *
 *     t >= pipeline x w / (b d)     w bytes of active weights on an accelerator, b its memory bandwidth,
 *                                   d tokens that an iteration gives a sequence at most
 *
 * Ignores: the cache, communication, the host, the embedding table, efficiencies; so it is a bound and no estimate.
 * @source jax-scaling-book
 */

import type { Seconds } from "../../base/quantity.ts";
import { countParameters, embeddingParameters } from "../../catalog/models/index.ts";
import type { ServingDesign } from "../../scenario/index.ts";

/** Least time between two tokens of one request. */
export function leastTokenTime({ model, pools: [pool] }: Pick<ServingDesign, "model" | "pools">): Seconds {
  if (pool === undefined) return 0;
  const { layout, memory, engine, cluster } = pool;
  const { total, active } = countParameters(model);
  const table = (2 * embeddingParameters(model)) / layout.tensor;
  // Of a pipeline the fullest stage is known: the mean of the others is at least what they all hold.
  const stage = layout.pipeline === 1 ? Math.max(0, memory.weights - table) : 0;
  const drafted = 1 + (engine.speculation?.drafted ?? 0);
  return (stage * (active / total)) / (cluster.node.accelerator.memory.bandwidth * drafted);
}
