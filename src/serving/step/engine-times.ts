/**
 * Constants of an engine beyond its kernels: between kernels, and on the host around the accelerators.
 *
 * Fitted on vLLM 0.15 on H100 and taken for every engine and accelerator: the ways from and to the client, and what
 * lies between two iterations. Of the ways, three parts in four are before the queue (HTTP, tokenising, the queue of the
 * executor), as TensorRT-LLM's were found to be: 8.4 of 10.4 ms. Ignores: hosts that are busy with other replicas, and
 * prompts that wait for others to be tokenised.
 * @source ai-simulate-288
 */

import type { Seconds } from "../../base/quantity.ts";
import { fittedServing } from "../../catalog/calibration/serving.generated.ts";
import type { ServingConstants } from "../../catalog/calibration/serving.ts";
import type { HostTimes } from "../engine/settings.ts";

export interface EngineTimes {
  readonly constants: ServingConstants;
  readonly host: HostTimes;
}

/** Launches of compiled code come every 5 us. @source pytorch-dispatch */
export const compiledLaunch: Seconds = 5e-6;

/**
 * What a counted kernel costs the host where PyTorch runs a model as it is written, modules and checks included: 40 us
 * from GPT-2 under vLLM and under SGLang on H200 (10 a layer, 4.8 ms a token), 41 us from 129 and 513 tokens of Qwen3-4B
 * (11 a layer, 16.4 ms), 35 us between launches under TensorRT-LLM, 46 us from one token of DeepSeek-V3 under SGLang
 * (1,806 kernels with the casts of its activations, 82.6 ms; 23.1 ms as a graph). The median of the four.
 * @source eager-launches
 */
export const eagerLaunch: Seconds = 40e-6;

/**
 * Tokenising one token of a prompt: 1.1 us (a million tokens in 1.1 s), at most 1.33 us (a hundred requests of 10,000
 * tokens through vLLM in 1.33 s), 1.6 us (English at 2.7 MiB/s, 4.5 B a token), all by Hugging Face's tokenizers on one
 * core. The median of the three.
 * @source tokenizer-speed
 */
const tokenising: Seconds = 1.33e-6;

/** What a graph's kernels wait for each other is inside kernel tables. */
const constants: ServingConstants = { gap: 0, launch: compiledLaunch, opaqueLaunch: eagerLaunch };

const beforeQueue = 0.75;

/** @param fitted values to use; absent: the committed ones. */
export function engineTimes(
  fitted: { readonly iteration: number; readonly hops: number } = fittedServing,
): EngineTimes {
  return {
    constants,
    host: {
      ingress: beforeQueue * fitted.hops,
      ingressPerToken: tokenising,
      egress: (1 - beforeQueue) * fitted.hops,
      delivery: 0,
      deliveryPerToken: 0,
      iteration: fitted.iteration,
      iterationPerSequence: 0,
      scheduling: 0,
      schedulingPerSequence: 0,
    },
  };
}

/**
 * SGLang's one process between scheduler and clients, where it streams whole answers so far, as it does by default. A
 * token costs 4.07 ns more for each of its answer, measured inside (1.28 us after 331 tokens, 21.30 us after 5,247);
 * four replicas behind one such process sent 21,753 tokens a second, in answers of up to 1,024 (a token has 342 of its
 * answer with it on average), where without streaming they made 28,828.
 * @source sglang-streaming
 */
export const sglangDelivery: Pick<HostTimes, "delivery" | "deliveryPerToken"> = Object.freeze({
  delivery: 44.6e-6,
  deliveryPerToken: 4.07e-9,
});
