/** Number formats and kernels in Megatron's words: what is computed, kept and sent in how many bytes. */

import { megatronGraphModules, megatronGraphs, megatronRecipes } from "../../training/index.ts";
import {
  assume,
  bothFormats,
  complain,
  countOf,
  credit,
  find,
  numberOf,
  put,
  type Setting,
  type Sheet,
  truthOf,
  wordOf,
  wordsOf,
} from "../sheet.ts";
import { named } from "./rows.ts";

const precision = "workload.precision";

/** Writes workload.precision and highPrecisionLayers. */
export function placePrecision(sheet: Sheet, usual: "fp32" | "bf16" = "fp32"): void {
  const fp4 = find(sheet, "fp4-format", "mixed_precision.fp4", "model.fp4");
  const fp8 = find(sheet, "fp8-format", "mixed_precision.fp8", "model.fp8", "fp8-hybrid", "fp8-e4m3");
  const recipe = find(sheet, ...named("fp8-recipe", "mixed_precision", "model"));
  const named16 = sixteenBits(sheet);
  for (const setting of [fp4, fp8, find(sheet, "model.fp8", "fp8"), find(sheet, "model.fp8_hybrid")])
    credit(sheet, setting, precision);
  if (fp4 !== undefined && truthOrWord(fp4) === "on") {
    put(sheet, precision, "nvfp4", fp4);
    credit(sheet, find(sheet, "fp4-recipe", "mixed_precision.fp4_recipe", "model.fp4_recipe"), precision);
  } else if (fp8 !== undefined && truthOrWord(fp8) === "on") placeRecipe(sheet, fp8, recipe);
  else if (named16 === undefined || !/fp8|fp4|mxfp8/.test(named16.name)) {
    put(sheet, precision, named16?.precision ?? usual, named16?.from);
    if (named16 === undefined)
      assume(sheet, precision, usual, `neither bf16 nor fp16 is given: the default of ${sheet.program}`);
    return;
  }
  for (const name of ["bf16", "fp16"])
    credit(sheet, find(sheet, name, `mixed_precision.${name}`, `model.${name}`), precision);
  placeHighPrecision(sheet);
}

function truthOrWord({ value }: Setting): "on" | "off" {
  return value === false || /^(false|none|null)$/i.test(String(value)) ? "off" : "on";
}

function placeRecipe(sheet: Sheet, fp8: Setting, recipe: Setting | undefined): void {
  const word = wordOf(sheet, recipe)?.toLowerCase() ?? "delayed";
  const found = megatronRecipes[word];
  if (found === undefined) {
    complain(sheet, recipe, `found "${word}", expected ${Object.keys(megatronRecipes).join(", ")}`);
    return;
  }
  put(sheet, precision, found, fp8, recipe);
  if (recipe === undefined) assume(sheet, precision, found, `no fp8 recipe is given: the default of ${sheet.program}`);
}

/** Recipes of Megatron-Bridge by name: `bf16_with_fp8_current_scaling_mixed`. */
const mixedWords: readonly (readonly [RegExp, string])[] = [
  [/nvfp4/, "nvfp4"],
  [/mxfp8/, "mxfp8"],
  [/current_scaling/, "fp8-current"],
  [/subchannel|blockwise/, "fp8-block"],
  [/delayed_scaling|fp8/, "fp8-delayed"],
  [/bf16/, "bf16"],
  [/fp16|^16/, "fp16"],
  [/32/, "fp32"],
];

interface Sixteen {
  readonly precision: string;
  readonly name: string;
  readonly from: Setting;
}

function sixteenBits(sheet: Sheet): Sixteen | undefined {
  const mixed = find(sheet, "mixed_precision", "trainer.precision", "mixed_precision.dtype");
  if (mixed !== undefined) {
    const found = mixedWords.find(([pattern]) => pattern.test(mixed.text))?.[1];
    if (found === undefined) complain(sheet, mixed, `found "${mixed.text}", expected bf16, fp16 or a recipe's name`);
    else {
      if (!/^(bf16|fp16|fp32)$/.test(found)) put(sheet, precision, found, mixed);
      return { precision: found, name: found, from: mixed };
    }
  }
  const [wide, narrow] = ["bf16", "fp16"].map((name) => find(sheet, name, `mixed_precision.${name}`, `model.${name}`));
  if (bothFormats(sheet, wide, narrow)) credit(sheet, narrow, precision);
  for (const name of ["bf16", "fp16"] as const) {
    const setting = find(sheet, name, `mixed_precision.${name}`, `model.${name}`);
    if (truthOf(sheet, setting) === "on" && setting !== undefined) return { precision: name, name, from: setting };
    credit(sheet, setting, precision);
  }
  const off = find(sheet, "bf16", "mixed_precision.bf16", "model.bf16");
  return off === undefined ? undefined : { precision: "fp32", name: "fp32", from: off };
}

function placeHighPrecision(sheet: Sheet): void {
  const key = "workload.highPrecisionLayers";
  const on = find(sheet, "first-last-layers-bf16", "mixed_precision.first_last_layers_bf16");
  if (truthOf(sheet, on) !== "on") {
    credit(sheet, on, key);
    return;
  }
  const first = find(sheet, ...named("num-layers-at-start-in-bf16", "mixed_precision"));
  const last = find(sheet, ...named("num-layers-at-end-in-bf16", "mixed_precision"));
  const value = { first: countOf(sheet, first, 0) ?? 1, last: countOf(sheet, last, 0) ?? 1 };
  put(sheet, key, value, on, first, last);
}

const typeBytes: Readonly<Record<string, number>> = {
  fp32: 4,
  float32: 4,
  fp16: 2,
  bf16: 2,
  bfloat16: 2,
  float16: 2,
  fp8: 1,
  uint8: 1,
};

function bytesOf(sheet: Sheet, setting: Setting | undefined): number | undefined {
  const word = wordOf(sheet, setting)?.toLowerCase().replace("torch.", "");
  return word === undefined ? undefined : typeBytes[word];
}

/** Writes software.bytes: gradients kept and reduced, parameters gathered, master copy and moments. */
export function placeBytes(sheet: Sheet, usual: "fp32 gradients with bf16" | "as the stack"): void {
  const half = find(sheet, "grad-reduce-in-bf16");
  const wide = find(
    sheet,
    "ddp.grad_reduce_in_fp32",
    "mixed_precision.grad_reduce_in_fp32",
    "accumulate-allreduce-grads-in-fp32",
  );
  const sync = find(sheet, "model.optim.grad_sync_dtype", "optim.grad_sync_dtype");
  const main = bytesOf(sheet, find(sheet, "main-grads-dtype", "optimizer.main_grads_dtype"));
  credit(sheet, find(sheet, "main-grads-dtype", "optimizer.main_grads_dtype"), "software.bytes.gradient");
  const reduced = gradientBytes(sheet, { half, wide, sync }, usual);
  if (reduced !== undefined) {
    put(sheet, "software.bytes.gradientReduce", reduced, half, wide, sync);
    put(sheet, "software.bytes.gradient", main ?? reduced, half, wide);
  } else if (main !== undefined) put(sheet, "software.bytes.gradient", main);
  const gather8 = find(
    sheet,
    "fp8-param-gather",
    "mixed_precision.fp8_param_gather",
    "ddp.fp8_param_gather",
    "fp8-param",
  );
  const gather4 = find(sheet, "fp4-param-gather", "mixed_precision.fp4_param_gather");
  if (truthOf(sheet, gather8) === "on") put(sheet, "software.bytes.parameterGather", 1, gather8);
  else if (truthOf(sheet, gather4) === "on") put(sheet, "software.bytes.parameterGather", 0.5625, gather4);
  for (const setting of [gather8, gather4]) credit(sheet, setting, "software.bytes.parameterGather");
  const moments = ["exp-avg-dtype", "exp-avg-sq-dtype"].map((name) => find(sheet, ...named(name, "optimizer")));
  const sizes = moments.map((setting) => bytesOf(sheet, setting) ?? 4);
  if (moments.some((setting) => setting !== undefined)) {
    put(sheet, "software.bytes.moments", (sizes[0] ?? 4) + (sizes[1] ?? 4), ...moments);
  }
  const master = find(sheet, ...named("main-params-dtype", "optimizer"));
  const masterBytes = bytesOf(sheet, master);
  if (masterBytes !== undefined) put(sheet, "software.bytes.master", masterBytes, master);
  credit(sheet, find(sheet, ...named("use-precision-aware-optimizer", "optimizer")), "software.bytes");
}

interface GradientSettings {
  readonly half: Setting | undefined;
  readonly wide: Setting | undefined;
  readonly sync: Setting | undefined;
}

function gradientBytes(
  sheet: Sheet,
  { half, wide, sync }: GradientSettings,
  usual: "fp32 gradients with bf16" | "as the stack",
): number | undefined {
  if (truthOf(sheet, half) === "on") return 2;
  if (wide !== undefined) return truthOf(sheet, wide) === "on" ? 4 : 2;
  if (sync !== undefined) return /16/.test(sync.text) ? 2 : 4;
  if (usual === "as the stack") return undefined;
  return sheet.values.get(precision) === "fp16" ? 2 : 4;
}

/** Writes switches that take more than one word: graphs, dropout, fused kernels. */
export function placeKernels(
  sheet: Sheet,
  usual: { readonly dropout: "on" | "off"; readonly loss: "eager" | undefined },
): void {
  const implementation = find(sheet, ...named("cuda-graph-impl", "model"));
  const older = find(
    sheet,
    "enable-cuda-graph",
    "external-cuda-graph",
    "model.enable_cuda_graph",
    "model.external_cuda_graph",
  );
  const kind = wordOf(sheet, implementation) ?? (truthOf(sheet, older) === "on" ? "local" : "none");
  placeGraphs(sheet, kind, [implementation, older]);
  placeDropout(sheet, usual.dropout);
  const fused = find(sheet, "cross-entropy-loss-fusion", "model.cross_entropy_loss_fusion");
  const said = truthOf(sheet, fused);
  if (said !== undefined) put(sheet, "software.kernels.crossEntropy", said === "on" ? "fused" : "eager", fused);
  else if (usual.loss !== undefined) put(sheet, "software.kernels.crossEntropy", usual.loss);
  const flash = find(sheet, "use-flash-attn", "model.use_flash_attention");
  if (truthOf(sheet, flash) === "on" && !sheet.values.has("software.kernels.attention")) {
    put(sheet, "software.kernels.attention", "flash", flash);
  }
  const fuser = find(sheet, "use-transformer-engine-op-fuser", "model.use_transformer_engine_op_fuser");
  if (truthOf(sheet, fuser) === "on") put(sheet, "software.kernels.expertBias", "fused", fuser);
  credit(sheet, fuser, "software.kernels.expertBias");
}

/** How much is captured, and of partial graphs which parts of a layer. */
function placeGraphs(sheet: Sheet, kind: string, from: readonly (Setting | undefined)[]): void {
  const scope = find(sheet, ...named("cuda-graph-scope", "model"), ...named("cuda-graph-modules", "model"));
  const words = wordsOf(scope);
  const graphs = megatronGraphs(kind, words);
  put(sheet, "software.cudaGraphs", graphs, ...from, graphs === "none" ? undefined : scope);
  if (scope === undefined) return;
  if (graphs === "none") sheet.idle.set(scope, "without graphs");
  if (graphs !== "partial") return;
  const modules = words.flatMap((word) => megatronGraphModules[word] ?? []);
  if (modules.length > 0) put(sheet, "software.cudaGraphScope", modules, scope);
  const unknown = words.filter((word) => megatronGraphModules[word] === undefined);
  if (unknown.length > 0) {
    const reason = "parts of a layer without a counterpart in the language: left out";
    assume(sheet, "software.cudaGraphScope", unknown.join(", "), reason);
  }
}

/** Each of the two is on unless it is given as 0, where the program's own default is 0.1. */
function placeDropout(sheet: Sheet, usual: "on" | "off"): void {
  const key = "software.kernels.dropout";
  const settings = ["attention-dropout", "hidden-dropout", "ffn-dropout"].map((name) =>
    find(sheet, ...named(name, "model")),
  );
  const rates = settings.map((setting) => (setting === undefined ? undefined : numberOf(setting.value)));
  const absent = usual === "on" && (rates[0] === undefined || rates[1] === undefined);
  put(sheet, key, absent || rates.some((rate) => (rate ?? 0) > 0) ? "on" : "off", ...settings);
  if (absent) assume(sheet, key, "on", `attention or hidden dropout is not given: ${sheet.program} takes 0.1`);
}

/** Writes workload.tokens from samples or steps. */
export function placeTokens(sheet: Sheet, steps: Setting | undefined, samples: Setting | undefined): void {
  const length = sheet.values.get("workload.sequenceLength");
  const batch = sheet.values.get("workload.globalBatch");
  if (typeof length !== "number" || typeof batch !== "number") return;
  const sequences = countOf(sheet, samples) ?? (countOf(sheet, steps, 0) ?? 0) * batch;
  if (sequences > 0) put(sheet, "workload.tokens", sequences * length, samples ?? steps);
  credit(sheet, steps, "workload.tokens");
}
