/**
 * Engines by name and version: which batching policy they run, what they do where nobody says otherwise, and how they
 * find room for their cache. A version takes the newest entry that is not newer than itself.
 */

import type { Bytes } from "../base/quantity.ts";
import type { ModelArchitecture } from "../catalog/model.ts";
import type { EngineSettings } from "./engine/settings.ts";
import type { MemoryRule } from "./memory.ts";
import { isSince } from "./version.ts";

/** What defaults may depend on. */
export interface ProfileContext {
  /** Catalog name of the accelerator. */
  readonly accelerator: string;
  readonly capacity: Bytes;
  /** Accelerators of a replica. */
  readonly accelerators: number;
  readonly attentionData: number;
  /** Drafted tokens may cost memory. */
  readonly speculation: "on" | "off";
}

/** What an engine does by itself: settings that neither the model nor the memory decides. */
export type EngineDefaults = Pick<
  EngineSettings,
  | "maxBatchedTokens"
  | "maxSequences"
  | "blockTokens"
  | "watermark"
  | "chunkedPrefill"
  | "longPrefillThreshold"
  | "prefixCaching"
  | "admission"
  | "queueOrder"
  | "hostOverlap"
> & {
  readonly memoryUtilization: number;
  readonly options?: Readonly<Record<string, string | number>>;
};

export interface EngineProfile {
  readonly name: string;
  /** First version that behaves so. */
  readonly since: string;
  /** Name of the batching policy. */
  readonly batching: string;
  readonly memory: MemoryRule;
  /** Whether keys and values are cached as the checkpoint asks, where nobody says otherwise. @source checkpoint-cache-format */
  readonly cache: "as-asked" | "16-bit";
  readonly defaults: (context: ProfileContext) => EngineDefaults;
  readonly sources: readonly string[];
}

const mebi = 2 ** 20;
const gibi = 2 ** 30;

const plain = {
  watermark: 0,
  chunkedPrefill: "on",
  longPrefillThreshold: 0,
  prefixCaching: "on",
  admission: "chunk",
  queueOrder: "arrival",
} as const;

/** The API server on parts of 70 GiB or more that are no A100, and on all others. @source vllm-engine */
const vllmDefaults = ({ accelerator, capacity }: ProfileContext) => {
  const large = capacity >= 70 * gibi && !accelerator.startsWith("a100");
  return {
    ...plain,
    maxBatchedTokens: large ? 8192 : 2048,
    maxSequences: large ? 1024 : 256,
    blockTokens: 16,
  };
};

/**
 * Weights, the peak of a start-up run and 70 MiB outside of torch come out of the share. The start-up run samples with
 * top-k and top-p: a logit in 16 bits and in 32, sorted with its index of 64.
 * @source vllm-memory-profiling
 */
const vllmMemory: MemoryRule = { share: "of-all", logitBytes: 2 + 4 + 4 + 8, runtime: 70 * mebi, graphs: 0 };

const vllm = ["vllm-engine", "vllm-memory-profiling"];

const vllmProfiles: readonly EngineProfile[] = [
  {
    name: "vllm",
    since: "0.8",
    batching: "vllm",
    cache: "16-bit",
    memory: vllmMemory,
    defaults: (context) => ({ ...vllmDefaults(context), hostOverlap: "off", memoryUtilization: 0.9 }),
    sources: vllm,
  },
  {
    name: "vllm",
    since: "0.14",
    batching: "vllm",
    cache: "as-asked",
    memory: vllmMemory,
    defaults: (context) => ({ ...vllmDefaults(context), hostOverlap: "on", memoryUtilization: 0.9 }),
    sources: vllm,
  },
  {
    name: "vllm",
    since: "0.19",
    batching: "vllm",
    cache: "as-asked",
    memory: vllmMemory,
    defaults: (context) => ({
      ...vllmDefaults(context),
      hostOverlap: "on",
      admission: "whole-prompt",
      memoryUtilization: 0.9,
    }),
    sources: vllm,
  },
  {
    name: "vllm",
    since: "0.21",
    batching: "vllm",
    cache: "as-asked",
    // Start-up then sets graphs aside; 0.65 GiB is what it printed for a 4B model on a B200.
    memory: { ...vllmMemory, graphs: 0.65 * gibi },
    defaults: (context) => ({
      ...vllmDefaults(context),
      hostOverlap: "on",
      admission: "whole-prompt",
      memoryUtilization: 0.92,
    }),
    sources: vllm,
  },
];

/**
 * Prompt tokens of an iteration by memory, and the memory that is kept out of weights and cache.
 *
 *     share = 1 - (512 + 1.5 max(chunk, 2048) + 2 graphs + 128 ranks [+ 3 graphs d, + 1.5 graphs d]) MiB / memory
 *
 * graphs the largest captured batch, d attention ranks; at least 10 GiB where there are more than 60; drafting 2 GiB more.
 * @source sglang-server-args
 */
function sglangDefaults({ capacity, accelerators, attentionData, speculation }: ProfileContext): EngineDefaults {
  const large = accelerators < 4 ? 0 : 1;
  const bands: readonly (readonly [below: number, chunk: number, graphs: readonly [number, number]])[] = [
    [20 * gibi, 2048, [8, 80]],
    [35 * gibi, 2048, [24, 80]],
    [60 * gibi, 4096, [32, 160]],
    [160 * gibi, 8192, [256, 512]],
    [Number.POSITIVE_INFINITY, 16_384, [512, 512]],
  ];
  const [, chunk, graphsOf] = bands.find(([below]) => capacity < below) ?? [0, 8192, [256, 512] as const];
  const graphs = graphsOf[large] ?? 0;
  let reserved = 512 + 1.5 * Math.max(chunk, 2048) + 2 * graphs + 128 * accelerators;
  if (attentionData > 1) reserved += (graphs > 300 ? 4.5 : 3) * graphs * attentionData;
  if (capacity > 60 * gibi) reserved = Math.max(reserved, 10 * 2 ** 10);
  if (speculation === "on") reserved += 2 * 2 ** 10;
  return {
    ...plain,
    // Attention ranks share the chunk, and admit more boldly.
    maxBatchedTokens: Math.floor(chunk / attentionData),
    maxSequences: 2048,
    blockTokens: 1,
    hostOverlap: "on",
    memoryUtilization: Math.round(1000 * (1 - (reserved * mebi) / capacity)) / 1000,
    options: { maxPrefillTokens: 16_384, conservativeness: attentionData > 1 ? 0.3 : 1 },
  };
}

const sglang = {
  name: "sglang",
  batching: "sglang",
  memory: { share: "static", logitBytes: 0, runtime: 0, graphs: 0 },
  sources: ["sglang-server-args"],
} as const;

/** Drafting kept the host from working ahead until its second version was the usual one. @source sglang-drafting-overlap */
function earlierSglangDefaults(context: ProfileContext): EngineDefaults {
  return { ...sglangDefaults(context), hostOverlap: context.speculation === "on" ? "off" : "on" };
}

const sglangProfiles: readonly EngineProfile[] = [
  { ...sglang, since: "0.4", cache: "16-bit", defaults: earlierSglangDefaults },
  { ...sglang, since: "0.5.9", cache: "as-asked", defaults: earlierSglangDefaults },
  { ...sglang, since: "0.5.11", cache: "as-asked", defaults: sglangDefaults },
];

/**
 * Iterations of 8,192 tokens and 2,048 sequences, blocks of 32 tokens in nine tenths of the free memory, whole prompts
 * unless chunks are asked for, and only requests that will surely end.
 * @source tensorrt-llm-arguments
 */
const tensorrtProfiles: readonly EngineProfile[] = [
  {
    name: "tensorrt-llm",
    since: "0.17",
    batching: "tensorrt-llm",
    cache: "as-asked",
    memory: { share: "of-free", logitBytes: 4, runtime: 0, graphs: 0 },
    defaults: () => ({
      ...plain,
      chunkedPrefill: "off",
      maxBatchedTokens: 8192,
      maxSequences: 2048,
      blockTokens: 32,
      hostOverlap: "on",
      memoryUtilization: 0.9,
      options: { capacityPolicy: "guaranteed-no-evict" },
    }),
    sources: ["tensorrt-llm-arguments"],
  },
];

/** All engines, older versions of one first. */
export const engineProfiles: readonly EngineProfile[] = Object.freeze([
  ...vllmProfiles,
  ...sglangProfiles,
  ...tensorrtProfiles,
]);

/** What a scenario that names no engine is given. */
export const defaultEngine = { name: "vllm", version: "0.19" } as const;

/** Names of engines, each once. */
export const engineNames: readonly string[] = Object.freeze([...new Set(engineProfiles.map(({ name }) => name))]);

/** The entry that a version behaves like; undefined where it is older than all, or no version. */
export function engineProfile(name: string, version: string): EngineProfile | undefined {
  return engineProfiles.findLast((profile) => profile.name === name && isSince(version, profile.since));
}

/**
 * Format of cached keys and values where nobody says: 16 bits, or what the published checkpoint asks for. Weights in
 * another format than its own are another checkpoint, of which nothing is known.
 * @param precision of the weights, as the design has them.
 */
export function usualCacheFormat(
  { cache }: Pick<EngineProfile, "cache">,
  { weights }: Pick<ModelArchitecture, "weights">,
  precision: string,
): "bf16" | "fp8" {
  const published = precision === "as-published" || precision === weights?.routed || precision === weights?.dense;
  return cache === "as-asked" && published ? (weights?.cache ?? "bf16") : "bf16";
}
