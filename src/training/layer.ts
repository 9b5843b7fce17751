/**
 * One layer of a training step on one rank: its computation and the communication inside it, for one micro-batch.
 * Communication is returned with what of it computation hides.
 */

import type { Bytes, Seconds } from "../base/quantity.ts";
import type { LayerKind } from "../catalog/model.ts";
import {
  type Kernels,
  type LayerCost,
  type LayerShard,
  type LayerStyle,
  layerCost,
  layerOperators,
  type Module,
  partsTotal,
  tokensPerRank,
} from "../compute/index.ts";
import { collectiveSeconds, expertExchangeSeconds, type Platform, reachedParts } from "../network/index.ts";
import type { TrainingCase } from "./case.ts";
import type { TrainingConstants } from "./constants.ts";
import type { Groups } from "./parallel.ts";
import { recipeOf } from "./recipe.ts";

/** A time in the forward and one in the backward pass. */
export interface PassTimes {
  readonly forward: Seconds;
  readonly backward: Seconds;
}

/** Exposed communication of one pass through one layer. */
export interface LayerExchange {
  readonly tensor: Seconds;
  readonly context: Seconds;
  readonly expert: Seconds;
}

export interface LayerStep {
  readonly cost: LayerCost;
  /** The cost's parts added up. */
  readonly computation: { readonly forward: Seconds; readonly backward: Seconds; readonly recompute: Seconds };
  /** Exposed communication. */
  readonly forward: LayerExchange;
  readonly backward: LayerExchange;
  readonly recompute: LayerExchange;
  /** Communication of each pass hidden under its computation, which it slows. */
  readonly hidden: PassTimes;
  /** Expert exchange of each pass that another micro-batch's computation hides, where there is one. */
  readonly hiddenExpert: PassTimes;
  /** Waiting of a routed block that starts only when the host knows its shapes. */
  readonly wait: Seconds;
}

/** Costs one layer of kind `kind` under a case; precision may differ for layers kept in 16 bit. */
export function layerStep(options: {
  readonly case: TrainingCase;
  readonly kind: LayerKind;
  readonly precision: TrainingCase["precision"];
  readonly kernels: Kernels;
  readonly platform: Platform;
  readonly groups: Groups;
  readonly recompute: Recomputed;
  readonly constants: TrainingConstants;
}): LayerStep {
  const { kind, kernels, recompute } = options;
  const { model, tuning } = options.case;
  const shard = layerShard(options.case);
  const style = layerStyle(options.case);
  const operators = layerOperators({ hidden: model.hidden, kind, shard, style });
  const cost = layerCost(operators, {
    kernels,
    recompute,
    recipe: recipeOf(options.precision),
    weights: tuning.method === "lora" ? "frozen" : "learn",
  });
  const computation = {
    forward: partsTotal(cost.forward),
    backward: partsTotal(cost.backwardInput) + partsTotal(cost.backwardWeight),
    recompute: partsTotal(cost.recompute),
  };
  const wait = routedWait(options, cost);
  return { cost, computation, wait, ...exchanges(options, shard, { cost, computation, wait }) };
}

export function layerShard({ layout, sequenceLength }: TrainingCase): LayerShard {
  return {
    tensor: layout.tensor,
    sequenceParallel: layout.sequenceParallel,
    context: layout.context,
    expert: layout.expert,
    expertTensor: layout.expertTensor,
    sequences: layout.microBatch,
    sequenceLength,
  };
}

const withoutRotary: ReadonlySet<string> = new Set(["gpt2", "opt", "bloom", "mpt", "gpt3"]);

/** The plain dispatchers sort before and after the exchange, DeepEP after it; HybridEP sorts while it copies. */
const permutePasses = { "all-to-all": 2, "all-gather": 2, deepep: 1, hybridep: 0 } as const;

export function layerStyle({ model, software }: TrainingCase): LayerStyle {
  return {
    attention: software.kernels.attention,
    elementwise: software.kernels.elementwise,
    dropout: software.kernels.dropout,
    rotary: withoutRotary.has(model.family) ? "off" : "on",
    expertImbalance: software.expertImbalance,
    expertBias: software.kernels.expertBias,
    permutePasses: permutePasses[software.dispatcher],
  };
}

/** What the backward pass computes again. */
export type Recomputed = "all" | "all-needed" | readonly Module[];

/** Modules recomputed in the backward pass. */
export function recomputedModules({ layout, software }: Pick<TrainingCase, "layout" | "software">): Recomputed {
  if (layout.recompute === "full") return software.kernels.recompute === "needed" ? "all-needed" : "all";
  if (layout.recompute === "none") return [];
  if (layout.recompute === "selective") return ["attention-core"];
  return layout.recompute;
}

type ExchangeOptions = Parameters<typeof layerStep>[0];

/** Waiting for the router, then for the block's own launches, where the host learns the shapes only then. */
function routedWait({ case: c, constants }: ExchangeOptions, { experts }: LayerCost): Seconds {
  const { cudaGraphs, routing } = c.software;
  if (experts.forward === 0 || cudaGraphs === "full" || routing !== "dropless") return 0;
  return constants.sync + Math.max(0, experts.forward * constants.launch - experts.time);
}

function exchanges(
  options: ExchangeOptions,
  shard: LayerShard,
  work: Pick<LayerStep, "cost" | "computation" | "wait">,
): Omit<LayerStep, "cost" | "computation" | "wait"> {
  const again = typeof options.recompute === "string" ? 1 : 0;
  const tensor = tensorExchange(options, shard, work.cost);
  const context = contextExchange(options, shard, work.cost);
  const expert = expertExchange(options, work, {
    forward: context.hidden.forward + tensor.hidden.forward,
    backward: context.hidden.backward + again * context.hidden.forward + tensor.hidden.backward,
  });
  return {
    forward: { tensor: tensor.forward, context: context.forward, expert: expert.forward },
    backward: { tensor: tensor.backward, context: context.backward, expert: expert.backward },
    recompute: { tensor: again * tensor.forward, context: again * context.forward, expert: expert.recompute },
    hidden: {
      forward: tensor.hidden.forward + context.hidden.forward,
      backward: tensor.hidden.backward + context.hidden.backward,
    },
    hiddenExpert: expert.hidden,
  };
}

/** Exposed communication of both passes, and what computation hides. */
interface Exchange extends PassTimes {
  readonly hidden: PassTimes;
}

const nothing: PassTimes = { forward: 0, backward: 0 };
const none: Exchange = { ...nothing, hidden: nothing };

/**
 * Tensor parallelism: an all-reduce after each block, or all-gather before and reduce-scatter after under sequence
 * parallelism; the same backward. Pipelined stacks leave one chunk of t exposed; asynchronous gradients hide the
 * backward exchange of each column-parallel input under its weight gradient.
 * @source korthikanti-2022
 */
function tensorExchange(options: ExchangeOptions, shard: LayerShard, cost: LayerCost): Exchange {
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

/**
 * Context parallelism: keys and values travel a ring under the attention core, are gathered, or queries, keys,
 * values and outputs change places (all-to-all). Backward moves them and their gradients.
 * @source liu-2023-ring @source jacobs-2023-ulysses
 */
function contextExchange(options: ExchangeOptions, shard: LayerShard, cost: LayerCost): Exchange {
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

/**
 * Expert parallelism: tokens travel to their experts and back, forward and backward. With batch-level overlap the
 * exchange of one micro-batch's forward runs under the backward of another, and the other way round.
 */
function expertExchange(
  options: ExchangeOptions,
  { computation, wait }: Pick<LayerStep, "computation" | "wait">,
  taken: PassTimes,
): Exchange & { readonly recompute: Seconds } {
  const { kind, platform, groups } = options;
  const { layout, software } = options.case;
  const feed = kind.feedForward;
  if (feed.kind !== "experts" || layout.expert * layout.expertTensor === 1) return { ...none, recompute: 0 };
  const shard = layerShard(options.case);
  const tokens = tokensPerRank(shard) / layout.tensor;
  const exchange = {
    tokens,
    topK: feed.topK,
    experts: feed.experts,
    hidden: feed.inner,
    group: groups.expert,
    bytesPerElement: 2,
    dispatcher: software.dispatcher,
    imbalance: software.expertImbalance,
    ...(feed.groups === undefined ? {} : { nodeLimit: feed.groups.limit }),
  };
  // Copying a row costs a time of its own, whatever its width, in each direction. The plain dispatchers copy a token
  // to each of its experts, DeepEP and HybridEP once to each rank that holds any.
  const plain = software.dispatcher === "all-to-all" || software.dispatcher === "all-gather";
  const copies = plain ? feed.topK : reachedParts(exchange, groups.expert.size);
  const rows = tokens * copies * software.expertImbalance;
  const both =
    expertExchangeSeconds(platform, exchange) +
    expertExchangeSeconds(platform, { ...exchange, direction: "combine" }) +
    2 * options.constants.rowTime * rows +
    expertTensorSeconds(options, tokens * feed.topK * software.expertImbalance * feed.inner * 2);
  const again = typeof options.recompute === "string" || options.recompute.includes("moe") ? 1 : 0;
  if (software.overlap.expert === "off")
    return { forward: both, backward: both, recompute: again * both, hidden: nothing };
  // Each pass hides its exchange under computation (and waiting) that hides nothing else, so that faster computation
  // never exposes more than it saves.
  const exposed = (traffic: Seconds, room: Seconds): Seconds => Math.max(0.1 * traffic, traffic - Math.max(0, room));
  const forward = exposed(both, computation.forward + wait - taken.forward);
  const back = exposed((1 + again) * both, computation.backward + computation.recompute - taken.backward);
  const backward = back / (1 + again);
  const hidden = { forward: both - forward, backward: (1 + again) * both - back };
  return { forward, backward, recompute: again * backward, hidden };
}

/**
 * Experts split over expert-tensor ranks: each rank's rows are gathered over the group before the experts, and their
 * partial results reduced and scattered after.
 * @param bytes rows of one rank.
 * @source megatron-core-experts
 */
function expertTensorSeconds({ platform, groups, case: c }: ExchangeOptions, bytes: Bytes): Seconds {
  const group = groups.expertTensor;
  if (group.size <= 1) return 0;
  const size = bytes * c.layout.expertTensor;
  return (
    collectiveSeconds(platform, { operation: "all-gather", size, group }) +
    collectiveSeconds(platform, { operation: "reduce-scatter", size, group })
  );
}
