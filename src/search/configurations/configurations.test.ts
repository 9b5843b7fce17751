import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { parseScenario, predict } from "../../scenario/index.ts";
import { dominates } from "../pareto.ts";
import { chooseConfigurations } from "./choose.ts";
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
    const slo = "{ timePerOutputToken: { p50: 6 ms } }";
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

  it("leaves out what the load outgrows, and nothing that would have kept up", { timeout: 60_000 }, () => {
    const heavy = (serving: string): string => chat(serving).replace("20 /s, count: 60", "150 /s, count: 600");
    const answer = searchConfigurations(parseScenario(heavy("{ engine: vllm@0.19, tensor: [1, 2], replicas: 1 }")), {
      files: {},
    });
    expect(answer.groups.overloaded).toBeGreaterThan(0);
    const { verdict } = predict(parseScenario(heavy("{ engine: vllm@0.19, tensor: 1, replicas: 1 }")));
    expect(verdict).toBe("overloaded");
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

describe("chooseConfigurations", () => {
  const space = "{ engine: { name: vllm, maxSequences: [8, 64] }, tensor: [1, 2], replicas: auto }";
  const chosen = (wishes: string, slo?: string) =>
    chooseConfigurations(parseScenario(`${chat(space, slo)}${wishes}\n`), { files: {} });

  /** What predict says of every member of the space. */
  function members(): readonly { readonly costs: readonly number[]; readonly keeps: boolean }[] {
    return [8, 64].flatMap((maxSequences) =>
      [1, 2].flatMap((tensor) =>
        [1, 2, 3, 4, 6, 8]
          .filter((replicas) => replicas * tensor <= 8)
          .map((replicas) => {
            const engine = `{ name: vllm, maxSequences: ${maxSequences} }`;
            const serving = `{ engine: ${engine}, tensor: ${tensor}, replicas: ${replicas} }`;
            const { targets = [], verdict, metrics } = predict(parseScenario(chat(serving)));
            const keeps = verdict !== "overloaded" && targets.every(({ met }) => met === "met");
            return { costs: [tensor * replicas, metrics["timePerOutputToken.p99"] ?? 0], keeps };
          }),
      ),
    );
  }

  it("gives the front that trying every member gives", { timeout: 60_000 }, () => {
    const { summary, ended, best } = chosen(
      "objective: [{ minimize: accelerators }, { minimize: timePerOutputToken.p99 }]",
    );
    const kept = members().filter(({ keeps }) => keeps);
    const front = kept.filter(({ costs }) => kept.every((other) => !dominates(other.costs, costs)));
    const shown = summary.pareto.map(({ metrics }) => [metrics.accelerators, metrics["timePerOutputToken.p99"]]);
    const sorted = (all: readonly unknown[]): readonly string[] => all.map((each) => JSON.stringify(each)).sort();
    expect(ended).toBe("complete");
    expect(best).toBeUndefined();
    expect(sorted(shown)).toEqual(sorted(front.map(({ costs }) => costs)));
  });

  it("keeps constraints, and says what the nearest lack where nothing does", { timeout: 60_000 }, () => {
    const wish = "objective: [{ minimize: timePerOutputToken.p99 }]";
    const taken = (most: number): number | undefined =>
      chosen(`${wish}\nconstraints: [{ metric: accelerators, atMost: ${most} }]`).summary.best[0]?.metrics.accelerators;
    expect(taken(8)).toBeGreaterThan(2);
    expect(taken(2)).toBeLessThanOrEqual(2);
    const none = chosen(`${wish}\nconstraints: [{ metric: costPerMillionOutputTokens, atMost: 0.0001 $ }]`);
    expect(none.summary.points.meets).toBe(0);
    expect(none.summary.closest[0]?.lacks?.[0]?.what).toBe("costPerMillionOutputTokens");
  });

  it("names metrics that no configuration has", { timeout: 60_000 }, () => {
    expect(() => chosen("objective: [{ minimize: stepTim }]")).toThrow(/stepTim/);
  });
});
