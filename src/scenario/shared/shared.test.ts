import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { checkTerm } from "../../base/term.ts";
import { type Prediction, predict, scenarioFromValue } from "../index.ts";

type Section = Readonly<Record<string, unknown>>;

const fabric = {
  topology: "fat-tree",
  transport: "roce",
  tiers: 2,
  oversubscription: [4],
  nodesPerLeaf: 4,
  radix: 256,
};
const routing = { policy: "ecmp", queuePairs: 8, forwarding: "rail" };

const job = (name: string, change: Section = {}): Section => ({
  name,
  nodes: 8,
  placement: "alternate",
  workload: { kind: "training", model: "llama-3.1-8b", sequenceLength: 4096, globalBatch: 128 },
  layout: { microBatch: 1, sharding: "full", recompute: "full", data: 64 },
  software: "torchtitan@2025",
  ...change,
});

const scenario = (workloads: readonly Section[], change: Section = {}, more: Section = {}): Section => ({
  windtunnel: 1,
  name: "shared",
  cluster: { node: "hgx-h100", nodes: 16, fabric: { ...fabric, routing, ...change } },
  workloads,
  ...more,
});

const predicted = (workloads: readonly Section[], change: Section = {}): Prediction =>
  predict(scenarioFromValue(scenario(workloads, change)));

function problemsOf(value: Section): readonly string[] {
  try {
    predict(scenarioFromValue(value));
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe("training jobs side by side", () => {
  it("slow each other on an oversubscribed fabric, on links that are named", () => {
    const { points = [], sharedLinks = [], links = [], terms, metrics } = predicted([job("a"), job("b")]);
    checkTerm(terms);
    expect(points.map(({ at }) => at.workload)).toEqual(["a", "b"]);
    for (const point of points) {
      expect(point.metrics.slowdown).toBeGreaterThan(1.01);
      expect(point.metrics.stepTime).toBeCloseTo((point.metrics.stepTimeAlone ?? 0) * (point.metrics.slowdown ?? 0), 9);
    }
    expect(metrics["slowdown.max"]).toBe(Math.max(...points.map((point) => point.metrics.slowdown ?? 0)));
    expect(sharedLinks).toEqual([
      { jobs: ["a", "b"], count: expect.any(Number), hottest: expect.stringMatching(/spine/) },
    ]);
    expect(links[0]?.jobs).toEqual(["a", "b"]);
    for (const { utilization } of links) expect(utilization).toBeLessThanOrEqual(1);
  });

  it("do nothing to each other where they share no link", () => {
    const { points = [], sharedLinks } = predicted([
      job("a", { placement: "packed" }),
      job("b", { placement: "packed" }),
    ]);
    for (const point of points) expect(point.metrics.slowdown).toBeCloseTo(1, 9);
    expect(sharedLinks).toEqual([]);
  });

  it("are slowed less by wider uplinks", () => {
    const at = (oversubscription: number): number =>
      predicted([job("a"), job("b")], { oversubscription: [oversubscription] }).metrics["slowdown.max"] ?? 0;
    expect(at(8)).toBeGreaterThan(at(2));
    expect(at(2)).toBeGreaterThanOrEqual(1);
  });

  it("are one job where there is one: as predicted by itself on the same fabric", () => {
    const { name: _name, nodes: _nodes, placement: _placement, ...own } = job("a");
    const alone = {
      windtunnel: 1,
      name: "alone",
      cluster: { node: "hgx-h100", nodes: 8, fabric: { ...fabric, routing } },
      ...own,
    };
    const one = predict(
      scenarioFromValue(scenario([job("a", { placement: "packed" })], {}, { cluster: alone.cluster })),
    );
    const { stepTime } = predict(scenarioFromValue(alone)).metrics;
    expect(one.points?.[0]?.metrics.stepTime).toBeCloseTo(stepTime ?? 0, 9);
  });

  it("give the same answer in any order", () => {
    const steps = (names: readonly string[]): unknown[] =>
      (predicted(names.map((name) => job(name, { placement: "packed" }))).points ?? []).map(
        ({ metrics }) => metrics.stepTime,
      );
    expect(steps(["a", "b"])).toEqual(steps(["b", "a"]));
  });

  it("refuse what cannot be, each with its place", () => {
    expect(problemsOf(scenario([job("a"), job("a")]))).toEqual(['workloads[1].name: "a" is there twice']);
    expect(problemsOf(scenario([job("a", { nodes: 20 })]))[0]).toMatch(/^workloads\[0\]\.nodes: /);
    expect(problemsOf(scenario([job("a", { layout: { tensor: 3 } })]))[0]).toMatch(/^workloads\[0\]\.layout: /);
    expect(problemsOf(scenario([job("a")], {}, { layout: { tensor: 8 } }))[0]).toMatch(/^layout: belongs to one job/);
    const collective = { kind: "collective", operation: "all-reduce", sizes: ["1 GiB"] };
    const mixed = { name: "b", nodes: 8, workload: collective };
    expect(problemsOf(scenario([job("a"), mixed]))[0]).toMatch(/^workloads\[1\]\.workload\.kind: /);
  });
});
