/**
 * Launch files of DeepSpeed: its JSON, and the arguments of the Hugging Face Trainer beside it (a script, a JSON of
 * TrainingArguments, or `--set`), which may ask for PyTorch's FSDP instead. A value that is "auto" is the Trainer's, as its integration has it.
 * @source deepspeed-config @source transformers-trainer
 */

import { models } from "../catalog/index.ts";
import { placeCluster, placeData } from "./cluster.ts";
import { launchCommand } from "./command.ts";
import { deepspeedIdle, deepspeedUnmodelled } from "./deepspeed/idle.ts";
import { placeKernels, placeOptimizer, placePrecision } from "./deepspeed/numbers.ts";
import { placeOffload, placeStage } from "./deepspeed/stage.ts";
import { placeObjective, placeTuning } from "./deepspeed/tuning.ts";
import type { LaunchFormat, LaunchOptions } from "./format.ts";
import { expertsOf, placeNamedModel } from "./model.ts";
import { applyRows, countRow, type Row } from "./rows.ts";
import { tidy } from "./scenario.ts";
import { assume, complain, countOf, credit, find, newSheet, put, type Setting, type Sheet, wordOf } from "./sheet.ts";
import { placeSoftware } from "./stack.ts";
import { treeOf } from "./tree.ts";

export const deepspeed: LaunchFormat = {
  kind: "training",
  name: "deepspeed",
  summary: "DeepSpeed: its JSON, a script with arguments of the Hugging Face Trainer, or both",
  matches: (text) =>
    /"(zero_optimization|train_micro_batch_size_per_gpu|per_device_train_batch_size)"/.test(text) ||
    /--(per_device_train_batch_size|zero_stage|deepspeed|deepspeed_config|use_fsdp)\b/.test(text),
  needs: (text, options) => [...configFiles(settingsOf(text, "", options).settings)],
  tables: { idle: deepspeedIdle, unmodelled: deepspeedUnmodelled },
  read,
};

const marks = /^--(per_device_train_batch_size|zero_stage|deepspeed|deepspeed_config|use_fsdp)(=|$)/;

/** Settings of the file itself: JSON, or the flags of a command. */
function settingsOf(text: string, file: string, options: LaunchOptions): ReturnType<typeof treeOf> {
  if (text.trimStart().startsWith("{")) return treeOf(text, file, { set: options.set });
  const command = launchCommand(text, { marks, set: options.set, nodes: options.nodes });
  const given = Object.entries(options.set).map(([name, value]): Setting => ({ name, value, text: value, line: 0 }));
  return { settings: [...(command?.settings ?? []), ...given], problems: [] };
}

/** `--deepspeed ds_config.json`. */
function configFiles(settings: readonly Setting[]): readonly string[] {
  return settings.flatMap(({ name, text }) =>
    /^-*deepspeed(_config)?$/.test(name) && /\.json$/.test(text) ? [text] : [],
  );
}

/** A JSON that is named decides the sharding; where nobody has its text, only what --set gives in its place is known. */
function placeConfig(sheet: Sheet, setting: Setting, files: LaunchOptions["files"]): void {
  const stage = find(sheet, "zero_optimization.stage", "zero_stage");
  if (setting.missing !== undefined && /^-*deepspeed(_config)?$/.test(setting.name) && stage === undefined)
    wordOf(sheet, setting);
  const [path] = configFiles([setting]);
  if (path === undefined || setting.missing !== undefined) return;
  if (files[path] !== undefined) credit(sheet, setting, "layout.sharding");
  else if (stage !== undefined) sheet.unmodelled.set(setting, "the file was not found: only what --set gives is known");
  else {
    const hint = "put the file there, or give what it states: --set zero_optimization.stage=N";
    complain(sheet, setting, `${path} is named but was not found beside the script`, hint);
  }
}

const rows: readonly Row[] = [
  countRow("layout.tensor", ["tensor_parallel.autotp_size"]),
  countRow("layout.context", ["sequence_parallel_size"]),
  countRow("workload.sequenceLength", [
    "max_seq_length",
    "max_seq_len",
    "model_max_length",
    "cutoff_len",
    "block_size",
  ]),
];

function read(text: string, file: string, options: LaunchOptions): Sheet {
  const { settings, problems } = settingsOf(text, file, options);
  const below = configFiles(settings).flatMap((path) => {
    const found = options.files[path];
    return found === undefined ? [] : [treeOf(found, path, { set: {} })];
  });
  // What the Trainer is given comes first: the file's own settings win where both state a value.
  const merged = [...below.flatMap((tree) => tree.settings), ...settings];
  const sheet = newSheet(file, "DeepSpeed", merged);
  sheet.problems.push(...problems, ...below.flatMap((tree) => tree.problems));
  if (merged.length === 0 && sheet.problems.length === 0)
    complain(sheet, undefined, "no command with DeepSpeed or Trainer arguments is run here");
  if (sheet.problems.length > 0) return sheet;
  for (const setting of settings) placeConfig(sheet, setting, options.files);
  applyRows(sheet, rows, { "layout.tensor": 1, "layout.context": 1 });
  put(sheet, "layout.pipeline", 1);
  put(sheet, "layout.virtualStages", 1);
  put(sheet, "layout.schedule", "1f1b");
  if (!sheet.values.has("workload.sequenceLength") && sheet.problems.length === 0) {
    complain(sheet, undefined, "the sequence length is not stated", "--set max_seq_length=N");
  }
  placeTrainerModel(sheet, options);
  const accelerators = placeCluster(sheet, clusterFacts, options);
  if (accelerators !== undefined) placeData(sheet, accelerators);
  placeBatches(sheet);
  placeStage(sheet);
  placeOffload(sheet);
  placePrecision(sheet);
  placeKernels(sheet);
  placeOptimizer(sheet);
  placeTuning(sheet);
  placeObjective(sheet);
  tidy(sheet, expertsOf(sheet, options.files));
  placeSoftware(sheet, "deepspeed@0.16", options.software);
  return sheet;
}

const clusterFacts = {
  nodes: ["num_nodes", "nnodes", "num_machines", "#SBATCH --nodes"],
  perNode: ["num_gpus", "nproc_per_node", "#SBATCH --gpus-per-node", "#SBATCH --gres"],
  processes: ["num_processes"],
  usual: "hgx-h100",
};

function placeTrainerModel(sheet: Sheet, { model }: LaunchOptions): void {
  const setting = find(sheet, "model_name_or_path", "model_name", "actor_model_name_or_path");
  credit(sheet, setting, "workload.model");
  if (model !== undefined) {
    placeNamedModel(sheet, model);
    return;
  }
  const word = wordOf(sheet, setting);
  if (word !== undefined && models.find(word) !== undefined) placeNamedModel(sheet, word, setting);
  else if (setting === undefined || word !== undefined) {
    const found =
      word === undefined ? "no model is named" : `"${word}" is not in the catalog, and its sizes are not in the file`;
    complain(sheet, setting, found, "--model NAME, a catalog name or a path to a config.json");
  }
}

/** A number of the JSON, or of the Trainer where the JSON says auto or nothing. */
function either(
  sheet: Sheet,
  own: string,
  trainer: string,
): { readonly count: number | undefined; readonly from: Setting | undefined } {
  const [first, second] = [find(sheet, own), find(sheet, trainer)];
  const auto = first?.text === "auto";
  if (auto && own === trainer) return { count: undefined, from: undefined };
  if (first !== undefined && auto) credit(sheet, first, "layout.microBatch");
  if (first !== undefined && !auto) {
    const count = countOf(sheet, first);
    const other = countOf(sheet, second);
    if (count !== undefined && other !== undefined && count !== other && own !== trainer) {
      complain(
        sheet,
        first,
        `contradictory: ${own} ${count}, but ${trainer} ${other} in line ${second?.line}`,
        "write auto",
      );
    }
    return { count, from: first };
  }
  return { count: countOf(sheet, second), from: second };
}

function placeBatches(sheet: Sheet): void {
  const micro = either(sheet, "train_micro_batch_size_per_gpu", "per_device_train_batch_size");
  const steps = either(sheet, "gradient_accumulation_steps", "gradient_accumulation_steps");
  const whole = find(sheet, "train_batch_size");
  const stated = whole?.text === "auto" ? undefined : countOf(sheet, whole);
  credit(sheet, whole, "workload.globalBatch");
  const data = sheet.values.get("layout.data");
  if (typeof data !== "number") return;
  const accumulation = steps.count ?? 1;
  const each = micro.count ?? (stated === undefined ? undefined : stated / data / accumulation);
  if (each === undefined || !Number.isInteger(each)) {
    const message = "the micro-batch is not stated (train_micro_batch_size_per_gpu, per_device_train_batch_size)";
    complain(sheet, micro.from ?? whole, message, "--set per_device_train_batch_size=N");
    return;
  }
  put(sheet, "layout.microBatch", each, micro.from, whole);
  const product = each * data * accumulation;
  if (stated !== undefined && steps.count !== undefined && stated !== product) {
    const parts = `${each} x accumulation ${accumulation} x data ${data} = ${product}`;
    complain(
      sheet,
      whole,
      `contradictory: train_batch_size ${stated}, but micro-batch ${parts}`,
      "--nodes, or change one of them",
    );
    return;
  }
  put(sheet, "workload.globalBatch", stated ?? product, whole, steps.from, micro.from);
  if (stated === undefined && steps.count === undefined) {
    assume(sheet, "workload.globalBatch", product, "no gradient accumulation is given: one micro-batch a rank");
  }
}
