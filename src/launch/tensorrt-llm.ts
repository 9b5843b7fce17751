/** Launches of TensorRT-LLM: `trtllm-serve` and `trtllm-bench` with the YAML of their options, or that YAML alone. */

import type { LaunchFormat, LaunchOptions } from "./format.ts";
import { expertsOf } from "./model.ts";
import { applyRows } from "./rows.ts";
import { benchIdle, engineIdle, engineUnmodelled } from "./serving/idle.ts";
import { placeMachines } from "./serving/machines.ts";
import { placeServedModel } from "./serving/model.ts";
import { configFiles, type EngineWords, isOf, loadedSheet, placeCommon } from "./serving/read.ts";
import { placeSpeculation } from "./serving/speculation.ts";
import { tensorrtRows } from "./serving/tensorrt-rows.ts";
import { complain, countOf, credit, find, put, type Setting, type Sheet, truthOf } from "./sheet.ts";

const words: EngineWords = {
  engine: "tensorrt-llm",
  program: "TensorRT-LLM",
  marks: { programs: [[/(^|\/)trtllm-serve$/], [/(^|\/)trtllm-bench$/]], positional: "model" },
  command: /\btrtllm-(serve|bench)\b/,
  configuration: /^(kv_cache_config|cuda_graph_config|max_num_tokens|enable_attention_dp|moe_expert_parallel_size):/m,
  configFlags: ["extra-llm-api-options", "config"],
};

export const tensorrtLlm: LaunchFormat = {
  kind: "serving",
  name: "tensorrt-llm",
  summary: "TensorRT-LLM: trtllm-serve or trtllm-bench, with the YAML of their options, or that YAML alone",
  matches: isOf(words),
  needs: configFiles(words),
  tables: { idle: [...engineIdle, ...benchIdle], unmodelled: engineUnmodelled },
  read,
};

function read(text: string, file: string, options: LaunchOptions): Sheet {
  const { sheet, commands } = loadedSheet(text, file, options, words);
  if (sheet.problems.length > 0) return sheet;
  placeServedModel(sheet, ["model"], options.model);
  applyRows(sheet, tensorrtRows);
  placeSpeculation(sheet, "tensorrt-llm");
  placeCache(sheet);
  placeGraphs(sheet);
  placeRanks(sheet, expertsOf(sheet, options.files));
  setWaitingAside(sheet);
  placeCommon(sheet, commands);
  placeMachines(sheet, ["#SBATCH --nodes"], options);
  return sheet;
}

/** Tokens of the cache are so many blocks. */
function placeCache(sheet: Sheet): void {
  const setting = find(sheet, "kv_cache_config.max_tokens");
  const tokens = countOf(sheet, setting);
  const block = (sheet.values.get("serving.engine.blockTokens") as number | undefined) ?? 32;
  if (tokens !== undefined) put(sheet, "serving.engine.cacheBlocks", Math.floor(tokens / block), setting);
}

/** `cuda_graph_config: null` captures nothing. */
function placeGraphs(sheet: Sheet): void {
  const none = sheet.settings.find(({ name, value }) => name === "cuda_graph_config" && value === null);
  if (none !== undefined) put(sheet, "serving.engine.graphs", "off", none);
}

/** Prompts that wait for others do so only beside what gives their settings an effect: the program passes over the rest. */
function setWaitingAside(sheet: Sheet): void {
  const value = (key: string): unknown => sheet.values.get(`serving.engine.${key}`);
  const aside = (reason: string, ...keys: readonly string[]): void => {
    for (const key of keys.map((name) => `serving.engine.${name}`)) {
      const origin = sheet.origins.get(key);
      if (origin === undefined || !sheet.values.delete(key)) continue;
      sheet.reads.delete(origin);
      sheet.idle.set(origin, reason);
    }
  };
  if (sheet.values.has("serving.attentionData")) {
    aside("not with attention data parallelism", "batchWaitIterations", "batchWaitShare");
  } else aside("no attention data parallelism", "balance", "balanceTimeout", "balanceWait");
  if (value("balance") !== "on") aside("nothing is balanced", "balanceTimeout", "balanceWait");
  const [most, share] = [Number(value("batchWaitIterations") ?? 0), Number(value("batchWaitShare") ?? 0)];
  if (most === 0 || share === 0) aside("nothing waits without both", "batchWaitIterations", "batchWaitShare");
}

/** With attention data parallelism all tensor ranks are such ranks, of which each has whole heads. */
function placeRanks(sheet: Sheet, experts: "experts" | "none"): void {
  const degree = find(sheet, "tensor_parallel_size", "tp_size", "tp");
  const attention = find(sheet, "enable_attention_dp");
  const ranks = countOf(sheet, degree) ?? 1;
  const shared = truthOf(sheet, attention) === "on";
  put(sheet, "serving.tensor", shared ? 1 : ranks, degree);
  if (shared && ranks > 1) put(sheet, "serving.attentionData", ranks, attention, degree);
  else credit(sheet, attention, "serving.attentionData");
  placeExperts(sheet, experts, ranks);
}

function placeExperts(sheet: Sheet, experts: "experts" | "none", ranks: number): void {
  const degree: Setting | undefined = find(sheet, "moe_expert_parallel_size", "ep_size", "ep");
  if (degree === undefined) return;
  const count = countOf(sheet, degree);
  if (experts === "none") sheet.idle.set(degree, "the model has no experts");
  else if (count !== undefined && ranks % count !== 0)
    complain(sheet, degree, `contradictory: experts over ${count} of ${ranks} ranks`, "a divisor of the ranks");
  else if (count !== undefined) put(sheet, "serving.expert", count, degree);
}
