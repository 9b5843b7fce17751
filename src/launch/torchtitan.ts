/** Launch files of torchtitan: TOML with `[model]`, `[training]` and `[parallelism]`. Its fully sharded data parallel is FSDP2. */

import { placeCluster, placeData } from "./cluster.ts";
import type { LaunchFormat, LaunchOptions } from "./format.ts";
import { expertsOf, layersOf, placeNamedModel } from "./model.ts";
import { applyRows } from "./rows.ts";
import { tidy } from "./scenario.ts";
import {
  assume,
  complain,
  countOf,
  credit,
  find,
  newSheet,
  put,
  type Setting,
  type Sheet,
  truthOf,
  wordOf,
} from "./sheet.ts";
import { placeSoftware } from "./stack.ts";
import { tomlOf } from "./toml.ts";
import {
  degreeRows,
  flavours,
  schedules,
  stackRows,
  torchtitanDefaults,
  torchtitanIdle,
  torchtitanUnmodelled,
} from "./torchtitan/rows.ts";
import { idleSplit, placeSplit } from "./torchtitan/split.ts";

export const torchtitan: LaunchFormat = {
  kind: "training",
  name: "torchtitan",
  summary: "torchtitan: a configuration in TOML",
  matches: (text) => /^\s*\[(training|parallelism)\]\s*(#.*)?$/m.test(text),
  tables: { idle: torchtitanIdle, unmodelled: torchtitanUnmodelled },
  read,
};

const usual = "torchtitan@2025";

function read(text: string, file: string, options: LaunchOptions): Sheet {
  const { settings, problems } = tomlOf(text, file, { set: options.set });
  const sheet = newSheet(file, "torchtitan", settings);
  sheet.problems.push(...problems);
  if (problems.length > 0) return sheet;
  applyRows(sheet, degreeRows, torchtitanDefaults);
  if (find(sheet, "training.seq_len") === undefined) {
    complain(sheet, undefined, "training.seq_len is missing", "--set training.seq_len=N");
  }
  placeFlavour(sheet, options);
  const experts = expertsOf(sheet, options.files);
  const layers = layersOf(sheet, options.files);
  placeBalance(sheet);
  put(sheet, "layout.sequenceParallel", sheet.values.get("layout.tensor") === 1 ? "off" : "on");
  placeSchedule(sheet, layers);
  const ranks = statedRanks(sheet);
  const facts = { nodes: [], perNode: [], usual: "hgx-h100", ...(ranks === undefined ? {} : { accelerators: ranks }) };
  const accelerators = placeCluster(sheet, facts, options);
  if (accelerators !== undefined) placeShards(sheet, accelerators);
  placeBatches(sheet);
  placeRecompute(sheet, layers);
  placeNumbers(sheet);
  applyRows(sheet, stackRows, torchtitanDefaults);
  placeKernels(sheet);
  tidy(sheet, experts);
  placeSoftware(sheet, usual, options.software);
  return sheet;
}

function placeFlavour(sheet: Sheet, { model }: LaunchOptions): void {
  const name = find(sheet, "model.name");
  const flavour = find(sheet, "model.flavor");
  for (const setting of [name, flavour]) credit(sheet, setting, "workload.model");
  if (model !== undefined) {
    placeNamedModel(sheet, model);
    return;
  }
  const word = `${name?.text ?? ""}/${flavour?.text ?? ""}`;
  const found = flavours[word.toLowerCase()];
  if (found !== undefined) placeNamedModel(sheet, found, flavour);
  else {
    const hint = "--model NAME, a catalog name or a path to a config.json";
    complain(
      sheet,
      flavour ?? name,
      `the sizes of ${word} are not in the file, and this flavour is not in the catalog`,
      hint,
    );
  }
}

function placeSchedule(sheet: Sheet, layers: number | undefined): void {
  const setting = find(sheet, "parallelism.pipeline_parallel_schedule", "experimental.pipeline_parallel_schedule");
  const pipeline = sheet.values.get("layout.pipeline");
  if (pipeline === 1 || pipeline === undefined) {
    if (setting !== undefined) sheet.idle.set(setting, "without a pipeline");
    idleSplit(sheet);
    put(sheet, "layout.virtualStages", 1);
    put(sheet, "layout.schedule", "1f1b");
    return;
  }
  const word = wordOf(sheet, setting)?.toLowerCase() ?? "1f1b";
  const [, known] = Object.entries(schedules).find(([name]) => name.toLowerCase() === word) ?? [];
  if (known === undefined) {
    complain(
      sheet,
      setting,
      `schedule "${setting?.text}" is not modelled yet`,
      `known: ${Object.keys(schedules).join(", ")}`,
    );
    return;
  }
  if (setting === undefined) assume(sheet, "layout.schedule", "1f1b", "not given: the default of torchtitan");
  const [schedule, fewest] = known;
  put(sheet, "layout.schedule", schedule, setting);
  placeSplit(sheet, { schedule, pipeline: pipeline as number, fewest }, layers);
}

/** Replicas and shards as the file states them; a degree of -1 is what the others leave. */
function statedShards(sheet: Sheet): {
  readonly shardSetting: Setting | undefined;
  readonly copySetting: Setting | undefined;
  readonly copies: number;
  readonly stated: number | undefined;
} {
  const field = (name: string): readonly string[] => [`parallelism.${name}`, `training.${name}`];
  const shardSetting = find(sheet, ...field("data_parallel_shard_degree"), "training.data_parallel_degree");
  const copySetting = find(sheet, ...field("data_parallel_replicate_degree"));
  const open = shardSetting === undefined || Number(shardSetting.value) === -1;
  const stated = open ? undefined : countOf(sheet, shardSetting);
  return { shardSetting, copySetting, copies: countOf(sheet, copySetting) ?? 1, stated };
}

/** Ranks in all, where no degree is left open. */
function statedRanks(sheet: Sheet): number | undefined {
  const { copies, stated } = statedShards(sheet);
  const inner = ["tensor", "context", "pipeline"].map((name) => sheet.values.get(`layout.${name}`));
  const known = inner.filter((degree) => typeof degree === "number");
  if (stated === undefined || known.length < inner.length) return undefined;
  return known.reduce((product, next) => product * next, stated * copies);
}

/** Replicas and shards: what is not stated is what the other degrees leave. */
function placeShards(sheet: Sheet, accelerators: number): void {
  const { shardSetting, copySetting, copies, stated } = statedShards(sheet);
  placeData(sheet, accelerators, stated === undefined ? undefined : { data: stated * copies, from: shardSetting });
  for (const setting of [shardSetting, copySetting]) credit(sheet, setting, "layout.data");
  const data = sheet.values.get("layout.data");
  if (typeof data !== "number") return;
  if (data % copies !== 0) {
    complain(sheet, copySetting, `contradictory: ${copies} replicas of ${data} data-parallel ranks`, "change a degree");
    return;
  }
  const shards = data / copies;
  const context = sheet.values.get("layout.context") as number;
  const from = [shardSetting, copySetting];
  const whole = shards === 1 && copies > 1;
  put(sheet, "layout.sharding", whole ? "none" : copies > 1 ? "hybrid" : "full", ...from);
  if (copies > 1 && !whole) put(sheet, "layout.shardGroup", shards * context, shardSetting);
  placeShardDetails(sheet, whole);
}

/** Weights between forward and backward pass, and on the host; both say nothing where weights are whole. */
function placeShardDetails(sheet: Sheet, whole: boolean): void {
  const key = "layout.reshardAfterForward";
  const reshard = find(sheet, "parallelism.fsdp_reshard_after_forward", "training.fsdp_reshard_after_forward");
  const offload = find(sheet, "training.enable_cpu_offload");
  if (whole) {
    for (const setting of [reshard, offload])
      if (setting !== undefined) sheet.idle.set(setting, "weights are not sharded");
    return;
  }
  const word = wordOf(sheet, reshard)?.toLowerCase() ?? "default";
  const piped = sheet.values.get("layout.pipeline") !== 1;
  if (!/^(default|always|never)$/.test(word))
    complain(sheet, reshard, `found "${word}", expected default, always or never`);
  else if (word === "never" || (word === "default" && piped)) {
    put(sheet, key, "never", reshard);
    if (word === "default") assume(sheet, key, "never", "the default of torchtitan with a pipeline");
  } else credit(sheet, reshard, key);
  if (truthOf(sheet, offload) === "on") put(sheet, "layout.weightOffload", "on", offload);
  else credit(sheet, offload, "layout.weightOffload");
}

/** Whether context ranks get pieces from both ends of a sequence. */
function placeBalance(sheet: Sheet): void {
  const setting = find(sheet, "parallelism.context_parallel_load_balance");
  if (setting === undefined) return;
  if (sheet.values.get("layout.context") === 1) sheet.idle.set(setting, "without context parallelism");
  else put(sheet, "layout.contextBalance", truthOf(sheet, setting) === "off" ? "contiguous" : "zig-zag", setting);
}

/** Sequences: of a rank, of a micro-batch (with a pipeline), and of all ranks. */
function placeBatches(sheet: Sheet): void {
  const local = find(sheet, "training.local_batch_size", "training.batch_size");
  const global = find(sheet, "training.global_batch_size");
  const micro = find(sheet, "parallelism.pipeline_parallel_microbatch_size");
  const each = countOf(sheet, local);
  if (each === undefined) {
    if (local === undefined)
      complain(sheet, undefined, "training.local_batch_size is missing", "--set training.local_batch_size=N");
    return;
  }
  const piped = sheet.values.get("layout.pipeline") !== 1;
  put(sheet, "layout.microBatch", piped ? (countOf(sheet, micro) ?? 1) : each, local, piped ? micro : undefined);
  if (micro !== undefined && !piped) sheet.idle.set(micro, "without a pipeline");
  if (piped && micro === undefined)
    assume(sheet, "layout.microBatch", 1, "not given: the default of torchtitan's pipelines");
  const data = sheet.values.get("layout.data");
  if (typeof data !== "number") return;
  const whole = global === undefined || Number(global.value) === -1 ? undefined : countOf(sheet, global);
  put(sheet, "workload.globalBatch", whole ?? each * data, local, global);
  if (whole === undefined)
    assume(sheet, "workload.globalBatch", each * data, `${each} sequences for each of ${data} data-parallel ranks`);
  const steps = find(sheet, "training.steps");
  const count = countOf(sheet, steps);
  const length = sheet.values.get("workload.sequenceLength");
  if (count !== undefined && typeof length === "number")
    put(sheet, "workload.tokens", count * (whole ?? each * data) * length, steps);
}

function placeRecompute(sheet: Sheet, layers: number | undefined): void {
  const key = "layout.recompute";
  const mode = find(sheet, "activation_checkpoint.mode");
  const option = find(sheet, "activation_checkpoint.selective_ac_option");
  const word = wordOf(sheet, mode)?.toLowerCase() ?? "selective";
  const every = Number(option?.value ?? "op");
  if (word !== "selective" && option !== undefined) sheet.idle.set(option, "for selective recompute only");
  if (word === "none" || word === "full") put(sheet, key, word, mode);
  else if (word !== "selective") {
    complain(sheet, mode, `found "${word}", expected none, selective or full`);
  } else if (Number.isInteger(every) && every >= 1) {
    put(sheet, key, "full", mode, option);
    const stages = Number(sheet.values.get("layout.pipeline")) * Number(sheet.values.get("layout.virtualStages"));
    const count = Math.ceil((layers ?? 0) / stages / every);
    if (every > 1 && count > 0) put(sheet, "layout.recomputeLayers", count, option);
  } else {
    put(sheet, key, "selective", mode, option);
    const reason =
      "torchtitan's choice by operator keeps attention and every second matrix product; those computed again are not counted";
    assume(sheet, key, "selective", reason);
  }
}

/** Formats: bf16 with parameters in fp32, gradients reduced in fp32, and converters to 8 bits. */
function placeNumbers(sheet: Sheet): void {
  const converters = find(sheet, "model.converters");
  const list = Array.isArray(converters?.value) ? converters.value.map(String) : (converters?.text ?? "").split(",");
  const low = list.map((each) => each.trim()).filter((each) => each !== "");
  const older = find(sheet, "float8.enable_float8_linear", "training.enable_float8_linear", "training.fp8_linear");
  const mx = low.some((each) => /mx/.test(each));
  const eight = mx || low.some((each) => /float8/.test(each)) || truthOf(sheet, older) === "on";
  placeRecipe(sheet, eight, mx);
  const cast = find(sheet, "training.mixed_precision_param");
  const wide =
    cast === undefined
      ? "bf16"
      : /16/.test(cast.text)
        ? cast.text.replace("bfloat16", "bf16").replace("float16", "fp16")
        : "fp32";
  put(sheet, "workload.precision", mx ? "mxfp8" : eight ? "fp8-current" : wide, converters, older, cast);
  const reduce = find(sheet, "training.mixed_precision_reduce");
  put(sheet, "software.bytes.gradientReduce", reduce !== undefined && /16/.test(reduce.text) ? 2 : 4, reduce);
  const gather = find(sheet, ...float8Sections.map((section) => `${section}.enable_fsdp_float8_all_gather`));
  if (eight && truthOf(sheet, gather) === "on") put(sheet, "software.bytes.parameterGather", 1, gather);
  else if (gather !== undefined)
    sheet.idle.set(gather, eight ? "off, as the stack has it" : "without a converter to 8 bits");
}

/** How finely 8 bits are scaled: by tensor as the language has it, or by row, which it has not. */
function placeRecipe(sheet: Sheet, eight: boolean, mx: boolean): void {
  const key = "workload.precision";
  const sections = mx ? ["mx", "quantize.linear.mx", "quantize.dense.mx"] : float8Sections;
  const recipe = find(sheet, ...sections.map((section) => `${section}.recipe_name`));
  if (recipe === undefined) return;
  if (!eight) sheet.idle.set(recipe, "without a converter to 8 bits");
  else if (mx || /^(tensorwise)?$/.test(recipe.text)) credit(sheet, recipe, key);
  else if (/^rowwise/.test(recipe.text)) {
    const taken = "fp8-current, whose scales are of a whole tensor, is taken";
    sheet.unmodelled.set(recipe, `scales by row have no key: ${taken}`);
    assume(sheet, key, "fp8-current", `${recipe.name} ${recipe.text}: ${taken}`);
  } else complain(sheet, recipe, `found "${recipe.text}", expected tensorwise, rowwise or rowwise_with_gw_hp`);
}

const float8Sections: readonly string[] = ["float8", "quantize.dense.float8", "quantize.linear.float8"];

function placeKernels(sheet: Sheet): void {
  const compile = find(sheet, "compile.enable", "training.compile");
  const parts: Setting | undefined = find(sheet, "compile.components");
  const on = truthOf(sheet, compile) === "on";
  const words = Array.isArray(parts?.value) ? parts.value.map(String) : ["model", "loss"];
  const model = on && words.includes("model");
  const loss = on && words.includes("loss");
  put(sheet, "software.kernels.elementwise", model ? "compiled" : "eager", compile, on ? parts : undefined);
  put(sheet, "software.kernels.crossEntropy", loss ? "fused" : "eager", compile, on ? parts : undefined);
  if (parts !== undefined && !on) sheet.idle.set(parts, "nothing is compiled");
  put(sheet, "software.kernels.attention", "flash");
}
