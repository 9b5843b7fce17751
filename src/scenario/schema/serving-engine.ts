/** `serving.engine:` one engine: what an iteration may hold, how the cache is kept, in which formats it computes. */

import { z } from "zod";
import { parseRatio } from "../../base/quantity.ts";
import { type ExpertKernels, expertKernelNames } from "../../serving/step/expert-kernels.ts";
import { choice, count, expectation, list, quantity, ratio, strict, text } from "./fields.ts";
import { type Open, openApart, openable } from "./open.ts";

/** Formats of stored weights that engines load; activations follow where the format says so. */
export const servingPrecisions = ["bf16", "fp8", "fp8-block", "mxfp4", "nvfp4", "int4", "int8"] as const;
export type ServingPrecision = (typeof servingPrecisions)[number];

/** Formats of cached keys and values. */
export const cachePrecisions = ["bf16", "fp8"] as const;
export type CachePrecision = (typeof cachePrecisions)[number];

/** Words for the order of the waiting queue. */
export const queueOrders = ["arrival", "priority", "longest-prefix"] as const;

export type AcceptanceText =
  | number
  | readonly number[]
  | { readonly file: string }
  | { readonly meanLength: number }
  | { readonly perPosition: readonly number[] };

export interface SpeculationText {
  readonly method: "mtp" | "eagle" | "ngram" | "draft-model";
  readonly drafted: number;
  readonly acceptance?: AcceptanceText;
  readonly model?: string;
}

export interface HostText {
  readonly ingress?: number;
  readonly ingressPerToken?: number;
  readonly egress?: number;
  readonly delivery?: number;
  readonly deliveryPerToken?: number;
  readonly iteration?: number;
  readonly iterationPerSequence?: number;
  readonly scheduling?: number;
  readonly schedulingPerSequence?: number;
}

/** Tables of measured layer times, as LLMServingSim's profiles have them. */
export interface StepsText {
  readonly dense: string;
  readonly attention: string;
  readonly perSequence: string;
  readonly skew?: string;
  readonly skewDefault?: number;
  readonly allReduce?: { readonly latency: number; readonly bandwidth: number };
}

/** Settings of an engine that a search may answer. */
export interface OpenEngine {
  readonly maxBatchedTokens?: Open<number>;
  readonly maxSequences?: Open<number>;
  readonly precision?: Open<ServingPrecision>;
  readonly chunkedPrefill?: Open<"on" | "off">;
}

export interface EngineText {
  /** Settings that are open, put apart. */
  readonly open?: OpenEngine;
  readonly name?: string;
  readonly version?: string;
  readonly maxBatchedTokens?: number;
  readonly maxSequences?: number;
  readonly maxLength?: number;
  readonly blockTokens?: number;
  readonly cacheBlocks?: number;
  readonly memoryUtilization?: number;
  readonly watermark?: number;
  readonly reservation?: "chunk" | "whole-prompt";
  readonly chunkedPrefill?: "on" | "off";
  readonly longPrefillThreshold?: number;
  readonly prefixCaching?: "on" | "off";
  readonly queueOrder?: (typeof queueOrders)[number];
  readonly hostOverlap?: "on" | "off";
  readonly precision?: ServingPrecision;
  readonly cachePrecision?: CachePrecision;
  readonly expertKernels?: ExpertKernels;
  readonly graphs?: "on" | "off";
  readonly graphSizes?: readonly number[];
  readonly capacityPolicy?: "guaranteed-no-evict" | "max-utilization";
  readonly balance?: "on" | "off";
  readonly balanceTimeout?: number;
  readonly balanceWait?: number;
  readonly batchWaitIterations?: number;
  readonly batchWaitShare?: number;
  readonly mixedChunk?: "on" | "off";
  readonly maxPrefillTokens?: number;
  readonly receiveInterval?: number;
  readonly speculation?: SpeculationText;
  readonly adapterSlots?: number;
  readonly adapterRank?: number;
  readonly host?: HostText;
  readonly steps?: StepsText;
}

const onOff = (description: string) => choice(["on", "off"], description);
const length = { atLeast: 1, atMost: 100_000_000 };
const hostTime = (description: string) => quantity("seconds", description, { atLeast: 0 });

/** One chance for all places, one for each, or a file. */
const acceptanceField = z
  .union(
    [
      z.number(),
      z.string(),
      list(ratio("Chance at one place."), "Chance at each place."),
      strict(() => ({ file: text("Path to a text file with one chance a line.") })),
      strict(() => ({
        meanLength: z
          .number()
          .meta({ description: "Tokens that an iteration gives a sequence, the sure one included." }),
      })),
      strict(() => ({
        perPosition: list(ratio("Share of all drafts."), "Share of drafts that are accepted up to each place."),
      })),
    ],
    {
      error: expectation({
        expected: "a ratio such as 0.7, a list of them, { file }, { meanLength } or { perPosition }",
      }),
    },
  )
  .transform((found, context) => {
    if (typeof found === "object") return found;
    const parsed = parseRatio(found);
    if (parsed.ok && parsed.value <= 1) return parsed.value;
    const message = parsed.ok ? `found ${found}, expected a ratio of at most 1` : parsed.message;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  })
  .meta({
    description:
      "Chance that a drafted token is accepted, given those before it were: one, a list, or { file }; or { meanLength } or { perPosition } as engines print them. Default for mtp 0.85 at the first place and less at later ones.",
  });

const speculation = strict(() => ({
  method: choice(
    ["mtp", "eagle", "ngram", "draft-model"],
    "Who drafts: the model's own multi-token prediction, an EAGLE head, the prompt's n-grams, or another model.",
  ),
  drafted: count("Tokens drafted for each sequence in an iteration.", { atLeast: 1, atMost: 64 }),
  acceptance: acceptanceField.exactOptional(),
  model: text("draft-model: catalog name of the model that drafts, or path to its config.json.").exactOptional(),
})).meta({ description: "Speculative decoding." });

const host = strict(() => ({
  ingress: hostTime("From the client's call until the request is queued.").exactOptional(),
  ingressPerToken: hostTime("The same for each prompt token: tokenising.").exactOptional(),
  egress: hostTime("From a finished iteration until the client has its token.").exactOptional(),
  delivery: hostTime("Of one token in the process that sends them one after another.").exactOptional(),
  deliveryPerToken: hostTime("The same for each token of its answer so far.").exactOptional(),
  iteration: hostTime("Of one iteration, beside the accelerators whatever overlaps.").exactOptional(),
  iterationPerSequence: hostTime("The same for each sequence in it.").exactOptional(),
  scheduling: hostTime("Of one iteration, hidden where the host works ahead.").exactOptional(),
  schedulingPerSequence: hostTime("The same for each sequence in it.").exactOptional(),
})).meta({ description: "Work of the host, where it was measured. Default as the engine's version has it." });

const steps = strict(() => ({
  dense: text("Path to a CSV of dense layers by tokens."),
  attention: text("Path to a CSV of attention by chunk, cached tokens before it, decodes and their mean context."),
  perSequence: text("Path to a CSV of head and sampler by sequences."),
  skew: text("Path to a CSV of corrections for uneven contexts.").exactOptional(),
  skewDefault: ratio("Correction where that table has none. Default 0.").exactOptional(),
  allReduce: strict(() => ({
    latency: hostTime("Of one all-reduce."),
    bandwidth: quantity("bytesPerSecond", "Its bytes over the rest of its time."),
  }))
    .meta({ description: "Two all-reduces of a layer, which such tables leave out; needed with tensor above 1." })
    .exactOptional(),
})).meta({ description: "Tables of measured layer times of this accelerator, instead of predicted ones." });

/** Which requests run together. */
const scheduling = () => ({
  name: text("Name: vllm, sglang or tensorrt-llm.").exactOptional(),
  version: text('Version in quotes, e.g. "0.19". Default the newest that is modelled.').exactOptional(),
  maxBatchedTokens: openable(count("Tokens of one iteration at most.", length)).exactOptional(),
  maxSequences: openable(count("Sequences running at most.", { atLeast: 1, atMost: 1_000_000 })).exactOptional(),
  maxLength: count("Prompt and output of one request at most. Default what the model takes.", length).exactOptional(),
  blockTokens: count("Tokens of a cache block (page).", { atLeast: 1, atMost: 65_536 }).exactOptional(),
  cacheBlocks: count("Blocks of the cache, where the engine printed it. Default from memory.").exactOptional(),
  memoryUtilization: ratio("Share of the memory that the engine takes.", { above: 0, atMost: 1 }).exactOptional(),
  watermark: ratio("Share of blocks that admission leaves free.").exactOptional(),
  reservation: choice(
    ["chunk", "whole-prompt"],
    "What admission wants blocks for: the first chunk, or the whole prompt.",
  ).exactOptional(),
  chunkedPrefill: openable(onOff("Prompts may be computed in parts.")).exactOptional(),
  longPrefillThreshold: count("Prompt tokens of one request in an iteration at most; 0 for no such limit.", {
    ...length,
    atLeast: 0,
  }).exactOptional(),
  prefixCaching: onOff("Blocks of equal prefixes are computed once.").exactOptional(),
  queueOrder: choice(queueOrders, "Order in which waiting requests are looked at.").exactOptional(),
  hostOverlap: onOff(
    "The host prepares an iteration while the one before runs (asynchronous scheduling).",
  ).exactOptional(),
});

/** How an iteration is computed, and what is an engine's own. */
const execution = () => ({
  precision: openable(
    choice(
      servingPrecisions,
      "Format of the weights, with the products that engines run on it. Default as the model is published.",
    ),
  ).exactOptional(),
  cachePrecision: choice(
    cachePrecisions,
    "Format of cached keys and values. Default: as the checkpoint asks where the engine follows it, else bf16.",
  ).exactOptional(),
  expertKernels: choice(
    expertKernelNames,
    "Kernels of routed experts, where the engine is told which (moe_config.backend, --moe-runner-backend). Default those it chooses.",
  ).exactOptional(),
  graphs: onOff("Decode iterations are captured graphs; off: every kernel is launched.").exactOptional(),
  graphSizes: list(count("Sequences.", { atLeast: 1, atMost: 65_536 }), "Captured batch sizes.").exactOptional(),
  capacityPolicy: choice(
    ["guaranteed-no-evict", "max-utilization"],
    "tensorrt-llm: admit what surely ends, or all that fits now, pausing some later.",
  ).exactOptional(),
  ...promptWaiting(),
  mixedChunk: onOff("sglang: prefill chunks and decodes share an iteration.").exactOptional(),
  maxPrefillTokens: count("sglang: tokens of prompts that one iteration takes on at most.", length).exactOptional(),
  receiveInterval: count(
    "sglang: iterations from one look for new requests to the next while only decodes run. Default 1.",
    { atLeast: 1, atMost: 100_000 },
  ).exactOptional(),
  speculation: speculation.exactOptional(),
  adapterSlots: count("Adapters that are resident at once.", { atLeast: 1, atMost: 65_536 }).exactOptional(),
  adapterRank: count("Rank of the adapters.", { atLeast: 1, atMost: 65_536 }).exactOptional(),
  host: host.exactOptional(),
  steps: steps.exactOptional(),
});

/** Prompts of TensorRT-LLM that wait for others. @source tensorrt-llm-prompt-waiting */
function promptWaiting() {
  const iterations = (description: string) => count(description, { atLeast: 0, atMost: 1_000_000 }).exactOptional();
  return {
    balance: onOff(
      "tensorrt-llm with attentionData: prompts wait until every rank has one (attention_dp_config.enable_balance). Default off.",
    ).exactOptional(),
    balanceTimeout: iterations("Iterations that they wait at most (timeout_iters). Default 50."),
    balanceWait: iterations("Iterations that they wait once every rank has one (batching_wait_iters). Default 10."),
    batchWaitIterations: iterations(
      "tensorrt-llm without attentionData: iterations that prompts wait at most for fuller ones (batch_wait_timeout_iters). Default 0.",
    ),
    batchWaitShare: ratio(
      "Share of maxBatchedTokens that ends their wait (batch_wait_max_tokens_ratio). Default 0.",
    ).exactOptional(),
  };
}

const engine = strict(
  () => ({ ...scheduling(), ...execution() }),
  'e.g. engine: { name: vllm, version: "0.19", maxBatchedTokens: 8192 }',
);

/** An engine: `vllm@0.19`, or an object. */
export const engineField: z.ZodType<EngineText> = z
  .union([z.string(), engine], { error: expectation({ expected: "name@version, or an object", hint: "vllm@0.19" }) })
  .transform((found): EngineText => {
    if (typeof found !== "string") return openApart(found) as EngineText;
    const [name = "", version] = found.trim().split("@");
    return { name, ...(version === undefined ? {} : { version }) };
  })
  .meta({
    description:
      "The engine: name@version, or an object with its settings. Settings left out are those of its version.",
  }) as unknown as z.ZodType<EngineText>;
