/**
 * All-to-all (Ulysses): queries, keys and values change from all heads of some tokens to some heads of all tokens, the
 * core runs whole, its output changes back. Backward changes the output's gradient, and as Transformer Engine does it
 * the saved output too, then the three gradients. Heads limit the ranks; keys and values of fewer heads than ranks are
 * copied to several.
 * @source jacobs-2023-ulysses @source transformer-engine-context
 */

import type { Seconds } from "../../../base/quantity.ts";
import { collectiveSeconds, type GroupPlacement, type Platform } from "../../../network/index.ts";
import { type Exchange, nothing } from "../exchange.ts";
import { type ContextMethod, type ContextWork, type LocalBytes, localBytes } from "./method.ts";

export const allToAll: ContextMethod = {
  name: "all-to-all",
  summary: "each rank takes some heads of all tokens for the core: queries, keys, values and outputs change places",
  problem: ({ shape, ranks }) => headProblem(shape, ranks),
  bytes(work) {
    const { forward, backward } = exchangedBytes(work, work.ranks);
    const share = (work.ranks - 1) / work.ranks;
    return { forward: share * forward, backward: share * backward };
  },
  calls: (work) => [{ shape: headShare(work, work.ranks), count: 1 }],
  cut: (work) => ({ shape: headShare(work, work.ranks), ranks: 1 }),
  pass: (work) => orderPass(work, work.ranks),
  time: (work, { platform, group }) => headExchange(work, work.ranks, group, platform),
  buffers: (work) => exchangedBytes(work, work.ranks).forward,
};

/** Why so many ranks cannot share the heads of one tensor rank. */
export function headProblem(shape: ContextWork["shape"], ranks: number): string | undefined {
  const { heads, keyValueHeads } = shape;
  if (heads % ranks !== 0) return `${heads} heads of a tensor rank cannot be spread over ${ranks} context ranks`;
  if (keyValueHeads % ranks === 0 || ranks % keyValueHeads === 0) return undefined;
  return `${keyValueHeads} key-value heads of a tensor rank can be neither spread over nor copied evenly onto ${ranks} context ranks`;
}

/** Times each key-value head is held. */
function copies({ shape }: ContextWork, ranks: number): number {
  return Math.max(1, ranks / shape.keyValueHeads);
}

/** Local tensors as they are exchanged, key-value heads copied where there are too few. */
export function exchangedTensors(work: ContextWork, ranks: number): LocalBytes {
  const local = localBytes(work);
  return { ...local, keyValue: local.keyValue * copies(work, ranks) };
}

function exchangedBytes(work: ContextWork, ranks: number): { forward: number; backward: number } {
  const { query, keyValue, output } = exchangedTensors(work, ranks);
  return { forward: query + keyValue + output, backward: query + keyValue + 2 * output };
}

/** The core of one rank's heads over the whole of its ring's part. */
export function headShare(work: ContextWork, ranks: number): ContextWork["shape"] {
  const { shape } = work;
  return {
    ...shape,
    heads: shape.heads / ranks,
    keyValueHeads: (shape.keyValueHeads * copies(work, ranks)) / ranks,
  };
}

/** Tokens are put in order, and into or out of the layout of the exchange, on both sides: read and written each. */
export function orderPass(work: ContextWork, ranks: number): ReturnType<ContextMethod["pass"]> {
  const { forward, backward } = exchangedBytes(work, ranks);
  return { forwardBytes: 4 * forward, backwardBytes: 4 * backward, forwardKernels: 8, backwardKernels: 10 };
}

/** Exchanges of each tensor over a group, none of them under the core. */
export function headExchange(work: ContextWork, ranks: number, group: GroupPlacement, platform: Platform): Exchange {
  const { query, keyValue, output } = exchangedTensors(work, ranks);
  const change = (size: number): Seconds => collectiveSeconds(platform, { operation: "all-to-all", size, group });
  const inputs = change(query) + 2 * change(keyValue / 2);
  return { forward: inputs + change(output), backward: inputs + 2 * change(output), hidden: nothing };
}
