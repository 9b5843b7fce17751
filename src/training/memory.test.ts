import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modelNames, randomCases, trainingCase } from "../../test/training-case.ts";
import {
  adapterTargets,
  type Layout,
  type MemoryUse,
  predictTraining,
  stepEvaluator,
  type TrainingCase,
} from "./index.ts";
import { updateReplicas } from "./sharding.ts";
import { stagePlan } from "./stages.ts";
import { frozenLayers, frozenWeights, learningWeights } from "./tuning.ts";

const memoryOf = (c: TrainingCase): MemoryUse => predictTraining(c).memory;

function withLayout(c: TrainingCase, layout: Partial<Layout>): TrainingCase {
  return { ...c, layout: { ...c.layout, ...layout } };
}

/** A case of eight nodes that every model of the list can run. */
function caseOf(model: string, layout: Partial<Layout>, change: Partial<TrainingCase> = {}): TrainingCase {
  return { ...trainingCase({ model, layout, globalBatch: 256 }), ...change };
}

describe("memory of an accelerator", () => {
  it("is the sum of its named parts, none of which is negative", () => {
    fc.assert(
      fc.property(randomCases, (c) => {
        const { parts, total, modelState, activations } = memoryOf(c);
        for (const { name, value } of parts) expect(value, name).toBeGreaterThanOrEqual(0);
        expect(parts.reduce((sum, { value }) => sum + value, 0) / total).toBeCloseTo(1, 12);
        const part = (name: string): number => parts.find((entry) => entry.name === name)?.value ?? Number.NaN;
        expect((part("weights") + part("gradients") + part("optimizer")) / modelState).toBeCloseTo(1, 12);
        expect(part("activations")).toBe(activations);
      }),
      { numRuns: 100 },
    );
  });

  it("is least with full sharding, then optimizer state, then copies", () => {
    for (const name of modelNames) {
      const at = (sharding: Layout["sharding"]): MemoryUse => memoryOf(caseOf(name, { tensor: 2, data: 8, sharding }));
      const [none, optimizer, gradients, full] = [at("none"), at("optimizer"), at("gradients"), at("full")];
      expect(optimizer.modelState).toBeLessThan(none.modelState);
      expect(gradients.modelState).toBeLessThan(optimizer.modelState);
      expect(full.modelState).toBeLessThan(gradients.modelState);
      expect(optimizer.total).toBeLessThan(none.total);
      expect(full.total, name).toBeLessThan(optimizer.total);
    }
  });

  it("falls as optimizer state and weights are shared by more replicas", () => {
    for (const sharding of ["optimizer", "gradients", "full"] as const) {
      const totals = [8, 16, 32, 64].map(
        (data) => memoryOf(caseOf("llama-3.1-70b", { tensor: 4, data, sharding })).total,
      );
      expect(totals).toEqual([...totals].sort((a, b) => b - a));
      expect(new Set(totals).size).toBe(4);
    }
  });

  it("falls with tensor and pipeline degrees", () => {
    for (const name of ["llama-3.1-70b", "mixtral-8x7b-v0.1", "gpt-3-175b"]) {
      for (const sequenceParallel of ["on", "off"] as const) {
        const totals = [2, 4, 8].map((tensor) => memoryOf(caseOf(name, { tensor, sequenceParallel, data: 8 })).total);
        expect(totals[1], name).toBeLessThan(totals[0] as number);
        expect(totals[2], name).toBeLessThan(totals[1] as number);
      }
      const states = [1, 2, 4, 8].map((pipeline) => memoryOf(caseOf(name, { tensor: 4, pipeline, data: 4 })).total);
      expect(states).toEqual([...states].sort((a, b) => b - a));
    }
  });

  it("falls with recompute: none, selective, full; and with context ranks, offload and micro-batch", () => {
    for (const name of modelNames) {
      const base = caseOf(name, { tensor: 2, data: 8, microBatch: 2 });
      const at = (layout: Partial<Layout>): number => memoryOf(withLayout(base, layout)).activations;
      expect(at({ recompute: "selective" })).toBeLessThanOrEqual(at({}));
      expect(at({ recompute: "full" })).toBeLessThan(at({ recompute: "selective" }));
      expect(at({ recompute: ["mlp", "moe"] })).toBeLessThanOrEqual(at({}));
      expect(at({ microBatch: 1 }) / at({})).toBeCloseTo(0.5, 6);
      expect(at({ context: 2, data: 4 }) / at({})).toBeCloseTo(0.5, 6);
      expect(at({ activationOffload: 0.25 }) / at({})).toBeCloseTo(0.75, 9);
    }
  });

  it("counts the layer that is computed again, and with activations on the host the next one too", () => {
    const part = (c: TrainingCase, name: string): number =>
      memoryOf(c).parts.find((entry) => entry.name === name)?.value ?? Number.NaN;
    for (const name of ["llama-3.1-70b", "mixtral-8x7b-v0.1"]) {
      // A sequence so long that a layer outweighs the logits.
      const base = caseOf(name, { tensor: 4, data: 16, recompute: "full" });
      const layers = base.model.layers.length;
      const none = withLayout(base, { recompute: "none" });
      const perLayer = memoryOf(none).activations / layers;
      const input = memoryOf(base).activations / layers;
      const logits = part(none, "working");
      expect(part(base, "working")).toBeCloseTo(Math.max(logits, perLayer - input), -3);
      const offloaded = withLayout(none, { activationOffload: 1 });
      expect(part(offloaded, "working")).toBeCloseTo(Math.max(logits, 2 * perLayer), -3);
    }
  });

  it("is the same from an evaluator that has seen another offload before", () => {
    const base = caseOf("llama-3.1-70b", { tensor: 4, data: 16, recompute: "none" });
    const offloaded = withLayout(base, { activationOffload: 1 });
    const shared = stepEvaluator(base);
    shared.evaluate(base.layout);
    expect(shared.evaluate(offloaded.layout).memory).toEqual(
      stepEvaluator(offloaded).evaluate(offloaded.layout).memory,
    );
  });

  it("keeps the experts' outputs only where routing weights multiply them, and activation inputs as the stack says", () => {
    const base = caseOf("mixtral-8x7b-v0.1", { tensor: 4, data: 16 });
    const at = (kernels: Partial<TrainingCase["software"]["kernels"]>): number =>
      memoryOf({ ...base, software: { ...base.software, kernels: { ...base.software.kernels, ...kernels } } })
        .activations;
    const routed = (base.layout.microBatch * base.sequenceLength * 2) / 4;
    const outputs = at({ expertWeights: "outputs" }) - at({ expertWeights: "activation" });
    expect(outputs / (2 * routed * 4096 * 32)).toBeCloseTo(1, 9);
    const inputs = at({ activationInputs: "16-bit" }) - at({ activationInputs: "8-bit" });
    expect(inputs / (2 * routed * 14336 * 32)).toBeCloseTo(1, 9);
  });

  it("grows layer by layer from full recompute to none", () => {
    const base = caseOf("llama-3.1-70b", { tensor: 4, data: 8, pipeline: 2, recompute: "full" });
    const at = (recomputeLayers: number): number => memoryOf(withLayout(base, { recomputeLayers })).activations;
    const none = memoryOf(withLayout(base, { recompute: "none" })).activations;
    expect(at(0) / none).toBeCloseTo(1, 9);
    expect(at(40) / memoryOf(base).activations).toBeCloseTo(1, 9);
    expect(at(20) / ((at(0) + at(40)) / 2)).toBeCloseTo(1, 9);
  });

  it("holds all micro-batches under GPipe, as many as ranks under 1F1B, more when interleaved", () => {
    const base = caseOf("llama-3.1-70b", { tensor: 4, pipeline: 4, data: 4 });
    const at = (layout: Partial<Layout>): number => memoryOf(withLayout(base, layout)).activations;
    const plain = at({ schedule: "1f1b" });
    // 64 micro-batches against 4; interleaving in v chunks holds (v + 1) p - 1 chunks of 1/v.
    expect(at({ schedule: "gpipe" }) / plain).toBeCloseTo(16, 6);
    expect(at({ schedule: "interleaved", virtualStages: 2 }) / plain).toBeCloseTo((3 * 4 - 1) / 2 / 4, 6);
  });

  it("says what binds and by how much where a design does not fit", () => {
    const { fit, binding, total, capacity } = memoryOf(caseOf("llama-3.1-405b", { tensor: 8, data: 8 }));
    expect(fit).toBe("does-not-fit");
    expect(binding).toEqual({ resource: "accelerator memory", needed: total, available: capacity });
    expect(memoryOf(caseOf("llama-3.1-8b", { tensor: 8, data: 8 }))).toMatchObject({ fit: "fits" });
  });

  it("holds at least the weights of the rank, whatever learns, however it is updated", () => {
    const tunings = fc.constantFrom<TrainingCase["tuning"]>(
      { method: "full" },
      { method: "full", frozenLayers: 2 },
      { method: "lora", rank: 8, targets: adapterTargets },
      { method: "lora", rank: 64, targets: ["linear_fc2"], base: "nf4", frozenLayers: 2 },
    );
    fc.assert(
      fc.property(randomCases, tunings, fc.constantFrom("adam", "muon", "sgd"), (drawn, tuning, optimizerRule) => {
        const c: TrainingCase = { ...drawn, tuning, software: { ...drawn.software, optimizerRule } };
        const { stage, modelState } = memoryOf(c);
        const plan = stagePlan(c.model, c.layout, c.highPrecisionLayers, frozenLayers(c));
        const whole = c.layout.sharding !== "full" && c.layout.sharding !== "hybrid";
        const replicas = whole ? { dense: 1, experts: 1 } : updateReplicas(c);
        const held = [frozenWeights(c, plan, stage), learningWeights(c, plan, stage)]
          .map(({ split, replicated, experts }) => (split + replicated) / replicas.dense + experts / replicas.experts)
          .reduce((sum, parameters) => sum + 2 * parameters, 0);
        expect(modelState).toBeGreaterThanOrEqual(held * (1 - 1e-12));
      }),
      { numRuns: 200 },
    );
  });

  it("of adapters is that of frozen weights, activations and a little state", () => {
    const tuning = { method: "lora", rank: 16, targets: ["linear_qkv"] } as const;
    const { parts } = memoryOf(caseOf("llama-3.1-8b", { tensor: 2, data: 8 }, { tuning }));
    const part = (name: string): number => parts.find((entry) => entry.name === name)?.value ?? 0;
    expect(part("weights")).toBeGreaterThan(8e9);
    expect(part("gradients") + part("optimizer")).toBeGreaterThan(0);
    expect(part("gradients") + part("optimizer")).toBeLessThan(0.01 * part("weights"));
  });
});
