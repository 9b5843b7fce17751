import { describe, expect, it } from "vitest";
import { predictDesign, resolve, scenarioFromValue } from "../scenario/index.ts";
import { drawsOf, meanOf } from "./draws.ts";

const stages = [
  { rate: "4 /s", duration: "5 s" },
  { rate: "8 /s", duration: "5 s" },
];

function scenario(requests: Readonly<Record<string, unknown>>) {
  return {
    windtunnel: 1,
    name: "t",
    cluster: { node: "hgx-h100", nodes: 1 },
    workload: {
      kind: "serving",
      model: "llama-3.1-8b",
      requests: { arrivals: "poisson", input: 64, output: 32, ...requests },
    },
    serving: { replicas: 1, tensor: 8 },
  };
}

describe("draws of a run", () => {
  it("are one, and several of stages", () => {
    const steady = scenario({ rate: "4 /s", count: 20 });
    expect(drawsOf(steady)).toEqual([steady]);
    expect(drawsOf(scenario({ stages })).map(({ seed }) => seed)).toEqual([0, 1, 2, 3, 4]);
  });

  it("differ, and are met in the middle, stage by stage", () => {
    const found = drawsOf(scenario({ stages })).map((each) => predictDesign(resolve(scenarioFromValue(each), {})));
    const [first, ...rest] = found;
    if (first === undefined) throw new Error("no draws");
    const mean = meanOf([first, ...rest]);
    const at = (index: number) =>
      found.map(({ points }) => points?.[index]?.metrics.outputTokensPerSecond ?? Number.NaN);
    for (const index of [0, 1]) {
      const values = at(index);
      expect(new Set(values).size).toBeGreaterThan(1);
      const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(mean.points?.[index]?.metrics.outputTokensPerSecond).toBeCloseTo(middle, 9);
    }
    expect(meanOf([first])).toBe(first);
  });
});
