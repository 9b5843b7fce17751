/** What a target can say comes back from its text: import(export(x)) = x over random layouts and stacks. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProblemError } from "../../src/base/problem.ts";
import { exportLaunch, type LaunchExport } from "../../src/launch/index.ts";
import { type Design, resolve, scenarioFromValue } from "../../src/scenario/index.ts";

type Value = Readonly<Record<string, unknown>>;

const powers = (most: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: most }).map((power) => 1 << power);
const either = fc.constantFrom("on", "off");

/** Degrees, batch and switches of any program; a drawn scenario may still be impossible. */
const common = {
  tensor: powers(3),
  context: powers(1),
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
function designOf(value: Value): Design | undefined {
  try {
    return resolve(scenarioFromValue(value));
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
  sharding: fc.constantFrom("none", "optimizer", "gradients", "full"),
  precision: fc.constantFrom("bf16", "fp16", "fp32", "fp8-delayed", "fp8-current", "fp8-block"),
  ends: fc.constantFrom(undefined, { first: 1, last: 2 }),
  pipelineOverlap: either,
  expertOverlap: either,
  cudaGraphs: fc.constantFrom("none", "partial", "full"),
  dispatcher: fc.constantFrom("all-to-all", "all-gather", "deepep", "hybridep"),
  routing: fc.constantFrom("dropless", "capacity"),
  contextExchange: fc.constantFrom("ring", "all-gather", "all-to-all"),
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
  const chunks = pipeline === 1 ? 1 : draw.chunks;
  const low = draw.precision.startsWith("fp8");
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
    },
    layout: {
      tensor,
      context,
      pipeline,
      sequenceParallel: tensor === 1 ? "off" : draw.sequenceParallel,
      virtualStages: chunks,
      microBatch: draw.microBatch,
      recompute: draw.recompute,
      sharding: draw.sharding,
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
      },
      cudaGraphs: draw.cudaGraphs,
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
  model: fc.constantFrom("llama-3.1-8b", "llama-3.1-70b", "qwen3-32b", "deepseek-v3", "llama-4-scout"),
  expert: powers(3),
  schedule: fc.constantFrom("1f1b", "gpipe"),
  recompute: fc.constantFrom("none", "selective", "full"),
  sharding: fc.constantFrom("none", "full", "hybrid", "gradients"),
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
  const experts = /deepseek|scout/.test(draw.model);
  const hybrid = draw.sharding === "hybrid" && data % 2 === 0 && data > 2;
  return {
    windtunnel: 1,
    name: "drawn",
    cluster: { node: "hgx-h100", nodes: ranks / 8 },
    workload: {
      kind: "training",
      model: draw.model,
      sequenceLength: draw.sequenceLength,
      globalBatch: data * draw.microBatch * draw.groups * pipeline,
      precision: draw.precision,
    },
    layout: {
      tensor,
      context,
      pipeline,
      virtualStages: 1,
      schedule: pipeline === 1 ? "1f1b" : draw.schedule,
      microBatch: draw.microBatch,
      recompute: draw.recompute,
      sharding:
        draw.sharding === "hybrid" && !hybrid
          ? "full"
          : draw.sharding === "none" && data === 1
            ? "full"
            : draw.sharding,
      ...(hybrid ? { shardGroup: (data / 2) * context } : {}),
      ...(experts ? { expert: draw.expert, expertTensor: 1 } : {}),
    },
    software: {
      extends: "llm-foundry@0.5",
      overlap: { tensor: draw.tensorOverlap },
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
  check: (found: LaunchExport, design: Design) => void,
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
    expect(lost.map(({ path }) => path)).toEqual([
      "workload.model",
      "software",
      "layout.schedule",
      "layout.recompute",
      "layout.sharding",
      "layout.shardGroup",
    ]);
    for (const { reason } of lost) expect(reason).not.toBe("");
  });

  it("refuses a target that is not known, with the nearest", () => {
    const design = designOf(megatronScenario(fc.sample(megatronDraws, 1)[0] as MegatronDraw));
    expect(() => exportLaunch("megatrom", design as Design)).toThrow('did you mean "megatron"?');
  });
});
