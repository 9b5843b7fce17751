/** Launches of SGLang: `python -m sglang.launch_server`, its YAML, its containers; with `sglang.bench_serving` the requests. */

import type { LaunchFormat, LaunchOptions } from "./format.ts";
import { expertsOf } from "./model.ts";
import { applyRows } from "./rows.ts";
import { benchIdle, engineIdle, engineUnmodelled } from "./serving/idle.ts";
import { placeMachines } from "./serving/machines.ts";
import { placeServedModel } from "./serving/model.ts";
import { configFiles, type EngineWords, isOf, loadedSheet, placeCommon } from "./serving/read.ts";
import { sglangRows } from "./serving/sglang-rows.ts";
import { placeSpeculation } from "./serving/speculation.ts";
import { complain, countOf, credit, find, numberOf, put, type Sheet, truthOf } from "./sheet.ts";

const words: EngineWords = {
  engine: "sglang",
  program: "SGLang",
  marks: {
    programs: [[/^sglang\.launch_server$/], [/(^|\/)sglang$/, /^serve$/], [/sglang\/launch_server\.py$/]],
    positional: "none",
  },
  command: /sglang[./]launch_server|\bsglang serve\b/,
  configuration: /^(mem[-_]fraction[-_]static|chunked[-_]prefill[-_]size|max[-_]running[-_]requests|model[-_]path):/m,
  configFlags: ["config"],
};

export const sglang: LaunchFormat = {
  kind: "serving",
  name: "sglang",
  summary: "SGLang: sglang.launch_server, with YAML, in a script or in containers",
  matches: isOf(words),
  needs: configFiles(words),
  tables: { idle: [...engineIdle, ...benchIdle], unmodelled: engineUnmodelled },
  read,
};

function read(text: string, file: string, options: LaunchOptions): Sheet {
  const { sheet, commands } = loadedSheet(text, file, options, words);
  if (sheet.problems.length > 0) return sheet;
  placeServedModel(sheet, ["model-path", "model"], options.model);
  applyRows(sheet, sglangRows);
  placeSpeculation(sheet, "sglang");
  placeChunk(sheet);
  placeCache(sheet);
  placeRanks(sheet, expertsOf(sheet, options.files));
  placeCommon(sheet, commands);
  placeMachines(sheet, ["nnodes"], options);
  return sheet;
}

/** Tokens of a chunk; -1 leaves prompts whole. @source sglang-server-args */
function placeChunk(sheet: Sheet): void {
  const setting = find(sheet, "chunked-prefill-size");
  const size = numberOf(setting?.value ?? null);
  if (setting === undefined) return;
  if (size === -1) put(sheet, "serving.engine.chunkedPrefill", "off", setting);
  else {
    const tokens = countOf(sheet, setting);
    if (tokens !== undefined) put(sheet, "serving.engine.maxBatchedTokens", tokens, setting);
  }
}

/** Tokens of the cache are so many pages. */
function placeCache(sheet: Sheet): void {
  const setting = find(sheet, "max-total-tokens");
  const tokens = countOf(sheet, setting);
  const page = (sheet.values.get("serving.engine.blockTokens") as number | undefined) ?? 1;
  if (tokens !== undefined) put(sheet, "serving.engine.cacheBlocks", Math.floor(tokens / page), setting);
}

/** With data-parallel attention the tensor ranks are shared out over it; without, the ranks are engines of their own. */
function placeRanks(sheet: Sheet, experts: "experts" | "none"): void {
  const data = find(sheet, "dp-size", "dp", "data-parallel-size");
  const attention = find(sheet, "enable-dp-attention");
  const ranks = countOf(sheet, data) ?? 1;
  const degree = find(sheet, "tp-size", "tp", "tensor-parallel-size");
  const whole = countOf(sheet, degree) ?? 1;
  const shared = truthOf(sheet, attention) === "on";
  credit(sheet, attention, "serving.attentionData");
  if (shared && whole % ranks !== 0) {
    complain(sheet, data, `contradictory: ${ranks} data-parallel ranks of ${whole} tensor ranks`, "change a degree");
    return;
  }
  put(sheet, "serving.tensor", shared ? whole / ranks : whole, degree);
  const key = shared ? "serving.attentionData" : "serving.replicas";
  if (ranks === 1) credit(sheet, data, key);
  else put(sheet, key, ranks, data);
  placeExperts(sheet, experts, whole);
}

function placeExperts(sheet: Sheet, experts: "experts" | "none", ranks: number): void {
  const degree = find(sheet, "ep-size", "ep", "expert-parallel-size");
  const all = find(sheet, "enable-ep-moe", "enable-deepep-moe");
  for (const setting of [degree, all])
    if (setting !== undefined && experts === "none") sheet.idle.set(setting, "the model has no experts");
  if (experts === "none") return;
  const count = countOf(sheet, degree) ?? (truthOf(sheet, all) === "on" ? ranks : undefined);
  if (count !== undefined) put(sheet, "serving.expert", count, degree, all);
}
