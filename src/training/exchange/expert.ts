/** Exchange of the expert-parallel group around the routed experts. */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import { tokensPerRank } from "../../compute/index.ts";
import { collectiveSeconds, expertExchangeSeconds, reachedParts } from "../../network/index.ts";
import type { TrainingCase } from "../case.ts";
import type { LayerStep } from "../layer.ts";
import { recipeOf } from "../recipe.ts";
import { expertImbalance } from "../routing.ts";
import { layerShard } from "../shard.ts";
import type { SoftwareProfile } from "../software.ts";
import { type Exchange, type LayerOptions, none, type PassTimes } from "./exchange.ts";

/**
 * Expert parallelism: tokens travel to their experts and back, forward and backward. With batch-level overlap the
 * exchange of one micro-batch's forward runs under the backward of another, and the other way round; with shared experts
 * beside it, under their products.
 */
export function expertExchange(
  options: LayerOptions,
  { computation, wait }: Pick<LayerStep, "computation" | "wait">,
  taken: PassTimes,
): Exchange & { readonly recompute: Seconds } {
  const { kind, platform, groups } = options;
  const { layout, software } = options.case;
  const feed = kind.feedForward;
  if (feed.kind !== "experts" || layout.expert * layout.expertTensor === 1) return { ...none, recompute: 0 };
  const shard = layerShard(options.case);
  const imbalance = expertImbalance(options.case, feed);
  const tokens = tokensPerRank(shard) / layout.tensor;
  const exchange = {
    tokens,
    topK: feed.topK,
    experts: feed.experts,
    hidden: feed.inner,
    group: groups.expert,
    bytesPerElement: 2,
    dispatcher: software.dispatcher,
    imbalance,
    multiprocessors: dispatchMultiprocessors(software),
    ...(feed.groups === undefined ? {} : { nodeLimit: feed.groups.limit }),
  };
  // Copying a row costs a time of its own, whatever its width, in each direction. The plain dispatchers copy a token
  // to each of its experts, DeepEP and HybridEP once to each rank that holds any.
  const plain = software.dispatcher === "all-to-all" || software.dispatcher === "all-gather";
  const copies = plain ? feed.topK : reachedParts(exchange, groups.expert.size);
  const rows = tokens * copies * imbalance;
  const both =
    expertExchangeSeconds(platform, exchange) +
    expertExchangeSeconds(platform, { ...exchange, direction: "combine" }) +
    2 * options.constants.rowTime * rows +
    expertTensorSeconds(options, tokens * feed.topK * imbalance * feed.inner * 2);
  const again = typeof options.recompute === "string" || options.recompute.includes("moe") ? 1 : 0;
  if (software.overlap.expert === "off") {
    // Not everything of an exchange runs beside something: sorting and the host's part stay.
    const room = software.overlap.sharedExpert === "on" ? sharedTime(options) : 0;
    const hidden = { forward: Math.min(0.9 * both, room), backward: Math.min(0.9 * both, 2 * room) };
    const left = both - hidden.forward;
    return { forward: left, backward: both - hidden.backward, recompute: again * left, hidden };
  }
  // Each pass hides its exchange under computation (and waiting) that hides nothing else, so that faster computation
  // never exposes more than it saves.
  const exposed = (traffic: Seconds, room: Seconds): Seconds => Math.max(0.1 * traffic, traffic - Math.max(0, room));
  const forward = exposed(both, computation.forward + wait - taken.forward);
  const back = exposed((1 + again) * both, computation.backward + computation.recompute - taken.backward);
  const backward = back / (1 + again);
  const hidden = { forward: both - forward, backward: (1 + again) * both - back };
  return { forward, backward, recompute: again * backward, hidden };
}

/** Copies of a token that leave its rank: one for each expert, or one for each of the domains that hold any. */
export function copiesSent(
  feed: { readonly topK: number; readonly experts: number; readonly groups?: { readonly limit: number } },
  dispatcher: SoftwareProfile["dispatcher"],
  domains: number,
): number {
  if (dispatcher === "all-to-all" || dispatcher === "all-gather") return feed.topK;
  return Math.min(reachedParts(feed, domains), feed.groups?.limit ?? domains);
}

/** Products of the shared experts in one forward pass; backward takes twice as long. */
function sharedTime({ kind: { feedForward: feed }, case: c, kernels, precision }: LayerOptions): Seconds {
  if (feed.kind !== "experts" || feed.sharedWidth === 0) return 0;
  const { format } = recipeOf(precision);
  const tokens = tokensPerRank(layerShard(c));
  const width = feed.sharedWidth / c.layout.tensor;
  const ups = feed.gated === "gated" ? 2 : 1;
  return (
    kernels.gemm(format, tokens, ups * width, c.model.hidden) + kernels.gemm(format, tokens, c.model.hidden, width)
  );
}

/**
 * Experts split over expert-tensor ranks: each rank's rows are gathered over the group before the experts, and their
 * partial results reduced and scattered after.
 * @param bytes rows of one rank.
 * @source megatron-core-experts
 */
function expertTensorSeconds({ platform, groups, case: c }: LayerOptions, bytes: Bytes): Seconds {
  const group = groups.expertTensor;
  if (group.size <= 1) return 0;
  const size = bytes * c.layout.expertTensor;
  return (
    collectiveSeconds(platform, { operation: "all-gather", size, group }) +
    collectiveSeconds(platform, { operation: "reduce-scatter", size, group })
  );
}

/** Multiprocessors of the copies where nothing is said. @source deepep-2025 @source hybridep-2025 */
const usualMultiprocessors = { "all-to-all": 0, "all-gather": 0, deepep: 24, hybridep: 16 } as const;

/** Multiprocessors that a dispatcher's own copies occupy; the collectives of the plain ones are not counted. */
export function dispatchMultiprocessors({
  dispatcher,
  dispatchMultiprocessors: own,
}: Pick<SoftwareProfile, "dispatcher" | "dispatchMultiprocessors">): number {
  return usualMultiprocessors[dispatcher] === 0 ? 0 : (own ?? usualMultiprocessors[dispatcher]);
}

/**
 * Computation lost per time of an exchange beside it: the share of the multiprocessors that the copies occupy. The plain
 * dispatchers' collectives slow it as any other does.
 */
export function expertInterference(c: TrainingCase, otherwise: number): number {
  const taken = dispatchMultiprocessors(c.software);
  const all = c.cluster.node.accelerator.multiprocessors;
  return taken === 0 || all === undefined ? otherwise : Math.min(1, taken / all);
}
