import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { predict } from "../predict.ts";
import { parseScenario } from "./parse.ts";

const text = (change: Readonly<Record<string, string>> = {}): string => {
  const { nodes = "8", price = "2.5 $/h", pue = "1.2", jitter = "2 %", tokens = "1T", name = "t" } = change;
  return `windtunnel: 1
name: ${name}
cluster: { node: hgx-h100, nodes: ${nodes} }
workload: { kind: training, model: llama-3.1-8b, sequenceLength: 8192, globalBatch: 256, tokens: ${tokens} }
layout: { sharding: full, microBatch: 1 }
economics: { acceleratorHour: ${price}, powerUsageEffectiveness: ${pue} }
jitter: ${jitter}
`;
};
const problemsOf = (change: Readonly<Record<string, string>>) => {
  try {
    parseScenario(text(change), { file: "a.yaml" });
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
  }
  return [];
};

describe("inputs that are ranges", () => {
  it("are read as their middles, with the ranges kept", () => {
    const scenario = parseScenario(text({ price: "2..3 $/h", pue: "1..2", jitter: "1 %..3 %", tokens: "1T..3T" }));
    expect(scenario.economics?.acceleratorHour).toBeCloseTo(2.5 / 3600, 12);
    expect(scenario.economics?.powerUsageEffectiveness).toBe(1.5);
    expect(scenario.jitter).toBeCloseTo(0.02, 12);
    expect(scenario.inputs?.ranges).toMatchObject([
      { path: "workload.tokens", from: 1e12, to: 3e12, unit: "", whole: "whole" },
      { path: "economics.acceleratorHour", from: 2, to: 3, unit: "$/h", whole: "any" },
      { path: "economics.powerUsageEffectiveness", from: 1, to: 2, whole: "any" },
      { path: "jitter", from: 1, to: 3, unit: "%" },
    ]);
  });

  it("predict as the scenario with the middles, which are noted", () => {
    const range = predict(parseScenario(text({ nodes: "4..12", price: "2..3 $/h" })));
    expect(range.metrics).toEqual(predict(parseScenario(text())).metrics);
    expect(range.assumptions).toContainEqual({ path: "cluster.nodes", value: "8", reason: "the middle of 4..12" });
  });

  it("join ends in different units, and leave names and paths alone", () => {
    const { name, inputs } = parseScenario(text({ price: "2 $/h..60 $/day", name: "runs 1..2" }));
    expect(name).toBe("runs 1..2");
    expect(inputs?.ranges).toMatchObject([{ from: 2, to: 2.5, unit: "$/h" }]);
  });

  it.each([
    [{ price: "3..2 $/h" }, "economics.acceleratorHour", /is empty/],
    [{ price: "2..3 h" }, "economics.acceleratorHour", /is a time, expected a price/],
    [{ price: "2 $/h..3 h" }, "economics.acceleratorHour", /is no range/],
    [{ pue: "0.5..2" }, "economics.powerUsageEffectiveness", /at least 1/],
    [{ jitter: "1..2000 %" }, "jitter", /at most|expected/],
    [{ nodes: "0.5..2" }, "cluster.nodes", /whole number|count/],
  ])("refuse %j with its place", (change, path, message) => {
    const [first] = problemsOf(change);
    expect(first?.path).toBe(path);
    expect(first?.message).toMatch(message);
    expect(first?.location?.file).toBe("a.yaml");
  });
});
