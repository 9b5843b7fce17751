/** No accepted key is ignored: for each there is a scenario whose prediction it changes. */

import { describe, expect, it } from "vitest";
import { ProblemError } from "../base/problem.ts";
import { jsonSchema, predict, scenarioFromValue } from "./index.ts";

type Section = Record<string, unknown>;

interface Written {
  readonly cluster: Section;
  readonly workload: Section;
  readonly layout: Section;
  readonly [section: string]: unknown;
}

/** Stated, so that changed hardware, which has no public price, still has a cost. */
const economics = { acceleratorHour: "2 $/h" };
const fabric = { topology: "fat-tree", tiers: 2, oversubscription: [1] };

/** A mixture of experts over nodes, and a small dense model inside one, bound by launches and messages. */
const bases: readonly Written[] = [
  {
    cluster: { node: { extends: "hgx-h100" }, nodes: 16, fabric },
    workload: {
      kind: "training",
      model: "mistralai/Mixtral-8x7B-v0.1",
      sequenceLength: 4096,
      globalBatch: 256,
      tokens: "1T",
    },
    layout: { tensor: 2, context: 2, pipeline: 2, virtualStages: 2, expert: 4, microBatch: 1, recompute: "none" },
    software: { extends: "megatron-core@2024.07" },
    economics,
  },
  {
    cluster: { node: { extends: "hgx-h100" }, nodes: 1 },
    workload: {
      kind: "training",
      model: {
        extends: "llama-3.1-8b",
        num_hidden_layers: 4,
        hidden_size: 1024,
        intermediate_size: 2048,
        num_attention_heads: 8,
        head_dim: 128,
      },
      sequenceLength: 128,
      globalBatch: 64,
      tokens: "1G",
    },
    layout: { tensor: 8, sequenceParallel: "off", microBatch: 1, recompute: "none" },
    software: { extends: "megatron-core@2024.07" },
    economics,
  },
];

/** Everything a prediction says, its words about assumptions left out. */
function answer(written: Written): string {
  try {
    // A key that a change takes away is undefined, which JSON leaves out.
    const value: unknown = JSON.parse(JSON.stringify({ windtunnel: 1, name: "t", ...written }));
    const { metrics, terms, fit } = predict(scenarioFromValue(value), { "lengths.txt": "300\n4000\n" });
    return JSON.stringify([metrics, terms, fit]);
  } catch (error) {
    if (error instanceof ProblemError) return `refused: ${error.message}`;
    throw error;
  }
}

/** The base with objects merged into it; what is undefined takes a key away. */
function changed<Value>(base: Value, change: unknown): Value {
  if (typeof change !== "object" || change === null || Array.isArray(change)) return change as Value;
  if (typeof base !== "object" || base === null || Array.isArray(base)) return change as Value;
  const result: Section = { ...(base as Section) };
  for (const [key, value] of Object.entries(change)) result[key] = changed(result[key], value);
  return result as Value;
}

function matters(change: Section, before: Section = {}): boolean {
  return bases.some((base) => {
    const start = answer(changed(base, before));
    const after = answer(changed(base, changed(before, change)));
    return !start.startsWith("refused") && !after.startsWith("refused") && after !== start;
  });
}

const node = (fields: Section): Section => ({ cluster: { node: fields } });
const accelerator = (fields: Section): Section => node({ accelerator: fields });
const software = (fields: Section): Section => ({ software: fields });

/** Eight nodes of each of two kinds. */
const pools: Section = {
  node: undefined,
  nodes: undefined,
  fabric: undefined,
  pools: [
    { name: "new", node: "hgx-h100", nodes: 8 },
    { name: "old", node: "hgx-a100", nodes: 8 },
  ],
};
const between: Section = { ...pools, between: { bandwidth: "100 GB/s", latency: "1 ms" } };
const overStages = (stages: readonly number[], names = ["new", "old"]): Section => ({
  pipeline: undefined,
  virtualStages: 1,
  expert: 1,
  pools: names.map((pool, index) => ({ pool, stages: stages[index] })),
});
const overReplicas = (data: readonly number[], sequences: readonly number[]): Section => ({
  pools: ["new", "old"].map((pool, index) => ({ pool, data: data[index], sequences: sequences[index] })),
});
const stages: Section = { cluster: pools, layout: overStages([1, 1]) };
const replicas: Section = {
  cluster: pools,
  layout: { virtualStages: 1, expert: 1, ...overReplicas([8, 8], [128, 128]) },
};
/** One sequence length replaced by several. */
const uneven = (fields: Section): Section => ({ workload: { sequenceLength: undefined, lengths: fields } });
const samples = { samples: [200, 900, 4096], packing: "greedy" };

type Case = [key: string, change: Section, before?: Section];

const cases: readonly Case[] = [
  ["cluster.node.acceleratorsPerNode", node({ acceleratorsPerNode: 16 })],
  ["cluster.nodes", { cluster: { nodes: 8 } }],
  [
    "cluster.fabric.topology",
    { cluster: { fabric: { topology: "rail-optimised" } } },
    {
      workload: { model: "deepseek-ai/DeepSeek-V3" },
      layout: { tensor: 1, sequenceParallel: "off", context: 1, virtualStages: 1, expert: 64 },
      cluster: { fabric: { oversubscription: [8] } },
    },
  ],
  ["cluster.fabric.transport", { cluster: { fabric: { transport: "roce" } } }],
  ["cluster.fabric.tiers", { cluster: { fabric: { tiers: 3, oversubscription: [1, 1] } } }],
  ["cluster.fabric.oversubscription", { cluster: { fabric: { oversubscription: [4] } } }],
  ["cluster.fabric.hopLatency", { cluster: { fabric: { hopLatency: "50 us" } } }],
  [
    "cluster.fabric.nodesPerPod",
    { cluster: { fabric: { nodesPerPod: 2 } } },
    {
      workload: { model: "deepseek-ai/DeepSeek-V3" },
      layout: { tensor: 1, sequenceParallel: "off", context: 1, virtualStages: 1, expert: 64 },
      cluster: { fabric: { tiers: 3, oversubscription: [1, 8] } },
    },
  ],
  ["cluster.node.scaleUp.domain", node({ scaleUp: { domain: 4 } })],
  ["cluster.node.scaleUp.topology", node({ scaleUp: { topology: "mesh" } })],
  ["cluster.node.scaleUp.bandwidth", node({ scaleUp: { bandwidth: "100 GB/s" } })],
  ["cluster.node.scaleUp.reduction", node({ scaleUp: { reduction: "none" } })],
  ["cluster.node.nics.count", node({ nics: { count: 4 } })],
  ["cluster.node.nics.bandwidth", node({ nics: { bandwidth: "100 Gbit/s" } })],
  ["cluster.node.power", node({ power: "5 kW" })],
  ["cluster.node.accelerator.generation", accelerator({ generation: "blackwell" })],
  ...Object.entries({ bf16: "bf16", fp16: "fp16", fp32: "fp32", tf32: "tf32", fp8: "fp8" }).map(
    ([unit, precision]): Case => [
      `cluster.node.accelerator.peak.${unit}`,
      accelerator({ peak: { [unit]: "40 TFLOP/s" } }),
      { workload: { precision } },
    ],
  ),
  [
    "cluster.node.accelerator.peak.fp4",
    accelerator({ peak: { fp4: "1 PFLOP/s" } }),
    { cluster: { node: { extends: "hgx-b200" } }, workload: { precision: "nvfp4" } },
  ],
  ["cluster.node.accelerator.memory.bandwidth", accelerator({ memory: { bandwidth: "1 TB/s" } })],
  ["cluster.node.accelerator.memory.capacity", accelerator({ memory: { capacity: "2 GB" } })],
  ["cluster.node.accelerator.multiprocessors", accelerator({ multiprocessors: 64 })],
  ["cluster.node.accelerator.scaleUp.bandwidth", accelerator({ scaleUp: { bandwidth: "100 GB/s" } })],
  ["cluster.node.accelerator.power", accelerator({ power: "300 W" })],
  ["workload.sequenceLength", { workload: { sequenceLength: 2048 } }],
  [
    "workload.lengths.histogram.upTo",
    uneven({
      histogram: [
        { upTo: 512, share: 0.5 },
        { upTo: 4096, share: 0.5 },
      ],
    }),
    uneven({
      histogram: [
        { upTo: 256, share: 0.5 },
        { upTo: 4096, share: 0.5 },
      ],
    }),
  ],
  [
    "workload.lengths.histogram.share",
    uneven({
      histogram: [
        { upTo: 512, share: 0.25 },
        { upTo: 4096, share: 0.75 },
      ],
    }),
    uneven({
      histogram: [
        { upTo: 512, share: 0.5 },
        { upTo: 4096, share: 0.5 },
      ],
    }),
  ],
  ["workload.lengths.samples", uneven({ samples: [200, 900, 4096] }), uneven({ samples: [800, 4096] })],
  ["workload.lengths.file", uneven({ file: "lengths.txt" })],
  [
    "workload.lengths.lognormal.median",
    uneven({ lognormal: { median: 400 } }),
    uneven({ lognormal: { median: 800, p99: 4000 }, packedLength: 4096 }),
  ],
  [
    "workload.lengths.lognormal.p99",
    uneven({ lognormal: { p99: 2000 } }),
    uneven({ lognormal: { median: 800, p99: 4000 }, packedLength: 4096 }),
  ],
  ["workload.lengths.packedLength", uneven({ packedLength: 8192 }), uneven(samples)],
  ["workload.lengths.packing greedy", uneven({ packing: "greedy" }), uneven({ samples: [200, 900, 4096] })],
  ["workload.lengths.packing best-fit", uneven({ packing: "best-fit" }), uneven(samples)],
  ["workload.lengths.padTo", uneven({ padTo: "packed-length" }), uneven({ samples: [200, 900, 4096] })],
  ["workload.lengths.masking", uneven({ masking: "none" }), uneven(samples)],
  ["workload.lengths.balance sorted", uneven({ balance: "sorted" }), uneven(samples)],
  ["workload.lengths.balance workload", uneven({ balance: "workload" }), uneven(samples)],
  ["workload.lengths.contextCut", uneven({ contextCut: "row" }), uneven(samples)],
  ["workload.globalBatch", { workload: { globalBatch: 512 } }],
  ["workload.tokens", { workload: { tokens: "2T" } }],
  ["workload.precision", { workload: { precision: "fp8" } }],
  ["workload.precision recipe", { workload: { precision: "fp8-delayed" } }, { workload: { precision: "fp8-current" } }],
  ["workload.tuning.method", { workload: { tuning: { method: "lora" } } }],
  [
    "workload.tuning.rank",
    { workload: { tuning: { rank: 64 } } },
    { workload: { tuning: { method: "lora", rank: 8 } } },
  ],
  ...["linear_qkv", "linear_proj", "linear_fc1", "linear_fc2"].map(
    (target): Case => [
      `workload.tuning.targets ${target}`,
      { workload: { tuning: { targets: [target] } } },
      { workload: { tuning: { method: "lora" } } },
    ],
  ),
  ...["fp8", "nf4"].map(
    (base): Case => [
      `workload.tuning.base ${base}`,
      { workload: { tuning: { base } } },
      { workload: { tuning: { method: "lora" } } },
    ],
  ),
  [
    "workload.tuning.dropout",
    { workload: { tuning: { dropout: "on" } } },
    { workload: { tuning: { method: "lora" } } },
  ],
  [
    "workload.tuning.exchange",
    { workload: { tuning: { exchange: "all-to-all" } } },
    { workload: { tuning: { method: "lora" } } },
  ],
  ["workload.tuning.frozenLayers", { workload: { tuning: { method: "full", frozenLayers: 2 } } }],
  ...["dpo", "kto", "orpo", "simpo", "reward"].map(
    (objective): Case => [`workload.objective ${objective}`, { workload: { objective } }],
  ),
  [
    "workload.objective.method",
    { workload: { objective: { method: "kto" } } },
    { workload: { objective: { method: "dpo" } } },
  ],
  [
    "workload.objective.reference",
    { workload: { objective: { reference: "precomputed" } } },
    { workload: { objective: { method: "dpo" } } },
  ],
  [
    "workload.objective.reference adapter-off",
    { workload: { objective: { reference: "resident" } } },
    { workload: { tuning: { method: "lora" }, objective: { method: "dpo", reference: "adapter-off" } } },
  ],
  [
    "workload.objective.teacher",
    { workload: { objective: { teacher: "llama-3.1-70b" } } },
    {
      workload: { objective: { method: "distillation", teacher: "llama-3.1-8b" } },
      layout: { sequenceParallel: "on" },
    },
  ],
  [
    "workload.highPrecisionLayers.first",
    { workload: { highPrecisionLayers: { first: 2 } } },
    { workload: { precision: "fp8" } },
  ],
  [
    "workload.highPrecisionLayers.last",
    { workload: { highPrecisionLayers: { last: 2 } } },
    { workload: { precision: "fp8" } },
  ],
  [
    "workload.multiTokenPrediction",
    { workload: { multiTokenPrediction: 1 } },
    {
      workload: { model: "deepseek-ai/DeepSeek-V3", globalBatch: 128 },
      layout: { tensor: 1, sequenceParallel: "off", virtualStages: 1, expert: 8 },
    },
  ],
  ["layout.tensor", { layout: { tensor: 4 } }],
  ["layout.sequenceParallel", { layout: { sequenceParallel: "off" } }],
  ["layout.context", { layout: { context: 1 } }],
  ["layout.contextInner", { layout: { contextInner: 1 } }, { software: { contextExchange: "hierarchical" } }],
  ["layout.contextBalance", { layout: { contextBalance: "contiguous" } }],
  ["layout.pipeline", { layout: { pipeline: 4 } }],
  ["layout.virtualStages", { layout: { virtualStages: 1 } }],
  ["layout.expert", { layout: { expert: 8 } }],
  ["layout.expertTensor", { layout: { expertTensor: 2 } }],
  ["layout.microBatch", { layout: { microBatch: 2 } }],
  ["layout.schedule", { layout: { schedule: "gpipe" } }, { layout: { virtualStages: 1 } }],
  ...["zero-bubble-h1", "zero-bubble-h2"].map(
    (schedule): Case => [`layout.schedule ${schedule}`, { layout: { schedule } }, { layout: { virtualStages: 1 } }],
  ),
  ...["zero-bubble-v", "v-half", "v-min", "dualpipe", "dualpipe-v"].map(
    (schedule): Case => [`layout.schedule ${schedule}`, { layout: { schedule } }],
  ),
  ...["selective", "full", ["attention-core"], ["layer-norm"], ["moe"], ["expert-activation"], ["attention"]].map(
    (recompute): Case => [`layout.recompute ${recompute}`, { layout: { recompute } }],
  ),
  [
    "layout.recompute mlp",
    { layout: { recompute: ["mlp"] } },
    { workload: { model: "llama-3.1-8b" }, layout: { expert: 1 } },
  ],
  [
    "layout.recompute latent-up-projection",
    { layout: { recompute: ["latent-up-projection"] } },
    { workload: { model: "deepseek-ai/DeepSeek-V3" }, layout: { virtualStages: 1 } },
  ],
  ["layout.recomputeLayers", { layout: { recomputeLayers: 1 } }, { layout: { recompute: "full" } }],
  ...["none", "gradients", "full", "hybrid"].map(
    (sharding): Case => [`layout.sharding ${sharding}`, { layout: { sharding } }],
  ),
  ["layout.shardGroup", { layout: { shardGroup: 2 } }, { layout: { sharding: "hybrid" } }],
  ...["never", "node", 2].map(
    (reshardAfterForward): Case => [
      `layout.reshardAfterForward ${reshardAfterForward}`,
      { layout: { reshardAfterForward } },
      { layout: { sharding: "full", pipeline: 1, virtualStages: 1 } },
    ],
  ),
  ["layout.optimizerOffload", { layout: { optimizerOffload: 0.5 } }],
  ["layout.weightOffload", { layout: { weightOffload: "on" } }, { layout: { sharding: "full" } }],
  [
    "cluster.node.host.link",
    { cluster: { node: { host: { link: "5 GB/s" } } } },
    { layout: { optimizerOffload: 1 }, software: { overlap: { optimizerOffload: "off" } } },
  ],
  [
    "cluster.node.host.memory",
    { cluster: { node: { host: { memory: "50 GB/s" } } } },
    { layout: { optimizerOffload: 1 }, software: { overlap: { optimizerOffload: "off" } } },
  ],
  [
    "software.overlap.optimizerOffload",
    software({ overlap: { optimizerOffload: "off" } }),
    { layout: { optimizerOffload: 1 } },
  ],
  ...["muon", "sgd"].map(
    (optimizerRule): Case => [`software.optimizerRule ${optimizerRule}`, software({ optimizerRule })],
  ),
  ["software.state.weightShard", software({ state: { weightShard: "master" } }), { layout: { sharding: "full" } }],
  [
    "software.state.reduceEvery round",
    software({ state: { reduceEvery: "round" } }),
    { layout: { sharding: "gradients" }, software: { state: { reduceEvery: "micro-batch" } } },
  ],
  ["software.state.reduceEvery", software({ state: { reduceEvery: "step" } }), { layout: { sharding: "full" } }],
  [
    "software.state.gradients",
    software({ state: { gradients: "shard-grad-op" } }),
    { layout: { sharding: "gradients" } },
  ],
  [
    "software.state.prefetch",
    software({ state: { prefetch: "after" } }),
    {
      workload: { model: "llama-3.1-8b" },
      layout: { sharding: "full", expert: 1, microBatch: 4 },
      software: { host: "fsdp" },
    },
  ],
  ["software.state.lastBlock", software({ state: { lastBlock: "kept" } }), { layout: { sharding: "full" } }],
  ["layout.stageLayers", { layout: { stageLayers: [7, 8, 8, 9] } }],
  ["layout.stageLayers text", { layout: { stageLayers: "Et*10|t*11|t*11|L" } }],
  ["layout.activationOffload", { layout: { activationOffload: 0.5 } }],
  [
    "layout.pools.stages",
    { layout: overStages([1, 1]) },
    { layout: overStages([2, 2], ["old", "new"]), cluster: pools },
  ],
  ["layout.pools.sequences", { layout: overReplicas([8, 8], [192, 64]) }, replicas],
  [
    "layout.pools.precision",
    {
      layout: {
        pools: [
          { pool: "new", stages: 1, precision: "fp8" },
          { pool: "old", stages: 1 },
        ],
      },
    },
    stages,
  ],
  ["layout.balance", { layout: { balance: "balanced" } }, { ...stages, workload: { model: "llama-3.1-8b" } }],
  ["cluster.between.bandwidth", { cluster: { between: { bandwidth: "1 GB/s" } } }, { ...stages, cluster: between }],
  ["cluster.between.latency", { cluster: { between: { latency: "10 ms" } } }, { ...stages, cluster: between }],
  // flash counts like cudnn and compiled like transformer-engine, as their descriptions say.
  ...["flash", "flash-1", "cudnn"].map(
    (attention): Case => [
      `software.kernels.attention ${attention}`,
      software({ kernels: { attention } }),
      software({ kernels: { attention: "unfused" } }),
    ],
  ),
  ["software.kernels.attention flash-1", software({ kernels: { attention: "flash-1" } })],
  ...["fused", "transformer-engine", "compiled"].map(
    (elementwise): Case => [
      `software.kernels.elementwise ${elementwise}`,
      software({ kernels: { elementwise } }),
      software({ kernels: { elementwise: "eager" } }),
    ],
  ),
  [
    "software.kernels.elementwise fused",
    software({ kernels: { elementwise: "fused" } }),
    software({ kernels: { elementwise: "transformer-engine" } }),
  ],
  [
    "software.kernels.expertBias",
    software({ kernels: { expertBias: "fused" } }),
    { workload: { model: "openai/gpt-oss-20b" }, software: { kernels: { expertBias: "separate" } } },
  ],
  ["software.kernels.router", software({ kernels: { router: "separate" } })],
  [
    "software.kernels.permutation",
    software({ kernels: { permutation: "in-copy" } }),
    software({ dispatcher: "hybridep" }),
  ],
  [
    "software.kernels.rowFilling",
    software({ kernels: { rowFilling: "fused" } }),
    { workload: { precision: "fp8-current" } },
  ],
  [
    "software.dispatchMultiprocessors",
    software({ dispatchMultiprocessors: 8 }),
    software({ dispatcher: "hybridep", overlap: { expert: "on" } }),
  ],
  ["software.kernels.crossEntropy", software({ kernels: { crossEntropy: "eager" } })],
  ["software.kernels.dropout", software({ kernels: { dropout: "on" } })],
  ...["tensor", "tensorGradient", "gradientReduce", "parameterGather", "pipeline", "expert"].map(
    (key): Case => [
      `software.overlap.${key}`,
      software({ overlap: { [key]: "on" } }),
      software({ overlap: { [key]: "off" } }),
    ],
  ),
  ...["asynchronous", "fused"].map(
    (tensor): Case => [
      `software.overlap.tensor ${tensor}`,
      software({ overlap: { tensor } }),
      software({ overlap: { tensor: "off" } }),
    ],
  ),
  ...["partial", "full"].map(
    (cudaGraphs): Case => [
      `software.cudaGraphs ${cudaGraphs}`,
      software({ cudaGraphs }),
      software({ cudaGraphs: "none" }),
    ],
  ),
  [
    "software.overlap.sharedExpert",
    software({ overlap: { sharedExpert: "on" } }),
    { workload: { model: "deepseek-ai/DeepSeek-V3" }, layout: { virtualStages: 1 } },
  ],
  ["software.cudaGraphScope", software({ cudaGraphScope: ["router"] }), software({ cudaGraphs: "partial" })],
  ...["all-gather", "all-to-all", "hierarchical"].map(
    (contextExchange): Case => [
      `software.contextExchange ${contextExchange}`,
      software({ contextExchange }),
      software({ contextExchange: "ring" }),
    ],
  ),
  ...["all-gather", "deepep", "hybridep"].map(
    (dispatcher): Case => [
      `software.dispatcher ${dispatcher}`,
      software({ dispatcher }),
      software({ dispatcher: "all-to-all" }),
    ],
  ),
  ...["multi-tensor", "eager"].map((optimizer): Case => [`software.optimizer ${optimizer}`, software({ optimizer })]),
  ...["fsdp", "xla"].map((host): Case => [`software.host ${host}`, software({ host })]),
  ...["gradient", "gradientReduce", "parameterGather", "master", "moments"].map(
    (key): Case => [`software.bytes.${key}`, software({ bytes: { [key]: "1 B" } })],
  ),
  ["workload.routing", { workload: { routing: "natural" } }],
  ["workload.routingSkew", { workload: { routingSkew: 0.5 } }, { workload: { routing: "natural" } }],
  ["software.capacityFactor", software({ capacityFactor: 1.5 }), software({ routing: "capacity" })],
  ["software.expertImbalance", software({ expertImbalance: 1.5 })],
  [
    "software.kernels.recompute",
    software({ kernels: { recompute: "whole" } }),
    { layout: { recompute: "full" }, software: { kernels: { recompute: "needed" } } },
  ],
  ["software.routing", software({ routing: "capacity" }), software({ routing: "dropless" })],
  ["economics.acceleratorHour", { economics: { acceleratorHour: "1 $/h" } }],
  ["economics.energy", { economics: { energy: "0.1 $/kWh" } }],
  ["economics.powerUsageEffectiveness", { economics: { powerUsageEffectiveness: 1.3 } }],
  ["flopConvention", { flopConvention: "palm" }],
  ["stragglers.rank", { stragglers: [{ rank: 12, factor: 1.3 }] }],
  ["stragglers.node", { stragglers: [{ node: 2, factor: 1.3 }] }],
  ["stragglers.stage", { stragglers: [{ stage: 1, factor: 1.3 }] }],
  ["stragglers.dataRank", { stragglers: [{ dataRank: 1, factor: 1.3 }] }],
  ["stragglers.share", { stragglers: [{ share: "1 %", factor: 1.3 }] }],
  ["stragglers.factor", { stragglers: [{ rank: 0, factor: 2 }] }, { stragglers: [{ rank: 0, factor: 1.5 }] }],
  [
    "stragglers.what",
    { stragglers: [{ rank: 0, factor: 2, what: "communication" }] },
    { stragglers: [{ rank: 0, factor: 2 }] },
  ],
  [
    "stragglers.probability",
    { stragglers: [{ rank: 0, factor: 2, probability: "50 %" }] },
    { stragglers: [{ rank: 0, factor: 2 }] },
  ],
  ["jitter", { jitter: "1 %" }],
];

/** Keys that name things, or that a problem holds to one value. */
const exempt = [
  /\.(extends|name|label|version)$/,
  /^workload\.(kind|model)$/,
  /^layout\.data$/,
  /^cluster\.pools/,
  /^layout\.pools\.(pool|data)$/,
];

/** Dotted paths of all keys of a training scenario that hold values. */
function valueKeys(): string[] {
  const found = new Set<string>();
  const visit = (node: Section, path: string): void => {
    const branches = [node, ...((node.anyOf ?? []) as Section[]), ...((node.items ? [node.items] : []) as Section[])];
    const below = branches.flatMap((branch) => Object.entries((branch.properties ?? {}) as Record<string, Section>));
    if (below.length === 0) found.add(path);
    for (const [key, field] of below) visit(field, path === "" ? key : `${path}.${key}`);
  };
  const { properties } = jsonSchema() as { readonly properties: Record<string, Section> };
  for (const name of ["cluster", "layout", "software", "economics", "flopConvention", "stragglers", "jitter"])
    visit(properties[name] ?? {}, name);
  visit(((properties.workload?.oneOf ?? []) as Section[])[0] ?? {}, "workload");
  return [...found].filter((path) => !exempt.some((pattern) => pattern.test(path)));
}

describe("every key changes some prediction", () => {
  it.each([...cases])("%s", (_key, change, before) => {
    expect(matters(change, before)).toBe(true);
  });

  it("is tried for each key of the language", () => {
    const tried = new Set(cases.map(([key]) => key.split(" ")[0]));
    expect(valueKeys().filter((key) => !tried.has(key))).toEqual([]);
  });
});
