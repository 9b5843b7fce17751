import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { memoryHost } from "../../test/memory-host.ts";
import { type Problem, ProblemError } from "../base/problem.ts";
import { defaultTie } from "../evidence/index.ts";
import { operations } from "./index.ts";
import type { MeasuredAnswer } from "./measured.ts";

const scenario = `windtunnel: 1
name: small
cluster: { node: hgx-h100, nodes: 4 }
workload: { kind: training, model: llama-3.1-70b, sequenceLength: 8192, globalBatch: 128, tokens: 1T }
layout: { tensor: 8, pipeline: 2, data: 2, microBatch: 1, recompute: full }
software: megatron@2022
`;

const step = (number: number, time: number, batch = 128): string =>
  ` iteration ${number}/ 500 | elapsed time per iteration (ms): ${time} | throughput per GPU (TFLOP/s/GPU): 405.2 | global batch size: ${batch} |`;
const times = [90_000, 30_400, 30_000, 30_200, 30_600, 30_100, 30_300, 30_200];

const host = memoryHost({
  "s.yaml": scenario,
  "-": scenario,
  "train.log": times.map((time, index) => step(index + 1, time)).join("\n"),
  "other.log": step(1, 100, 64),
  "empty.log": "",
});

async function answer(measured: readonly string[], file = "s.yaml", on = host): Promise<MeasuredAnswer> {
  const output = await operations.explain.run({ scenario: file, measured }, on);
  if (output.measured === undefined) throw new Error("no answer to the measurement");
  return output.measured;
}

async function problemsOf(run: Promise<unknown>): Promise<readonly Problem[]> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ProblemError) return error.problems;
  throw error ?? new Error("no problem was reported");
}

describe("explain --measured", () => {
  it("leaves explain as it is without a measurement", async () => {
    const plain = await operations.explain.run({ scenario: "s.yaml" }, host);
    expect(Object.keys(plain)).not.toContain("measured");
  });

  it("compares every metric that was measured, and says what lies in the interval", async () => {
    const { prediction } = await operations.explain.run({ scenario: "s.yaml" }, host);
    const { stepTime = 0, tokensPerSecondPerAccelerator = 0 } = prediction.metrics;
    const written = [
      `stepTime=${2 * stepTime} s`,
      `tokensPerSecondPerAccelerator=${tokensPerSecondPerAccelerator / 2} /s`,
    ];
    const { comparison, gap } = await answer(written);
    expect(comparison.metrics.map(({ metric }) => metric)).toEqual(["stepTime", "tokensPerSecondPerAccelerator"]);
    const [time, rate] = comparison.metrics;
    expect(time?.error).toBeCloseTo(-0.5, 12);
    expect(rate?.error).toBeCloseTo(1, 12);
    expect([time?.inside, rate?.inside]).toEqual([false, false]);
    expect(comparison.notes).toEqual([]);
    expect(gap.seconds).toBeCloseTo(stepTime, 9);
    const close = await answer([`stepTime=${1.001 * stepTime} s`]);
    expect(close.comparison.metrics[0]?.inside).toBe(true);
  });

  it.each([
    "tokensPerSecond",
    "tokensPerSecondPerAccelerator",
    "modelFlopsPerSecondPerAccelerator",
    "modelFlopsUtilization",
  ])("takes the step from %s where no time was measured", async (name) => {
    const { prediction } = await operations.explain.run({ scenario: "s.yaml" }, host);
    const units: Record<string, string> = { modelFlopsPerSecondPerAccelerator: " FLOP/s", modelFlopsUtilization: "" };
    const { comparison, gap } = await answer([
      `${name}=${(prediction.metrics[name] ?? 0) / 1.25}${units[name] ?? " /s"}`,
    ]);
    expect(comparison.step.from).toBe(name);
    expect(gap.measured / gap.predicted).toBeCloseTo(1.25, 9);
    expect(comparison.metrics.map(({ metric }) => metric)).toEqual(["stepTime", name]);
  });

  it("doubts rates and times that are not of one step", async () => {
    const { comparison } = await answer(["stepTime=30 s, tokensPerSecond=1k /s"]);
    expect(comparison.notes.join()).toContain("is it the same run");
  });

  it("reads a log: warm-up left out, median, spread, scatter", async () => {
    const { measurement, comparison, gap } = await answer(["train.log"]);
    expect(measurement.log).toMatchObject({
      file: "train.log",
      format: "megatron",
      steps: { read: 8, warmUp: 1, used: 7 },
    });
    expect(comparison.step.time).toBeCloseTo(30.2, 9);
    expect(comparison.step.error).toBeGreaterThan(0);
    expect(comparison.metrics[0]?.spread).toEqual({ low: 30, high: 30.6, count: 7 });
    expect(gap.measured).toBeCloseTo(30.2, 9);
    expect(comparison.flopConvention).toBe("megatron-core-2024");
  });

  it("names resources that move each part with a share, and no others", async () => {
    const { gap, levers } = await answer(["stepTime=40 s"]);
    expect(Object.keys(levers).sort()).toEqual(
      gap.parts
        .filter(({ share }) => share !== 0)
        .map(({ term }) => term)
        .sort(),
    );
    expect(levers.tensor?.[0]).toMatchObject({ resource: "scaleUpBandwidth", elasticity: expect.any(Number) });
    expect(levers.tensor?.[0]?.elasticity).toBeLessThan(0);
  });

  it("refuses a term beside times of ranks, which would not answer it", async () => {
    const input = { scenario: "s.yaml", ranks: "train.log", term: "communication" };
    await expect(operations.explain.run(input, host)).rejects.toThrow("held against the whole step");
  });

  it("collects what is wrong with a measurement", async () => {
    const wrong = async (...measured: string[]): Promise<string> => {
      const [problem] = await problemsOf(operations.explain.run({ scenario: "s.yaml", measured }, host));
      expect(problem?.path).toBe("measured");
      return `${problem?.message}; ${problem?.hint}`;
    };
    expect(await wrong("stepTim=3 s")).toContain('did you mean "stepTime"');
    expect(await wrong("stepTime=3")).toContain("has no unit");
    expect(await wrong("memoryPerAccelerator=70 GiB")).toContain("nothing of the time");
    expect(await wrong("lost.log")).toMatch(/cannot read "lost.log".*or name a training log/);
    expect(await wrong("s.yaml")).toContain("looks like YAML");
    expect(await wrong("empty.log")).toContain("empty");
    expect(await wrong("other.log")).toContain("global batch 64, the scenario's is 128");
    expect(await wrong("train.log", "stepTime=3 s")).toContain("keep one");
    const both = operations.explain.run({ scenario: "-", measured: ["-"] }, host);
    expect((await problemsOf(both))[0]?.message).toContain("standard input");
  });
});

describe("changes", () => {
  /** The scenario with `a.b: value` written into it. */
  function written(change: string): string {
    const value = parse(scenario) as Record<string, unknown>;
    if (change.startsWith("software.")) value.software = { extends: value.software };
    for (const part of change.split(", ")) {
      const [path = "", text = ""] = part.split(": ");
      const keys = path.split(".");
      let at = value as Record<string, Record<string, unknown>>;
      for (const key of keys.slice(0, -1)) {
        at[key] ??= {};
        at = at[key] as Record<string, Record<string, unknown>>;
      }
      (at as Record<string, unknown>)[keys.at(-1) ?? ""] = /^\d+$/.test(text) ? Number(text) : text;
    }
    return stringify(value);
  }

  it("are gains, the largest first, and true as they stand", async () => {
    const { changes, gap } = await answer(["stepTime=40 s"]);
    expect(changes.gains).toHaveLength(3);
    expect(changes.faster + changes.ties + changes.slower + changes.doesNotFit).toBe(changes.tried);
    const gains = changes.gains.map(({ gain }) => gain);
    expect(gains).toEqual([...gains].sort((a, b) => b - a));
    for (const { change, stepTime, gain, fit } of changes.gains) {
      expect(gain).toBeGreaterThan(defaultTie);
      expect(stepTime).toBeCloseTo(gap.predicted * (1 - gain), 9);
      const changed = memoryHost({ "c.yaml": written(change) });
      const { prediction } = await operations.predict.run({ scenario: "c.yaml" }, changed);
      expect([change, prediction.metrics.stepTime, prediction.fit]).toEqual([change, stepTime, fit]);
    }
  });

  it("say when they need another stack or other arithmetic", async () => {
    const { changes } = await answer(["stepTime=40 s"]);
    for (const { change, needs } of changes.gains) {
      if (change.startsWith("software.")) expect(needs).toContain("stack");
      else if (change.startsWith("workload.precision")) expect(needs).toContain("converges");
      else expect(needs).toBeUndefined();
    }
    expect(changes.gains.some(({ needs }) => needs !== undefined)).toBe(true);
  });

  it("say what goes with a change: keys that it leaves without effect", async () => {
    const text = `windtunnel: 1
name: partly recomputed
cluster: { node: hgx-h100, nodes: 2 }
workload: { kind: training, model: llama-3.1-8b, sequenceLength: 8192, globalBatch: 64, precision: fp8-delayed }
layout: { tensor: 8, microBatch: 1, recompute: full, recomputeLayers: 20 }
software: megatron-core@2024.07
`;
    const { changes } = await answer(["stepTime=5 s"], "l.yaml", memoryHost({ "l.yaml": text }));
    const less = changes.gains.find(({ change }) => change === "layout.recompute: none");
    expect(less?.needs).toBe("layout.recomputeLayers removed");
    const bare = memoryHost({ "b.yaml": text.replace("full, recomputeLayers: 20", "none") });
    const { prediction } = await operations.predict.run({ scenario: "b.yaml" }, bare);
    expect(less?.stepTime).toBe(prediction.metrics.stepTime);
  });

  it("keep what the scenario leaves out left out, and never raise what the language refuses", async () => {
    for (const layout of [
      "{ tensor: 8 }",
      "{ tensor: 2, pipeline: 16 }",
      "{ sharding: full, recompute: full }",
      "{}",
    ]) {
      const text = scenario.replace(/layout: .*/, `layout: ${layout}`);
      const { changes } = await answer(["stepTime=9 s"], "l.yaml", memoryHost({ "l.yaml": text }));
      expect(changes.tried).toBeGreaterThan(5);
    }
  });
});
