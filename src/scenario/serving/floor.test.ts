import { describe, expect, it } from "vitest";
import { parseScenario, predictDesign, resolve } from "../index.ts";
import type { ServingDesign } from "./design.ts";
import { servingFloor } from "./floor.ts";

interface Case {
  readonly model?: string;
  readonly serving: string;
  readonly requests?: string;
}

const open =
  "{ arrivals: poisson, rate: 6 /s, count: 80, input: { mean: 900, deviation: 600 }, output: { mean: 80, deviation: 40 } }";

function designOf(
  { model = "meta-llama/Llama-3.1-8B", serving, requests = open }: Case,
  slo = "{ timeToFirstToken: { p99: 1 h } }",
): ServingDesign {
  const text = `
windtunnel: 1
name: floor
cluster: { node: hgx-h100, nodes: 1 }
workload: { kind: serving, model: ${model}, requests: ${requests}, slo: ${slo} }
serving: ${serving}
`;
  const design = resolve(parseScenario(text));
  if (design.kind !== "serving") throw new Error("not a serving design");
  return design.serving;
}

const cases: readonly Case[] = [
  { serving: "{ engine: vllm@0.19, tensor: 1, replicas: 1 }" },
  { serving: "{ engine: vllm@0.19, tensor: 4, replicas: 2 }" },
  { serving: "{ engine: sglang@0.5, tensor: 2, replicas: 1 }" },
  { serving: "{ engine: { name: vllm, maxBatchedTokens: 256 }, tensor: 1, replicas: 1 }" },
  { serving: "{ engine: vllm@0.19, tensor: 1, pipeline: 2, replicas: 1 }" },
  {
    serving:
      "{ engine: { name: vllm, speculation: { method: ngram, drafted: 3, acceptance: 0.7 } }, tensor: 1, replicas: 1 }",
  },
  { model: "mistralai/Mixtral-8x7B-v0.1", serving: "{ engine: tensorrt-llm@1.0, tensor: 4, replicas: 1 }" },
  {
    serving: "{ engine: vllm@0.19, tensor: 1, replicas: 1 }",
    requests:
      "{ arrivals: poisson, rate: 6 /s, count: 80, input: 900, output: 60, prefix: { tokens: 600, groups: 2 } }",
  },
  {
    serving: "{ engine: vllm@0.19, tensor: 1, replicas: 1 }",
    requests: "{ users: 16, count: 80, input: 700, output: 60 }",
  },
];

const latencies = ["timeToFirstToken", "timePerOutputToken", "endToEndLatency"] as const;
const statistics = ["mean", "p50", "p90", "p99"] as const;

describe("servingFloor", () => {
  it.each(cases)("lies below what is simulated: $serving $requests", (each) => {
    const { metrics } = predictDesign({ kind: "serving", serving: designOf(each) });
    for (const latency of latencies) {
      for (const statistic of statistics) {
        const value = metrics[`${latency}.${statistic}`] as number;
        const slo = (most: number): string => `{ ${latency}: { ${statistic}: ${most} s } }`;
        // A target that is just met is never called out of reach.
        expect(servingFloor(designOf(each, slo(value * (1 + 1e-6)))).missed).toEqual([]);
        expect(servingFloor(designOf(each, slo(1e-6))).missed).toHaveLength(1);
      }
    }
  });

  it("is near what one request alone takes", () => {
    const alone = {
      serving: "{ engine: vllm@0.19, tensor: 1, replicas: 1 }",
      requests: "{ users: 1, count: 4, input: 900, output: 30 }",
    };
    const { metrics } = predictDesign({ kind: "serving", serving: designOf(alone) });
    const value = metrics["timePerOutputToken.p50"] as number;
    const design = designOf(alone, `{ timePerOutputToken: { p50: ${value * 0.98} s } }`);
    expect(servingFloor(design).missed).toHaveLength(1);
  });

  it("asks for no replica more than keep up, and for more under more load", () => {
    const at = (rate: number): ServingDesign =>
      designOf({
        serving: "{ engine: vllm@0.19, tensor: 1, replicas: 1 }",
        requests: `{ arrivals: poisson, rate: ${rate} /s, count: 400, input: 900, output: 80 }`,
      });
    const needed = [5, 20, 80, 320].map((rate) => servingFloor(at(rate)).replicas);
    expect([...needed].sort((a, b) => a - b)).toEqual(needed);
    expect(needed.at(-1)).toBeGreaterThan(1);
    for (const [index, rate] of [5, 20, 80, 320].entries()) {
      const { verdict } = predictDesign({ kind: "serving", serving: at(rate) });
      if ((needed[index] as number) > 1) expect(verdict).toBe("overloaded");
    }
  });

  it("asks for none where clients wait for answers", () => {
    expect(servingFloor(designOf(cases.at(-1) as Case)).replicas).toBe(0);
  });
});
