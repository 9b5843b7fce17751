import { describe, expect, it } from "vitest";
import { loadsOf } from "./loads.ts";
import { optionOf } from "./options.ts";

const service = (arrivals: string) =>
  optionOf({ role: "option" }, "s.yaml", {
    text: `
windtunnel: 1
name: chat
cluster: { node: hgx-h100, nodes: 1 }
workload:
  kind: serving
  model: meta-llama/Llama-3.1-8B
  requests: { ${arrivals}, count: 120, input: 500, output: 60 }
  slo: { timeToFirstToken: { p99: 1 s }, timePerOutputToken: { p99: 50 ms } }
serving: { engine: vllm@0.19, replicas: 1, tensor: 1 }
`,
    files: {},
  });

describe("other loads of a service", () => {
  it("goes from half to twice the rate; more load never shortens the wait", () => {
    const option = service("arrivals: poisson, rate: 10 /s");
    const loads = loadsOf(option);
    expect(loads.map(({ rate }) => rate)).toEqual([5, 7.5, 10, 12.5, 15, 20]);
    expect(loads.find(({ factor }) => factor === 1)?.prediction).toBe(option.prediction);
    const [least, most] = [loads[0], loads.at(-1)].map((load) => load?.prediction.metrics["timeToFirstToken.p99"] ?? 0);
    expect(most).toBeGreaterThanOrEqual(least ?? 0);
  });

  it("is nothing where no rate is stated", () => {
    expect(loadsOf(undefined)).toEqual([]);
    expect(loadsOf(service("users: 4"))).toEqual([]);
  });
});
