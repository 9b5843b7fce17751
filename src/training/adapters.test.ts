import { describe, expect, it } from "vitest";
import { trainingCase } from "../../test/training-case.ts";
import type { AdapterTarget } from "../compute/index.ts";
import { adapterTargets, rankAdapters } from "./adapters.ts";
import type { Tuning } from "./case.ts";
import { type Layout, predictTraining, type TrainingCase } from "./index.ts";
import { stagePlan } from "./stages.ts";

function lora(rank = 16, targets: readonly AdapterTarget[] = adapterTargets): Tuning {
  return { method: "lora", rank, targets };
}

function tuned(model: string, tuning: Tuning, layout: Partial<Layout> = {}): TrainingCase {
  return { ...trainingCase({ model, layout }), tuning };
}

/** Adapters of all pipeline ranks: their own slices, times the ranks that split them. */
function total(c: TrainingCase): number {
  const plan = stagePlan(c.model, c.layout, c.highPrecisionLayers);
  const { tensor, expert, expertTensor, pipeline } = c.layout;
  return Array.from({ length: pipeline }, (_, rank) => rankAdapters(c, plan, rank))
    .map(({ split, experts }) => split * tensor + experts * expert * expertTensor)
    .reduce((sum, next) => sum + next, 0);
}

describe("adapters", () => {
  it("have rank x (in + out) parameters for each projection, with one matrix for query, key and value", () => {
    const each = (target: AdapterTarget): number => total(tuned("llama-3.1-8b", lora(16, [target]))) / (16 * 32);
    expect(each("linear_qkv")).toBe(4096 + 4096 + 2 * 1024);
    expect(each("linear_proj")).toBe(4096 + 4096);
    expect(each("linear_fc1")).toBe(4096 + 2 * 14336);
    expect(each("linear_fc2")).toBe(14336 + 4096);
    expect(total(tuned("llama-3.1-8b", lora(16)))).toBe(16 * 32 * 69632);
    expect(total(tuned("llama-3.1-8b", { method: "full" }))).toBe(0);
  });

  it("stand beside every routed expert, and grow with the rank in proportion", () => {
    const each = total(tuned("mixtral-8x7b-v0.1", lora(8, ["linear_fc1"]))) / (8 * 32);
    expect(each).toBe(8 * (4096 + 2 * 14336));
    expect(total(tuned("deepseek-v3", lora(32)))).toBe(4 * total(tuned("deepseek-v3", lora(8))));
  });

  it("are the same in all however they are split", () => {
    const whole = total(tuned("mixtral-8x7b-v0.1", lora()));
    const layout = { tensor: 2, pipeline: 4, data: 8, expert: 4, expertTensor: 2 };
    expect(total(tuned("mixtral-8x7b-v0.1", lora(), layout))).toBeCloseTo(whole, 3);
  });

  it("hold weights, gradients and optimizer state, sharded as the layout says", () => {
    const part = (name: string, c: TrainingCase): number =>
      predictTraining(c).memory.parts.find((entry) => entry.name === name)?.value ?? Number.NaN;
    const count = total(tuned("llama-3.1-8b", lora()));
    const at = (sharding: Layout["sharding"], rank = 16) => tuned("llama-3.1-8b", lora(rank), { data: 8, sharding });
    const bytes = at("none").software.bytes;
    expect(part("gradients", at("none"))).toBe(count * bytes.gradient);
    expect(part("optimizer", at("none"))).toBe(count * (bytes.master + bytes.moments));
    expect(part("optimizer", at("optimizer"))).toBe((count * (bytes.master + bytes.moments)) / 8);
    expect(part("gradients", at("full"))).toBe((count * bytes.gradient) / 8);
    expect(part("weights", at("none", 32)) - part("weights", at("none"))).toBeCloseTo(2 * count, 0);
  });

  it("are reduced and updated once a step, in less time than all weights", () => {
    const parts = (c: TrainingCase): number[] => {
      const { optimizer, gradientReduce } = predictTraining(c).breakdown;
      return [optimizer, gradientReduce];
    };
    for (const sharding of ["optimizer", "full"] as const) {
      const layout = { data: 8, sharding };
      const [small, large] = [
        parts(tuned("llama-3.1-8b", lora(8), layout)),
        parts(tuned("llama-3.1-8b", lora(64), layout)),
      ];
      const [update = 0, reduce = 0] = small;
      expect(update).toBeGreaterThan(0);
      expect(reduce).toBeGreaterThan(0);
      for (const [index, time] of large.entries()) expect(time).toBeGreaterThan(small[index] ?? 0);
      expect(update).toBeLessThan(parts(tuned("llama-3.1-8b", { method: "full" }, layout))[0] ?? 0);
    }
  });
});
