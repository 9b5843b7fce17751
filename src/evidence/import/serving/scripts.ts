/**
 * Engine settings of InferenceX's runs, as its scripts set them: from model, format, accelerator, lengths, clients and
 * degrees. Scripts changed with releases and days; a row takes the script of its time.
 *
 * Ignores: TensorRT-LLM's graphs of iterations with prompts.
 * @source inferencex-scripts, inferencex-serving-scripts
 */

import { vllmGraphSizes } from "../../../serving/step/engine-kernels.ts";
import { isSince } from "../../../serving/version.ts";
import type { ServedEngine } from "./engine.ts";
import type { SiliconRow } from "./silicon-row.ts";

type Settings = Readonly<Record<string, string | number | readonly number[]>>;

/** What the script of a run tells the engine. @param drafts whether the run drafted tokens. */
export function scripted({ name, version }: ServedEngine, point: SiliconRow, drafts: "drafts" | "plain"): Settings {
  if (name === "vllm") return vllmScript(version, point);
  if (name === "sglang") return sglangScript(point, drafts);
  return tensorrtScript(version, point, drafts);
}

/** Tokens of an iteration in the scripts at least, and what they add to a prompt and the clients, in steps. */
const leastTokens = 8192;
const [addedTokens, tokenStep] = [64, 64];

function tensorrtScript(version: string, point: SiliconRow, drafts: "drafts" | "plain"): Settings {
  const { concurrency, input, model } = point;
  const ranks = "all" in point.layout ? point.layout.all.attentionData : 1;
  if (/gpt-oss/i.test(model)) {
    const balanced = ranks > 1 ? { balance: "on" } : {};
    return { cachePrecision: "fp8", maxBatchedTokens: 20_000, maxSequences: 512, memoryUtilization: 0.85, ...balanced };
  }
  const share = tensorrtShare(version, point, drafts);
  const own = {
    cachePrecision: "fp8",
    ...(share === undefined ? {} : { memoryUtilization: share }),
    ...tensorrtExperts(version, point, drafts),
    ...tensorrtWaiting(version, point, ranks, drafts),
  };
  if (drafts === "plain") {
    return { ...own, maxBatchedTokens: Math.max(leastTokens, batchedTokens(concurrency + input)) };
  }
  const most = draftingSequences(version, point, ranks);
  const drafted = ranks > 1 ? 1 : 3;
  return { ...own, maxSequences: most, maxBatchedTokens: batchedTokens((1 + drafted) * most + input) };
}

/** Tokens of an iteration in the scripts, from a prompt and those who generate. */
function batchedTokens(tokens: number): number {
  return Math.ceil((tokens + addedTokens) / tokenStep) * tokenStep;
}

/** Sequences of a rank in DeepSeek's scripts that draft: its part of the clients, in 4 bit from 1.2 on at most twice that. */
function draftingSequences(version: string, { concurrency, precision }: SiliconRow, ranks: number): number {
  if (ranks === 1) return concurrency;
  const parts = /fp4/.test(precision) && isSince(version, "1.2") ? 4 : ranks;
  return concurrency < parts ? concurrency : Math.floor(concurrency / parts);
}

/**
 * Prompts wait for one of every rank, sixty iterations at most; in DeepSeek's 8-bit script of 1.2 on B200 for fuller ones,
 * where many clients send short ones.
 */
function tensorrtWaiting(version: string, point: SiliconRow, ranks: number, drafts: "drafts" | "plain"): Settings {
  if (!/deepseek/i.test(point.model)) return {};
  if (ranks > 1) return { balance: "on", balanceTimeout: 60, balanceWait: 0 };
  const { system, precision, input, output, concurrency } = point;
  const short = input === 1024 && output === 1024 && concurrency >= 64;
  const told = isSince(version, "1.2") && /b200/i.test(system) && precision === "fp8" && drafts === "plain";
  return short && told && "all" in point.layout ? { batchWaitIterations: 40, batchWaitShare: 0.8 } : {};
}

/** Share of the free memory for the cache, in DeepSeek's scripts. */
function tensorrtShare(version: string, point: SiliconRow, drafts: "drafts" | "plain"): number | undefined {
  const { model, system, precision, layout, concurrency, input } = point;
  if (!/deepseek/i.test(model) || !("all" in layout)) return undefined;
  if (/h200/i.test(system)) return 0.75;
  if (!/b200/i.test(system) || !isSince(version, "1.2")) return undefined;
  if (/fp4/.test(precision)) return 0.8;
  if (drafts === "drafts") return layout.all.attentionData > 1 ? 0.7 : 0.8;
  if (isLongOf(point) && concurrency >= 256) return 0.7;
  return input === 8192 && layout.all.tensor * layout.all.attentionData === 4 ? 0.75 : 0.8;
}

/**
 * DeepSeek-R1 in 8 bit on B200: DeepGEMM under TensorRT-LLM 1.1, from 1.2 on its generated kernels, but not for attention
 * data parallelism and 256 clients with long answers. Ignores: that 4 bit with attention data parallelism, and before 1.2
 * with many clients or long prompts, runs CUTLASS, whose table mixes two kernels under one key.
 * @source inferencex-b200-experts
 */
function tensorrtExperts(version: string, point: SiliconRow, drafts: "drafts" | "plain"): Settings {
  const { concurrency, model, system, precision, layout } = point;
  if (!/deepseek/i.test(model) || !/b200/i.test(system) || precision !== "fp8" || !("all" in layout)) return {};
  const long = drafts === "plain" && isLongOf(point) && concurrency >= 256;
  return isSince(version, "1.2") && layout.all.attentionData === 1 && !long ? { expertKernels: "trtllm-gen" } : {};
}

function isLongOf({ input, output }: SiliconRow): boolean {
  return input === 1024 && output === 8192;
}

/**
 * The script of GPT-OSS on Hopper asks for Marlin. Caches in 8 bit: GPT-OSS on B200 from 0.11.2 on, MiniMax M2.5 from 0.19
 * on, Kimi K2.5 in 4 bit since April 2026; the last two bound an iteration by two prompts. GPT-OSS and that Kimi capture
 * graphs of up to 2,048 tokens. MiniMax M2.5 in 8 bit gives its cache 95 % of the memory in blocks of 32; up to 0.18 it
 * switches FlashInfer's and DeepGEMM's experts off, which leaves Triton's.
 */
function vllmScript(version: string, point: SiliconRow): Settings {
  const { concurrency, input, model, system, precision, day } = point;
  const usual = { hostOverlap: "on", maxBatchedTokens: leastTokens, maxSequences: concurrency };
  const twoPrompts = { cachePrecision: "fp8", maxBatchedTokens: 2 * input };
  const captured = { graphSizes: vllmGraphSizes(2048) };
  if (/gpt-oss/i.test(model)) {
    if (/^h[12]00/.test(system)) return { ...usual, ...captured, expertKernels: "marlin" };
    return isSince(version, "0.12") ? { ...usual, ...captured, cachePrecision: "fp8", maxSequences: 512 } : usual;
  }
  if (!/b200/i.test(system)) return usual;
  if (/minimax/i.test(model) && precision === "fp8") {
    const room = { memoryUtilization: 0.95, blockTokens: 32 };
    if (isSince(version, "0.19")) return { ...usual, ...twoPrompts, ...room };
    return { hostOverlap: "on", ...room, expertKernels: "triton" };
  }
  if (/kimi/i.test(model) && /fp4/.test(precision) && day >= kimiRenewed)
    return { ...usual, ...twoPrompts, ...captured };
  return usual;
}

/** Kimi's script in 4 bit was renewed by pull request 1047. */
const kimiRenewed = "2026-04-01";

/** Scripts of SGLang for DeepSeek and Qwen3.5; nothing where no script was read. */
function sglangScript(point: SiliconRow, drafts: "drafts" | "plain"): Settings {
  const { system, model } = point;
  if (/deepseek/i.test(model)) return /b200/i.test(system) ? deepseekOnB200(point, drafts) : deepseekOnHopper(point);
  return /qwen3\.5/i.test(model) && /b200/i.test(system) ? qwenOnB200(point, drafts) : {};
}

function deepseekOnHopper({ input, output }: SiliconRow): Settings {
  const maxSequences = input === 1024 && output === 1024 ? 512 : 256;
  return { maxBatchedTokens: 32_768, maxPrefillTokens: 32_768, maxSequences, memoryUtilization: 0.82 };
}

/** In 8 bit on four, the weights leave room for few sequences. */
function deepseekOnB200(point: SiliconRow, drafts: "drafts" | "plain"): Settings {
  const { precision, layout } = point;
  const own = { cachePrecision: "fp8", receiveInterval: looks(point) };
  if (!("all" in layout)) return { ...own, maxBatchedTokens: /fp4/.test(precision) ? 16_384 : 32_768 };
  if (/fp4/.test(precision)) return { ...own, maxBatchedTokens: 16_384, maxSequences: 256, memoryUtilization: 0.85 };
  const chunk = (tokens: number): Settings => ({ maxBatchedTokens: tokens, maxPrefillTokens: tokens });
  if (drafts === "drafts") return { ...own, ...chunk(16_384), maxSequences: 512, memoryUtilization: 0.82 };
  if (layout.all.tensor * layout.all.attentionData === 4) {
    return { ...own, ...chunk(8192), maxSequences: 32, memoryUtilization: 0.95, receiveInterval: 10 };
  }
  return { ...own, ...chunk(32_768), maxSequences: 128, memoryUtilization: 0.82 };
}

function qwenOnB200(point: SiliconRow, drafts: "drafts" | "plain"): Settings {
  const { precision, concurrency } = point;
  const chunk = { maxBatchedTokens: 32_768, maxPrefillTokens: 32_768 };
  if (/fp4/.test(precision)) {
    const maxSequences = Math.max(128, concurrency);
    return { ...chunk, cachePrecision: "fp8", receiveInterval: 30, maxSequences, memoryUtilization: 0.85 };
  }
  const room =
    drafts === "drafts"
      ? { maxSequences: concurrency, memoryUtilization: 0.9 }
      : { maxSequences: 128, memoryUtilization: 0.82 };
  return {
    ...chunk,
    ...(precision === "fp8" ? { cachePrecision: "fp8" } : {}),
    receiveInterval: looks(point),
    ...room,
  };
}

/** Scripts of SGLang on B200 look for requests every tenth iteration, from 16 clients on every thirtieth. */
function looks({ concurrency }: SiliconRow): number {
  return concurrency >= fewClients ? 30 : 10;
}

const fewClients = 16;
