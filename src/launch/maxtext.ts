/**
 * Launch files of MaxText: a script with `key=value` words, or its YAML. Degrees are products of a part inside a slice
 * (`ici_`) and a part between slices (`dcn_`); one of each may be -1, which is what is left.
 * @source maxtext-configs
 */

import { models, nodes as nodeTypes } from "../catalog/index.ts";
import { placeCluster, placeData } from "./cluster.ts";
import { launchCommand } from "./command.ts";
import type { LaunchFormat, LaunchOptions } from "./format.ts";
import { chance, evaluation, learning, loading, logging, paths, profiling, type ReasonRow, saving } from "./idle.ts";
import { expertsOf, placeModel, placeNamedModel } from "./model.ts";
import { tidy } from "./scenario.ts";
import {
  assume,
  complain,
  countOf,
  credit,
  find,
  newSheet,
  put,
  realOf,
  type Setting,
  type Sheet,
  truthOf,
  wordOf,
} from "./sheet.ts";
import { placeSoftware } from "./stack.ts";
import { type Tree, treeOf } from "./tree.ts";

const idle: readonly ReasonRow[] = [
  {
    pattern: /^(run-name|base-output-directory|base-config|config|model-call-mode|tokenizer-.*|hf-.*)$/,
    reason: paths,
  },
  {
    pattern: /^(dataset-.*|data-shuffle-seed|reuse-example-batch|packing|grain-.*|train-data-.*|max-prefill-.*)$/,
    reason: loading,
  },
  {
    pattern: /^(enable-checkpointing|async-checkpointing|checkpoint-.*|load-.*|save-.*|single-controller.*)$/,
    reason: saving,
  },
  { pattern: /^(log-.*|gcs-metrics|save-config-to-gcs|enable-tensorboard|use-vertex-.*|monitor-.*)$/, reason: logging },
  {
    pattern: /^(profiler.*|enable-profiler|skip-first-n-steps-for-profiler|upload-all-profiler-results)$/,
    reason: profiling,
  },
  { pattern: /^(eval-.*)$/, reason: evaluation },
  {
    pattern:
      /^(learning-rate.*|adam-.*|muon-.*|gradient-clipping-threshold|cosine-.*|warmup-.*|logits-dot-in-fp32|logits-via-embedding)$/,
    reason: learning,
  },
  { pattern: /^(init-weights-seed|enable-dropout)$/, reason: chance },
  {
    pattern:
      /^(use-iota-embed|scan-layers|hardware|jax-.*|compiled-.*|allow-split-physical-axes|mu-dtype|weight-dtype|dtype|sa-.*)$/,
    reason: "the implementation: a stack's profile stands for it",
  },
];

const unmodelled: readonly ReasonRow[] = [
  {
    pattern: /^(optimizer-memory-host-offload|parameter-memory-host-offload)$/,
    reason: "state that lies on the host and is updated on the accelerator is not modelled",
  },
  { pattern: /^(num-layers-per-pipeline-stage|num-pipeline-.*)$/, reason: "MaxText's pipelines are not read" },
];

export const maxtext: LaunchFormat = {
  kind: "training",
  name: "maxtext",
  summary: "MaxText: a script with key=value words, or its YAML",
  matches: (text) =>
    /\b(per_device_batch_size|ici_fsdp_parallelism|dcn_\w+_parallelism|max_target_length)\s*[=:]/.test(text),
  needs: (text, options) => configFiles(text, options),
  tables: { idle, unmodelled },
  read,
};

const marks = /^(per_device_batch_size|ici_\w+_parallelism|dcn_\w+_parallelism|max_target_length|model_name)=/;

function settingsOf(text: string, file: string, { set, nodes }: LaunchOptions): Tree {
  const command = launchCommand(text, { marks, set, nodes });
  if (command === undefined) return treeOf(text, file, { set });
  const given = Object.entries(set).map(([name, value]): Setting => ({ name, value, text: value, line: 0 }));
  return { settings: [...command.settings, ...given], problems: [] };
}

/** `MaxText/configs/models/gpu/llama2_7b.yml`; base.yml holds the defaults, which are known. */
function configFiles(text: string, options: LaunchOptions): readonly string[] {
  const { settings } = settingsOf(text, "", options);
  return settings.flatMap(({ name, text: path }) =>
    name === "config" && !/(^|\/)base\.ya?ml$/.test(path) ? [path] : [],
  );
}

function read(text: string, file: string, options: LaunchOptions): Sheet {
  const { settings, problems } = settingsOf(text, file, options);
  const below = configFiles(text, options).flatMap((path) => {
    const found = options.files[path];
    return found === undefined ? [] : [treeOf(found, path, { set: {} })];
  });
  const sheet = newSheet(file, "MaxText", [...below.flatMap((tree) => tree.settings), ...settings]);
  sheet.problems.push(...problems, ...below.flatMap((tree) => tree.problems));
  if (sheet.problems.length > 0) return sheet;
  placeSizes(sheet, options);
  placeMesh(sheet, options);
  placeContext(sheet);
  placeLength(sheet);
  placeRemat(sheet);
  placeNumbers(sheet);
  placeUpdate(sheet);
  const experts = expertsOf(sheet, options.files);
  if (experts === "experts") placeCapacity(sheet);
  tidy(sheet, experts);
  placeSoftware(sheet, "maxtext@2025", options.software);
  return sheet;
}

/** base.yml: MaxText's default decoder, which `global_parameter_scale` grows. */
const base = { emb_dim: 2048, num_query_heads: 16, num_kv_heads: 16, mlp_dim: 7168, num_decoder_layers: 16 };

function placeSizes(sheet: Sheet, { model }: LaunchOptions): void {
  const name = find(sheet, "model_name");
  credit(sheet, name, "workload.model");
  if (model !== undefined) {
    placeNamedModel(sheet, model);
    return;
  }
  const word = name?.text === "default" ? undefined : wordOf(sheet, name);
  if (word !== undefined) {
    if (models.find(word) !== undefined) placeNamedModel(sheet, word, name);
    else
      complain(
        sheet,
        name,
        `model_name "${word}" is not in the catalog`,
        "--model NAME, a catalog name or a path to a config.json",
      );
    return;
  }
  const scale = find(sheet, "global_parameter_scale");
  const grown = countOf(sheet, scale) ?? 1;
  const given = Object.keys(base).map((field) => find(sheet, `base_${field}`));
  if (grown > 1) {
    const known = models.find(`maxtext-gpt-${grown}b`)?.name;
    if (known === undefined || given.some((setting) => setting !== undefined)) {
      complain(
        sheet,
        scale,
        `the default decoder at scale ${grown} is not in the catalog`,
        "--model with a config.json of its sizes",
      );
    } else placeNamedModel(sheet, known, scale);
    return;
  }
  if (given.every((setting) => setting === undefined)) {
    const hint = "--set model_name=NAME, or --model NAME";
    complain(sheet, undefined, "the model is not stated: neither model_name nor base_emb_dim and the like", hint);
    return;
  }
  const size = (field: keyof typeof base): number => countOf(sheet, find(sheet, `base_${field}`)) ?? base[field];
  const head = find(sheet, "head_dim");
  const vocabulary = find(sheet, "vocab_size");
  const config = {
    model_type: "llama",
    hidden_size: size("emb_dim"),
    num_hidden_layers: size("num_decoder_layers"),
    num_attention_heads: size("num_query_heads"),
    num_key_value_heads: size("num_kv_heads"),
    head_dim: countOf(sheet, head) ?? 128,
    intermediate_size: size("mlp_dim"),
    vocab_size: countOf(sheet, vocabulary) ?? 32_000,
  };
  const from = [...given, head, vocabulary].filter((setting) => setting !== undefined);
  placeModel(sheet, { config, from });
}

/** A mesh axis: its degree inside a slice and between slices; -1 is what is left. */
interface Axis {
  readonly inside: number;
  readonly between: number;
  readonly from: readonly Setting[];
}

const axes = {
  tensor: ["tensor"],
  context: ["context", "sequence"],
  fsdp: ["fsdp", "fsdp_transpose"],
  data: ["data"],
  expert: ["expert"],
  pipeline: ["pipeline"],
} as const;

type AxisName = keyof typeof axes;

function axisOf(sheet: Sheet, name: AxisName): Axis {
  const from: Setting[] = [];
  const part = (prefix: "ici" | "dcn", usual: number): number => {
    const settings = axes[name].flatMap((axis) => find(sheet, `${prefix}_${axis}_parallelism`) ?? []);
    from.push(...settings);
    const degrees = settings.map((setting) => (String(setting.value) === "-1" ? -1 : (countOf(sheet, setting) ?? 1)));
    if (degrees.length === 0) return usual;
    return degrees.includes(-1) ? -1 : degrees.reduce((product, next) => product * next, 1);
  };
  return { inside: part("ici", name === "fsdp" ? -1 : 1), between: part("dcn", name === "data" ? -1 : 1), from };
}

function placeMesh(sheet: Sheet, options: LaunchOptions): void {
  const mesh = Object.fromEntries(
    (Object.keys(axes) as AxisName[]).map((name) => [name, axisOf(sheet, name)]),
  ) as Record<AxisName, Axis>;
  const all = Object.values(mesh);
  const product = (part: "inside" | "between"): number =>
    all.reduce((total, axis) => total * Math.max(1, axis[part]), 1);
  const open = (part: "inside" | "between"): boolean => all.some((axis) => axis[part] === -1);
  const stated = find(sheet, "num_slices", "compile_topology_num_slices");
  const slices = countOf(sheet, stated) ?? product("between");
  if (stated === undefined && open("between") && slices === 1)
    assume(sheet, "cluster.node", "one slice", "no degree between slices is given");
  const whole = open("inside") ? undefined : product("inside") * slices;
  const gpu = /gpu|cudnn/.test(
    `${find(sheet, "hardware")?.text} ${find(sheet, "attention")?.text} ${find(sheet, "config")?.text}`,
  );
  const facts = {
    nodes: [],
    perNode: [],
    usual: gpu ? "hgx-h100" : "tpu-v5p-pod",
    ...(whole === undefined ? {} : { accelerators: whole }),
  };
  const accelerators = placeCluster(sheet, facts, options);
  if (accelerators === undefined) return;
  placeSlices(sheet, accelerators, slices);
  const left = { inside: accelerators / slices / product("inside"), between: slices / product("between") };
  if (
    !Number.isInteger(left.inside) ||
    !Number.isInteger(left.between) ||
    (whole !== undefined && whole !== accelerators)
  ) {
    const message = `contradictory degrees: ${product("inside")} in a slice x ${product("between")} between ${slices} slices on ${accelerators} accelerators`;
    complain(sheet, all.flatMap(({ from }) => from).at(-1), message, "--nodes, or change a degree");
    return;
  }
  const degree = (name: AxisName): number => {
    const { inside, between } = mesh[name];
    return (inside === -1 ? left.inside : inside) * (between === -1 ? left.between : between);
  };
  if (degree("pipeline") > 1)
    complain(sheet, mesh.pipeline.from[0], "MaxText's pipelines are not read yet", "write the layout by hand");
  for (const name of ["tensor", "context"] as const) put(sheet, `layout.${name}`, degree(name), ...mesh[name].from);
  put(sheet, "layout.pipeline", 1, ...mesh.pipeline.from);
  put(sheet, "layout.virtualStages", 1);
  put(sheet, "layout.schedule", "1f1b");
  const shards = degree("fsdp") * degree("expert");
  placeData(sheet, accelerators, { data: degree("data") * shards, from: mesh.data.from[0] ?? mesh.fsdp.from[0] });
  for (const setting of [...mesh.data.from, ...mesh.fsdp.from]) credit(sheet, setting, "layout.data");
  if (degree("expert") > 1) put(sheet, "layout.expert", degree("expert"), ...mesh.expert.from);
  else for (const setting of mesh.expert.from) credit(sheet, setting, "layout.expert");
  placeShards(sheet, shards, degree("data"), mesh.fsdp.from);
  placeBatch(sheet, accelerators, degree("data") * shards);
}

function placeShards(sheet: Sheet, shards: number, copies: number, from: readonly Setting[]): void {
  const sharding = shards === 1 ? "none" : copies === 1 ? "full" : "hybrid";
  put(sheet, "layout.sharding", sharding, ...from);
  if (sharding === "hybrid") put(sheet, "layout.shardGroup", shards, ...from);
}

/** Chips of a slice form one scale-up domain; slices talk over the data-centre network. */
function placeSlices(sheet: Sheet, accelerators: number, slices: number): void {
  const node = sheet.values.get("cluster.node");
  const type = typeof node === "string" ? nodeTypes.find(node) : undefined;
  if (type === undefined || !type.scaleUp.topology.startsWith("torus")) return;
  put(sheet, "cluster.node", { extends: type.name, scaleUp: { domain: accelerators / slices } });
}

function placeBatch(sheet: Sheet, accelerators: number, data: number): void {
  const setting = find(sheet, "per_device_batch_size");
  const each = realOf(sheet, setting);
  if (each === undefined) {
    if (setting === undefined)
      complain(sheet, undefined, "per_device_batch_size is not stated", "--set per_device_batch_size=N");
    return;
  }
  const steps = find(sheet, "gradient_accumulation_steps");
  const micro = (each * accelerators) / data;
  if (!Number.isInteger(micro) || micro < 1) {
    complain(
      sheet,
      setting,
      `${each} sequences for each of ${accelerators} devices are not whole ones for ${data} ranks`,
      "change it",
    );
    return;
  }
  put(sheet, "layout.microBatch", micro, setting);
  put(sheet, "workload.globalBatch", micro * data * (countOf(sheet, steps) ?? 1), setting, steps);
}

function placeLength(sheet: Sheet): void {
  const setting = find(sheet, "max_target_length");
  const length = setting === undefined ? 2048 : countOf(sheet, setting);
  if (length === undefined) return;
  put(sheet, "workload.sequenceLength", length, setting);
  if (setting === undefined)
    assume(sheet, "workload.sequenceLength", length, "max_target_length is not given: the default of base.yml");
  const steps = find(sheet, "steps");
  const count = countOf(sheet, steps);
  const batch = sheet.values.get("workload.globalBatch");
  if (count !== undefined && typeof batch === "number") put(sheet, "workload.tokens", count * batch * length, steps);
}

/** Policies that keep the results of matrix products compute the rest again. */
function placeRemat(sheet: Sheet): void {
  const key = "layout.recompute";
  const setting = find(sheet, "remat_policy");
  const word = wordOf(sheet, setting) ?? "full";
  if (/^minimal/.test(word)) {
    put(sheet, key, word === "minimal_flash" ? ["layer-norm"] : ["layer-norm", "attention-core"], setting);
    return;
  }
  put(sheet, key, "full", setting);
  if (setting === undefined) assume(sheet, key, "full", "remat_policy is not given: the default of base.yml");
  else if (word !== "full")
    assume(sheet, key, "full", `remat_policy ${word} keeps some results; the nearest that is modelled`);
}

function placeNumbers(sheet: Sheet): void {
  const setting = find(sheet, "quantization");
  const word = (setting === undefined ? "" : (wordOf(sheet, setting) ?? "")).replaceAll(/["']/g, "");
  if (word === "" || word === "none" || word === "true") put(sheet, "workload.precision", "bf16", setting);
  else if (/fp8/.test(word)) put(sheet, "workload.precision", "fp8-current", setting);
  else complain(sheet, setting, `quantization ${word} is not a training precision here`, "expected fp8, or none");
  const attention = find(sheet, "attention");
  const kernel = wordOf(sheet, attention)?.replaceAll(/["']/g, "");
  if (kernel === undefined || kernel === "autoselected") credit(sheet, attention, "software.kernels.attention");
  else
    put(
      sheet,
      "software.kernels.attention",
      /flash/.test(kernel) ? (/cudnn/.test(kernel) ? "cudnn" : "flash") : "unfused",
      attention,
    );
}

/** How context ranks share a sequence. */
function placeContext(sheet: Sheet): void {
  const strategy = find(sheet, "context_parallel_strategy");
  const balance = find(sheet, "context_parallel_load_balance");
  if (sheet.values.get("layout.context") === 1) {
    for (const setting of [strategy, balance])
      if (setting !== undefined) sheet.idle.set(setting, "without context parallelism");
    return;
  }
  const word = wordOf(sheet, strategy)?.replaceAll(/["']/g, "");
  if (word === "ring" || word === "all_gather")
    put(sheet, "software.contextExchange", word === "ring" ? "ring" : "all-gather", strategy);
  else if (strategy !== undefined) complain(sheet, strategy, `found "${word}", expected all_gather or ring`);
  const even = truthOf(sheet, balance);
  if (even !== undefined) put(sheet, "layout.contextBalance", even === "on" ? "zig-zag" : "contiguous", balance);
}

const rules: Readonly<Record<string, string>> = { adamw: "adam", adam_pax: "adam", sgd: "sgd", muon: "muon" };

function placeUpdate(sheet: Sheet): void {
  const setting = find(sheet, "opt_type");
  const word = wordOf(sheet, setting)?.replaceAll(/["']/g, "");
  if (setting === undefined || word === undefined) return;
  const rule = rules[word];
  if (rule === undefined || (rule === "muon" && sheet.values.get("layout.sharding") !== "none")) {
    const where = rule === undefined ? "" : " under sharded weights";
    sheet.unmodelled.set(setting, `"${word}" is not modelled${where}: predicted with Adam`);
  } else put(sheet, "software.optimizerRule", rule, setting);
}

/** A factor above 0 gives every expert a fixed number of rows; -1, the default, drops none. */
function placeCapacity(sheet: Sheet): void {
  const setting = find(sheet, "capacity_factor");
  const factor = realOf(sheet, setting);
  if (factor === undefined) return;
  put(sheet, "software.routing", factor > 0 ? "capacity" : "dropless", setting);
  if (factor > 0) put(sheet, "software.capacityFactor", factor, setting);
}
