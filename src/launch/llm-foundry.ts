/**
 * Launch files of MosaicML's llm-foundry: YAML with `model:` and `fsdp_config:`. Everything is data parallel; the machines
 * are not in the file. Mixed precision: PURE gathers and reduces in 16 bit, DEFAULT of current releases reduces in 32.
 * @source llm-foundry @source composer-2628
 */

import { models } from "../catalog/index.ts";
import { placeCluster, placeData } from "./cluster.ts";
import type { LaunchFormat, LaunchOptions } from "./format.ts";
import { chance, evaluation, learning, loading, logging, paths, profiling, type ReasonRow, saving } from "./idle.ts";
import { expertsOf, placeModel, placeNamedModel } from "./model.ts";
import { applyRows, countRow, type Row, wordRow } from "./rows.ts";
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
import { treeOf } from "./tree.ts";

const idle: readonly ReasonRow[] = [
  { pattern: /^(optimizer|scheduler|algorithms)(\.|$)/, reason: learning },
  {
    pattern: /^(train-loader|eval-loader|eval-loaders|tokenizer|data-local|data-remote|variables)(\.|$)/,
    reason: loading,
  },
  { pattern: /^(run-name|save-.*|load-.*|autoresume|checkpoint.*)/, reason: saving },
  { pattern: /^(eval-.*|device-eval-.*|icl-.*)/, reason: evaluation },
  {
    pattern: /^(progress-bar|log-.*|console-.*|callbacks|loggers|python-log-level|code-paths|metadata)(\.|$)/,
    reason: logging,
  },
  { pattern: /^(profiler)(\.|$)/, reason: profiling },
  { pattern: /^(seed|global-seed|dist-timeout|max-split-size-mb)$/, reason: chance },
  {
    pattern:
      /^model\.(init-device|init-config.*|pretrained|use-auth-token|config-overrides\..*|emb-pdrop|resid-pdrop|logit-scale|init-nonlinearity|use-cache|low-precision-layernorm|norm-type)$/,
    reason: paths,
  },
  {
    pattern:
      /^model\.attn-config\.(attn-uses-sequence-id|softmax-scale|rope.*|clip-qkv|alibi-bias-max|prefix-lm|attn-pdrop)$/,
    reason: "elementwise: counted the same",
  },
  {
    pattern:
      /^fsdp-config\.(limit-all-gathers|verbose|state-dict-type|activation-checkpointing-reentrant|sync-module-states|use-orig-params|forward-prefetch|load-.*|flatten-.*)$/,
    reason: "as the stack has it",
  },
];

const unmodelled: readonly ReasonRow[] = [
  {
    pattern: /^fsdp-config\.cpu-offload$/,
    reason: "Composer has it for no training run",
  },
  {
    pattern: /^fsdp-config\.(device-mesh|data-parallel-.*)$/,
    reason: "this mesh is not that of the launch: write sharding: hybrid by hand",
  },
  { pattern: /^compile-config(\.|$)/, reason: "torch.compile of this stack is not modelled" },
];

export const llmFoundry: LaunchFormat = {
  kind: "training",
  name: "llm-foundry",
  summary: "MosaicML llm-foundry: a configuration in YAML",
  matches: (text) => /^(device_train_microbatch_size|global_train_batch_size|fsdp_config):/m.test(text),
  tables: { idle, unmodelled },
  read,
};

const rows: readonly Row[] = [
  countRow("workload.sequenceLength", ["max_seq_len", "model.max_seq_len", "variables.max_seq_len"]),
  countRow("workload.globalBatch", ["global_train_batch_size"]),
  wordRow("workload.precision", ["precision"], {
    amp_bf16: "bf16",
    bf16: "bf16",
    amp_fp16: "fp16",
    amp_fp8: "fp8-delayed",
    fp32: "fp32",
  }),
  wordRow("software.state.prefetch", ["fsdp_config.backward_prefetch"], {
    backward_pre: "before",
    backward_post: "after",
  }),
];

function read(text: string, file: string, options: LaunchOptions): Sheet {
  const { settings, problems } = treeOf(text, file, { set: options.set });
  const sheet = newSheet(file, "llm-foundry", settings);
  sheet.problems.push(...problems);
  if (problems.length > 0) return sheet;
  applyRows(sheet, rows, { "workload.precision": "bf16" });
  for (const name of ["max_seq_len", "global_train_batch_size"]) {
    if (find(sheet, name) === undefined) complain(sheet, undefined, `${name} is missing`, `--set ${name}=N`);
  }
  placeMpt(sheet, options);
  for (const name of ["tensor", "context", "pipeline"]) put(sheet, `layout.${name}`, 1);
  put(sheet, "layout.virtualStages", 1);
  put(sheet, "layout.schedule", "1f1b");
  const accelerators = placeCluster(sheet, { nodes: [], perNode: [], usual: "hgx-h100" }, options);
  if (accelerators !== undefined) placeData(sheet, accelerators);
  placeMicroBatch(sheet);
  placeShards(sheet);
  placeDuration(sheet);
  placeKernels(sheet);
  tidy(sheet, expertsOf(sheet, options.files));
  placeSoftware(sheet, "llm-foundry@0.5", options.software);
  return sheet;
}

const modelKey = "workload.model";

function placeMpt(sheet: Sheet, { model }: LaunchOptions): void {
  const name = find(sheet, "model.name");
  credit(sheet, name, modelKey);
  const weights = find(sheet, "model.pretrained_model_name_or_path", "model.pretrained");
  const fields = [
    "d_model",
    "n_heads",
    "n_layers",
    "expansion_ratio",
    "vocab_size",
    "no_bias",
    "learned_pos_emb",
    "tie_word_embeddings",
  ];
  const sizes = fields.map((field) => find(sheet, `model.${field}`));
  const attention = ["attn_type", "kv_n_heads", "alibi"].map((field) => find(sheet, `model.attn_config.${field}`));
  const from = [...sizes, ...attention].filter((setting) => setting !== undefined);
  if (model !== undefined) {
    for (const setting of [...from, weights]) credit(sheet, setting, modelKey);
    placeNamedModel(sheet, model);
    return;
  }
  if (/^hf_/.test(name?.text ?? "")) {
    placeNamed(sheet, weights);
    return;
  }
  const givenValue = (setting: Setting | undefined): unknown => setting?.value;
  const given = Object.fromEntries(
    fields.map((field, index) => [field, givenValue(sizes[index])]).filter(([, value]) => value !== undefined),
  );
  const attn = Object.fromEntries(
    ["attn_type", "kv_n_heads", "alibi"]
      .map((field, index) => [field, givenValue(attention[index])])
      .filter(([, value]) => value !== undefined),
  );
  const missing = ["d_model", "n_heads", "n_layers", "vocab_size"].filter((field) => given[field] === undefined);
  if (missing.length > 0) {
    complain(
      sheet,
      name,
      `model sizes are missing: ${missing.join(", ")}`,
      "state them, or name the model with --model",
    );
    return;
  }
  // What llm-foundry's MPT does where a field is absent: biases, learned positions, a tied head.
  const usual = { no_bias: false, tie_word_embeddings: true, max_seq_len: sheet.values.get("workload.sequenceLength") };
  const config = { model_type: "mpt", ...usual, ...given, attn_config: { alibi: false, ...attn } };
  placeModel(sheet, { config, from });
}

function placeNamed(sheet: Sheet, weights: Setting | undefined): void {
  const word = wordOf(sheet, weights);
  if (word !== undefined && models.find(word) !== undefined) {
    placeNamedModel(sheet, word, weights);
    return;
  }
  const hint = "--model NAME, a catalog name or a path to a config.json";
  complain(sheet, weights, `the sizes of ${word ?? "the model"} are not in the file, nor is it in the catalog`, hint);
}

function placeMicroBatch(sheet: Sheet): void {
  const setting = find(sheet, "device_train_microbatch_size");
  if (setting === undefined || setting.text === "auto") {
    const found = setting === undefined ? "is missing" : "is auto, which only a run decides";
    complain(sheet, setting, `device_train_microbatch_size ${found}`, "--set device_train_microbatch_size=N");
    return;
  }
  const micro = countOf(sheet, setting);
  if (micro === undefined) return;
  const data = sheet.values.get("layout.data");
  const global = sheet.values.get("workload.globalBatch");
  const each = typeof data === "number" && typeof global === "number" ? global / data : micro;
  // Composer takes at most what a rank has.
  const taken = each < micro && Number.isInteger(each) ? each : micro;
  put(sheet, "layout.microBatch", taken, setting);
  if (taken !== micro)
    assume(sheet, "layout.microBatch", taken, `a rank has ${taken} sequences of a step, less than ${micro}`);
}

const strategies: Readonly<Record<string, string>> = {
  full_shard: "full",
  shard_grad_op: "gradients",
  no_shard: "none",
  hybrid_shard: "hybrid",
};

function placeShards(sheet: Sheet): void {
  const key = "layout.sharding";
  const strategy = find(sheet, "fsdp_config.sharding_strategy");
  const word = wordOf(sheet, strategy)?.toLowerCase();
  const any = sheet.settings.some(({ name }) => name.startsWith("fsdp_config"));
  if (word !== undefined && strategies[word] === undefined) {
    complain(
      sheet,
      strategy,
      `found "${strategy?.text}", expected ${Object.keys(strategies).join(", ").toUpperCase()}`,
    );
    return;
  }
  put(sheet, key, word === undefined ? (any ? "full" : "none") : strategies[word], strategy);
  if (word === undefined) {
    assume(
      sheet,
      key,
      any ? "full" : "none",
      any ? "not given: FULL_SHARD is Composer's default" : "no fsdp_config: plain data parallel",
    );
  }
  placeMesh(sheet);
  const offload = find(sheet, "fsdp_config.activation_cpu_offload");
  if (truthOf(sheet, offload) === "on") put(sheet, "layout.activationOffload", 1, offload);
  credit(sheet, offload, "layout.activationOffload");
  const recompute = find(sheet, "fsdp_config.activation_checkpointing");
  put(sheet, "layout.recompute", truthOf(sheet, recompute) === "on" ? "full" : "none", recompute);
  const mixed = find(sheet, "fsdp_config.mixed_precision");
  if (mixed !== undefined) put(sheet, "software.bytes.gradientReduce", /pure/i.test(mixed.text) ? 2 : 4, mixed);
}

/** Copies x shards: a mesh of two dimensions is hybrid sharding, where it is that of all ranks. */
function placeMesh(sheet: Sheet): void {
  const mesh = find(sheet, "fsdp_config.device_mesh");
  const data = sheet.values.get("layout.data");
  if (mesh === undefined || !Array.isArray(mesh.value) || typeof data !== "number") return;
  const [copies = 1, shards = 1] = mesh.value.length === 2 ? mesh.value.map(Number) : [1, Number(mesh.value[0])];
  const sharded = sheet.values.get("layout.sharding");
  if (copies * shards !== data || (sharded !== "full" && sharded !== "hybrid")) return;
  put(sheet, "layout.sharding", copies > 1 ? "hybrid" : "full", mesh);
  if (copies > 1) put(sheet, "layout.shardGroup", shards, mesh);
}

/** `63900ba`, `134e9tok`; epochs say nothing without the data. */
function placeDuration(sheet: Sheet): void {
  const setting = find(sheet, "max_duration");
  const found = /^([\d.e+]+)(ba|tok|sp)$/.exec(setting?.text ?? "");
  const length = sheet.values.get("workload.sequenceLength");
  const batch = sheet.values.get("workload.globalBatch");
  if (setting === undefined) return;
  if (found === null || typeof length !== "number" || typeof batch !== "number") {
    sheet.idle.set(setting, "the length of the run");
    return;
  }
  const each = { ba: length * batch, sp: length, tok: 1 }[found[2] as "ba" | "sp" | "tok"];
  put(sheet, "workload.tokens", Number(found[1]) * each, setting);
}

function placeKernels(sheet: Sheet): void {
  const attention = find(sheet, "model.attn_config.attn_impl", "model.config_overrides.attn_config.attn_impl");
  if (attention?.text === "torch") put(sheet, "software.kernels.attention", "unfused", attention);
  else if (/^(flash|triton)$/.test(attention?.text ?? "")) put(sheet, "software.kernels.attention", "flash", attention);
  credit(sheet, attention, "software.kernels.attention");
  const loss = find(sheet, "model.loss_fn");
  if (loss !== undefined)
    put(sheet, "software.kernels.crossEntropy", /fused/.test(loss.text) ? "fused" : "eager", loss);
}
