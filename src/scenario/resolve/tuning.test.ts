import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { type Prediction, predict, scenarioFromValue } from "../index.ts";

type Section = Record<string, unknown>;

const workload = { kind: "training", model: "llama-3.1-8b", sequenceLength: 4096, globalBatch: 64 };

function value(change: Section, layout: Section = {}): Section {
  return {
    windtunnel: 1,
    name: "t",
    cluster: { node: "hgx-h100", nodes: 1 },
    workload: { ...workload, ...change },
    layout: { tensor: 2, microBatch: 1, recompute: "none", ...layout },
  };
}

const predicted = (change: Section, layout?: Section): Prediction => predict(scenarioFromValue(value(change, layout)));

function problems(change: Section, layout?: Section): readonly string[] {
  try {
    predicted(change, layout);
    return [];
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
}

const assumed = ({ assumptions }: Prediction, path: string): string | undefined =>
  assumptions.find((entry) => entry.path === path)?.value;

describe("preference tuning", () => {
  it("is plain training of two sequences an example where the reference is precomputed", () => {
    for (const change of [
      { objective: { method: "dpo", reference: "precomputed" } },
      { objective: "orpo" },
      { objective: "simpo" },
    ]) {
      const pairs = predicted(change);
      const plain = predicted({ globalBatch: 128 }, { microBatch: 2 });
      expect(pairs.metrics).toEqual(plain.metrics);
      expect(pairs.terms).toEqual(plain.terms);
    }
  });

  it("takes its reference from the adapters' frozen model, else from a copy, and says so", () => {
    const copy = predicted({ objective: "dpo" });
    expect(assumed(copy, "workload.objective.reference")).toBe("resident");
    const off = predicted({ objective: "dpo", tuning: { method: "lora" } });
    expect(assumed(off, "workload.objective.reference")).toBe("adapter-off");
    const resident = predicted({ objective: { method: "dpo", reference: "resident" }, tuning: { method: "lora" } });
    const held = (resident.metrics.memoryPerAccelerator ?? 0) - (off.metrics.memoryPerAccelerator ?? 0);
    // Half of 8.03 G parameters at 2 bytes, and the allocator's share of them.
    expect(held).toBeCloseTo(8.03e9 * 1.05, -8);
    expect(resident.metrics.stepTime).toBeCloseTo(off.metrics.stepTime ?? 0, 9);
  });

  it("runs more forward passes for kto than for dpo over single sequences", () => {
    const plain = predicted({});
    const kto = predicted({ objective: "kto" });
    expect(kto.metrics.tokensPerSecond).toBeLessThan(plain.metrics.tokensPerSecond ?? 0);
    const named = kto.terms.children?.map(({ name }) => name);
    expect(named).toContain("reference");
    expect(named).toContain("divergence");
  });

  it("says what the reference computes, which is no model FLOP", () => {
    const list = predicted({ objective: "dpo" }).assumptions.filter(({ path }) => path === "workload.objective");
    expect(list.map((entry) => entry.value).join("; ")).toMatch(/reference pass: .*FLOP a step/);
  });
});

describe("what cannot be meant", () => {
  it("is refused with its path", () => {
    const cases: readonly (readonly [Section, string, Section?])[] = [
      [{ objective: "grpo" }, "workload.objective: "],
      [{ objective: { method: "ppo" } }, "workload.objective: "],
      [{ objective: { method: "dpo", reference: "offloaded" } }, "workload.objective.reference: "],
      [{ objective: { method: "dpo", reference: "adapter-off" } }, "workload.objective.reference: "],
      [{ objective: { method: "orpo", reference: "resident" } }, "workload.objective.reference: "],
      [{ objective: { method: "dpo", teacher: "llama-3.1-70b" } }, "workload.objective.teacher: "],
      [{ objective: { method: "next-token", teacher: "llama-3.1-70b" } }, "workload.objective.teacher: "],
      [{ objective: "distillation" }, "workload.objective.teacher: "],
      [{ objective: { method: "distillation", teacher: "mixtral-8x7b-v0.1" } }, "workload.objective.teacher: "],
      [{ objective: { method: "distillation", teacher: "llama-3.1-7000b" } }, "workload.objective.teacher: "],
      [{ objective: { method: "distillation", teacher: "llama-3.1-70b" } }, "layout.pipeline: ", { pipeline: 2 }],
      [{ tuning: { method: "dora" } }, "workload.tuning.method: "],
      [{ tuning: { method: "full", base: "nf4" } }, "workload.tuning.base: "],
      [{ tuning: { method: "full", dropout: "on" } }, "workload.tuning.dropout: "],
      [{ tuning: { method: "lora", base: "nf4" }, precision: "fp8" }, "workload.tuning.base: "],
      [{ tuning: { method: "lora", exchange: "all-to-all" } }, "workload.tuning.exchange: ", { tensor: 1 }],
      [{ tuning: { method: "lora", frozenLayers: 32 } }, "workload.tuning.frozenLayers: "],
    ];
    for (const [change, start, layout] of cases) {
      const found = problems(change, layout);
      expect(found.length, JSON.stringify(change)).toBeGreaterThan(0);
      expect(
        found.some((text) => text.startsWith(start)),
        `${JSON.stringify(change)} ${found.join("; ")}`,
      ).toBe(true);
    }
  });

  it("leaves what can be meant", () => {
    for (const change of [
      { tuning: { method: "lora", base: "nf4", dropout: "on", exchange: "all-to-all", frozenLayers: 4 } },
      { tuning: { method: "full", frozenLayers: 28 } },
      { objective: "reward" },
      { objective: { method: "distillation", teacher: "llama-3.1-70b" } },
      { objective: "next-token" },
    ]) {
      expect(problems(change), JSON.stringify(change)).toEqual([]);
    }
  });
});

describe("adapters", () => {
  it("have no rank above the hidden size of the model", () => {
    expect(problems({ tuning: { method: "lora", rank: 4097 } })).toEqual([
      "workload.tuning.rank: 4097 is more than the hidden size 4096 of the model: no projection has such a rank",
    ]);
    expect(problems({ tuning: { method: "lora", rank: 4096 } })).toEqual([]);
  });
});
