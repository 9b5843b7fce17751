/**
 * Configurations of Megatron-Bridge and NeMo: `model:` with Megatron's fields beside `train:` and `ddp:`, or NeMo 1.0's
 * `trainer:` with `model:`. Recipes keep most of their settings in code, so that a file of overrides does not say its
 * degrees: they are asked for.
 */

import { placeBatch, placeCluster, placeData } from "./cluster.ts";
import type { LaunchFormat, LaunchOptions } from "./format.ts";
import { idleExperts, placeExperts } from "./megatron/experts.ts";
import { bridgeIdle, megatronIdle, megatronUnmodelled } from "./megatron/idle.ts";
import { bridgeModel, megatronModel, megatronSizes } from "./megatron/model.ts";
import { placeBytes, placeKernels, placePrecision, placeTokens } from "./megatron/numbers.ts";
import { placeOffload, placeOptimizer } from "./megatron/optimizer.ts";
import { bridgeDefaults, degreeRows, megatronDefaults, named, stackRows } from "./megatron/rows.ts";
import { placeCopies, placeSharding } from "./megatron/sharding.ts";
import { placeContext, placeRecompute, placeStages } from "./megatron/stages.ts";
import { modelName } from "./megatron/vocabulary.ts";
import { expertsOf, layersOf, placeModel, placeNamedModel } from "./model.ts";
import { applyRows } from "./rows.ts";
import { tidy } from "./scenario.ts";
import { assume, complain, countOf, credit, find, newSheet, numberOf, put, type Sheet, truthOf } from "./sheet.ts";
import { placeSoftware } from "./stack.ts";
import { treeOf } from "./tree.ts";

export const bridge: LaunchFormat = {
  kind: "training",
  name: "bridge",
  summary: "NeMo and Megatron-Bridge: a configuration in YAML, or overrides of a recipe",
  matches: (text) =>
    /^\s*(tensor_model_parallel_size|micro_batch_size|global_batch_size|pipeline_model_parallel_size):/m.test(text),
  tables: { idle: [...bridgeIdle, ...megatronIdle], unmodelled: megatronUnmodelled },
  read,
};

function read(text: string, file: string, options: LaunchOptions): Sheet {
  const { settings, problems } = treeOf(text, file, {
    set: options.set,
    wrappers: ["ConfigContainer", "training", "config"],
  });
  const old = settings.some(({ name }) => name.startsWith("trainer."));
  const sheet = newSheet(file, old ? "NeMo" : "Megatron-Bridge", settings);
  sheet.problems.push(...problems);
  if (problems.length > 0) return sheet;
  applyRows(sheet, degreeRows, old ? megatronDefaults : bridgeDefaults);
  if (!old) askDegrees(sheet);
  placeBridgeModel(sheet, options, old);
  readRest(sheet, options, old);
  return sheet;
}

/** What a recipe sets in code is not in its overrides. */
function askDegrees(sheet: Sheet): void {
  const wanted = { "layout.tensor": "tensor_model_parallel_size", "layout.pipeline": "pipeline_model_parallel_size" };
  for (const [key, field] of Object.entries(wanted)) {
    if (sheet.values.has(key) || find(sheet, `model.${field}`) !== undefined) continue;
    const message = `model.${field} is not stated: the recipe sets it in code`;
    complain(sheet, undefined, message, `--set model.${field}=N`);
  }
}

function placeBridgeModel(sheet: Sheet, { model }: LaunchOptions, old: boolean): void {
  const before = sheet.problems.length;
  const id = find(sheet, "model.hf_model_id", "model.hf_path");
  const facts = megatronSizes(sheet, old ? megatronModel : bridgeModel);
  if (model !== undefined) {
    sheet.problems.splice(before);
    placeNamedModel(sheet, model);
  } else if (facts !== undefined) placeModel(sheet, facts);
  else if (id !== undefined && modelName(id.text) !== undefined) {
    sheet.problems.splice(before);
    placeNamedModel(sheet, modelName(id.text) ?? "", id);
  }
  const modules = find(sheet, ...named("mtp-num-layers", "model"));
  credit(sheet, modules, "workload.multiTokenPrediction");
  if (modules !== undefined && Number(modules.value) > 0) {
    put(sheet, "workload.multiTokenPrediction", Number(modules.value), modules);
  }
}

function readRest(sheet: Sheet, options: LaunchOptions, old: boolean): void {
  const layers = layersOf(sheet, options.files);
  const experts = expertsOf(sheet, options.files);
  for (const [key, field] of [
    ["layout.microBatch", "micro_batch_size"],
    ["workload.sequenceLength", "seq_length"],
  ] as const) {
    const stated = sheet.reads.size > 0 && [...sheet.reads.values()].some((keys) => keys.has(key));
    if (!stated)
      complain(
        sheet,
        undefined,
        `${field} is not stated`,
        `--set ${old ? "model" : field === "seq_length" ? "model" : "train"}.${field}=N`,
      );
  }
  placeStages(sheet, layers);
  placeRecompute(sheet);
  const reason = old ? "optim.name is not given" : "not given: recipes use the distributed optimizer";
  placeSharding(sheet, { sharding: old ? "none" : "optimizer", reason });
  placeOptimizer(sheet, { fraction: 0 });
  placePrecision(sheet, old ? "fp32" : "bf16");
  placeBytes(sheet, "as the stack");
  placeAdapters(sheet);
  applyRows(sheet, stackRows, old ? megatronDefaults : {});
  placeContext(sheet);
  placeKernels(sheet, { dropout: old ? "on" : "off", loss: undefined });
  placeOffload(sheet, layers);
  if (experts === "experts") placeExperts(sheet, undefined);
  else idleExperts(sheet);
  const accelerators = placeCluster(sheet, clusterFacts, options);
  if (accelerators !== undefined) placeData(sheet, accelerators);
  placeCopies(sheet);
  placeBatch(sheet, 1, "not given: one micro-batch a data-parallel rank");
  placeTokens(sheet, find(sheet, "train.train_iters", "trainer.max_steps"), find(sheet, "train.train_samples"));
  tidy(sheet, experts);
  placeSoftware(sheet, old ? "nemo@2024" : "megatron-bridge@26.06", options.software);
}

const clusterFacts = {
  nodes: ["trainer.num_nodes", "num_nodes"],
  perNode: ["trainer.devices", "num_gpus_per_node"],
  usual: "hgx-h100",
};

/** `peft:` of a fine-tuning recipe. */
function placeAdapters(sheet: Sheet): void {
  const rank = find(sheet, "peft.dim");
  if (rank === undefined) return;
  const targets = find(sheet, "peft.target_modules");
  const list = Array.isArray(targets?.value) ? { targets: targets.value } : {};
  const kind = [find(sheet, "peft.scheme", "peft.peft_scheme"), find(sheet, "peft._target_")];
  const method = kind.some((setting) => /dora/i.test(setting?.text ?? "")) ? "dora" : "lora";
  const rate = find(sheet, "peft.dropout");
  const dropout = rate !== undefined && (numberOf(rate.value) ?? 0) > 0 ? { dropout: "on" } : {};
  const experimental = find(sheet, "peft.a2a_experimental");
  const split = Number(sheet.values.get("layout.tensor")) > 1 && sheet.values.get("layout.sequenceParallel") === "on";
  const exchange = split && truthOf(sheet, experimental) === "on" ? { exchange: "all-to-all" } : {};
  const tuning = { method, rank: countOf(sheet, rank), ...list, ...dropout, ...exchange };
  put(sheet, "workload.tuning", tuning, rank, targets, rate, ...(split ? [experimental] : []));
  if (experimental !== undefined && !split) sheet.idle.set(experimental, "without sequence parallelism");
  assume(sheet, "workload.tuning", "lora", "peft: only adapters learn");
}
