/**
 * Low-rank adapters: beside each targeted projection W (in x out) stand A (in x r) and B (r x out), which learn while W
 * does not.
 *
 *     parameters = r (in + out) for each targeted projection of each layer
 *
 * Projections of one input are one matrix, as stacks store query, key and value. Both factors are split over the tensor
 * group; those of routed experts, one pair an expert, over expert and expert-tensor ranks. Ignores: the adapters' own
 * products (some r / width of the frozen ones) and what they keep for the backward pass.
 * @source hu-2021-lora section 4.1 @source megatron-bridge-guide
 */

import type { FeedForward, LayerKind, Mixer } from "../catalog/model.ts";
import type { AdapterTarget, TrainingCase } from "./case.ts";
import { kindOf, type StagePlan } from "./stages.ts";
import type { WeightBuckets } from "./weights.ts";

/** All targets, which is the default of current stacks. */
export const adapterTargets: readonly AdapterTarget[] = Object.freeze([
  "linear_qkv",
  "linear_proj",
  "linear_fc1",
  "linear_fc2",
]);

/** in + out of the projections of one name in a layer: dense ones, and those of all routed experts. */
interface Widths {
  readonly dense: number;
  readonly experts: number;
}

/** Adapter parameters of one pipeline rank; none where every weight learns. MTP modules get no adapters. */
export function rankAdapters(c: TrainingCase, plan: StagePlan, rank: number): WeightBuckets {
  let [split, experts] = [0, 0];
  if (c.tuning.method === "full") return { split, replicated: 0, experts };
  const { layout, model, tuning } = c;
  for (const type of plan.rankTypes[rank]!) {
    const { counts } = plan.types[type]!;
    for (let index = 0; index < counts.length; index++) {
      const kind = counts[index] === 0 ? undefined : kindOf(model, index);
      if (kind === undefined) continue;
      for (const target of tuning.targets) {
        const widths = widthsOf(target, kind, model.hidden);
        split += counts[index]! * widths.dense;
        experts += counts[index]! * widths.experts;
      }
    }
  }
  return {
    split: (tuning.rank * split) / layout.tensor,
    replicated: 0,
    experts: (tuning.rank * experts) / (layout.expert * layout.expertTensor),
  };
}

function widthsOf(target: AdapterTarget, { mixer, feedForward }: LayerKind, hidden: number): Widths {
  switch (target) {
    case "linear_qkv":
    case "linear_proj":
      return { dense: mixerWidths(mixer, target === "linear_proj"), experts: 0 };
    case "linear_fc1":
    case "linear_fc2":
      return feedForwardWidths(feedForward, hidden, target === "linear_fc1");
  }
}

function mixerWidths(mixer: Mixer, output: boolean): number {
  if (mixer.kind === "none") return 0;
  const outOf = new Map<number, number>();
  for (const { name, in: from, out } of mixer.projections) {
    // What chooses keys (indexers, compressors) is nobody's target.
    if (/^(index-|compressor)/.test(name) || name.startsWith("output") !== output) continue;
    outOf.set(from, (outOf.get(from) ?? from) + out);
  }
  return [...outOf.values()].reduce((total, next) => total + next, 0);
}

function feedForwardWidths(feed: FeedForward, hidden: number, first: boolean): Widths {
  if (feed.kind === "none") return { dense: 0, experts: 0 };
  const ways = first && feed.gated === "gated" ? 2 : 1;
  const pair = (outer: number, width: number): number => (width === 0 ? 0 : outer + ways * width);
  if (feed.kind === "dense") return { dense: pair(hidden, feed.width), experts: 0 };
  return {
    dense: pair(hidden, feed.sharedWidth) + pair(hidden, feed.parallelDenseWidth),
    experts: feed.experts * pair(feed.inner, feed.width),
  };
}
