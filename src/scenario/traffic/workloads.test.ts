import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { type Prediction, parseScenario, predict, scenarioFromValue } from "../index.ts";

type Section = Readonly<Record<string, unknown>>;

const fabric = { topology: "fat-tree", transport: "roce", tiers: 2, oversubscription: [4], nodesPerLeaf: 4 };

const predicted = (sections: Section): Prediction =>
  predict(
    scenarioFromValue({ windtunnel: 1, name: "t", cluster: { node: "hgx-h100", nodes: 16, fabric }, ...sections }),
  );

const entry = (name: string, workload: Section, more: Section = {}): Section => ({
  name,
  accelerators: 64,
  placement: "alternate",
  workload,
  ...more,
});

const gather = { kind: "collective", operation: "all-to-all", sizes: ["256 MB"] };
const halo = { kind: "traffic", pattern: "bisection", size: "64 MiB" };

function problemsOf(workloads: readonly Section[]): readonly string[] {
  try {
    predicted({ workloads });
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe("several workloads on one cluster", () => {
  it("are the jobs that they make", () => {
    const workloads = [entry("a", gather, { rounds: 3 }), entry("b", halo, { start: "1 ms" })];
    const jobs = [
      {
        name: "a",
        accelerators: 64,
        placement: "alternate",
        rounds: 3,
        phases: [{ collective: "all-to-all", size: "256 MB" }],
      },
      {
        name: "b",
        accelerators: 64,
        placement: "alternate",
        start: "1 ms",
        phases: [{ pattern: "bisection", size: "64 MiB" }],
      },
    ];
    const together = predicted({ workloads });
    const same = predicted({ workload: { kind: "traffic", jobs } });
    expect(together.metrics).toEqual(same.metrics);
    expect(together.points).toEqual(same.points);
    expect(together.sharedLinks).toEqual(same.sharedLinks);
    expect(together.points?.some(({ metrics }) => (metrics.slowdown ?? 1) > 1.05)).toBe(true);
  });

  it("refuse by name what cannot be joined", () => {
    const training = { kind: "training", model: "llama-3.1-8b", sequenceLength: 8192, globalBatch: 512 };
    expect(problemsOf([entry("a", gather), entry("b", training)])[0]).toContain("workloads[1].workload.kind");
    expect(problemsOf([entry("a", { ...gather, sizes: ["1 MB", "2 MB"] })])[0]).toContain(
      "workloads[0].workload.sizes: a sweep of sizes beside other workloads",
    );
    expect(problemsOf([entry("a", { ...gather, group: { size: 8 } })])[0]).toContain("workload.group");
    expect(problemsOf([entry("a", { ...gather, algorithm: "nvls" })])[0]).toContain("workload.algorithm: nvls");
    expect(problemsOf([entry("a", { ...gather, operation: "send-receive" })])[0]).toContain("workload.operation");
    expect(problemsOf([entry("a", { kind: "traffic", trace: "x.csv" })])[0]).toContain("workload.trace: a trace");
    expect(problemsOf([entry("a", { ...halo, rounds: 2 })])[0]).toContain("workload.rounds");
    expect(problemsOf([entry("a", { kind: "traffic" })])[0]).toContain("workload.pattern: missing");
    expect(problemsOf([entry("a", { ...halo, size: undefined })])[0]).toContain("workload");
    expect(problemsOf([entry("a", halo), entry("a", halo)])[0]).toContain('workloads[1].name: "a" is there twice');
  });

  it("refuse sections of other kinds, with their place in the file", () => {
    const text = `windtunnel: 1
name: t
cluster: { node: hgx-h100, nodes: 16 }
workloads: [ { name: a, accelerators: 64, workload: { kind: traffic, pattern: bisection, size: 1 MB, fanIn: 3 } } ]
`;
    expect(() => predict(parseScenario(text))).toThrow("4:109 workloads[0].workload.fanIn: has no effect");
    expect(() => predict(parseScenario(`${text}layout: { tensor: 8 }\n`))).toThrow("not with kind traffic");
  });
});
