import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { checkTerm } from "../../base/term.ts";
import { type Prediction, parseScenario, predict, scenarioFromValue } from "../index.ts";

type Section = Readonly<Record<string, unknown>>;

const scenario = (workload: Section, cluster: Section = {}): Section => ({
  windtunnel: 1,
  name: "sweep",
  cluster: { node: "hgx-h100", nodes: 16, ...cluster },
  workload: { kind: "collective", operation: "all-reduce", sizes: ["1 MiB", "1 GiB"], ...workload },
});

const predicted = (workload: Section = {}, cluster: Section = {}): Prediction =>
  predict(scenarioFromValue(scenario(workload, cluster)));

function problemsOf(workload: Section): readonly string[] {
  try {
    predicted(workload);
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe("a collective", () => {
  it("says time and both bandwidths of nccl-tests at every size, and the largest as a whole", () => {
    const { points = [], metrics, units } = predicted({ sizes: { from: "1 MiB", to: "8 GiB", factor: 2 } });
    expect(points.map(({ at }) => at.size)).toEqual(Array.from({ length: 14 }, (_, index) => 2 ** (20 + index)));
    for (const { at, metrics: each } of points) {
      expect(each.algorithmBandwidth).toBeCloseTo(Number(at.size) / (each.time ?? 0), 3);
      expect(each.busBandwidth).toBeCloseTo((2 * 127 * (each.algorithmBandwidth ?? 0)) / 128, 3);
    }
    expect(metrics).toEqual(points.at(-1)?.metrics);
    expect(units).toEqual({ time: "s", algorithmBandwidth: "B/s", busBandwidth: "B/s" });
  });

  it("takes longer for more, and its terms add up", () => {
    for (const operation of ["all-reduce", "all-gather", "reduce-scatter", "all-to-all", "broadcast", "send-receive"]) {
      const {
        points = [],
        terms,
        metrics,
      } = predicted({ operation, sizes: { from: "1 KiB", to: "1 GiB", factor: 4 } });
      checkTerm(terms);
      expect(terms.value).toBeCloseTo(metrics.time ?? 0, 12);
      const times = points.map((point) => point.metrics.time ?? 0);
      for (const [index, time] of times.entries()) expect(time).toBeGreaterThanOrEqual(times[index - 1] ?? 0);
    }
  });

  it("moves nothing over a group of one", () => {
    expect(predicted({ group: { size: 1 } }).metrics).toEqual({ time: 0 });
  });

  it("is the same for a list of accelerators as for the group they make", () => {
    const accelerators = Array.from({ length: 16 }, (_, index) => 8 * index + 3);
    expect(predicted({ group: { accelerators } }).metrics).toEqual(
      predicted({ group: { size: 16, perNode: 1 } }).metrics,
    );
  });

  it("refuses groups, sizes and algorithms that cannot be, each with its place", () => {
    expect(problemsOf({ group: { size: 200 } })[0]).toContain("workload.group.size: 200 accelerators, and 16 nodes");
    expect(problemsOf({ group: { size: 12 } })[0]).toContain("no whole number of nodes");
    expect(problemsOf({ group: { perNode: 9 } })[0]).toContain("9 of a node with 8");
    expect(problemsOf({ group: { accelerators: [0, 128, 0] } })).toHaveLength(2);
    expect(problemsOf({ sizes: { from: "2 GiB", to: "1 GiB" } })[0]).toContain("workload.sizes.to");
    expect(problemsOf({ sizes: { from: "1 B", to: "1 TB", factor: 1.0001 } })[0]).toContain("more than 1000 sizes");
    expect(problemsOf({ algorithm: "nvls" })[0]).toContain("nvls cannot run all-reduce on this group");
    expect(problemsOf({ algorithm: "ring/fast" })[0]).toContain('unknown protocol "fast"');
  });

  it("needs no layout, and refuses one", () => {
    const text = `windtunnel: 1
name: t
cluster: { node: hgx-h100, nodes: 2 }
workload: { kind: collective, operation: all-gather, sizes: ["1 GiB"] }
layout: { tensor: 8 }
`;
    expect(() => predict(parseScenario(text))).toThrow("not with kind collective");
  });
});
