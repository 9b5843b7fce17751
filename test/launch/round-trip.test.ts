/** What a target can say comes back from its text: import(export(x)) = x over random layouts and stacks. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProblemError } from "../../src/base/problem.ts";
import { exportLaunch, type LaunchExport } from "../../src/launch/index.ts";
import { type DesignOf, resolve, scenarioFromValue, trainingOf } from "../../src/scenario/index.ts";

type Value = Readonly<Record<string, unknown>>;

const powers = (most: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: most }).map((power) => 1 << power);
const either = fc.constantFrom("on", "off");

/** Degrees, batch and switches of any program; a drawn scenario may still be impossible. */
const common = {
  tensor: powers(3),
  context: powers(2),
  pipeline: powers(3),
  data: powers(4),
  microBatch: powers(2),
  groups: fc.integer({ min: 1, max: 4 }),
  sequenceLength: fc.constantFrom(4096, 8192),
  tokens: fc.option(fc.constant(1)),
  gradientReduce: either,
  parameterGather: either,
  tensorOverlap: either,
};

/** The design of a drawn scenario; undefined where the language refuses it. */
function designOf(value: Value): DesignOf<"training"> | undefined {
  try {
    return trainingOf(resolve(scenarioFromValue(value)));
  } catch (error) {
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

const megatronDraws = fc.record({
  ...common,
  model: fc.constantFrom(
    "llama-3.1-8b",
    "llama-3.1-70b",
    "gpt-3-175b",
    "qwen2.5-7b",
    "qwen3-32b",
    "nemotron-4-340b",
    "mixtral-8x7b-v0.1",
    "qwen3-30b-a3b",
    "glm-4.5-air",
    "deepseek-v3",
    "deepseek-v2-lite",
  ),
  software: fc.constantFrom("megatron-core@2024.07", "megatron-bridge@26.06", "nemo@2024"),
  sequenceParallel: either,
  chunks: fc.integer({ min: 1, max: 4 }),
  expert: powers(4),
  expertTensor: powers(1),
  recompute: fc.constantFrom("none", "selective", "full", ["mlp"], ["layer-norm", "expert-activation"], ["moe", "mlp"]),
  sharding: fc.constantFrom("none", "optimizer", "gradients", "full", "hybrid"),
  rule: fc.constantFrom("adam", "muon", "sgd"),
  optimizerOffload: fc.constantFrom(0, 0.5, 1),
  hostOverlap: either,
  activationOffload: fc.constantFrom(0, 0.5),
  splitModules: either,
  precision: fc.constantFrom("bf16", "fp16", "fp32", "fp8-delayed", "fp8-current", "fp8-block"),
  ends: fc.constantFrom(undefined, { first: 1, last: 2 }),
  pipelineOverlap: either,
  expertOverlap: either,
  sharedExpert: either,
  multiprocessors: fc.constantFrom(undefined, 12, 32),
  capacityFactor: fc.constantFrom(1, 1.25),
  graphScope: fc.constantFrom(undefined, ["attention"], ["router", "attention"], ["feed-forward"]),
  cudaGraphs: fc.constantFrom("none", "partial", "full"),
  dispatcher: fc.constantFrom("all-to-all", "all-gather", "deepep", "hybridep"),
  routing: fc.constantFrom("dropless", "capacity"),
  contextExchange: fc.constantFrom("ring", "all-gather", "all-to-all", "hierarchical"),
  adapters: fc.constantFrom(undefined, { rank: 8, dropout: "on" }, { rank: 16, targets: ["linear_qkv"] }),
  gradient: fc.constantFrom("2 B", "4 B"),
  reduce: fc.constantFrom("2 B", "4 B"),
  moments: fc.constantFrom("8 B", "4 B", "2 B"),
  dropout: either,
  crossEntropy: fc.constantFrom("fused", "eager"),
  attention: fc.constantFrom("cudnn", "flash", "unfused"),
});

type MegatronDraw = typeof megatronDraws extends fc.Arbitrary<infer Draw> ? Draw : never;

function megatronScenario(draw: MegatronDraw): Value {
  const { tensor, context, pipeline, data } = draw;
  const experts = /mixtral|a3b|glm|deepseek/.test(draw.model);
  const ranks = tensor * context * pipeline * Math.max(data, Math.ceil(8 / (tensor * context * pipeline)));
  const batch = (ranks / (tensor * context * pipeline)) * draw.microBatch * draw.groups * pipeline;
  const copies = ranks / (tensor * context * pipeline);
  const chunks = pipeline === 1 ? 1 : draw.chunks;
  const low = draw.precision.startsWith("fp8");
  const whole = draw.sharding === "none" || draw.sharding === "optimizer";
  const split = draw.splitModules === "on" && draw.model === "deepseek-v3" && (pipeline === 2 || pipeline === 4);
  const text = pipeline === 2 ? "Et*61m|L" : "Et*20|t*20|t*21m|L";
  const plainDispatcher = draw.dispatcher === "all-to-all" || draw.dispatcher === "all-gather";
  return {
    windtunnel: 1,
    name: "drawn",
    cluster: { node: "hgx-h100", nodes: ranks / 8 },
    workload: {
      kind: "training",
      model: draw.model,
      sequenceLength: draw.sequenceLength,
      globalBatch: batch,
      precision: draw.precision,
      ...(draw.tokens === null ? {} : { tokens: draw.sequenceLength * batch * 1000 }),
      ...(low && draw.ends !== undefined ? { highPrecisionLayers: draw.ends } : {}),
      ...(split ? { multiTokenPrediction: 1 } : {}),
    },
    layout: {
      tensor,
      context,
      pipeline,
      sequenceParallel: tensor === 1 ? "off" : draw.sequenceParallel,
      virtualStages: split ? 1 : chunks,
      ...(split ? { stageLayers: text } : {}),
      ...(context > 1 && draw.contextExchange === "hierarchical" ? { contextInner: 2 } : {}),
      microBatch: draw.microBatch,
      recompute: draw.recompute,
      sharding: draw.sharding === "hybrid" && copies === 1 ? "full" : draw.sharding,
      ...(draw.sharding === "hybrid" && copies > 1 ? { shardGroup: context } : {}),
      optimizerOffload: draw.optimizerOffload,
      activationOffload: /llama|gpt/.test(draw.model) ? draw.activationOffload : 0,
      ...(experts ? { expert: draw.expert, expertTensor: draw.expertTensor } : {}),
    },
    software: {
      extends: draw.software,
      overlap: {
        tensor: draw.tensorOverlap,
        gradientReduce: draw.gradientReduce,
        parameterGather: draw.parameterGather,
        pipeline: draw.pipelineOverlap,
        expert: draw.expertOverlap,
        sharedExpert: draw.expertOverlap === "off" && plainDispatcher ? draw.sharedExpert : "off",
        optimizerOffload: draw.hostOverlap,
      },
      optimizerRule: draw.rule === "muon" && !whole ? "adam" : draw.rule,
      ...(draw.multiprocessors === undefined ? {} : { dispatchMultiprocessors: draw.multiprocessors }),
      ...(draw.routing === "capacity" ? { capacityFactor: draw.capacityFactor } : {}),
      cudaGraphs: draw.cudaGraphs,
      ...(draw.cudaGraphs === "partial" && draw.graphScope !== undefined ? { cudaGraphScope: draw.graphScope } : {}),
      dispatcher: draw.dispatcher,
      routing: draw.routing,
      contextExchange: draw.contextExchange,
      bytes: { gradient: draw.gradient, gradientReduce: draw.reduce, moments: draw.moments },
      kernels: { dropout: draw.dropout, crossEntropy: draw.crossEntropy, attention: draw.attention },
    },
  };
}

const torchtitanDraws = fc.record({
  ...common,
  model: fc.constantFrom("llama-3.1-8b", "llama-3.1-70b", "qwen3-32b", "qwen3-30b-a3b", "llama-4-scout"),
  expert: powers(3),
  schedule: fc.constantFrom("1f1b", "gpipe", "interleaved", "zero-bubble-v", "dualpipe-v"),
  recompute: fc.constantFrom("none", "selective", "full"),
  sharding: fc.constantFrom("none", "full", "hybrid"),
  reshard: fc.constantFrom("always", "never"),
  weightOffload: either,
  balance: fc.constantFrom("zig-zag", "contiguous"),
  optimizer: fc.constantFrom("fused", "multi-tensor", "eager"),
  precision: fc.constantFrom("bf16", "fp16", "fp32", "fp8-current"),
  gather: fc.constantFrom("1 B", "2 B"),
  elementwise: fc.constantFrom("eager", "compiled"),
  crossEntropy: fc.constantFrom("eager", "fused"),
  reduce: fc.constantFrom("2 B", "4 B"),
  contextExchange: fc.constantFrom("ring", "all-gather"),
});

type TorchtitanDraw = typeof torchtitanDraws extends fc.Arbitrary<infer Draw> ? Draw : never;

function torchtitanScenario(draw: TorchtitanDraw): Value {
  const { tensor, context, pipeline } = draw;
  const inner = tensor * context * pipeline;
  const ranks = inner * Math.max(draw.data, Math.ceil(8 / inner));
  const data = ranks / inner;
  const experts = /a3b|scout/.test(draw.model);
  const hybrid = draw.sharding === "hybrid" && data % 2 === 0 && data > 2;
  const sharding = draw.sharding === "none" && data > 1 ? "none" : hybrid ? "hybrid" : "full";
  const two = draw.schedule !== "1f1b" && draw.schedule !== "gpipe";
  return {
    windtunnel: 1,
    name: "drawn",
    cluster: { node: "hgx-h100", nodes: ranks / 8 },
    workload: {
      kind: "training",
      model: draw.model,
      sequenceLength: draw.sequenceLength,
      globalBatch: data * draw.microBatch * draw.groups * pipeline * (two ? 2 : 1),
      precision: draw.precision,
    },
    layout: {
      tensor,
      context,
      pipeline,
      virtualStages: pipeline > 1 && two ? 2 : 1,
      schedule: pipeline === 1 ? "1f1b" : draw.schedule,
      microBatch: draw.microBatch,
      recompute: draw.recompute,
      sharding,
      ...(sharding === "none" ? {} : { reshardAfterForward: draw.reshard, weightOffload: draw.weightOffload }),
      ...(context > 1 ? { contextBalance: draw.balance } : {}),
      ...(hybrid ? { shardGroup: (data / 2) * context } : {}),
      ...(experts ? { expert: draw.expert, expertTensor: 1 } : {}),
    },
    software: {
      extends: "torchtitan@2025",
      overlap: { tensor: draw.tensorOverlap === "on" ? "asynchronous" : "off" },
      optimizer: draw.optimizer,
      contextExchange: draw.contextExchange,
      bytes: {
        gradientReduce: draw.reduce,
        ...(draw.precision.startsWith("fp8") ? { parameterGather: draw.gather } : {}),
      },
      kernels: { attention: "flash", elementwise: draw.elementwise, crossEntropy: draw.crossEntropy },
    },
  };
}

/** Exports what is possible, and asks each export; too few possible draws would prove nothing. */
function everyExport<Draw>(
  draws: fc.Arbitrary<Draw>,
  scenario: (draw: Draw) => Value,
  check: (found: LaunchExport, design: DesignOf<"training">) => void,
  kinds: readonly string[],
): void {
  let possible = 0;
  fc.assert(
    fc.property(draws, (draw) => {
      const design = designOf(scenario(draw));
      if (design === undefined) return;
      possible += 1;
      for (const kind of kinds) check(exportLaunch(kind, design), design);
    }),
    { numRuns: 150 },
  );
  expect(possible).toBeGreaterThan(40);
}

describe("import(export(x)) = x", () => {
  it("for Megatron-LM and NeMo", () => {
    everyExport(megatronDraws, megatronScenario, ({ lost }) => expect(lost).toEqual([]), ["megatron", "nemo"]);
  });

  it("for torchtitan", () => {
    everyExport(torchtitanDraws, torchtitanScenario, ({ lost }) => expect(lost).toEqual([]), ["torchtitan"]);
  });

  it("for adapters, which NeMo has", () => {
    const tuned = (draw: MegatronDraw): Value => {
      const value = megatronScenario(draw) as { readonly workload: Value };
      const tuning = { method: "lora", ...(draw.adapters ?? { rank: 4 }) };
      return { ...value, workload: { ...value.workload, tuning } };
    };
    everyExport(megatronDraws, tuned, ({ lost }) => expect(lost).toEqual([]), ["nemo"]);
  });

  it("and what a target cannot say is listed with its reason", () => {
    const design = designOf({
      windtunnel: 1,
      name: "odd",
      cluster: { node: "hgx-h100", nodes: 4 },
      workload: { kind: "training", model: "gpt-oss-20b", sequenceLength: 4096, globalBatch: 64 },
      layout: {
        tensor: 2,
        pipeline: 2,
        virtualStages: 1,
        schedule: "gpipe",
        sharding: "hybrid",
        shardGroup: 4,
        recompute: ["attention"],
      },
      software: "deepseek-hai@2024",
    });
    if (design === undefined) throw new Error("the scenario is valid");
    const { lost } = exportLaunch("megatron", design);
    expect(lost.map(({ path }) => path)).toEqual(["workload.model", "software", "layout.schedule", "layout.recompute"]);
    for (const { reason } of lost) expect(reason).not.toBe("");
  });

  const workload = { kind: "training", model: "llama-3.1-8b", sequenceLength: 4096, globalBatch: 64 };
  const tensor = { tensor: 4, pipeline: 4 };
  it.each<[string, Value, Readonly<Record<string, readonly string[]>>]>([
    [
      "a schedule in a V",
      { workload, layout: { ...tensor, schedule: "v-half" } },
      {
        megatron: ["layout.schedule", "layout.stageLayers", "layout.virtualStages"],
        torchtitan: ["layout.schedule", "layout.stageLayers", "layout.virtualStages"],
      },
    ],
    [
      "an objective",
      { workload: { ...workload, objective: "dpo" } },
      { megatron: ["workload.objective"], torchtitan: ["workload.objective"], nemo: ["workload.objective"] },
    ],
    [
      "adapters on frozen weights in four bits",
      { workload: { ...workload, tuning: { method: "lora", rank: 8, base: "nf4", frozenLayers: 4 } } },
      { nemo: ["workload.tuning.base", "workload.tuning.frozenLayers"] },
    ],
    [
      "sequences of unequal length",
      { workload: { kind: "training", model: "llama-3.1-8b", globalBatch: 64, lengths: { samples: [512, 4096] } } },
      { megatron: ["workload.lengths"], torchtitan: ["workload.lengths"] },
    ],
    [
      "machines that differ",
      {
        workload,
        cluster: {
          pools: [
            { name: "new", node: "hgx-h100", nodes: 2 },
            { name: "old", node: "hgx-a100", nodes: 2 },
          ],
        },
        layout: {
          tensor: 8,
          data: 2,
          pipeline: 2,
          pools: [
            { pool: "new", stages: 1 },
            { pool: "old", stages: 1 },
          ],
        },
      },
      { megatron: ["cluster.pools"], torchtitan: ["cluster.pools"] },
    ],
    [
      "a slow machine",
      { workload, stragglers: [{ rank: 3, factor: 1.3 }], jitter: 0.01 },
      { megatron: ["jitter", "stragglers"], torchtitan: ["jitter", "stragglers"] },
    ],
    [
      "weights on the host, fused collectives, coarse resharding",
      {
        workload,
        layout: { tensor: 8, sharding: "full", weightOffload: "on", reshardAfterForward: 2 },
        software: { extends: "megatron-core@2024.07", overlap: { tensor: "fused" } },
      },
      { megatron: ["layout.reshardAfterForward", "layout.weightOffload", "software.overlap.tensor"] },
    ],
    [
      "loads of a trained router",
      { workload: { ...workload, model: "qwen3-30b-a3b", routing: "natural" } },
      { megatron: ["workload.routing", "workload.routingSkew"] },
    ],
  ])("lists %s", (_, scenario, expected) => {
    const cluster = { node: "hgx-h100", nodes: 4 };
    for (const [kind, paths] of Object.entries(expected)) {
      const software = kind === "torchtitan" ? "torchtitan@2025" : "megatron-core@2024.07";
      const design = designOf({ windtunnel: 1, name: "odd", cluster, layout: {}, software, ...scenario });
      if (design === undefined) throw new Error("the scenario is valid");
      const { lost } = exportLaunch(kind, design);
      expect(lost.map(({ path }) => path)).toEqual(expect.arrayContaining([...paths]));
      for (const { reason } of lost) expect(reason).not.toBe("");
    }
  });

  it("says what cannot be read again", () => {
    const pool = (name: string, node: string): Value => ({ name, node, nodes: 2 });
    const design = designOf({
      windtunnel: 1,
      name: "odd",
      cluster: { pools: [pool("new", "hgx-h100"), pool("old", "hgx-a100")] },
      workload: { ...workload, globalBatch: 10 },
      layout: {
        tensor: 8,
        data: 4,
        pools: [
          { pool: "new", data: 2, sequences: 6 },
          { pool: "old", data: 2, sequences: 4 },
        ],
      },
      software: "megatron-core@2024.07",
    });
    if (design === undefined) throw new Error("the scenario is valid");
    const { lost } = exportLaunch("megatron", design);
    expect(lost).toMatchObject([{ path: "cluster.pools" }, { path: "workload.globalBatch", value: 10 }]);
    expect(lost[1]?.reason).toContain("10 sequences are not divisible by data 4");
  });

  it("refuses a target that is not known, with the nearest", () => {
    const design = designOf(megatronScenario(fc.sample(megatronDraws, 1)[0] as MegatronDraw));
    expect(() => exportLaunch("megatrom", design as DesignOf<"training">)).toThrow('did you mean "megatron"?');
  });
});
