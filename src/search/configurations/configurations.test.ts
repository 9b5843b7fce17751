import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { parseScenario, predict } from "../../scenario/index.ts";
import { type ConfigurationAnswer, searchConfigurations } from "./find.ts";

/** An 8B chat on one node, small enough to try everything. */
function chat(serving: string, slo = "{ timePerOutputToken: { p99: 25 ms }, timeToFirstToken: { p99: 1 s } }"): string {
  return `
windtunnel: 1
name: chat
cluster: { node: hgx-h100, nodes: 1 }
workload:
  kind: serving
  model: meta-llama/Llama-3.1-8B
  requests: { arrivals: poisson, rate: 20 /s, count: 60, input: { mean: 500, deviation: 100 }, output: { mean: 60, deviation: 20 } }
  slo: ${slo}
serving: ${serving}
`;
}

function found(serving: string, slo?: string): ConfigurationAnswer {
  return searchConfigurations(parseScenario(chat(serving, slo)), { files: {} });
}

describe("searchConfigurations", () => {
  it("finds what trying every member finds", { timeout: 60_000 }, () => {
    const answer = found("{ engine: { name: vllm, maxSequences: [8, 64] }, tensor: [1, 2], replicas: auto }");
    const kept: number[] = [];
    for (const maxSequences of [8, 64]) {
      for (const tensor of [1, 2]) {
        for (let replicas = 1; replicas <= 8 / tensor; replicas++) {
          const text = chat(
            `{ engine: { name: vllm, maxSequences: ${maxSequences} }, tensor: ${tensor}, replicas: ${replicas} }`,
          );
          const { targets = [], verdict } = predict(parseScenario(text));
          if (verdict !== "overloaded" && targets.every(({ met }) => met === "met")) kept.push(tensor * replicas);
        }
      }
    }
    expect(answer.ended).toBe("complete");
    expect(answer.best[0]?.accelerators).toBe(Math.min(...kept));
  });

  it("never leaves out by its bound what would have kept the targets", { timeout: 60_000 }, () => {
    const slo = "{ timePerOutputToken: { p50: 3 ms } }";
    const answer = found("{ engine: vllm@0.19, tensor: [1, 2, 4], replicas: 1 }", slo);
    expect(answer.groups.slower).toBeGreaterThan(0);
    const text = chat("{ engine: vllm@0.19, tensor: 1, replicas: 1 }", slo);
    expect(predict(parseScenario(text)).targets?.[0]?.met).toBe("missed");
  });

  it("says what the nearest lack where nothing keeps the targets", { timeout: 60_000 }, () => {
    const answer = found(
      "{ engine: { name: vllm, maxSequences: [8, 64] }, tensor: 1, replicas: 1 }",
      "{ timeToFirstToken: { p99: 1 ms } }",
    );
    expect(answer.best).toEqual([]);
    expect(answer.closest[0]?.lacks[0]).toContain("timeToFirstToken.p99");
  });

  it("ends with the best so far when it is stopped", { timeout: 60_000 }, () => {
    let asked = 0;
    const scenario = parseScenario(chat("{ engine: vllm@0.19, configuration: auto }"));
    const answer = searchConfigurations(scenario, { files: {}, stop: () => asked++ > 0 });
    expect(answer.ended).toBe("stopped");
    expect(answer.groups.simulated).toBe(1);
    expect(answer.best).toHaveLength(1);
  });

  it.each([
    ["{ engine: vllm@0.19, tensor: auto }", "{}", "workload.slo"],
    ["{ engine: vllm@0.19, tensor: [3, 5] }", undefined, "serving.tensor"],
    ["{ engine: vllm@0.19, configuration: auto, pools: { a: { replicas: 1 } } }", undefined, "serving.pools"],
  ])("refuses %s", (serving, slo, path) => {
    try {
      found(serving, slo);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      expect(error.problems[0]?.path).toBe(path);
    }
  });
});
