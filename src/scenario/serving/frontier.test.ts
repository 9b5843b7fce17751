/** The frontier as a closed loop: limits that any batch-serving system obeys. */

import { describe, expect, it } from "vitest";
import { resolve } from "../predict.ts";
import type { Point } from "../prediction.ts";
import { parseScenario } from "../schema/parse.ts";
import type { ServingDesign } from "./design.ts";
import { servingFrontier } from "./frontier.ts";

function designOf(requests: string, serving = "replicas: 1", files: Record<string, string> = {}): ServingDesign {
  const text = `
windtunnel: 1
name: frontier
cluster: { node: hgx-h100, nodes: 1 }
workload: { kind: serving, model: meta-llama/Llama-3.1-8B, requests: ${requests} }
serving: { engine: { name: vllm, version: "0.19", maxSequences: 64 }, ${serving} }
`;
  const design = resolve(parseScenario(text), files);
  if (design.kind !== "serving") throw new Error(design.kind);
  return design.serving;
}

const metric = (points: readonly Point[], name: string): number[] => points.map(({ metrics }) => metrics[name]!);
const poisson = "{ arrivals: poisson, rate: 2 /s, count: 50, input: 500, output: { from: 50, to: 150 } }";

describe("the frontier", () => {
  const points = servingFrontier(designOf(poisson));

  it("doubles what is under way up to what the engines take", () => {
    expect(points.map(({ at }) => at.concurrency)).toEqual([1, 2, 4, 8, 16, 32, 64]);
  });

  it("trades pace for throughput: more under way is never quicker for a user", () => {
    const pace = metric(points, "outputTokensPerSecondPerUser");
    for (let at = 1; at < pace.length; at++) expect(pace[at]!).toBeLessThan(pace[at - 1]!);
    const rate = metric(points, "outputTokensPerSecond");
    for (let at = 1; at < rate.length; at++) {
      expect(rate[at]!).toBeGreaterThan(rate[at - 1]!);
      // Twice as many cannot bring more than twice as much, beyond what lengths happen to be.
      expect(rate[at]!).toBeLessThan(2.2 * rate[at - 1]!);
    }
  });

  it("keeps to Little's law: what is under way is throughput times latency, less at the ends", () => {
    for (const { at, metrics } of points) {
      const under = metrics.requestsPerSecond! * metrics["endToEndLatency.mean"]!;
      expect(under).toBeLessThanOrEqual(Number(at.concurrency) * (1 + 1e-9));
      expect(under).toBeGreaterThan(0.75 * Number(at.concurrency));
    }
  });

  it("marks the points that no other beats, and only those", () => {
    for (const point of points) {
      const beaten = points.some(
        (other) =>
          other !== point &&
          other.metrics.outputTokensPerSecondPerAccelerator! > point.metrics.outputTokensPerSecondPerAccelerator! &&
          other.metrics.outputTokensPerSecondPerUser! > point.metrics.outputTokensPerSecondPerUser!,
      );
      if (beaten) expect(point.pareto).toBe(false);
    }
    expect(points.some(({ pareto }) => pareto)).toBe(true);
  });

  it("does not depend on the rate of arrivals", () => {
    const other = servingFrontier(designOf(poisson.replace("2 /s", "200 /s")));
    expect(other).toEqual(points);
  });

  it("of a trace ends where it has too few requests", () => {
    const lines = Array.from(
      { length: 100 },
      (_, row) =>
        `{"timestamp": ${row * 1000}, "input_length": 600, "output_length": 80, "hash_ids": [${2 * row}, ${2 * row + 1}]}`,
    );
    const traced = designOf("{ trace: t.jsonl, format: mooncake }", "replicas: 1", { "t.jsonl": lines.join("\n") });
    expect(servingFrontier(traced).map(({ at }) => at.concurrency)).toEqual([1, 2, 4, 8, 16]);
  });
});
