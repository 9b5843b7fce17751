/**
 * A design in Megatron's words, for its command line and for the configurations of NeMo: the tables of import written
 * backwards, and what takes more than one word.
 */

import type { DesignOf } from "../../scenario/index.ts";
import {
  dispatchMultiprocessors,
  megatronGraphModules,
  megatronModules,
  megatronRecipes,
  megatronRules,
  scheduleOf,
  stageLayerCounts,
} from "../../training/index.ts";
import { degreeRows, dispatcherArguments, stackRows } from "../megatron/rows.ts";
import { writtenRows } from "../rows.ts";
import { modelSettings } from "./model.ts";
import { type Case, wholeLayers } from "./target.ts";

export interface MegatronSetting {
  readonly argument?: string;
  /** Dotted field of a configuration; absent where there is none. */
  readonly config?: string;
  readonly value: string | number | boolean | readonly string[];
  /** Where the field means the opposite of the argument. */
  readonly configValue?: boolean;
}

export interface MegatronSettings {
  readonly model: readonly MegatronSetting[] | undefined;
  readonly parallel: readonly MegatronSetting[];
  readonly training: readonly MegatronSetting[];
  readonly stack: readonly MegatronSetting[];
}

export function megatronSettings(design: DesignOf<"training">): MegatronSettings {
  const { training } = design;
  const c = training.case;
  return {
    model: modelSettings(c.model),
    parallel: [
      ...rowSettings(degreeRows, c, /^layout\.(?!microBatch)/),
      ...stageSettings(c),
      ...contextSettings(c),
      ...shardSettings(c),
    ],
    training: [
      ...rowSettings(degreeRows, c, /^(workload\.|layout\.microBatch)/),
      ...(training.tokens === undefined ? [] : sampleSettings(training.tokens, c.sequenceLength)),
      ...precisionSettings(c),
      ...recomputeSettings(c),
      ...(c.multiTokenModules > 0 ? [both("mtp-num-layers", c.multiTokenModules, "model")] : []),
    ],
    stack: [
      ...rowSettings(stackRows, c, /./),
      ...kernelSettings(c),
      ...optimizerSettings(c),
      ...byteSettings(c),
      ...expertSettings(c),
    ],
  };
}

function both(argument: string, value: MegatronSetting["value"], section: string): MegatronSetting {
  return { argument, config: `${section}.${argument.replaceAll("-", "_")}`, value };
}

/** Value of a key in a design. */
function valueIn(c: Case, key: string): unknown {
  const workload: Readonly<Record<string, unknown>> = { sequenceLength: c.sequenceLength, globalBatch: c.globalBatch };
  let here: unknown = { layout: layoutOf(c), workload, software: c.software };
  for (const part of key.split(".")) here = (here as Readonly<Record<string, unknown>> | undefined)?.[part];
  return here;
}

/** Degrees that mean nothing for a model are left out. */
function layoutOf(c: Case): Readonly<Record<string, unknown>> {
  const { expert, expertTensor, ...rest } = c.layout;
  return hasExperts(c) ? { ...rest, expert, expertTensor } : rest;
}

export function hasExperts({ model }: Case): boolean {
  return model.layerKinds.some(({ feedForward }) => feedForward.kind === "experts");
}

function rowSettings(rows: typeof degreeRows, c: Case, keys: RegExp): readonly MegatronSetting[] {
  const chosen = rows.filter(({ key }) => {
    if (key === "software.contextExchange" && c.layout.context === 1) return false;
    return keys.test(key) && (key !== "software.overlap.expert" || hasExperts(c));
  });
  const written = writtenRows(chosen, (key) => valueIn(c, key));
  return chosen.flatMap((row): readonly MegatronSetting[] => {
    const found = written.find((each) => each.name === row.names[0]);
    const value = valueIn(c, row.key);
    const argument = row.names.find((name) => !name.includes("."));
    const config = row.names.find((name) => name.includes("."));
    const field = config === undefined ? {} : { config };
    // A switch that is off has no argument, but a field that says so.
    if (found === undefined) return value === "off" && config !== undefined ? [{ ...field, value: false }] : [];
    return [{ ...(argument === undefined ? {} : { argument }), ...field, value: found.value }];
  });
}

/** Chunks of a rank, or all stages where they are not equal. */
function stageSettings(c: Case): readonly MegatronSetting[] {
  const { layout, model } = c;
  const stages = layout.pipeline * layout.virtualStages;
  // Stages in a V or from both ends are no chunks in a loop: Megatron-LM's own even split is left.
  if (layout.pipeline === 1 || scheduleOf(layout.schedule).placement !== "loop") return [];
  const counts = stageLayerCounts(model.layers.length, layout);
  const ends = layout.stageEnds ?? {
    embedding: 0,
    loss: stages - 1,
    modules: Array<number>(c.multiTokenModules).fill(stages - 1),
  };
  if (layout.stageEnds === undefined && counts.every((count) => count === counts[0])) {
    const config = "model.virtual_pipeline_model_parallel_size";
    const argument = "num-virtual-stages-per-pipeline-rank";
    return layout.virtualStages === 1 ? [] : [{ argument, config, value: layout.virtualStages }];
  }
  const words = counts.map((count, index) => {
    const layers = count === 0 ? "" : count === 1 ? "t" : `t*${count}`;
    const modules = "m".repeat(ends.modules.filter((stage) => stage === index).length);
    return `${ends.embedding === index ? "E" : ""}${layers}${modules}${ends.loss === index ? "L" : ""}`;
  });
  return [both("pipeline-model-parallel-layout", layoutText(words), "model")];
}

/** `E|(t|)*126L`: equal neighbours counted; the last stage stands alone. */
function layoutText(words: readonly string[]): string {
  let text = "";
  for (let start = 0; start < words.length; ) {
    let end = start + 1;
    while (end < words.length - 1 && words[end] === words[start]) end++;
    const last = end === words.length;
    const word = `${words[start]}${last ? "" : "|"}`;
    text += end - start > 1 ? `(${word})*${end - start}` : word;
    start = end;
  }
  return text;
}

const strategies: Readonly<Record<string, string>> = {
  gradients: "optim_grads",
  full: "optim_grads_params",
  hybrid: "optim_grads_params",
};

/** Ranks that exchange heads, and those of the ring around them. */
function contextSettings({ layout }: Case): readonly MegatronSetting[] {
  const { context, contextInner: inner } = layout;
  if (context === 1 || inner === undefined) return [];
  return [both("hierarchical-context-parallel-sizes", [String(inner), String(context / inner)], "model")];
}

function shardSettings({ layout, software }: Case): readonly MegatronSetting[] {
  const strategy = strategies[layout.sharding];
  const muon = software.optimizerRule === "muon";
  const distributed = both("use-distributed-optimizer", layout.sharding !== "none" && !muon, "ddp");
  if (strategy === undefined) return [distributed];
  return [
    distributed,
    both("use-megatron-fsdp", true, "ddp"),
    both("data-parallel-sharding-strategy", strategy, "ddp"),
    ...(layout.sharding === "hybrid" ? [both("num-distributed-optimizer-instances", copiesOf(layout), "ddp")] : []),
  ];
}

function copiesOf({ data, context, shardGroup = 1 }: Case["layout"]): number {
  return (data * context) / shardGroup;
}

function sampleSettings(tokens: number, length: number): readonly MegatronSetting[] {
  const samples = tokens / length;
  return Number.isInteger(samples) ? [both("train-samples", samples, "train")] : [];
}

function precisionSettings({ precision, highPrecisionLayers }: Case): readonly MegatronSetting[] {
  if (precision === "fp32" || precision === "tf32") return [{ config: "mixed_precision.bf16", value: false }];
  if (precision === "fp16") return [both("fp16", true, "mixed_precision")];
  const recipe = Object.keys(megatronRecipes).find((word) => megatronRecipes[word] === precision);
  const settings = [both("bf16", true, "mixed_precision")];
  if (precision === "nvfp4") {
    settings.push(
      { argument: "fp4-format", config: "mixed_precision.fp4", value: "e2m1" },
      both("fp4-recipe", "nvfp4", "mixed_precision"),
    );
  } else if (recipe !== undefined) {
    settings.push(
      { argument: "fp8-format", config: "mixed_precision.fp8", value: "hybrid" },
      both("fp8-recipe", recipe, "mixed_precision"),
    );
  }
  const { first, last } = highPrecisionLayers;
  if (first + last === 0 || precision === "bf16") return settings;
  return [
    ...settings,
    both("first-last-layers-bf16", true, "mixed_precision"),
    both("num-layers-at-start-in-bf16", first, "mixed_precision"),
    both("num-layers-at-end-in-bf16", last, "mixed_precision"),
  ];
}

function recomputeSettings({ layout, model }: Case): readonly MegatronSetting[] {
  const { recompute, recomputeLayers, activationOffload } = layout;
  const offloaded = wholeLayers(activationOffload, model.layers.length);
  const offload =
    offloaded === 0
      ? []
      : [both("cpu-offloading", true, "model"), both("cpu-offloading-num-layers", offloaded, "model")];
  const granularity = (word: string): MegatronSetting => both("recompute-granularity", word, "model");
  if (recompute === "none") return offload;
  if (recompute === "selective") return [granularity("selective"), ...offload];
  if (recompute === "full") {
    const method = recomputeLayers === undefined ? "uniform" : "block";
    return [
      granularity("full"),
      both("recompute-method", method, "model"),
      both("recompute-num-layers", recomputeLayers ?? 1, "model"),
      ...offload,
    ];
  }
  const words = Object.keys(megatronModules).filter((word) =>
    recompute.some((module) => megatronModules[word] === module),
  );
  if (words.length === 0) return offload;
  return [granularity("selective"), both("recompute-modules", words, "model"), ...offload];
}

function kernelSettings(c: Case): readonly MegatronSetting[] {
  const { software } = c;
  const { kernels, cudaGraphs } = software;
  const rate = kernels.dropout === "on" ? 0.1 : 0;
  const graphs = cudaGraphs === "none" ? [] : [both("cuda-graph-impl", "local", "model")];
  const modules = cudaGraphs === "full" ? ["full_iteration"] : cudaGraphs === "partial" ? graphWords(c) : [];
  const scope = modules.length > 0 ? [both("cuda-graph-scope", modules, "model")] : [];
  return [
    both("attention-dropout", rate, "model"),
    both("hidden-dropout", rate, "model"),
    both("cross-entropy-loss-fusion", kernels.crossEntropy === "fused", "model"),
    ...(kernels.expertBias === "fused" ? [both("use-transformer-engine-op-fuser", true, "model")] : []),
    ...graphs,
    ...scope,
  ];
}

function graphWords({ software }: Case): readonly string[] {
  const scope = software.cudaGraphScope ?? [];
  return Object.keys(megatronGraphModules).filter((word) => scope.some((part) => megatronGraphModules[word] === part));
}

/** The rule of the update, and its state on the host. */
function optimizerSettings({ layout, software }: Case): readonly MegatronSetting[] {
  const { optimizerRule: rule, overlap } = software;
  const share = layout.optimizerOffload ?? 0;
  const spread = rule === "muon" && layout.sharding === "optimizer";
  const word = spread ? "dist_muon" : Object.keys(megatronRules).find((each) => megatronRules[each] === rule);
  const settings = rule === "adam" || word === undefined ? [] : [both("optimizer", word, "optimizer")];
  if (share === 0) return settings;
  return [
    ...settings,
    both("optimizer-cpu-offload", true, "optimizer"),
    both("optimizer-offload-fraction", share, "optimizer"),
    both("overlap-cpu-optimizer-d2h-h2d", overlap.optimizerOffload === "on", "optimizer"),
  ];
}

function byteSettings({ software, precision }: Case): readonly MegatronSetting[] {
  const { gradient, gradientReduce, parameterGather, master, moments } = software.bytes;
  const half = gradientReduce === 2;
  const settings: MegatronSetting[] = [{ config: "ddp.grad_reduce_in_fp32", value: !half }];
  if (half && precision !== "fp16") settings.push({ argument: "grad-reduce-in-bf16", value: true });
  if (!half && precision === "fp16") settings.push({ argument: "accumulate-allreduce-grads-in-fp32", value: true });
  if (parameterGather === 1) settings.push(both("fp8-param-gather", true, "mixed_precision"));
  if (parameterGather === 0.5625) settings.push(both("fp4-param-gather", true, "mixed_precision"));
  const types: Readonly<Record<number, string>> = { 1: "fp8", 2: "bf16", 4: "fp32" };
  const main = gradient === gradientReduce ? undefined : types[gradient];
  const each = moments === 8 ? undefined : types[moments / 2];
  const copy = master === 2 ? "fp16" : undefined;
  if (main !== undefined || each !== undefined || copy !== undefined)
    settings.push(both("use-precision-aware-optimizer", true, "optimizer"));
  if (main !== undefined) settings.push(both("main-grads-dtype", main, "optimizer"));
  if (copy !== undefined) settings.push(both("main-params-dtype", copy, "optimizer"));
  if (each !== undefined)
    settings.push(both("exp-avg-dtype", each, "optimizer"), both("exp-avg-sq-dtype", each, "optimizer"));
  return settings;
}

function expertSettings(c: Case): readonly MegatronSetting[] {
  if (!hasExperts(c)) return [];
  const { software } = c;
  const [type, backend] = dispatcherArguments(software.dispatcher);
  const capacity = software.routing === "capacity";
  const taken = dispatchMultiprocessors(software);
  return [
    both("moe-token-dispatcher-type", type, "model"),
    ...(backend === undefined ? [] : [both("moe-flex-dispatcher-backend", backend, "model")]),
    ...(backend === undefined ? [] : [both(`moe-${backend}-num-sms`, taken, "model")]),
    both("moe-shared-expert-overlap", software.overlap.sharedExpert === "on", "model"),
    ...(capacity
      ? [
          both("moe-expert-capacity-factor", software.capacityFactor ?? 1, "model"),
          both("moe-pad-expert-input-to-capacity", true, "model"),
        ]
      : []),
  ];
}
