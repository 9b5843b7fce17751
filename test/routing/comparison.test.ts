/**
 * Policies against each other on a small fleet of Qwen3-32B on two H100 each: the order that llm-d measured, and ours
 * beside the others on Mooncake's traces. The small fleet is not the simulator: only clear differences count.
 */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { mean, percentile } from "../../src/base/statistics.ts";
import { type Given, routingPolicy } from "../../src/serving/routing/index.ts";
import { hasShared, sharedFile } from "../shared.ts";
import { qwen32b, runToyFleet, type ToyOptions, type ToyRequest } from "./fleet.ts";

interface Outcome {
  readonly mean: number;
  readonly p90: number;
  readonly endToEnd: number;
  readonly hitShare: number;
}

function outcome(name: string, given: Given, requests: readonly ToyRequest[], options: ToyOptions): Outcome {
  const result = runToyFleet(requests, options, (index) =>
    routingPolicy(name, given, { random: new RandomStream(5, "router"), index }),
  );
  const waits = result.firstToken.map((time, at) => time - result.sent[at]!);
  return {
    mean: mean(waits),
    p90: percentile(waits, 0.9),
    endToEnd: mean(result.end.map((time, at) => time - result.sent[at]!)),
    hitShare: 1 - result.computed / result.prompt,
  };
}

/** The experiment of llm-d: 150 groups of five prompts; its load generator keeps some 400 requests open at most. */
function groupsOfPrompts(): ToyRequest[] {
  const draw = new RandomStream(1, "arrivals");
  const requests: ToyRequest[] = [];
  let start = 0;
  for (const rate of [15, 3, 10, 20, 30, 40, 60]) {
    for (let at = start + draw.exponential(1 / rate); at < start + 25; at += draw.exponential(1 / rate)) {
      const prompt = draw.integer(750);
      const group = Math.floor(prompt / 5);
      const system = Array.from({ length: 10 }, (_, chunk) => 10 * group + chunk);
      const chunks = Int32Array.from([...system, 10_000 + 2 * prompt, 10_001 + 2 * prompt]);
      requests.push({ at, tokens: 7200, output: 1000, chunks });
    }
    start += 25;
  }
  return requests;
}

/** A Mooncake trace; conversation time stamps are ticks of three seconds, spread within. */
function mooncake(name: "conversation" | "synthetic"): ToyRequest[] {
  const text = gunzipSync(readFileSync(sharedFile(`data/inference/mooncake/${name}_trace.jsonl.gz`))).toString();
  const draw = new RandomStream(1, "spread");
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const row = JSON.parse(line) as {
        timestamp: number;
        input_length: number;
        output_length: number;
        hash_ids: number[];
      };
      const at = row.timestamp / 1000 + (name === "conversation" ? 3 * draw.uniform() : 0);
      return { at, tokens: row.input_length, output: row.output_length, chunks: Int32Array.from(row.hash_ids) };
    })
    .sort((one, other) => one.at - other.at);
}

describe("groups of prompts that share a beginning", () => {
  const requests = groupsOfPrompts();
  const options = { ...qwen32b, replicas: 8, chunkTokens: 600, concurrency: 400 };
  const run = (name: string, given: Given = {}): Outcome => outcome(name, given, requests, options);

  it("come out in the order that was measured: precise before estimated before load and random", () => {
    const precise = run("llm-d-weighted");
    const estimated = run("llm-d-weighted", { index: "routed", prefix: 1, queue: 1, kv: 1 });
    const load = run("llm-d-weighted", { prefix: 0, queue: 1, kv: 1 });
    const random = run("random");
    expect(precise.p90).toBeLessThan(estimated.p90);
    expect(estimated.p90).toBeLessThan(0.3 * load.p90);
    expect(estimated.p90).toBeLessThan(0.3 * random.p90);
    expect(precise.endToEnd).toBeLessThan(estimated.endToEnd);
    expect(load.p90).toBeGreaterThan(1);
    expect(precise.p90).toBeLessThan(1);
  });

  it("are served by kv-aware as by the best of the others", () => {
    const precise = run("llm-d-weighted");
    for (const given of [{}, { index: "routed" }]) {
      const ours = run("kv-aware", given);
      expect(ours.p90).toBeLessThan(1.25 * precise.p90);
      expect(ours.endToEnd).toBeLessThan(1.03 * precise.endToEnd);
      expect(ours.hitShare).toBeGreaterThan(0.99 * precise.hitShare);
    }
  });
});

describe.runIf(hasShared())("Mooncake's traces", () => {
  const others: readonly (readonly [string, Given])[] = [
    ["least-loaded", {}],
    ["dynamo", {}],
    ["llm-d-sticky", { index: "events" }],
    ["llm-d-weighted", {}],
    ["sglang-cache-aware-launcher", {}],
    ["production-stack-loadaware", {}],
  ];

  it.each([
    ["conversation", 4],
    ["conversation", 8],
    ["synthetic", 4],
    ["synthetic", 8],
  ] as const)("%s on %i replicas: kv-aware is as quick as the best of the others, or quicker", (trace, replicas) => {
    const requests = mooncake(trace);
    const options = { ...qwen32b, replicas, chunkTokens: 512, concurrency: Number.POSITIVE_INFINITY };
    const rivals = others.map(([name, given]) => outcome(name, given, requests, options));
    const ours = outcome("kv-aware", {}, requests, options);
    expect(ours.mean).toBeLessThan(1.02 * Math.min(...rivals.map((one) => one.mean)));
    expect(ours.p90).toBeLessThan(1.02 * Math.min(...rivals.map((one) => one.p90)));
    expect(ours.endToEnd).toBeLessThan(1.02 * Math.min(...rivals.map((one) => one.endToEnd)));
  });
});
