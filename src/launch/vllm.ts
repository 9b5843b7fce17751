/** Launches of vLLM: `vllm serve`, its API server as a module, its YAML, its containers; with `vllm bench serve` the requests. */

import type { LaunchFormat, LaunchOptions } from "./format.ts";
import { expertsOf } from "./model.ts";
import { applyRows } from "./rows.ts";
import { benchIdle, engineIdle, engineUnmodelled } from "./serving/idle.ts";
import { placeMachines } from "./serving/machines.ts";
import { placeServedModel } from "./serving/model.ts";
import { configFiles, type EngineWords, isOf, loadedSheet, placeCommon } from "./serving/read.ts";
import { placeSpeculation } from "./serving/speculation.ts";
import { vllmRows } from "./serving/vllm-rows.ts";
import { countOf, credit, find, put, type Sheet, truthOf } from "./sheet.ts";

const words: EngineWords = {
  engine: "vllm",
  program: "vLLM",
  marks: {
    programs: [
      [/(^|\/)vllm$/, /^serve$/],
      [/(^|\/)vllm[./]entrypoints[./]openai[./]api_server(\.py)?$/],
      [/^vllm[./]entrypoints[./]api_server(\.py)?$/],
    ],
    image: /(^|\/)vllm\/vllm-openai(:|@|$)/,
    positional: "model",
  },
  command: /\bvllm[\s'",-]+serve\b|vllm[./]entrypoints[./](openai[./])?api_server|vllm\/vllm-openai/,
  configuration:
    /^(max[-_]model[-_]len|gpu[-_]memory[-_]utilization|max[-_]num[-_]seqs|max[-_]num[-_]batched[-_]tokens):/m,
  configFlags: ["config"],
};

export const vllm: LaunchFormat = {
  kind: "serving",
  name: "vllm",
  summary: "vLLM: vllm serve or its API server, with YAML, in a script or in containers",
  matches: isOf(words),
  needs: configFiles(words),
  tables: { idle: [...engineIdle, ...benchIdle], unmodelled: engineUnmodelled },
  read,
};

function read(text: string, file: string, options: LaunchOptions): Sheet {
  const { sheet, commands } = loadedSheet(text, file, options, words);
  if (sheet.problems.length > 0) return sheet;
  placeServedModel(sheet, ["model", "model-tag"], options.model);
  applyRows(sheet, vllmRows);
  placeSpeculation(sheet, "vllm");
  placeRanks(sheet, expertsOf(sheet, options.files));
  placeCommon(sheet, commands);
  placeMachines(sheet, ["nnodes"], options);
  return sheet;
}

/**
 * Data-parallel ranks run in lockstep where layers have experts, and are engines of their own where they have none.
 * @source vllm-engine
 */
function placeRanks(sheet: Sheet, experts: "experts" | "none"): void {
  const data = find(sheet, "data-parallel-size", "dp");
  const ranks = countOf(sheet, data) ?? 1;
  const tensor = (sheet.values.get("serving.tensor") as number | undefined) ?? 1;
  const key = experts === "experts" ? "serving.attentionData" : "serving.replicas";
  if (ranks === 1) credit(sheet, data, key);
  else put(sheet, key, ranks, data);
  const parallel = find(sheet, "enable-expert-parallel", "ep");
  if (parallel === undefined) return;
  if (experts === "none") sheet.idle.set(parallel, "the model has no experts");
  else if (truthOf(sheet, parallel) === "on") put(sheet, "serving.expert", tensor * ranks, parallel);
  else credit(sheet, parallel, "serving.expert");
}
