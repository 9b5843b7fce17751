import { describe, expect, it } from "vitest";
import { renderSolve } from "../../apps/cli/render/solve.ts";
import { plainView } from "../../apps/cli/view.ts";
import { memoryHost } from "../../test/memory-host.ts";
import { parseScenario, predict } from "../scenario/index.ts";
import { operations } from "./index.ts";

const training = (cluster: string): string => `windtunnel: 1
name: training
cluster: { node: ${cluster}, nodes: 8 }
workload: { kind: training, model: llama-3.1-70b, sequenceLength: 8192, globalBatch: 256, tokens: 1T }
layout: { tensor: 8, pipeline: 2, microBatch: 1 }
`;
const serving = `windtunnel: 1
name: serving
cluster: { node: hgx-h100, nodes: 1 }
workload: { kind: serving, model: llama-3.1-8b, requests: { arrivals: poisson, rate: 6 /s, count: 60, input: 1000, output: 100 } }
serving: { engine: { name: vllm, version: "0.11" }, replicas: 1, tensor: 1 }
`;
const host = memoryHost({ "training.yaml": training("hgx-h100"), "serving.yaml": serving });
const solve = (scenario: string, metric: string, target: string, resource?: string[]) =>
  operations.solve.run({ scenario, metric, target, ...(resource === undefined ? {} : { resource }) }, host);

describe("solve", () => {
  it("finds the amount that a scenario with it needs, and its neighbours on either side", async () => {
    const now = predict(parseScenario(training("hgx-h100"))).metrics.stepTime ?? 0;
    const target = `${(now * 0.99).toFixed(6)} s`;
    const { resources } = await solve("training.yaml", "stepTime", target, ["memoryBandwidth"]);
    const [found] = resources;
    expect(found).toMatchObject({ status: "reached", feasible: true, course: "falls" });
    const stepAt = (bandwidth: number): number => {
      const memory = `{ capacity: 80 GiB, bandwidth: ${bandwidth / 1e9} GB/s }`;
      const node = `{ extends: hgx-h100, accelerator: { extends: h100-sxm, memory: ${memory} } }`;
      return predict(parseScenario(training(node))).metrics.stepTime ?? 0;
    };
    expect(stepAt(found?.needed ?? 0)).toBeCloseTo(now * 0.99, 5);
    expect(stepAt((found?.needed ?? 0) * 1.01)).toBeLessThan(now * 0.99);
    expect(stepAt((found?.needed ?? 0) * 0.99)).toBeGreaterThan(now * 0.99);
  });

  it("says how near the others come, and which do nothing", async () => {
    const output = await solve("training.yaml", "stepTime", "0.5 s");
    const status = new Map(output.resources.map(({ resource, status }) => [resource, status]));
    expect(status.get("scaleOutBandwidth")).toBe("unreachable");
    expect(status.get("acceleratorPrice")).toBe("no-effect");
    for (const { status, limit, nearest } of output.resources) {
      if (status === "unreachable") expect((limit ?? nearest).value).toBeGreaterThan(0.5);
    }
    expect(operations.solve.infeasible?.(output)).toBe(true);
    const text = renderSolve(output, plainView);
    expect(text).toContain("never: nears");
    expect(text).toContain("without effect: ");
  });

  it("solves simulated serving with the same requests each time", async () => {
    const output = await solve("serving.yaml", "timePerOutputToken.mean", "5 ms", ["memoryBandwidth"]);
    const [found] = output.resources;
    expect(found?.status).toBe("reached");
    expect(found?.at?.factor).toBeGreaterThan(1);
    expect(found?.at?.value).toBeLessThanOrEqual(0.005);
    expect(output.requests).toEqual({ used: 60, all: 60 });
  });

  it.each([
    ["metric", ["mfu", "50 %"], /no metric "mfu"/],
    ["unit", ["stepTime", "50 %"], /expected a time/],
    ["value", ["stepTime", "0 s"], /more than 0/],
    ["resource", ["stepTime", "1 s", "nics"], /no resource "nics"/],
  ] as const)("refuses what it cannot read: %s", async (_, [metric, target, resource], message) => {
    const asked = solve("training.yaml", metric, target, resource === undefined ? undefined : [resource]);
    await expect(asked).rejects.toThrow(message);
  });
});
