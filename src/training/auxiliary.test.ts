import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modelOf, randomCases, trainingCase } from "../../test/training-case.ts";
import { findTerm, type Term } from "../base/term.ts";
import type { AuxiliaryPass, Objective } from "./case.ts";
import { auxiliaryFlop, modelFlop } from "./flop.ts";
import type { TrainingCase } from "./index.ts";
import { adapterTargets, type Layout, predictTraining, stepEvaluator, trainingTimeline } from "./index.ts";
import { forwardOnlyTime } from "./schedule/forward-only.ts";
import { stagePlan } from "./stages.ts";
import { rankWeights } from "./weights.ts";

const model = modelOf("llama-3.1-8b");

function caseOf(objective?: Objective, layout: Partial<Layout> = {}): TrainingCase {
  return trainingCase({
    model: "llama-3.1-8b",
    layout: { tensor: 2, sequenceParallel: "on", data: 32, microBatch: 2, ...layout },
    globalBatch: 512,
    ...(objective === undefined ? {} : { objective }),
  });
}

function dpo(change: Partial<AuxiliaryPass> = {}): Objective {
  const pass = { name: "reference", model, weights: "resident", adapters: "off", share: 1, ...change } as const;
  return { method: "dpo", head: "vocabulary", passes: [pass] };
}

const evaluate = (c: TrainingCase) => stepEvaluator(c).evaluate(c.layout);

describe("a forward-only pass", () => {
  it("fills once: the sum of the stages and (m - 1) of the longest", () => {
    const forward = Float64Array.from([1, 3, 2, 1]);
    expect(forwardOnlyTime("loop", { ranks: 4, chunks: 1, microBatches: 8 }, { forward, transfer: 0.5 })).toBe(
      7 + 7 * 3 + 3 * 0.5,
    );
  });

  it("takes (m + (p - 1) / chunks) forwards of a rank where stages are even", () => {
    for (const [ranks, chunks, microBatches] of [
      [4, 1, 8],
      [4, 2, 8],
      [8, 5, 16],
      [2, 3, 6],
    ] as const) {
      const forward = new Float64Array(ranks * chunks).fill(1);
      const expected = (microBatches + (ranks - 1) / chunks) * chunks;
      expect(forwardOnlyTime("loop", { ranks, chunks, microBatches }, { forward, transfer: 0 })).toBeCloseTo(
        expected,
        9,
      );
    }
  });

  it("is never shorter than its busiest rank or the way of one micro-batch, uneven as stages may be", () => {
    const shapes = fc.record({
      ranks: fc.integer({ min: 1, max: 5 }),
      chunks: fc.integer({ min: 1, max: 4 }),
      microBatches: fc.integer({ min: 1, max: 13 }),
    });
    fc.assert(
      fc.property(
        shapes,
        fc.array(fc.double({ min: 0.1, max: 4, noNaN: true }), { minLength: 20, maxLength: 20 }),
        (shape, times) => {
          const forward = Float64Array.from(times.slice(0, shape.ranks * shape.chunks));
          const time = forwardOnlyTime("loop", shape, { forward, transfer: 0 });
          const sum = forward.reduce((total, next) => total + next, 0);
          expect(time).toBeGreaterThanOrEqual(sum - 1e-9);
          for (let rank = 0; rank < shape.ranks; rank++) {
            const own = forward.slice(rank * shape.chunks, (rank + 1) * shape.chunks).reduce((a, b) => a + b, 0);
            expect(time).toBeGreaterThanOrEqual(shape.microBatches * own - 1e-9);
          }
          const more = forwardOnlyTime(
            "loop",
            { ...shape, microBatches: shape.microBatches + 1 },
            { forward, transfer: 0 },
          );
          expect(more).toBeGreaterThan(time);
        },
      ),
    );
  });
});

describe("a reference pass", () => {
  it("is all that DPO adds to training its sequences", () => {
    for (const layout of [
      {},
      { pipeline: 4, data: 8 },
      { pipeline: 4, virtualStages: 2, data: 8, schedule: "interleaved" },
    ] as const) {
      const plain = evaluate(caseOf(undefined, layout));
      const step = evaluate(caseOf(dpo(), layout));
      const jitter = plain.stragglers / (plain.stepTime - plain.stragglers);
      const added = step.auxiliary[0]?.time ?? 0;
      expect(step.stepTime).toBeCloseTo(plain.stepTime + added * (1 + jitter), 9);
      expect(evaluate(caseOf({ ...dpo(), passes: [] }, layout)).stepTime).toBe(plain.stepTime);
    }
  });

  it("takes the forward pass of training, m times, and fills the pipeline", () => {
    const c = caseOf(dpo(), { pipeline: 4, data: 8 });
    const { auxiliary, busiest, work, microBatches } = evaluate(c);
    const pass = auxiliary[0];
    const longest = Math.max(...work.forward);
    expect(pass?.busiest).toBeCloseTo(microBatches * longest, 9);
    const sum = work.forward.reduce((total, next) => total + next, 0);
    expect(pass?.time).toBeCloseTo(sum + (microBatches - 1) * longest + 3 * work.transfer, 9);
    expect(busiest.forwardTime).toBeLessThanOrEqual(longest);
  });

  it("holds 2 bytes a parameter of its rank, a shard of them under full sharding, none when shared", () => {
    const part = (c: TrainingCase): number =>
      predictTraining(c).memory.parts.find(({ name }) => name === "auxiliary")?.value ?? 0;
    const c = caseOf(dpo());
    const { split, replicated } = rankWeights(c, stagePlan(c.model, c.layout, c.highPrecisionLayers), 0);
    expect(part(c)).toBe(2 * (split + replicated));
    expect(part(caseOf(dpo(), { sharding: "full" }))).toBeCloseTo((2 * (split + replicated)) / 32, 0);
    expect(part(caseOf(dpo({ weights: "shared" })))).toBe(0);
  });

  it("runs without adapters when they are switched off", () => {
    const tuning = { method: "lora", rank: 64, targets: adapterTargets } as const;
    const off = evaluate({ ...caseOf(dpo({ weights: "shared" })), tuning });
    const on = evaluate({ ...caseOf(dpo({ weights: "shared", adapters: "on" })), tuning });
    expect(off.auxiliary[0]?.time).toBeLessThan(on.auxiliary[0]?.time ?? 0);
    expect(off.auxiliary[0]?.time).toBeCloseTo(evaluate(caseOf(dpo())).auxiliary[0]?.time ?? 0, 9);
  });

  it("keeps no activations, so it does not wait for any on their way to the host", () => {
    const at = (layout: Partial<Layout>): TrainingCase =>
      caseOf(dpo(), { sharding: "full", recompute: "full", ...layout });
    const slow = (c: TrainingCase): TrainingCase => {
      return { ...c, cluster: { ...c.cluster, node: { ...c.cluster.node, host: { link: 1e9, memory: 10e9 } } } };
    };
    const plain = evaluate(at({}));
    const away = evaluate(slow(at({ activationOffload: 1 })));
    expect(away.stepTime).toBeGreaterThan(plain.stepTime);
    expect(away.auxiliary).toEqual(plain.auxiliary);
  });

  it("waits for weights on the host where they are the trained model's, not where it has its own", () => {
    const pass = (weights: "resident" | "shared", weightOffload: "on" | "off"): number => {
      const c = caseOf(dpo({ weights }), {
        sharding: "full",
        weightOffload,
        tensor: 1,
        sequenceParallel: "off",
        data: 64,
      });
      const node = { ...c.cluster.node, host: { link: 1e8, memory: 10e9 } };
      return evaluate({ ...c, cluster: { ...c.cluster, node } }).auxiliary[0]?.time ?? Number.NaN;
    };
    expect(pass("resident", "on")).toBe(pass("resident", "off"));
    expect(pass("shared", "on")).toBeGreaterThan(pass("shared", "off"));
  });

  it("runs as many sequences as its share", () => {
    const once = evaluate(caseOf(dpo())).auxiliary[0];
    const twice = evaluate(caseOf(dpo({ share: 2 }))).auxiliary[0];
    expect(twice?.time).toBeCloseTo(2 * (once?.time ?? 0), 9);
  });

  it("is a term of its own, whose parts add up, and comes first in the timeline", () => {
    const c = caseOf(dpo(), { pipeline: 4, data: 8 });
    const { term, stepTime } = predictTraining(c);
    const reference = findTerm(term, "reference");
    expect(reference?.children?.reduce((sum, child) => sum + child.value, 0)).toBeCloseTo(reference?.value ?? 0, 9);
    expect(term.children?.reduce((sum, child) => sum + child.value, 0)).toBeCloseTo(stepTime, 9);
    const slices = trainingTimeline(c);
    expect(slices[0]).toMatchObject({ name: "reference", start: 0, duration: reference?.value });
    expect(Math.min(...slices.filter(({ name }) => name === "F0").map(({ start }) => start))).toBe(reference?.value);
  });

  it("is counted apart from model FLOP", () => {
    const c = caseOf(dpo());
    expect(modelFlop(c, "megatron-core-2024")).toBe(modelFlop(caseOf(), "megatron-core-2024"));
    const pass = dpo().passes[0] as AuxiliaryPass;
    expect(auxiliaryFlop(c, pass)).toBeCloseTo(modelFlop(c, "megatron-core-2024") / 3, -6);
  });
});

describe("any case", () => {
  it("takes what its training takes and the passes, in time and in memory", () => {
    fc.assert(
      fc.property(randomCases, fc.constantFrom<"resident" | "shared">("resident", "shared"), (c, weights) => {
        const plain = evaluate(c);
        const step = evaluate({ ...c, objective: dpo({ model: c.model, weights }) });
        const jitter = plain.stragglers / (plain.stepTime - plain.stragglers);
        const expected = plain.stepTime + (step.auxiliary[0]?.time ?? 0) * (1 + jitter);
        expect(Math.abs(step.stepTime / expected - 1)).toBeLessThan(1e-9);
        expect(step.memory.total).toBeGreaterThanOrEqual(plain.memory.total);
        const { memory } = predictTraining({ ...c, objective: dpo({ model: c.model, weights }) });
        const sum = memory.parts.reduce((total, { value }) => total + value, 0);
        expect(Math.abs(sum / memory.total - 1)).toBeLessThan(1e-9);
      }),
      { numRuns: 40 },
    );
  });

  it("has finite, non-negative parts with adapters over frozen layers in fewer bits", () => {
    fc.assert(
      fc.property(randomCases, fc.constantFrom<"bf16" | "fp8" | "nf4">("bf16", "fp8", "nf4"), (c, base) => {
        const tuning = {
          method: "lora",
          rank: 8,
          targets: adapterTargets,
          dropout: "on",
          base,
          frozenLayers: 3,
        } as const;
        const { term, memory } = predictTraining({ ...c, tuning });
        const check = (at: Term): void => {
          expect(Number.isFinite(at.value)).toBe(true);
          expect(at.value, at.name).toBeGreaterThanOrEqual(-1e-12);
          for (const child of at.children ?? []) check(child);
        };
        check(term);
        for (const { name, value } of memory.parts) expect(value, name).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 40 },
    );
  });
});

describe("other objectives", () => {
  it("give a reward model one column instead of the vocabulary", () => {
    const reward = caseOf({ method: "reward", head: "scalar", passes: [] });
    const plain = caseOf();
    expect(evaluate(reward).stepTime).toBeLessThan(evaluate(plain).stepTime);
    expect(evaluate(reward).memory.total).toBeLessThan(evaluate(plain).memory.total);
    expect(modelFlop(reward, "megatron-core-2024")).toBeLessThan(modelFlop(plain, "megatron-core-2024"));
  });

  it("run a teacher of another model, and hold it", () => {
    const teacher = modelOf("llama-3.1-70b");
    const pass = { name: "teacher", model: teacher, weights: "resident", adapters: "off", share: 1 } as const;
    const c = caseOf({ method: "distillation", head: "vocabulary", passes: [pass] }, { tensor: 8, data: 8 });
    const step = evaluate(c);
    // Forward of nine times the parameters takes more than training the student.
    expect(step.auxiliary[0]?.time).toBeGreaterThan(0.5 * step.pipeline);
    expect(step.memory.auxiliary).toBeCloseTo((2 * 70.55e9) / 8, -9);
  });
});
