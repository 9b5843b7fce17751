/** Sensitivities of simulated serving: signs and sizes that hardware dictates, and what was run for them. */

import { describe, expect, it } from "vitest";
import { type Design, parseScenario, resolve } from "../scenario/index.ts";
import { differencesOf, type Sensitivity } from "./sensitivity.ts";

function designOf(requests: string, serving = "replicas: 1"): Design {
  return resolve(
    parseScenario(`
windtunnel: 1
name: sensitivity
cluster: { node: hgx-h100, nodes: 2 }
workload: { kind: serving, model: meta-llama/Llama-3.1-8B, requests: ${requests} }
serving: { engine: { name: vllm, version: "0.19" }, ${serving} }
`),
  );
}

const light = "{ arrivals: poisson, rate: 3 /s, count: 120, input: 600, output: 150 }";
const names = (design: Design): string[] => differencesOf(design).sensitivities.map(({ resource }) => resource);

function of(found: readonly Sensitivity[], resource: string): Readonly<Record<string, number>> {
  const one = found.find((each) => each.resource === resource);
  if (one === undefined) throw new Error(`no ${resource} in ${found.map((each) => each.resource).join(", ")}`);
  return one.elasticity;
}

describe("at light load", () => {
  const { sensitivities: found, difference } = differencesOf(designOf(light));

  it("tokens wait for memory, first tokens for arithmetic", () => {
    const memory = of(found, "memoryBandwidth")["timePerOutputToken.mean"]!;
    // The rest is the host's and the launches'.
    expect(memory).toBeLessThan(-0.6);
    expect(memory).toBeGreaterThan(-1.02);
    expect(of(found, "peakFlops")["timeToFirstToken.mean"]!).toBeLessThan(-0.2);
    expect(of(found, "peakFlops")["timePerOutputToken.mean"] ?? 0).toBeGreaterThan(memory);
  });

  it("slower hosts delay both", () => {
    const { "timeToFirstToken.mean": first, "timePerOutputToken.mean": token } = of(found, "hostTimes");
    expect(first!).toBeGreaterThan(0.1);
    expect(first!).toBeLessThan(1);
    expect(token!).toBeGreaterThan(0);
  });

  it("what makes up a token adds up to about one: bandwidth, arithmetic, host", () => {
    const parts = ["memoryBandwidth", "peakFlops", "hostTimes"].map((name) =>
      Math.abs(of(found, name)["timePerOutputToken.mean"] ?? 0),
    );
    const sum = parts.reduce((total, part) => total + part, 0);
    // Constants of kernels are nobody's.
    expect(sum).toBeGreaterThan(0.7);
    expect(sum).toBeLessThan(1.1);
  });

  it("the price moves the cost one for one, and nothing else", () => {
    const price = of(found, "acceleratorPrice");
    expect(Object.keys(price).sort()).toEqual(["cost", "costPerMillionOutputTokens"]);
    for (const value of Object.values(price)) expect(value).toBeCloseTo(1, 9);
  });

  it("says on which requests, and is the same again", () => {
    expect(difference).toEqual({ step: 0.05, requests: { used: 120, all: 120 } });
    expect(differencesOf(designOf(light)).sensitivities).toEqual(found);
  });
});

it("a long list is cut, and the answer says so", () => {
  const design = designOf("{ arrivals: poisson, rate: 200 /s, count: 2300, input: 20, output: 2 }");
  expect(differencesOf(design).difference?.requests).toEqual({ used: 2000, all: 2300 });
});

it("a cache of a given size does not follow the memory", () => {
  expect(names(designOf(light))).toContain("memoryCapacity");
  const given = resolve(
    parseScenario(`
windtunnel: 1
name: given
cluster: { node: hgx-h100, nodes: 1 }
workload: { kind: serving, model: meta-llama/Llama-3.1-8B, requests: ${light} }
serving: { engine: { name: vllm, version: "0.19", cacheBlocks: 9000 }, replicas: 1 }
`),
  );
  expect(names(given)).not.toContain("memoryCapacity");
});

it("tiers and the hand-over are resources of their own", () => {
  const tiers = "replicas: 1, cache: { tiers: [{ medium: host-memory, size: 10 GB, bandwidth: 20 GB/s }] }";
  expect(names(designOf(light, tiers))).toEqual(expect.arrayContaining(["host-memory.size", "host-memory.bandwidth"]));
  const apart = "pools: { prefill: { replicas: 1 }, decode: { replicas: 1 } }, disaggregation: { bandwidth: 1 GB/s }";
  const { sensitivities: found } = differencesOf(designOf(light, apart));
  expect(found.map(({ resource }) => resource)).toEqual(
    expect.arrayContaining(["prefill.memoryBandwidth", "decode.memoryBandwidth"]),
  );
  // 600 tokens of 131 kB at 1 GB/s are 79 ms before the decode replica's first token, more than all else before it.
  const moved = of(found, "handOverBandwidth")["timeToFirstToken.mean"]!;
  expect(moved).toBeLessThan(-0.5);
  expect(moved).toBeGreaterThan(-1);
});
