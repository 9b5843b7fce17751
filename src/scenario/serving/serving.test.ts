/** Predictions of serving: names, units, sums, and what must hold between scenarios. */

import { describe, expect, it } from "vitest";
import { checkTerm } from "../../base/term.ts";
import { type Prediction, predict, resolve, scenarioFromValue } from "../index.ts";
import { runServingDesign } from "./assemble.ts";

type Section = Readonly<Record<string, unknown>>;

const slo = { timeToFirstToken: { p99: "1 s" }, timePerOutputToken: { mean: "50 ms" } };
const open = {
  arrivals: "poisson",
  rate: "8 /s",
  count: 200,
  input: { mean: 700, deviation: 200, least: 16 },
  output: { from: 20, to: 120 },
};

function written(requests: Section = {}, serving: Section = {}, workload: Section = {}): unknown {
  return {
    windtunnel: 1,
    name: "t",
    cluster: { node: "hgx-h100", nodes: 1 },
    workload: { kind: "serving", model: "llama-3.1-8b", requests: { ...open, ...requests }, slo, ...workload },
    serving: { engine: { name: "vllm", version: "0.15" }, replicas: 1, ...serving },
  };
}

const run = (...parts: readonly Section[]): Prediction =>
  predict(scenarioFromValue(JSON.parse(JSON.stringify(written(...parts)))));

const metric = ({ metrics }: Prediction, name: string): number => metrics[name] ?? Number.NaN;

describe("a prediction of serving", () => {
  const found = run();

  it("has the metrics of the contract, each with its unit", () => {
    const latencies = ["timeToFirstToken", "timePerOutputToken", "interTokenLatency", "endToEndLatency"];
    const statistics = ["mean", "p50", "p90", "p95", "p99"];
    const names = [
      "requestsPerSecond",
      "outputTokensPerSecond",
      "totalTokensPerSecond",
      "outputTokensPerSecondPerAccelerator",
      "sloGoodput",
      "prefixHitRate",
      "preemptions",
      "costPerMillionOutputTokens",
      ...latencies.flatMap((latency) => statistics.map((statistic) => `${latency}.${statistic}`)),
    ];
    expect(names.filter((name) => !Number.isFinite(metric(found, name)))).toEqual([]);
    expect(Object.keys(found.units).sort()).toEqual(Object.keys(found.metrics).sort());
    expect(found.units["timeToFirstToken.p99"]).toBe("s");
    expect(found.units.sloGoodput).toBe("1/s");
    expect(Object.keys(found.basis).sort()).toEqual(Object.keys(found.metrics).sort());
  });

  it("opens the mean end-to-end latency into terms that add up", () => {
    checkTerm(found.terms);
    expect(found.terms.value / metric(found, "endToEndLatency.mean")).toBeCloseTo(1, 9);
    expect(found.terms.children[0]?.value).toBeCloseTo(metric(found, "timeToFirstToken.mean"), 9);
  });

  it("is stable at light load, keeps its targets, and costs what its accelerator costs", () => {
    expect(found.verdict).toBe("stable");
    expect(found.targets?.map(({ metric: name, met }) => [name, met])).toEqual([
      ["timeToFirstToken.p99", "met"],
      ["timePerOutputToken.mean", "met"],
    ]);
    expect(metric(found, "sloAttainment")).toBeCloseTo(1, 9);
    const hour = metric(found, "outputTokensPerSecond") * 3600;
    const dearer = predict(scenarioFromValue({ ...(written() as object), economics: { acceleratorHour: "10 $/h" } }));
    // Held from the start of the run, which is a little before the first request.
    const rent = metric(dearer, "costPerMillionOutputTokens") / ((10 / hour) * 1e6);
    expect(rent).toBeGreaterThan(0.999);
    expect(rent).toBeLessThan(1.01);
  });

  it("is the same every time, and another with another seed", () => {
    expect(JSON.stringify(run())).toBe(JSON.stringify(found));
    const other = predict(scenarioFromValue({ ...(written() as object), seed: 5 }));
    expect(metric(other, "timeToFirstToken.mean")).not.toBe(metric(found, "timeToFirstToken.mean"));
  });
});

describe("what must hold", () => {
  it("more comes than is served: overloaded, with a warning", () => {
    const found = run({ rate: "200 /s", count: 1500 });
    expect(found.verdict).toBe("overloaded");
    expect(found.warnings.join()).toContain("overloaded");
    expect(metric(found, "requestsPerSecond")).toBeLessThan(150);
    expect(found.targets?.[0]?.met).toBe("missed");
  });

  it("more replicas answer sooner under load", () => {
    const load = { rate: "60 /s", count: 600 };
    const one = run(load);
    const four = run(load, { replicas: 4, router: "least-loaded" });
    expect(metric(four, "timeToFirstToken.p90")).toBeLessThan(metric(one, "timeToFirstToken.p90"));
    expect(metric(four, "timePerOutputToken.mean")).toBeLessThan(metric(one, "timePerOutputToken.mean"));
  });

  it("shared prefixes are found, unless caching is off", () => {
    const prefix = { groups: 2, tokens: 512 };
    const found = metric(run({ prefix }), "prefixHitRate");
    expect(found).toBeGreaterThan(0.3);
    expect(found).toBeLessThan(512 / (512 + 700) + 0.05);
    expect(metric(run({ prefix }, { engine: { version: "0.15", prefixCaching: "off" } }), "prefixHitRate")).toBe(0);
  });

  it("stages and classes are points of their own", () => {
    const stages = [
      { rate: "4 /s", duration: "15 s" },
      { rate: "30 /s", duration: "15 s" },
    ];
    const classes = [
      { name: "short", share: 0.5, output: 10 },
      { name: "long", share: 0.5, output: 150 },
    ];
    const { points = [] } = run({ stages, classes, rate: undefined, count: undefined });
    expect(points.map(({ at }) => at)).toEqual([
      { stage: 0, rate: 4 },
      { stage: 1, rate: 30 },
      { class: "short" },
      { class: "long" },
    ]);
    const [slow = {}, quick = {}] = [points[0]?.metrics, points[1]?.metrics];
    expect(quick["timePerOutputToken.mean"]).toBeGreaterThan(slow["timePerOutputToken.mean"] ?? 0);
    expect(points[3]?.metrics["endToEndLatency.mean"]).toBeGreaterThan(points[2]?.metrics["endToEndLatency.mean"] ?? 0);
  });

  it("users who wait never have more under way than there are of them", () => {
    const found = run({ arrivals: undefined, rate: undefined, users: 4, thinkTime: "0 s", count: 60 });
    // Little's law: four users are always in the fleet.
    const inside = metric(found, "requestsPerSecond") * metric(found, "endToEndLatency.mean");
    expect(inside).toBeLessThanOrEqual(4 + 1e-9);
    expect(inside).toBeGreaterThan(3.5);
  });
});

describe("a design that does not start", () => {
  it("says what binds: the memory of an accelerator", () => {
    const found = run({}, {}, { model: "llama-3.1-405b" });
    expect([found.fit, found.feasible]).toEqual(["does-not-fit", false]);
    expect(found.binding?.needed).toBeGreaterThan(found.binding?.available ?? 0);
    expect(metric(found, "weightMemory")).toBeGreaterThan(800e9);
    expect(found.verdict).toBeUndefined();
  });

  it("says what binds: the tokens of its cache", () => {
    const found = run({}, { engine: { version: "0.15", cacheBlocks: 100, maxLength: 4096 } });
    expect(found.feasible).toBe(false);
    expect(found.binding).toMatchObject({ resource: "tokens of the cache", needed: 4096, available: 1600 });
  });
});

describe("single requests", () => {
  it("are those that the metrics are of", () => {
    const design = resolve(scenarioFromValue(JSON.parse(JSON.stringify(written()))));
    if (design.kind !== "serving") throw new Error(design.kind);
    const { prediction, fleet } = runServingDesign(design.serving);
    if (fleet === undefined) throw new Error("no run");
    const { firstToken, released, list } = fleet.state;
    const mean = firstToken.reduce((sum, time, row) => sum + time - (released[row] ?? 0), 0) / list.count;
    expect(mean).toBeCloseTo(metric(prediction, "timeToFirstToken.mean"), 9);
  });
});
