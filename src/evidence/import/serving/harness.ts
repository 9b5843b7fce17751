/**
 * Engine settings of benchmark runs whose rows do not state them, as the harness sets them: the vendor's generator derives
 * them from the lengths and the batch of a rank, InferenceX's scripts from model, accelerator, lengths and clients.
 * @source aiconfigurator-benchmark-rules, inferencex-scripts
 */

import type { Assumption, Section } from "../../record.ts";
import { assume } from "../converter.ts";
import type { ServedEngine } from "./engine.ts";
import type { SiliconRow } from "./silicon-row.ts";

export interface HarnessSettings {
  readonly engine: Section;
  readonly assumptions: readonly Assumption[];
}

/** Nothing for pools apart, and where a harness's settings are not known. */
export function harnessSettings({ name, version }: ServedEngine, point: SiliconRow): HarnessSettings {
  const { harness, layout } = point;
  if (!("all" in layout)) return { engine: {}, assumptions: [] };
  const engine = harness === "vendor" ? generated(name, point) : scripted(name, version, point);
  const why = harness === "vendor" ? "as the benchmark's generator sets it" : "as the benchmark's scripts set it";
  return {
    engine,
    assumptions: Object.entries(engine).map(([key, value]) => assume(`serving.engine.${key}`, value, why)),
  };
}

/** Tokens that the generator lets an iteration take beyond one prompt and a token of each sequence. */
const spareTokens = 1500;

function generated(
  name: ServedEngine["name"],
  { batch, input }: SiliconRow,
): Readonly<Record<string, string | number>> {
  if (batch === undefined) return {};
  if (name === "sglang") return { mixedChunk: "on", maxPrefillTokens: input + spareTokens };
  return { maxBatchedTokens: batch + input + spareTokens };
}

/** Tokens of an iteration in the scripts at least, and what they add to a prompt and the clients, in steps. */
const leastTokens = 8192;
const [addedTokens, tokenStep] = [64, 64];

function scripted(
  name: ServedEngine["name"],
  version: string,
  point: SiliconRow,
): Readonly<Record<string, string | number>> {
  const { concurrency, input, model } = point;
  if (name === "vllm") return vllmScript(point);
  if (name === "sglang") return { ...(/deepseek/i.test(model) ? sglangScript(point) : {}), ...looks(point) };
  const wanted = Math.ceil((concurrency + input + addedTokens) / tokenStep) * tokenStep;
  const tokens = /gpt-oss/i.test(model) ? 20_000 : Math.max(leastTokens, wanted);
  const generated = runsGenerated(version, point) ? { expertKernels: "trtllm-gen" } : {};
  return { cachePrecision: "fp8", maxBatchedTokens: tokens, ...generated };
}

/** The script of GPT-OSS on Hopper asks for Marlin. @source inferencex-scripts */
function vllmScript({ concurrency, model, system }: SiliconRow): Readonly<Record<string, string | number>> {
  const marlin = /gpt-oss/i.test(model) && /^h[12]00/.test(system) ? { expertKernels: "marlin" } : {};
  return { hostOverlap: "on", maxBatchedTokens: leastTokens, maxSequences: concurrency, ...marlin };
}

/**
 * DeepSeek-R1 in 8 bit on B200: DeepGEMM under TensorRT-LLM 1.1, from 1.2 on its generated kernels, but not for attention
 * data parallelism and 256 clients with long answers.
 * @source inferencex-b200-experts
 */
function runsGenerated(
  version: string,
  { model, system, precision, layout, concurrency, input, output }: SiliconRow,
): boolean {
  if (!/deepseek/i.test(model) || !/b200/i.test(system) || precision !== "fp8" || !("all" in layout)) return false;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const long = input === 1024 && output === 8192 && concurrency >= 256;
  return (major > 1 || minor >= 2) && layout.all.attentionData === 1 && !long;
}

/**
 * The script of MiniMax M2.5 on B200 spread experts whatever it was told, until it went from vLLM 0.17 to 0.19.
 * @source inferencex-minimax-experts
 */
export function scriptedLayout(
  { name, version }: ServedEngine,
  { model, system, precision, harness, layout }: SiliconRow,
): { readonly layout: SiliconRow["layout"]; readonly assumptions: readonly Assumption[] } {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const before = name === "vllm" && major === 0 && minor < 19 && harness === "inferencex";
  const ofScript = /minimax/i.test(model) && /b200/i.test(system) && precision === "fp8";
  if (!before || !ofScript || !("all" in layout)) return { layout, assumptions: [] };
  const { tensor, attentionData } = layout.all;
  const expert = tensor * attentionData;
  if (expert === layout.all.expert) return { layout, assumptions: [] };
  const why = "the script of that release spread experts whatever it was told";
  return { layout: { all: { ...layout.all, expert } }, assumptions: [assume("serving.expert", expert, why)] };
}

/** Scripts of SGLang on B200 look for requests every tenth iteration, from 16 clients on every thirtieth. */
function looks({ system, model, concurrency }: SiliconRow): Readonly<Record<string, number>> {
  if (!/b200/i.test(system) || !/deepseek|qwen3\.5/i.test(model)) return {};
  return { receiveInterval: concurrency >= fewClients ? 30 : 10 };
}

const fewClients = 16;

/** DeepSeek's scripts. */
function sglangScript({ system, precision, input, output }: SiliconRow): Readonly<Record<string, string | number>> {
  if (!/b200/i.test(system)) {
    const maxSequences = input === 1024 && output === 1024 ? 512 : 256;
    return { maxBatchedTokens: 32_768, maxPrefillTokens: 32_768, maxSequences };
  }
  return { maxBatchedTokens: /fp4/.test(precision) ? 16_384 : 32_768, maxSequences: 256, cachePrecision: "fp8" };
}
