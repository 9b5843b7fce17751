import { describe, expect, it } from "vitest";
import { modelNames, modelOf, trainingCase } from "../../test/training-case.ts";
import { countParameters, forwardFlopPerToken } from "../catalog/models/index.ts";
import { modelFlop } from "./flop.ts";
import { type FlopConvention, predictTraining } from "./index.ts";

const conventions: readonly FlopConvention[] = [
  "megatron-sc21",
  "korthikanti-model",
  "megatron-core-2024",
  "palm",
  "mosaic",
  "maxtext",
  "torchtitan",
  "6nd",
];

function perToken(name: string, convention: FlopConvention, sequenceLength = 8192): number {
  const c = { model: modelOf(name), sequenceLength, globalBatch: 1, multiTokenModules: 0 };
  return modelFlop({ ...c, tuning: { method: "full" } }, convention) / sequenceLength;
}

describe("model FLOP", () => {
  it("of a Llama 3.1 405B token at 8,192 are 2.52e12 in causal half, 2.63e12 over the square", () => {
    // 6 x 403.7e9 multiplied weights, and 12 x 126 x 16,384 x 4,096.5 (causal) or x 8,192 (square) of the core.
    expect(perToken("llama-3.1-405b", "megatron-core-2024")).toBeCloseTo(6 * 403.7e9 + 12 * 126 * 16384 * 4096.5, -10);
    expect(perToken("llama-3.1-405b", "megatron-core-2024") / 2.52e12).toBeCloseTo(1, 2);
    expect(perToken("llama-3.1-405b", "korthikanti-model") / 2.63e12).toBeCloseTo(1, 2);
  });

  it("count 6 parameters and the square under mosaic and palm, 6 parameters alone under 6nd", () => {
    const { active } = countParameters(modelOf("gpt-3-175b"));
    expect(perToken("gpt-3-175b", "6nd", 2048)).toBe(6 * active);
    const square = 12 * 96 * 12288 * 2048;
    expect(perToken("gpt-3-175b", "mosaic", 2048)).toBeCloseTo(6 * active + square, -3);
    expect(perToken("gpt-3-175b", "palm", 2048)).toBe(perToken("gpt-3-175b", "mosaic", 2048));
  });

  it("follow the formula of the 2021 paper with recompute: 96 B s l h^2 (1 + s/6h + V/16lh)", () => {
    const [layers, hidden, sequence, vocabulary] = [96, 12288, 2048, modelOf("gpt-3-175b").vocabulary] as const;
    const formula = 96 * layers * hidden * hidden * (1 + sequence / (6 * hidden) + vocabulary / (16 * layers * hidden));
    expect(perToken("gpt-3-175b", "megatron-sc21", 2048) / formula).toBeCloseTo(1, 4);
  });

  it("are more over the square than in its causal half, for every model", () => {
    for (const name of modelNames) {
      expect(perToken(name, "korthikanti-model"), name).toBeGreaterThan(perToken(name, "megatron-core-2024"));
    }
  });

  it("of a step do not depend on the layout", () => {
    for (const name of ["llama-3.1-70b", "qwen3-30b-a3b"]) {
      const flops = [1, 2, 4].map((tensor) => {
        const layout = { tensor, sequenceParallel: tensor > 1 ? "on" : "off", data: 64 / tensor } as const;
        return predictTraining(trainingCase({ model: name, layout, globalBatch: 256 })).modelFlop;
      });
      expect(new Set(flops).size).toBe(1);
    }
  });

  it("grow with the batch in proportion, under every convention", () => {
    const c = trainingCase({ model: "mixtral-8x7b-v0.1" });
    for (const convention of conventions) {
      const one = modelFlop({ ...c, globalBatch: 8 }, convention);
      expect(modelFlop({ ...c, globalBatch: 24 }, convention)).toBe(3 * one);
    }
  });

  it("leave out weight gradients that adapters do not need", () => {
    const c = trainingCase({ model: "llama-3.1-8b" });
    const full = modelFlop(c, "megatron-core-2024");
    const lora = modelFlop(
      { ...c, tuning: { method: "lora", rank: 16, targets: ["linear_qkv"] } },
      "megatron-core-2024",
    );
    const { linear, logits } = forwardFlopPerToken(c.model, c.sequenceLength, "causal");
    expect((full - lora) / (c.globalBatch * c.sequenceLength)).toBeCloseTo(linear + logits, -4);
  });

  it("add the multi-token modules that are trained", () => {
    const c = trainingCase({ model: "deepseek-v3" });
    const without = modelFlop(c, "megatron-core-2024");
    expect(modelFlop({ ...c, multiTokenModules: 1 }, "megatron-core-2024") / without).toBeGreaterThan(1.01);
    expect(modelFlop({ ...c, multiTokenModules: 1 }, "megatron-core-2024") / without).toBeLessThan(1.06);
  });
});
