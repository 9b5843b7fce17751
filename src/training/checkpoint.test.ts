import { describe, expect, it } from "vitest";
import { softwareOf, trainingCase } from "../../test/training-case.ts";
import { countParameters } from "../catalog/models/index.ts";
import { checkpointSize, learningParameters } from "./checkpoint.ts";

const gibibyte = 2 ** 30;
const megatron = softwareOf("megatron-core@2024.07");

/** The table's GB are GiB, its TB a thousand of them. */
const table: readonly [model: string, printed: number][] = [
  ["llama-3.1-8b", 105],
  ["llama-3.1-70b", 912],
  ["llama-3.1-405b", 5290],
];

describe("size of a checkpoint", () => {
  it.each(table)("of %s is %d GiB within 1 %% (MLCommons)", (model, printed) => {
    const c = trainingCase({ model, software: megatron });
    expect(Math.abs(checkpointSize(c, { contents: "optimizer" }) / gibibyte / printed - 1)).toBeLessThan(0.01);
  });

  const c = trainingCase({ model: "llama-3.1-8b", software: megatron });
  const { total } = countParameters(c.model);

  it("holds 2, 14 or 18 bytes a parameter, or as many as are stated", () => {
    expect(checkpointSize(c, { contents: "weights" })).toBe(2 * total);
    expect(checkpointSize(c, { contents: "optimizer" })).toBe(14 * total);
    expect(checkpointSize(c, { contents: "gradients" })).toBe((14 + megatron.bytes.gradient) * total);
    expect(checkpointSize(c, { contents: "optimizer", perParameter: 12 })).toBe(12 * total);
  });

  it("has no 16-bit copy where the 32-bit shard is the weight", () => {
    const sharded = trainingCase({
      model: "llama-3.1-8b",
      software: softwareOf("torchtitan@2025"),
      layout: { sharding: "full" },
    });
    expect(checkpointSize(sharded, { contents: "optimizer" })).toBe(12 * total);
  });

  it("is of adapters alone where only they learn", () => {
    const tuning = { method: "lora", rank: 16, targets: ["linear_qkv", "linear_proj"] } as const;
    const adapted = trainingCase({ model: "llama-3.1-8b", software: megatron, tuning });
    const perLayer = 16 * (4096 + 6144) + 16 * (4096 + 4096);
    expect(learningParameters(adapted)).toBe(32 * perLayer);
  });

  it("leaves out frozen layers and the embedding below them", () => {
    const frozen = trainingCase({
      model: "llama-3.1-8b",
      software: megatron,
      tuning: { method: "full", frozenLayers: 32 },
    });
    expect(learningParameters(frozen)).toBe(128_256 * 4096 + 4096);
  });

  it("has one moment of what plain momentum and Muon update", () => {
    const sgd = { ...megatron, optimizerRule: "sgd" } as const;
    expect(checkpointSize(trainingCase({ model: "llama-3.1-8b", software: sgd }), { contents: "optimizer" })).toBe(
      10 * total,
    );
    const muon = { ...megatron, optimizerRule: "muon" } as const;
    const bytes = checkpointSize(trainingCase({ model: "llama-3.1-8b", software: muon }), { contents: "optimizer" });
    expect(bytes / total).toBeGreaterThan(10);
    expect(bytes / total).toBeLessThan(11);
  });
});
