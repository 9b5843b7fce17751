/**
 * Time of one layer for so many tokens, attention left out: products, the passes between them, experts. Weights are read
 * once however the tokens are mixed.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { ExpertFeedForward, LayerKind } from "../../catalog/model.ts";
import { type Kernels, popularityOf, worstRank } from "../../compute/index.ts";
import { layerKernels } from "./layer-kernels.ts";
import type { StepOptions } from "./options.ts";

/** A layer's work as functions of tokens. */
export interface LayerWork {
  /** All but routed experts. @param tokens that this accelerator's attention rank computes. */
  readonly local: (tokens: number) => LocalWork;
  /** Routed experts. @param tokens whose experts may be here: those of all attention ranks. */
  readonly routed: (tokens: number) => Seconds;
}

/** Seconds of a layer by part, and the kernels it launches; those of attention itself are not among them. */
export interface LocalWork {
  readonly products: Seconds;
  readonly passes: Seconds;
  /** Routed experts' among them. */
  readonly kernels: number;
  /** Of those, what runs inside the operator of the experts: their choice, themselves and shared experts. */
  readonly opaque: number;
}

export function layerWork(options: StepOptions, kernels: Kernels, written: LayerKind): LayerWork {
  const joined = withSharedRouted(options, written);
  const kind = joined ?? written;
  const list = layerKernels(options, kernels, kind);
  const { feedForward } = kind;
  const experts = feedForward.kind === "experts" ? feedForward : undefined;
  const routedKernels = experts === undefined ? 0 : expertKernels;
  const routed = expertsTime(options, kernels, experts, joined === undefined ? 0 : 1);
  const hidden = hiddenShare(options, kernels, experts);
  const local = (tokens: number): LocalWork => {
    const sum = { products: 0, passes: 0 };
    const shared = { products: 0, passes: 0 };
    let count = routedKernels;
    let opaque = routedKernels;
    for (const { part, within, launched, absorbed, time } of list) {
      if (absorbed !== undefined && tokens <= absorbed) continue;
      const taken = time(tokens);
      sum[part] += taken;
      count += launched;
      if (within === "shared") shared[part] += taken;
      if (within !== "layer") opaque += launched;
    }
    const share = hidden(tokens, shared.products + shared.passes);
    return {
      products: sum.products - share * shared.products,
      passes: sum.passes - share * shared.passes,
      kernels: count,
      opaque,
    };
  };
  return { local, routed };
}

/** Kernels of a routed block: choice, sorting, two products with the activation between them, weighted sum. */
const expertKernels = 6;

/** Tokens up to which shared and routed experts run at once; more of them fill the accelerator. @source vllm-shared-experts-stream */
const besideMost = 256;

/**
 * Share of the shared experts' time that passes while the routed ones run. Reading their weights is no part of it: both
 * read from one memory.
 */
function hiddenShare(
  options: StepOptions,
  kernels: Kernels,
  feed: ExpertFeedForward | undefined,
): (tokens: number, time: Seconds) => number {
  const { engine, layout, model, accelerator, precision } = options;
  if (feed === undefined || engine.sharedExperts === "before") return () => 0;
  const beside = expertsTime(options, kernels, feed, 0);
  const weights = (feed.gated === "gated" ? 3 : 2) * model.hidden * (feed.sharedWidth / layout.tensor);
  const reading = (weights * precision.shared.weightBytes) / accelerator.memory.bandwidth;
  return (tokens, time) => {
    if (time === 0 || tokens === 0 || tokens > besideMost) return 0;
    return Math.max(0, Math.min(time - reading, beside(tokens * layout.attentionData))) / time;
  };
}

/** Routed experts of DeepSeek-V3's family. */
const deepseekExperts = 256;

/** The layer without its shared expert, where the engine routes every token to it; undefined where it does not. */
function withSharedRouted({ engine, layout, precision }: StepOptions, kind: LayerKind): LayerKind | undefined {
  const { mixer, feedForward } = kind;
  if (engine.sharedExperts !== "routed" || feedForward.kind !== "experts" || mixer.kind !== "latent-attention") return;
  const { experts, width, sharedWidth } = feedForward;
  const alike = sharedWidth === width && precision.shared.compute === precision.routed.compute;
  if (experts !== deepseekExperts || layout.expert !== 1 || !alike) return undefined;
  return { ...kind, feedForward: { ...feedForward, sharedWidth: 0 } };
}

/** @param shared experts among the routed ones that every token takes. */
function expertsTime(
  { layout, precision }: StepOptions,
  kernels: Kernels,
  feed: ExpertFeedForward | undefined,
  shared: number,
): (tokens: number) => Seconds {
  if (feed === undefined) return () => 0;
  const { compute, weightBytes, stored } = precision.routed;
  const { topK, groups } = feed;
  const popular = popularityOf(feed);
  const load = { topK, experts: feed.experts, ranks: layout.expert, spread: popular.experts };
  const limited = groups === undefined ? load : { ...load, groups: { ...groups, spread: popular.groups } };
  const shape = {
    topK: topK + shared,
    localExperts: feed.experts / layout.expert + shared,
    experts: feed.experts + shared,
    hidden: feed.inner,
    width: (feed.width * layout.expert) / (layout.tensor * layout.attentionData),
    gated: feed.gated,
    weightBytes,
    ...(stored === undefined ? {} : { stored }),
  };
  return (tokens) => {
    const { imbalance, reached } = worstRank({ ...limited, tokens });
    return kernels.experts(compute, { ...shape, tokens, imbalance, reached: reached + (tokens > 0 ? shared : 0) });
  };
}
