/** What an engine's words can say comes back: import(export(x)) = x over random layouts, settings and loads. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProblemError } from "../../src/base/problem.ts";
import { exportLaunch } from "../../src/launch/index.ts";
import { type DesignOf, resolve, scenarioFromValue } from "../../src/scenario/index.ts";

type Value = Readonly<Record<string, unknown>>;

const either = fc.constantFrom("on", "off");
const maybe = <Kind>(drawn: fc.Arbitrary<Kind>): fc.Arbitrary<Kind | undefined> => fc.option(drawn, { nil: undefined });
const powers = (most: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: most }).map((power) => 1 << power);

const draws = fc.record({
  model: fc.constantFrom(
    "llama-3.1-8b",
    "qwen3-32b",
    "qwen3-30b-a3b",
    "mixtral-8x7b-v0.1",
    "deepseek-v3",
    "gpt-oss-120b",
  ),
  node: fc.constantFrom("hgx-h100", "hgx-h200", "hgx-b200"),
  nodes: fc.integer({ min: 1, max: 2 }),
  tensor: powers(3),
  pipeline: powers(1),
  ranks: powers(3),
  spread: either,
  maxBatchedTokens: maybe(powers(15).map((size) => Math.max(512, size))),
  maxSequences: maybe(fc.integer({ min: 1, max: 512 })),
  maxLength: maybe(fc.constantFrom(4096, 16_384)),
  cacheBlocks: maybe(fc.integer({ min: 20_000, max: 90_000 })),
  memoryUtilization: maybe(fc.constantFrom(0.85, 0.9, 0.95)),
  prefixCaching: maybe(either),
  hostOverlap: maybe(either),
  chunkedPrefill: maybe(either),
  precision: maybe(fc.constantFrom("fp8", "int4")),
  cachePrecision: maybe(fc.constantFrom("fp8", "bf16")),
  graphs: maybe(either),
  graphSizes: maybe(fc.constantFrom([1, 2, 4, 8], [16])),
  own: either,
  load: fc.constantFrom("poisson", "gamma", "batch", "concurrency"),
  input: fc.integer({ min: 1, max: 2000 }),
  output: fc.integer({ min: 1, max: 2000 }),
  count: fc.integer({ min: 1, max: 5000 }),
  prefix: maybe(fc.integer({ min: 1, max: 500 })),
});

type Draw = typeof draws extends fc.Arbitrary<infer Kind> ? Kind : never;

const experts = (model: string): boolean => /a3b|mixtral|deepseek|oss/.test(model);

function requestsOf({ load, input, output, count, prefix }: Draw): Value {
  const arrivals = {
    poisson: { arrivals: "poisson", rate: "7.5 /s" },
    gamma: { arrivals: "gamma", variation: 2, rate: "3 /s" },
    batch: {},
    concurrency: { concurrency: 16 },
  }[load];
  return { ...arrivals, count, input, output, ...(prefix === undefined ? {} : { prefix: { tokens: prefix } }) };
}

/** Keys that each engine has alone, and those that it has no word for. */
const engines: Readonly<
  Record<
    string,
    { readonly version: string; readonly own: (draw: Draw) => Value; readonly layout: (draw: Draw) => Value }
  >
> = {
  vllm: {
    version: "0.19",
    own: ({ own }) =>
      own === "on" ? { queueOrder: "priority", longPrefillThreshold: 512, reservation: "chunk", blockTokens: 32 } : {},
    layout: ({ model, tensor, ranks, spread }) =>
      experts(model)
        ? { attentionData: ranks, replicas: 1, ...(spread === "on" ? { expert: tensor * ranks } : {}) }
        : { replicas: ranks },
  },
  sglang: {
    version: "0.5",
    own: ({ own, chunkedPrefill }) => ({
      ...(own === "on" ? { queueOrder: "longest-prefix", mixedChunk: "on" } : {}),
      // Without chunks there is no word for the tokens of an iteration.
      ...(chunkedPrefill === "off" ? { maxBatchedTokens: undefined } : {}),
    }),
    layout: ({ model, tensor, ranks, spread }) => ({
      ...(spread === "on" ? { attentionData: ranks, replicas: 1 } : { replicas: ranks }),
      ...(experts(model) && spread === "on" ? { expert: Math.min(4, tensor * ranks) } : {}),
    }),
  },
  "tensorrt-llm": {
    version: "1.0",
    own: ({ own, model }) =>
      own === "on"
        ? {
            ...{ capacityPolicy: "max-utilization", blockTokens: 64 },
            ...(experts(model)
              ? { balance: "on", balanceTimeout: 60, balanceWait: 0 }
              : { batchWaitIterations: 40, batchWaitShare: 0.8 }),
          }
        : {},
    layout: ({ model, tensor, ranks, spread, own }) => ({
      replicas: 1,
      ...(experts(model) && own === "on" ? { tensor: 1, attentionData: Math.max(2, tensor * ranks) } : {}),
      ...(experts(model) && spread === "on" ? { expert: Math.min(4, tensor) } : {}),
    }),
  },
};

function scenarioOf(name: string, draw: Draw): Value {
  const { version, own, layout } = engines[name] ?? { version: "", own: () => ({}), layout: () => ({}) };
  const { maxBatchedTokens, maxSequences, maxLength, memoryUtilization, prefixCaching, hostOverlap, chunkedPrefill } =
    draw;
  const { precision, cachePrecision, graphs, graphSizes, cacheBlocks } = draw;
  const all = {
    ...{ maxBatchedTokens, maxSequences, maxLength, memoryUtilization, prefixCaching, hostOverlap, chunkedPrefill },
    ...{ precision, cachePrecision, graphs, cacheBlocks, ...(graphs === "off" ? {} : { graphSizes }) },
    ...own(draw),
  };
  const engine = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return {
    windtunnel: 1,
    name: "drawn",
    cluster: { node: draw.node, nodes: draw.nodes },
    workload: { kind: "serving", model: draw.model, requests: requestsOf(draw) },
    serving: { engine: { name, version, ...engine }, tensor: draw.tensor, pipeline: draw.pipeline, ...layout(draw) },
  };
}

/** The design of a drawn scenario; undefined where the language refuses it. */
function designOf(value: Value): DesignOf<"serving"> | undefined {
  try {
    const design = resolve(scenarioFromValue(value));
    return design.kind === "serving" ? design : undefined;
  } catch (error) {
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

describe("import(export(x)) = x", () => {
  it.each(Object.keys(engines))("for %s", (name) => {
    let possible = 0;
    fc.assert(
      fc.property(draws, (draw) => {
        const design = designOf(scenarioOf(name, draw));
        // What does not start is no launch.
        if (design === undefined || design.serving.pools.some(({ engine }) => engine.blocks === 0)) return;
        possible += 1;
        const { lost, text } = exportLaunch(name, design);
        expect(lost, text).toEqual([]);
      }),
      { numRuns: 200 },
    );
    expect(possible).toBeGreaterThan(40);
  });

  it("and what an engine has no word for is listed with its reason", () => {
    const design = designOf({
      windtunnel: 1,
      name: "odd",
      seed: 4,
      cluster: { node: "hgx-h100", nodes: 1 },
      workload: {
        kind: "serving",
        model: "qwen3-30b-a3b",
        requests: { users: 8, count: 50, input: { median: 300, sigma: 1 }, output: 50 },
        slo: { timeToFirstToken: { p99: "1 s" } },
      },
      serving: {
        engine: { name: "vllm", version: "0.19", host: { ingress: "5 ms" }, precision: "fp8-block" },
        replicas: 4,
        router: "least-loaded",
      },
    });
    if (design === undefined) throw new Error("no design");
    for (const [name, more] of [
      ["vllm", []],
      ["sglang", ["serving.engine.name", "serving.engine.version"]],
      ["tensorrt-llm", ["serving.engine.name", "serving.engine.version", "serving.replicas"]],
    ] as const) {
      const { lost } = exportLaunch(name, design);
      const paths = lost.map(({ path }) => path);
      for (const path of ["workload.slo", "seed", "serving.engine.host", "workload.requests.input", ...more])
        expect(paths, name).toContain(path);
      for (const { path, reason } of lost) expect(reason.length, path).toBeGreaterThan(5);
    }
  });

  it("only for scenarios of serving, and of models that have a name", () => {
    const training = resolve(
      scenarioFromValue({
        windtunnel: 1,
        name: "step",
        cluster: { node: "hgx-h100", nodes: 1 },
        workload: { kind: "training", model: "llama-3.1-8b", sequenceLength: 4096, globalBatch: 8 },
        layout: { tensor: 8, microBatch: 1 },
      }),
    );
    expect(() => exportLaunch("vllm", training)).toThrow("belongs to serving");
    expect(() => exportLaunch("vlm", training)).toThrow('did you mean "vllm"?');
    const design = designOf({
      windtunnel: 1,
      name: "plain",
      cluster: { node: "hgx-h100", nodes: 1 },
      workload: { kind: "serving", model: "qwen3-8b", requests: { count: 5, input: 9, output: 9 } },
    });
    if (design === undefined) throw new Error("no design");
    expect(() => exportLaunch("megatron", design)).toThrow("training");
    const { serving } = design;
    const unnamed = { ...design, serving: { ...serving, model: { ...serving.model, name: "mine" } } };
    expect(() => exportLaunch("vllm", unnamed)).toThrow("no name for mine");
  });
});
