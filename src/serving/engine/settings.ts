/** Settings of one engine, as its version understands them. Names follow the engines' own flags where they agree. */

import type { Seconds } from "../../base/quantity.ts";

export interface EngineSettings {
  /** Name of the batching policy: `vllm`, `sglang`, `tensorrt-llm`, `sarathi`, `vllm-v0`. */
  readonly batching: string;
  readonly version: string;
  /** Tokens of one iteration at most. */
  readonly maxBatchedTokens: number;
  /** Sequences running at most. */
  readonly maxSequences: number;
  /** Prompt and output of one request at most. */
  readonly maxLength: number;
  readonly blockTokens: number;
  /** Blocks of the cache of one attention-data-parallel rank. */
  readonly blocks: number;
  /** Share of blocks that admission leaves free. */
  readonly watermark: number;
  readonly chunkedPrefill: "on" | "off";
  /** Prompt tokens of one request in one iteration at most; 0 for no such limit. */
  readonly longPrefillThreshold: number;
  readonly prefixCaching: "on" | "off";
  /** Whether admission wants room for the whole prompt. */
  readonly admission: "chunk" | "whole-prompt";
  readonly queueOrder: "arrival" | "priority";
  /** Whether the host plans an iteration while the accelerators run the one before: what arrives meanwhile waits for the next but one. */
  readonly hostOverlap: "on" | "off";
  /** Attention data-parallel ranks in lockstep. */
  readonly dataParallel: number;
  /** Pipeline stages: so many batches are under way. */
  readonly pipeline: number;
  readonly speculation?: Speculation;
  /** Policy-specific choices by name, e.g. TensorRT-LLM's capacity policy. */
  readonly options?: Readonly<Record<string, string | number>>;
}

/** Drafted tokens, and the chance that each is accepted given those before it were. */
export interface Speculation {
  readonly drafted: number;
  readonly acceptance: readonly number[];
}

/** Work of the host around the accelerators. */
export interface HostTimes {
  /** From the client's call until the request is in the engine's queue: HTTP, tokenising; a constant and a part per prompt token. */
  readonly ingress: Seconds;
  readonly ingressPerToken: Seconds;
  /** From a finished iteration until the client has its token. */
  readonly egress: Seconds;
  /** Of one token in the process that sends them, which takes one after another; and for each token of its answer so far. */
  readonly delivery: Seconds;
  readonly deliveryPerToken: Seconds;
  /** Of one iteration, on the way of the accelerators whatever overlaps: inputs, launch, sampled tokens; a constant and a part per sequence in it. */
  readonly iteration: Seconds;
  readonly iterationPerSequence: Seconds;
  /** Scheduling and bookkeeping of one iteration: hidden behind the accelerators where the host works ahead. */
  readonly scheduling: Seconds;
  readonly schedulingPerSequence: Seconds;
}
