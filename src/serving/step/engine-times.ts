/**
 * Constants of an engine beyond its kernels: between kernels, and on the host around the accelerators.
 *
 * Fitted on vLLM 0.15 on H100 and taken for every engine and accelerator: the ways from and to the client, and what
 * lies between two iterations. Of the ways, three parts in four are before the queue (HTTP, tokenising, the queue of the
 * executor), as TensorRT-LLM's were found to be: 8.4 of 10.4 ms. Ignores: prompts so long that tokenising shows,
 * hosts that are busy with other replicas.
 * @source ai-simulate-288
 */

import { fittedServing } from "../../catalog/calibration/serving.generated.ts";
import type { ServingConstants } from "../../catalog/calibration/serving.ts";
import type { HostTimes } from "../engine/settings.ts";

export interface EngineTimes {
  readonly constants: ServingConstants;
  readonly host: HostTimes;
}

/**
 * Eager launches from Python come every 5 us; what a graph's kernels wait for each other is inside kernel tables.
 * @source pytorch-dispatch
 */
const constants: ServingConstants = { gap: 0, launch: 5e-6 };

const beforeQueue = 0.75;

/** @param fitted values to use; absent: the committed ones. */
export function engineTimes(
  fitted: { readonly iteration: number; readonly hops: number } = fittedServing,
): EngineTimes {
  return {
    constants,
    host: {
      ingress: beforeQueue * fitted.hops,
      ingressPerToken: 0,
      egress: (1 - beforeQueue) * fitted.hops,
      iteration: fitted.iteration,
      iterationPerSequence: 0,
      scheduling: 0,
      schedulingPerSequence: 0,
    },
  };
}
