/** Launch files of Megatron-LM: a script or a command that runs `pretrain_gpt.py`, with torchrun or under SLURM. */

import { placeBatch, placeCluster, placeData } from "./cluster.ts";
import { launchCommand } from "./command.ts";
import type { LaunchFormat, LaunchOptions } from "./format.ts";
import { idleExperts, placeExperts } from "./megatron/experts.ts";
import { megatronIdle, megatronUnmodelled } from "./megatron/idle.ts";
import { megatronModel, megatronSizes } from "./megatron/model.ts";
import { placeBytes, placeKernels, placePrecision, placeTokens } from "./megatron/numbers.ts";
import { placeOffload, placeOptimizer } from "./megatron/optimizer.ts";
import { degreeRows, megatronDefaults, named, stackRows } from "./megatron/rows.ts";
import { placeCopies, placeSharding } from "./megatron/sharding.ts";
import { placeContext, placeRecompute, placeStages } from "./megatron/stages.ts";
import { expertsOf, layersOf, placeModel, placeNamedModel } from "./model.ts";
import { applyRows } from "./rows.ts";
import { tidy } from "./scenario.ts";
import { assume, complain, credit, find, newSheet, put, type Sheet } from "./sheet.ts";
import { placeSoftware } from "./stack.ts";

/** A command that trains, not one that converts or generates. */
const marks = /^--(tensor-model-parallel-size|micro-batch-size|num-layers|hidden-size)(=|$)/;

export const megatron: LaunchFormat = {
  kind: "training",
  name: "megatron",
  summary: "Megatron-LM: a shell script or one command with the arguments of pretrain_gpt.py",
  matches: (text) => /--(micro-batch-size|tensor-model-parallel-size|num-attention-heads)\b/.test(text),
  tables: { idle: megatronIdle, unmodelled: megatronUnmodelled },
  read,
};

function read(text: string, file: string, options: LaunchOptions): Sheet {
  const command = launchCommand(text, { marks, set: options.set, nodes: options.nodes });
  const sheet = newSheet(file, "Megatron-LM", command?.settings ?? []);
  if (command === undefined) {
    complain(
      sheet,
      undefined,
      "no command with Megatron's arguments is run here",
      "expected one that runs pretrain_gpt.py",
    );
    return sheet;
  }
  if (command.candidates > 1)
    assume(sheet, "launch", command.program, `the first of ${command.candidates} such commands is read`);
  for (const line of command.loops) assume(sheet, "launch", `line ${line}`, "a while loop, which is passed over");
  readMegatron(sheet, options, command.processes);
  return sheet;
}

function readMegatron(sheet: Sheet, options: LaunchOptions, processes: "one" | "many"): void {
  applyRows(sheet, degreeRows, megatronDefaults);
  placeMegatronModel(sheet, options);
  const layers = layersOf(sheet, options.files);
  const experts = expertsOf(sheet, options.files);
  for (const key of ["layout.microBatch", "workload.sequenceLength"]) {
    if (sheet.values.has(key) || sheet.origins.has(key)) continue;
    const argument = key === "layout.microBatch" ? "--micro-batch-size" : "--seq-length";
    if (find(sheet, argument) === undefined)
      complain(sheet, undefined, `${argument} is missing`, "Megatron-LM has no default for it");
  }
  placeStages(sheet, layers);
  placeRecompute(sheet);
  placeSharding(sheet, {
    sharding: "none",
    reason: "no --use-distributed-optimizer: every rank keeps all of its state",
  });
  placeOptimizer(sheet, { fraction: 1 });
  placePrecision(sheet);
  placeBytes(sheet, "fp32 gradients with bf16");
  const old = find(sheet, "checkpoint-activations", "activations-checkpoint-method", "ddp-impl");
  applyRows(sheet, stackRows, megatronDefaults);
  placeContext(sheet);
  placeKernels(sheet, { dropout: "on", loss: "eager" });
  placeOffload(sheet, layers);
  if (experts === "experts") {
    placeExperts(sheet, "all-gather");
    if (!sheet.values.has("layout.expertTensor")) {
      const tensor = sheet.values.get("layout.tensor") ?? 1;
      put(sheet, "layout.expertTensor", tensor);
      assume(sheet, "layout.expertTensor", String(tensor), "not given: Megatron-LM splits experts like the rest");
    }
  } else idleExperts(sheet);
  const facts = processes === "one" ? { ...clusterFacts, accelerators: 1 } : clusterFacts;
  const accelerators = placeCluster(sheet, facts, options);
  if (accelerators !== undefined) placeData(sheet, accelerators);
  placeCopies(sheet);
  placeBatch(sheet, 1, "not given: Megatron-LM takes one micro-batch a data-parallel rank");
  placeTokens(sheet, find(sheet, "train-iters"), find(sheet, "train-samples"));
  tidy(sheet, experts);
  placeSoftware(sheet, old === undefined ? "megatron-core@2024.07" : "megatron@2021", options.software);
  if (old !== undefined && options.software === undefined) {
    assume(sheet, "software", "megatron@2021", `${old.name} is an argument of Megatron-LM until 2021`);
  }
}

const clusterFacts = {
  nodes: ["nnodes", "num-nodes", "nodes", "#SBATCH --nodes"],
  perNode: [
    "nproc-per-node",
    "gpus-per-node",
    "#SBATCH --gpus-per-node",
    "#SBATCH --gres",
    "#SBATCH --ntasks-per-node",
  ],
  usual: "hgx-h100",
};

/** By name where the user gives one, else by its sizes. */
function placeMegatronModel(sheet: Sheet, { model }: LaunchOptions): void {
  const before = sheet.problems.length;
  const facts = megatronSizes(sheet, megatronModel);
  if (model !== undefined) {
    sheet.problems.splice(before);
    placeNamedModel(sheet, model);
  } else if (facts !== undefined) placeModel(sheet, facts);
  const modules = find(sheet, ...named("mtp-num-layers", "model"));
  if (modules !== undefined && Number(modules.value) > 0)
    put(sheet, "workload.multiTokenPrediction", Number(modules.value), modules);
  credit(sheet, modules, "workload.multiTokenPrediction");
}
