import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkTerm, leaf } from "../../base/term.ts";
import { accelerators } from "../../catalog/accelerators/index.ts";
import { findModel } from "../../catalog/models/index.ts";
import { adapterBytes, takesAdapters } from "../adapters.ts";
import { adaptedStepTime, distinctAdapters } from "./adapted-step-time.ts";
import { Batch, type StepTime } from "./batch.ts";
import { vllmKernels } from "./engine-kernels.ts";

function modelNamed(name: string) {
  const found = findModel(name);
  if (!found.ok) throw new Error(name);
  return found.model;
}

const model = modelNamed("meta-llama/Llama-3.1-8B");
const nothing: StepTime = {
  time: () => 0,
  terms: () => leaf({ name: "none", label: "none", value: 0, origin: "given" }),
};

function time(shares: readonly number[], sequences: number, rank = 16, tensor = 1): number {
  const batch = new Batch();
  for (let n = 0; n < sequences; n++) batch.addDecode(1, 1000);
  const options = {
    model,
    accelerator: accelerators.get("h100-sxm"),
    layout: { tensor, pipeline: 1, expert: 1, attentionData: 1 },
    engine: vllmKernels(256, "0.19"),
  };
  const step = adaptedStepTime(nothing, options, { rank, shares });
  checkTerm(step.terms([batch]));
  return step.time([batch]);
}

const even = (count: number): readonly number[] => Array.from({ length: count }, () => 1 / count);

describe("adapters of a dense model", () => {
  it("weigh what their pairs of every projection weigh", () => {
    // Llama-3.1-8B at rank 16, of published adapters for all seven projections: 41.9 M parameters.
    const whole = adapterBytes(model, 1, { slots: 1, rank: 16 }, { start: 0, end: 32 });
    expect(whole / 2).toBe(41_943_040);
    expect(adapterBytes(model, 1, { slots: 4, rank: 16 }, { start: 0, end: 32 })).toBe(4 * whole);
    const split = adapterBytes(model, 8, { slots: 1, rank: 16 }, { start: 0, end: 32 });
    expect(split).toBeGreaterThan(whole / 8);
    expect(split).toBeLessThan(whole);
  });

  it("are not those of experts and latent attention", () => {
    expect(takesAdapters(model)).toBe(true);
    expect(takesAdapters(modelNamed("deepseek-ai/DeepSeek-V3"))).toBe(false);
  });
});

describe("iterations with adapters", () => {
  it("read each adapter that somebody asks for once", () => {
    expect(distinctAdapters(even(4), 1)).toBeCloseTo(1, 12);
    expect(distinctAdapters(even(4), 1e6)).toBeCloseTo(4, 12);
    expect(distinctAdapters([0.5], 1)).toBeCloseTo(0.5, 12);
    const more = time(even(64), 256) - time(even(1), 256);
    const weights = adapterBytes(model, 1, { slots: 1, rank: 16 }, { start: 0, end: 32 });
    const floor = (distinctAdapters(even(64), 256) - 1) * (weights / accelerators.get("h100-sxm").memory.bandwidth);
    expect(more).toBeGreaterThan(floor);
    expect(more).toBeLessThan(2 * floor);
  });

  it("cost no less with more adapters, sequences or rank, and nothing without requests for one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 256 }), (count, sequences) => {
        const base = time(even(count), sequences) * (1 - 1e-9);
        expect(time(even(count + 1), sequences)).toBeGreaterThanOrEqual(base);
        expect(time(even(count), sequences + 8)).toBeGreaterThanOrEqual(base);
        expect(time(even(count), sequences, 64)).toBeGreaterThanOrEqual(base);
      }),
    );
    expect(time([], 8)).toBe(0);
  });
});
