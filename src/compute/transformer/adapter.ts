/**
 * Low-rank adapters as operators: beside a frozen projection y = x W runs z = x A, y += s z B, with A (in x r) and
 * B (r x out). Under tensor parallelism A is split by rank beside column-parallel projections and by input beside
 * row-parallel ones, B by output beside both; routed experts have one pair each. Ignores: padding of tiny products
 * and the norm's second, 16-bit output under 8-bit recipes.
 * @source hu-2021-lora section 4.1 @source megatron-bridge-peft
 */

import type { ExpertFeedForward, FeedForward, LayerKind, Mixer } from "../../catalog/model.ts";
import type { AdapterOperator, LayerShard, Module } from "./operator.ts";
import { tokensBetweenBlocks, tokensPerRank } from "./passes.ts";

/** Names as in Megatron: into the mixer, out of it, into the feed-forward network (experts alike), out of it. */
export type AdapterTarget = "linear_qkv" | "linear_proj" | "linear_fc1" | "linear_fc2";

/** The adapters of a layer. */
export interface AdapterShape {
  readonly rank: number;
  readonly targets: readonly AdapterTarget[];
  /** Dropout on what enters A. */
  readonly dropout: "on" | "off";
}

/** A projection with an adapter beside it, whole; `copies` of the same form where each expert has its own. */
export interface AdaptedProjection {
  readonly target: AdapterTarget;
  readonly in: number;
  readonly out: number;
  readonly split: "column" | "row" | "replicated" | "expert-column" | "expert-row";
  readonly copies: number;
}

/** The projections of a layer that adapters with these targets stand beside. */
export function adaptedProjections(
  { mixer, feedForward }: LayerKind,
  hidden: number,
  targets: readonly AdapterTarget[],
): readonly AdaptedProjection[] {
  return [...mixerProjections(mixer), ...feedProjections(feedForward, hidden)].filter(({ target }) =>
    targets.includes(target),
  );
}

/** Projections of one input are one matrix, as stacks store query, key and value. */
function mixerProjections(mixer: Mixer): AdaptedProjection[] {
  if (mixer.kind === "none") return [];
  const found: { target: AdapterTarget; in: number; out: number; split: "column" | "row" | "replicated" }[] = [];
  for (const { name, in: from, out, split } of mixer.projections) {
    // What chooses keys (indexers, compressors) is nobody's target.
    if (/^(index-|compressor)/.test(name)) continue;
    const target = name.startsWith("output") ? "linear_proj" : "linear_qkv";
    const same = found.find((entry) => entry.target === target && entry.in === from);
    if (same === undefined) found.push({ target, in: from, out, split });
    else same.out += out;
  }
  return found.map((entry) => ({ ...entry, copies: 1 }));
}

function feedProjections(feed: FeedForward, hidden: number): AdaptedProjection[] {
  if (feed.kind === "none") return [];
  const ways = feed.gated === "gated" ? 2 : 1;
  const pair = (width: number): AdaptedProjection[] =>
    width === 0
      ? []
      : [
          { target: "linear_fc1", in: hidden, out: ways * width, split: "column", copies: 1 },
          { target: "linear_fc2", in: width, out: hidden, split: "row", copies: 1 },
        ];
  if (feed.kind === "dense") return pair(feed.width);
  const { inner, width, experts: copies } = feed;
  return [
    ...pair(feed.sharedWidth),
    ...pair(feed.parallelDenseWidth),
    { target: "linear_fc1", in: inner, out: ways * width, split: "expert-column", copies },
    { target: "linear_fc2", in: width, out: inner, split: "expert-row", copies },
  ];
}

/** What one rank executes for the adapters of one layer; nothing at rank 0 or without targets. */
export function adapterOperators(options: {
  readonly hidden: number;
  readonly kind: LayerKind;
  readonly shard: LayerShard;
  readonly adapters: AdapterShape;
  readonly expertImbalance: number;
}): readonly AdapterOperator[] {
  const { hidden, kind, shard, adapters, expertImbalance } = options;
  if (adapters.rank === 0) return [];
  return adaptedProjections(kind, hidden, adapters.targets).map((projection) => {
    const { feedForward } = kind;
    return feedForward.kind === "experts" && projection.split.startsWith("expert")
      ? expertAdapter(projection, feedForward, shard, adapters, expertImbalance)
      : denseAdapter(projection, feedForward.kind === "experts" ? "moe" : "mlp", shard, adapters);
  });
}

/**
 * Beside a dense projection. Outside their products the elements of input and output are those of the blocks'
 * borders: divided by t on a split side, and under sequence parallelism on the other.
 */
function denseAdapter(
  { target, in: from, out, split }: AdaptedProjection,
  feed: Module,
  shard: LayerShard,
  { rank, dropout }: AdapterShape,
): AdapterOperator {
  const rows = tokensPerRank(shard);
  const border = tokensBetweenBlocks(shard);
  const t = shard.tensor;
  const mixer = target === "linear_qkv" || target === "linear_proj";
  return {
    kind: "adapter",
    name: `adapter-${target}`,
    modules: [mixer ? "attention" : feed],
    rows,
    in: split === "row" ? from / t : from,
    rankIn: split === "row" ? rank : Math.ceil(rank / t),
    rank,
    out: out / t,
    inputElements: split === "row" ? (rows * from) / t : border * from,
    outputElements: split === "column" ? (rows * out) / t : border * out,
    dropout,
    groups: 1,
    imbalance: 1,
  };
}

/** Beside one product of the routed experts: a pair of small products for each expert of the rank. */
function expertAdapter(
  { target, in: from, out, split }: AdaptedProjection,
  feed: ExpertFeedForward,
  shard: LayerShard,
  { rank, dropout }: AdapterShape,
  imbalance: number,
): AdapterOperator {
  const share = shard.sequenceParallel === "on" ? 1 : 1 / shard.tensor;
  const rows = tokensBetweenBlocks(shard) * feed.topK * share * shard.expertTensor;
  const ways = shard.expertTensor;
  const local = split === "expert-row" ? from / ways : from;
  const width = out / ways;
  return {
    kind: "adapter",
    name: `adapter-experts-${target}`,
    modules: ["moe"],
    rows,
    in: local,
    rankIn: split === "expert-row" ? rank : Math.ceil(rank / ways),
    rank,
    out: width,
    inputElements: rows * local * imbalance,
    outputElements: rows * (split === "expert-row" ? out : width) * imbalance,
    dropout,
    groups: feed.experts / shard.expert,
    imbalance,
  };
}
