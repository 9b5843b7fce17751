/** Serving scenarios: what they become, and every mistake with its place and what to try. */

import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { requiredFiles, resolve, scenarioFromValue } from "../index.ts";
import type { ServingDesign } from "../serving/design.ts";
import type { Files } from "./model.ts";

type Section = Readonly<Record<string, unknown>>;

const users = { users: 3, count: 100, input: 512, output: 64 };
const open = { arrivals: "poisson", rate: "12 /s", count: 100, input: 512, output: 64 };

function written(requests: Section = open, serving?: Section, more: Section = {}): unknown {
  const workload = { kind: "serving", model: "llama-3.1-8b", requests, ...(more.workload as Section) };
  const cluster = { node: "hgx-h100", nodes: 1 };
  const value = { windtunnel: 1, name: "t", cluster, ...more, workload, ...(serving ? { serving } : {}) };
  return JSON.parse(JSON.stringify(value));
}

function design(requests?: Section, serving?: Section, more?: Section, files: Files = {}): ServingDesign {
  const found = resolve(scenarioFromValue(written(requests, serving, more)), files);
  if (found.kind !== "serving") throw new Error(found.kind);
  return found.serving;
}

function problems(requests?: Section, serving?: Section, more?: Section, files: Files = {}): string[] {
  try {
    design(requests, serving, more, files);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map(
      ({ path, message, hint }) => `${path}: ${message}${hint === undefined ? "" : ` (${hint})`}`,
    );
  }
}

function spec(requests: Section) {
  const found = design(requests).requests;
  if (found.source !== "described") throw new Error(found.source);
  return found.spec;
}

describe("requests", () => {
  it("are arrivals with a rate and a count", () => {
    const { arrival, count, classes } = spec(open);
    expect(arrival).toEqual({ kind: "open", law: { kind: "poisson" }, stages: [{ rate: 12, duration: Infinity }] });
    expect(count).toBe(100);
    expect(classes).toMatchObject([{ name: "all", share: 1, priority: 0, timeout: Infinity, adapters: [] }]);
    expect(classes[0]?.input).toEqual({ kind: "constant", value: 512 });
  });

  it("are stages, users, or a batch", () => {
    const stages = [
      { rate: "2 /s", duration: "1 min" },
      { rate: "4 /s", duration: "30 s" },
    ];
    expect(spec({ arrivals: "gamma", variation: 2, stages, input: 1, output: 1 }).arrival).toEqual({
      kind: "open",
      law: { kind: "gamma", cv: 2 },
      stages: [
        { rate: 2, duration: 60 },
        { rate: 4, duration: 30 },
      ],
    });
    const users = { users: 64, thinkTime: { mean: "2 s" }, count: 500, input: 1, output: 1 };
    expect(spec(users).arrival).toEqual({ kind: "users", users: 64, think: { law: "exponential", mean: 2 } });
    expect(spec({ concurrency: 32, count: 320, input: 1, output: 1 }).arrival).toEqual({
      kind: "batch",
      concurrency: 32,
    });
    expect(spec({ count: 320, input: 1, output: 1 }).arrival).toEqual({ kind: "batch", concurrency: 0 });
  });

  it.each([
    [
      { mean: 1000, deviation: 100, least: 4 },
      { kind: "normal", mean: 1000, deviation: 100, least: 4 },
    ],
    [
      { median: "2k", sigma: 1, most: "8k" },
      { kind: "lognormal", median: 2000, sigma: 1, most: 8000 },
    ],
    [
      { from: 10, to: 20 },
      { kind: "uniform", from: 10, to: 20 },
    ],
    [{ exponential: 300 }, { kind: "exponential", mean: 300 }],
    [{ samples: [3, 4] }, { kind: "values", values: [3, 4] }],
    [{ file: "l.txt" }, { kind: "values", values: [7, 9] }],
    ["1k", { kind: "constant", value: 1000 }],
  ])("have lengths %j", (input, law) => {
    const found = design({ ...open, input }, undefined, undefined, { "l.txt": "7\n9\n" }).requests;
    expect(found.source === "described" && found.spec.classes[0]?.input).toEqual(law);
  });

  it("spread a histogram's shares over its bins", () => {
    const histogram = [
      { upTo: 2, share: "40 %" },
      { upTo: 1000, share: 0.6 },
    ];
    const law = spec({ ...open, input: { histogram } }).classes[0]?.input;
    if (law?.kind !== "values") throw new Error("no values");
    const weights = Array.from(law.weights ?? []);
    expect(weights.reduce((sum, next) => sum + next, 0)).toBeCloseTo(1, 12);
    const within = Array.from(law.values).map((value, index) => (value <= 2 ? (weights[index] ?? 0) : 0));
    expect(within.reduce((sum, next) => sum + next, 0)).toBeCloseTo(0.4, 12);
    expect(Math.max(...Array.from(law.values))).toBe(1000);
  });

  it("may be held by a client that keeps so many under way", () => {
    expect(spec({ ...open, concurrency: 20 }).arrival).toMatchObject({ kind: "open", concurrency: 20 });
  });

  it("have classes that take what they leave out from all", () => {
    const classes = [
      { name: "chat", share: 0.75, timeout: "10 s", slo: { timeToFirstToken: { p99: "1 s" } } },
      { name: "batch", share: 0.25, priority: 5, output: 900 },
    ];
    const found = design({ ...open, classes });
    expect(found.slo).toEqual([{ metric: "timeToFirstToken", statistic: "p99", most: 1, className: "chat" }]);
    const own = found.requests.source === "described" ? found.requests.spec.classes : [];
    expect(own).toMatchObject([
      { name: "chat", timeout: 10, output: { value: 64 } },
      { name: "batch", priority: 5, timeout: Infinity, output: { value: 900 } },
    ]);
  });

  it.each<[string, Section, string]>([
    ["nothing", {}, "workload.requests: missing"],
    ["two forms", { ...open, users: 3 }, "workload.requests.users: requests have either users or arrivals"],
    ["no rate", { ...open, rate: undefined }, "workload.requests.rate: missing"],
    ["a factor", { ...open, rate: "1.5x" }, "workload.requests.rate: a factor is for traces"],
    ["no end", { ...open, count: undefined }, "workload.requests.count: missing"],
    ["no input", { ...open, input: undefined }, "workload.requests.input: missing"],
    ["no variation", { ...open, arrivals: "gamma" }, "workload.requests.variation: missing; gamma needs it"],
    ["a useless variation", { ...open, variation: 2 }, "workload.requests.variation: has no effect"],
    ["a useless concurrency", { ...users, concurrency: 2 }, "workload.requests.concurrency: has no effect"],
    ["half a law", { ...open, input: { mean: 3 } }, "workload.requests.input.deviation: missing"],
    ["two laws", { ...open, input: { exponential: 3, from: 1, to: 2 } }, "workload.requests.input: both"],
    ["bounds", { ...open, input: { exponential: 3, least: 9, most: 2 } }, "workload.requests.input.least: 9 is more"],
    [
      "shares",
      { ...open, classes: [{ name: "a", share: 0.5 }] },
      "workload.requests.classes: the shares add up to 50 %",
    ],
    ["a zero rate", { ...open, rate: "0 /s" }, "workload.requests.rate: "],
    ["a bare rate", { ...open, rate: 12 }, "workload.requests.rate: 12 has no unit"],
    ["a missing file", { ...open, input: { file: "x" } }, 'workload.requests.input.file: the file "x" was not given'],
  ])("refuse %s", (_, requests, expected) => {
    expect(problems(requests).join("\n")).toContain(expected);
  });
});

describe("traces", () => {
  const mooncake = '{"timestamp": 0, "input_length": 700, "output_length": 20, "hash_ids": [1, 2]}\n';
  const files = { "t.jsonl": `${mooncake}${mooncake.replace('"timestamp": 0', '"timestamp": 3000')}` };

  it("are found out from their content, cut and made denser", () => {
    const found = design({ trace: "t.jsonl", rate: "2x" }, undefined, undefined, files);
    if (found.requests.source !== "trace") throw new Error("no trace");
    expect(found.requests.format).toBe("mooncake");
    expect(Array.from(found.requests.list.release)).toEqual([0, 1.5]);
    expect(found.assumptions.some(({ path, value }) => path.endsWith("format") && value === "mooncake")).toBe(true);
    const cut = design({ trace: "t.jsonl", count: 1, timeout: "9 s" }, undefined, undefined, files).requests;
    expect(cut.source === "trace" && [cut.list.count, cut.list.classes[0]?.timeout]).toEqual([1, 9]);
  });

  it("are refused with the line that is wrong, unless bad lines are skipped", () => {
    const broken = { "t.jsonl": `${mooncake}{"timestamp": 1\n${mooncake}` };
    const [found = ""] = problems({ trace: "t.jsonl" }, undefined, undefined, broken);
    expect(found).toContain("workload.requests.trace");
    const skipped = design({ trace: "t.jsonl", skipBadLines: "on" }, undefined, undefined, broken);
    expect(skipped.requests.source === "trace" && skipped.requests.skipped).toBe(1);
    expect(skipped.warnings.join()).toContain("1 malformed");
  });

  it.each<[string, Section, Files, string]>([
    ["no text", { trace: "t.jsonl" }, {}, "was not given"],
    ["an unknown format", { trace: "t.jsonl", format: "moncake" }, files, 'did you mean "mooncake"?'],
    ["no known beginning", { trace: "x" }, { x: "hello\nworld\n" }, "begins like no known trace"],
    ["a law beside a clock", { trace: "t.jsonl", arrivals: "poisson" }, files, "has no effect"],
    ["lengths", { trace: "t.jsonl", input: 3 }, files, "has no effect with a trace"],
    ["a window that ends first", { trace: "t.jsonl", window: { from: "2 s", to: "1 s" } }, files, "ends before"],
  ])("refuse %s", (_, requests, given, expected) => {
    expect(problems(requests, undefined, undefined, given).join("\n")).toContain(expected);
  });

  it("longer than the engine takes are refused, or cut where the scenario says so", () => {
    const engine = { engine: { maxLength: 600 } };
    expect(problems({ trace: "t.jsonl" }, engine, undefined, files).join()).toContain("longer than the context of 600");
    const cut = design({ trace: "t.jsonl", tooLong: "cut" }, engine, undefined, files).requests;
    expect(cut.source === "trace" && Math.max(...cut.list.input) < 600).toBe(true);
  });
});

const trtllm = { name: "tensorrt-llm", version: "1.2" };

describe("replicas", () => {
  it("fill the accelerators where nobody counts them", () => {
    expect(design().pools).toMatchObject([{ name: "all", role: "both", replicas: 8, layout: { accelerators: 1 } }]);
    expect(design(open, { tensor: 4 }).pools[0]?.replicas).toBe(2);
  });

  it("take engine settings from the version, from all, and from their pool", () => {
    const pools = { big: { replicas: 1, tensor: 2, engine: { maxSequences: 7 } }, small: { replicas: 2 } };
    const found = design(open, { engine: { name: "vllm", version: "0.15.1", maxBatchedTokens: 2048 }, pools });
    expect(found.pools).toMatchObject([
      { name: "big", layout: { tensor: 2 }, engine: { maxSequences: 7, maxBatchedTokens: 2048, admission: "chunk" } },
      { name: "small", layout: { tensor: 1 }, engine: { maxSequences: 1024, maxBatchedTokens: 2048 } },
    ]);
  });

  it("of pools of the cluster have their hardware", () => {
    const cluster = {
      pools: [
        { name: "new", node: "hgx-h200", nodes: 1 },
        { name: "old", node: "hgx-a100", nodes: 2 },
      ],
    };
    const found = design(open, { pools: { old: { tensor: 4 } } }, { cluster });
    expect(found.pools.map(({ name, replicas, cluster: { node } }) => [name, replicas, node.name])).toEqual([
      ["new", 8, "hgx-h200"],
      ["old", 4, "hgx-a100"],
    ]);
    // Defaults follow the hardware: an A100 gets smaller batches.
    expect(found.pools.map(({ engine }) => engine.maxBatchedTokens)).toEqual([8192, 2048]);
    expect(problems(open, { pools: { odl: {} } }, { cluster }).join()).toContain('did you mean "old"?');
  });

  it("run the experts they are told to, of those measured", () => {
    const moe = { workload: { model: "deepseek-ai/DeepSeek-R1" }, cluster: { node: "hgx-b200", nodes: 1 } };
    const told = (expertKernels: string): Section => ({ engine: { expertKernels, precision: "fp8-block" }, tensor: 8 });
    expect(design(open, told("deepgemm"), moe).pools[0]?.expertKernels).toBe("deepgemm");
    const [cutlass] = problems(open, told("cutlass"), moe);
    expect(cutlass).toContain("serving.engine.expertKernels: cutlass in fp8-block was not measured on b200-sxm");
    expect(cutlass).toContain("deepgemm, triton or trtllm-gen");
  });

  it("cache in the format that the checkpoint asks for, where the engine follows it", () => {
    const kimi = { workload: { model: "nvidia/Kimi-K2.5-NVFP4" }, cluster: { node: "hgx-b200", nodes: 1 } };
    const format = (engine: Section): string | undefined =>
      design(open, { engine, tensor: 8 }, kimi).pools[0]?.cachePrecision;
    expect(format({ name: "vllm", version: "0.17" })).toBe("fp8");
    expect(format({ name: "vllm", version: "0.12" })).toBe("bf16");
    expect(format({ name: "sglang", version: "0.5.9" })).toBe("fp8");
    expect(format({ name: "sglang", version: "0.5.4" })).toBe("bf16");
    expect(format({ name: "tensorrt-llm", version: "1.2" })).toBe("fp8");
    expect(format({ name: "vllm", version: "0.17", cachePrecision: "bf16" })).toBe("bf16");
    // The published format may be said; weights in another one are another checkpoint.
    expect(format({ name: "vllm", version: "0.17", precision: "nvfp4" })).toBe("fp8");
    expect(format({ name: "vllm", version: "0.17", precision: "fp8" })).toBe("bf16");
    const found = design(open, { engine: { version: "0.17" }, tensor: 8 }, kimi);
    const { reason } = found.assumptions.find(({ path }) => path === "serving.engine.cachePrecision") ?? {};
    expect(reason).toBe("not given; its checkpoint asks for it, as vllm 0.17 does");
  });

  it("have as much cache as is written, or as memory leaves", () => {
    const [given] = design(open, { engine: { cacheBlocks: 5000 } }).pools;
    expect(given?.engine.blocks).toBe(5000);
    const [derived] = design().pools;
    expect(derived?.engine.blocks).toBe(derived?.memory.blocks);
    expect(derived?.engine.maxLength).toBe(131_072);
    const [short] = design(open, { engine: { cacheBlocks: 100 } }).pools;
    expect(short?.engine.maxLength).toBe(1600);
  });

  it.each<[string, Section, string]>([
    ["zero replicas", { replicas: 0 }, "serving.replicas: found 0, expected a count of at least 1"],
    ["too many", { replicas: 9 }, "serving.replicas: 9 replicas of 1 accelerators, and 8 fit"],
    ["heads that do not divide", { tensor: 5 }, "serving.tensor: 5 does not divide the 32 heads"],
    ["more than there is", { tensor: 16 }, "16 accelerators, and there are 8"],
    ["experts of a dense model", { expert: 2, tensor: 2 }, "serving.expert: meta-llama/Llama-3.1-8B has no experts"],
    ["more stages than layers", { pipeline: 33 }, "serving.pipeline: 33 stages for 32 layers"],
    [
      "parts that take too much",
      { pools: { a: { replicas: 8 }, b: { replicas: 1 } } },
      "9 accelerators, and there are 8",
    ],
    ["an unknown engine", { engine: { name: "vlm" } }, 'did you mean "vllm"?'],
    [
      "an unknown version",
      { engine: { name: "vllm", version: "0.2" } },
      'unknown version "0.2" of vllm (0.8 and newer',
    ],
    ["another engine's key", { engine: { capacityPolicy: "max-utilization" } }, "vllm has no such setting"],
    ["another engine's wait", { engine: { balance: "on" } }, "vllm has no such setting"],
    ["balance of one rank", { engine: { ...trtllm, balance: "on" } }, "has no effect without attention data"],
    ["a wait without balance", { engine: { ...trtllm, balanceWait: 3 } }, "has no effect without balance"],
    ["half a wait", { engine: { ...trtllm, batchWaitShare: 0.8 } }, "has no effect without batchWaitIterations"],
    ["the other half", { engine: { ...trtllm, batchWaitIterations: 9 } }, "has no effect without batchWaitShare"],
    [
      "kernels of experts of a dense model",
      { engine: { expertKernels: "triton" } },
      "has no routed experts (remove it",
    ],
    ["sizes without graphs", { engine: { graphs: "off", graphSizes: [1] } }, "has no effect with graphs: off"],
    ["an unknown router", { router: "kv-awar" }, 'did you mean "kv-aware"?'],
    [
      "a delay that says nothing",
      { router: { policy: "kv-aware", signalDelay: "50 ms", scrapeInterval: "1 s", eventDelay: "0 s" } },
      "has no effect beside",
    ],
    ["an unknown option", { router: { policy: "dynamo", options: { temprature: 1 } } }, 'did you mean "temperature"?'],
    ["a length beyond the model", { engine: { maxLength: "200k" } }, "takes 131072"],
    ["an unknown autoscaler", { autoscaler: { policy: "kpaa" } }, 'did you mean "kpa"?'],
    ["more than there is room for", { autoscaler: { policy: "kpa", max: 9 } }, "9 replicas, and 8 fit"],
    ["an unknown admission", { admission: "alway" }, 'did you mean "always"?'],
    ["a failure of nobody", { failures: [{ replica: 8, at: "1 s", downFor: "1 s" }] }, "no replica 8 in pool all"],
    ["an unknown key", { engin: {} }, 'did you mean "engine"?'],
  ])("refuse %s", (_, serving, expected) => {
    expect(problems(open, serving).join("\n")).toContain(expected);
  });

  it("take one delay for scrapes and cache events", () => {
    const short = (router: Section) => design(open, { replicas: 2, router: { policy: "kv-aware", ...router } });
    expect(short({ signalDelay: "50 ms" }).router).toMatchObject({ scrapeInterval: 0.05, eventDelay: 0.05 });
    const own = short({ signalDelay: "50 ms", scrapeInterval: "1 s" });
    expect(own.router).toMatchObject({ scrapeInterval: 1, eventDelay: 0.05 });
    expect(own.assumptions).toContainEqual({
      path: "serving.router.eventDelay",
      value: "50 ms",
      reason: "not given; as signalDelay",
    });
  });

  it("refuse a target of no time", () => {
    const slo = { timeToFirstToken: { p99: "0 s" } };
    expect(problems(open, undefined, { workload: { slo } }).join()).toContain("workload.slo.timeToFirstToken.p99");
    expect(problems(open, undefined, { workload: { slo: {} } }).join()).toContain("workload.slo: no target");
  });
});

describe("files", () => {
  it("are named wherever a key holds one", () => {
    const requests = { ...open, input: { file: "in.txt" }, session: { turns: { file: "turns.txt" } } };
    const steps = { dense: "d.csv", attention: "a.csv", perSequence: "p.csv", skew: "s.csv" };
    const speculation = { method: "ngram", drafted: 2, acceptance: { file: "acc.txt" } };
    const scenario = scenarioFromValue(written(requests, { engine: { steps, speculation } }));
    expect(requiredFiles(scenario)).toEqual(["in.txt", "turns.txt", "d.csv", "a.csv", "p.csv", "s.csv", "acc.txt"]);
    expect(requiredFiles(scenarioFromValue(written({ trace: "t", lengths: "l" })))).toEqual(["t", "l"]);
  });
});
