/** Requests for adapters: slots, memory, time, and prefixes that are no other adapter's. */

import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { predictDesign, resolve, scenarioFromValue } from "../index.ts";
import { adapterShares } from "./adapter-shares.ts";
import type { ServingDesign } from "./design.ts";

type Section = Readonly<Record<string, unknown>>;

function scenario(requests: Section, engine: Section, model = "llama-3.1-8b"): Section {
  const open = { arrivals: "poisson", rate: "4 /s", count: 60, input: 512, output: 32 };
  return {
    windtunnel: 1,
    name: "adapters",
    cluster: { node: "hgx-h100", nodes: 1 },
    workload: { kind: "serving", model, requests: { ...open, ...requests } },
    serving: { replicas: 1, engine: { name: "vllm", version: "0.19", ...engine } },
  };
}

function design(...given: Parameters<typeof scenario>): ServingDesign {
  const found = resolve(scenarioFromValue(scenario(...given)));
  if (found.kind !== "serving") throw new Error(found.kind);
  return found.serving;
}

function metrics(...given: Parameters<typeof scenario>): Readonly<Record<string, number | undefined>> {
  const prediction = predictDesign(resolve(scenarioFromValue(scenario(...given))));
  if (prediction.kind !== "serving") throw new Error(prediction.kind);
  return prediction.metrics as Readonly<Record<string, number | undefined>>;
}

function problems(...given: Parameters<typeof scenario>): string {
  try {
    design(...given);
    return "";
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map(({ path, message, hint }) => `${path}: ${message} (${hint})`).join("\n");
  }
}

const four = ["a", "b", "c", "d"];

describe("adapters", () => {
  it("take memory from the cache, and time from every iteration", () => {
    const plain = design({}, {});
    const served = design({ adapters: four }, { adapterSlots: 4, adapterRank: 64 });
    const taken = (served.pools[0]?.memory.weights ?? 0) - (plain.pools[0]?.memory.weights ?? 0);
    // 4 x 167.8 M parameters in 16 bits.
    expect(taken).toBe(4 * 4 * 41_943_040 * 2);
    expect(served.pools[0]?.engine.blocks).toBeLessThan(plain.pools[0]?.engine.blocks ?? 0);
    const mean = "timePerOutputToken.mean";
    expect(metrics({ adapters: four }, { adapterSlots: 4, adapterRank: 64 })[mean]).toBeGreaterThan(
      1.05 * (metrics({}, {})[mean] ?? Number.NaN),
    );
  });

  it("are shared out by class", () => {
    const half = { share: 0.5, input: 100, output: 10 };
    const classes = [
      { ...half, name: "x", adapters: ["a", "b"] },
      { ...half, name: "y", adapters: ["b"] },
    ];
    expect(adapterShares(design({ classes }, { adapterSlots: 2 }).requests)).toEqual([0.25, 0.75]);
    expect(adapterShares(design({}, {}).requests)).toEqual([]);
  });

  it("have prefixes of their own: what four share out is found less often", () => {
    const prefix = { groups: 1, promptsPerGroup: 60, tokens: 256 };
    const [one, many] = [["a"], four].map((adapters) => metrics({ adapters, prefix }, { adapterSlots: 4 }));
    expect(one?.prefixHitRate).toBeGreaterThan(many?.prefixHitRate ?? Number.NaN);
    expect(many?.prefixHitRate).toBeGreaterThan(0);
  });

  it.each<[string, Parameters<typeof scenario>, string]>([
    [
      "more adapters than slots",
      [{ adapters: four }, { adapterSlots: 3 }],
      "requests ask for 4 adapters, and 3 have a slot",
    ],
    ["adapters without slots", [{ adapters: four }, {}], "(adapterSlots: 4)"],
    ["experts", [{}, { adapterSlots: 1 }, "deepseek-ai/DeepSeek-V3"], "are not modelled: those of experts"],
    [
      "drafting",
      [{}, { adapterSlots: 1, speculation: { method: "ngram", drafted: 2, acceptance: 0.5 } }],
      "drafted tokens",
    ],
    [
      "another engine",
      [{}, { name: "tensorrt-llm", version: "1.0", adapterRank: 8 }],
      "under tensorrt-llm are not modelled",
    ],
  ])("refuse %s", (_, given, expected) => {
    expect(problems(...given)).toContain(expected);
  });
});
