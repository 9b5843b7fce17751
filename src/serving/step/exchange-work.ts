/**
 * What accelerators of one replica say to each other in a layer: all-reduces of tensor parallelism, and tokens on
 * their way to experts of other attention ranks. Calls are replayed from graphs or queued ahead.
 *
 * Ignores: overlap of exchanges with computation, and micro-batches that engines split for it.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { LayerKind } from "../../catalog/model.ts";
import { collectiveSeconds, expertExchangeSeconds, type GroupPlacement } from "../../network/index.ts";
import type { StepOptions } from "./options.ts";

const element = 2;

/**
 * Sums of squares of a token's query and key in 32 bit, which a norm over all heads needs of every rank: summed on each,
 * reduced together, then normalised (vLLM from 0.14, SGLang from December 2025).
 * @source vllm-whole-norm
 */
const sumBytes = 8;

/** Ranks beside each other, from the innermost dimension out. */
function groupOf({ platform }: StepOptions, size: number, stride = 1): GroupPlacement {
  const domain = Math.max(1, Math.floor(platform.scaleUp.domain / stride));
  return { size, perDomain: Math.min(size, domain), stride };
}

/** Bytes up to which every engine's own kernel is in one shot on any number of ranks that was measured. @source aiconfigurator-comm */
const oneShotMeasured = 2 ** 19;

/**
 * An all-reduce of some tokens over the tensor ranks, by the engine's own kernel where one was measured on such links: by
 * size as measured, or by tokens alone. In one shot every rank sends all to every other, so that time is straight in the
 * size from where links are busy.
 */
export function allReduceSeconds(options: StepOptions, tokens: number, bytesPerToken: number): Seconds {
  const { platform, engine, layout } = options;
  const ranks = layout.tensor;
  if (ranks <= 1) return 0;
  const size = tokens * bytesPerToken;
  const request = { operation: "all-reduce", size, group: groupOf(options, ranks) } as const;
  if (ranks > platform.scaleUp.domain || !hasOwn(options, ranks)) return collectiveSeconds(platform, request);
  const own = (bytes: number): Seconds =>
    collectiveSeconds(platform, { ...request, size: bytes, library: engine.allReduce });
  if (engine.oneShotTokens === undefined || ranks === 2) return own(size);
  if (tokens > engine.oneShotTokens) return collectiveSeconds(platform, request);
  if (size <= oneShotMeasured) return own(size);
  const half = own(oneShotMeasured / 2);
  return half + (own(oneShotMeasured) - half) * ((2 * size) / oneShotMeasured - 1);
}

/** Whether the engine's all-reduce kernel was measured over so many ranks of such links. */
function hasOwn({ platform, engine }: StepOptions, ranks: number): boolean {
  const { tuning, scaleUp } = platform;
  if (tuning === undefined || scaleUp.topology !== "switch" || ranks > 8) return false;
  const library = engine.allReduce === "custom/vllm" ? "vllm" : "tensorrt-llm";
  return tuning.custom.some((own) => own.library === library || engine.allReduce === "custom");
}

export interface ExchangeWork {
  readonly allReduce: Seconds;
  readonly experts: Seconds;
  readonly kernels: number;
}

/** Exchanges of one layer. */
export function exchangeWork(options: StepOptions, kind: LayerKind, tokens: number): ExchangeWork {
  const { model, layout } = options;
  const { tensor, attentionData } = layout;
  const mixer = kind.mixer.kind === "none" ? 0 : 1;
  const { feedForward } = kind;
  const spread = feedForward.kind === "experts" && attentionData > 1;
  const feed = feedForward.kind === "none" || spread ? 0 : 1;
  const sums = kind.mixer.kind === "attention" && kind.mixer.normSpan === "whole" ? 1 : 0;
  const allReduce =
    (mixer + feed) * allReduceSeconds(options, tokens, model.hidden * element) +
    sums * allReduceSeconds(options, tokens, sumBytes);
  if (!spread || feedForward.kind !== "experts") {
    return { allReduce, experts: 0, kernels: tensor > 1 ? mixer + sums + feed : 0 };
  }
  const ranks = tensor * attentionData;
  const exchange = {
    tokens: tokens / tensor,
    topK: feedForward.topK,
    experts: feedForward.experts,
    hidden: feedForward.inner,
    bytesPerElement: element,
    group: groupOf(options, ranks),
    dispatcher: options.engine.dispatcher,
  };
  const experts =
    expertExchangeSeconds(options.platform, exchange) +
    expertExchangeSeconds(options.platform, { ...exchange, direction: "combine" });
  return { allReduce, experts, kernels: (tensor > 1 ? mixer + sums : 0) + 2 };
}

/** Activations handed to the next pipeline stage. */
export function stageSendSeconds(options: StepOptions, tokens: number): Seconds {
  const { layout, platform, model } = options;
  if (layout.pipeline === 1) return 0;
  const width = layout.tensor * layout.attentionData;
  const together = width * layout.pipeline <= platform.scaleUp.domain;
  const group: GroupPlacement = { size: 2, perDomain: together ? 2 : 1, stride: width, sharing: width };
  return collectiveSeconds(platform, {
    operation: "send-receive",
    size: (tokens * model.hidden * element) / layout.tensor,
    group,
  });
}
