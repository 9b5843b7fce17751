import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modelOf } from "../../test/training-case.ts";
import { oneRank } from "./layout.ts";
import { finestInterleaving, stageLayerCounts, stagePlan } from "./stages.ts";

const noWide = { first: 0, last: 0 };

describe("layers of each stage", () => {
  it("leave the first and the last of Llama 3 405B short: 126 layers over 16 stages and over 16 x 8", () => {
    const whole = stageLayerCounts(126, { ...oneRank, pipeline: 16 });
    expect(whole).toEqual([7, ...new Array<number>(14).fill(8), 7]);
    const chunks = stageLayerCounts(126, { ...oneRank, pipeline: 16, virtualStages: 8 });
    expect(chunks).toEqual([0, ...new Array<number>(126).fill(1), 0]);
  });

  it("are as given where they are given", () => {
    expect(stageLayerCounts(10, { ...oneRank, pipeline: 2, stageLayers: [6, 4] })).toEqual([6, 4]);
  });

  it("add up, differ by at most one, and the last is the shortest", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 130 }),
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 1, max: 8 }),
        (layers, pipeline, virtualStages) => {
          fc.pre(pipeline * virtualStages <= layers + 2);
          const counts = stageLayerCounts(layers, { ...oneRank, pipeline, virtualStages });
          expect(counts.length).toBe(pipeline * virtualStages);
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(layers);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          expect(counts.at(-1)).toBe(Math.min(...counts));
        },
      ),
    );
  });
});

describe("the finest interleaving", () => {
  it("gives every virtual stage a layer, embedding and head their own where that divides", () => {
    // 128 virtual stages for 126 layers; 80 layers in tenths of a rank; 61 do not divide, nor do 63.
    expect(finestInterleaving(126, 16, 32)).toBe(8);
    expect(finestInterleaving(80, 8, 64)).toBe(10);
    expect(finestInterleaving(61, 16, 64)).toBe(1);
  });

  it("needs whole groups of micro-batches, and a pipeline", () => {
    expect(finestInterleaving(126, 16, 17)).toBe(1);
    expect(finestInterleaving(126, 1, 16)).toBe(1);
  });

  it("never leaves more than the two ends without a layer", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 130 }), fc.integer({ min: 1, max: 32 }), (layers, pipeline) => {
        const chunks = finestInterleaving(layers, pipeline, 4 * pipeline);
        expect(chunks).toBeGreaterThanOrEqual(1);
        if (chunks === 1) return;
        const counts = stageLayerCounts(layers, { ...oneRank, pipeline, virtualStages: chunks });
        expect(counts.slice(1, -1).every((count) => count > 0)).toBe(true);
      }),
    );
  });
});

describe("a stage plan", () => {
  it("names equal stages once and counts every layer by kind", () => {
    const model = modelOf("deepseek-v3");
    const layout = { ...oneRank, pipeline: 4, virtualStages: 2 };
    const plan = stagePlan(model, layout, noWide);
    const sums = new Array<number>(2 * model.layerKinds.length).fill(0);
    for (const type of plan.typeOf) {
      plan.types[type]?.counts.forEach((count, kind) => {
        sums[kind] = (sums[kind] ?? 0) + count;
      });
    }
    const expected = model.layerKinds.map((_, kind) => model.layers.filter((at) => at === kind).length);
    expect(sums).toEqual([...expected, ...expected.map(() => 0)]);
    expect(plan.types.length).toBeLessThan(plan.typeOf.length);
    expect(plan.types.filter(({ first }) => first)).toHaveLength(1);
    expect(plan.types.filter(({ last }) => last)).toHaveLength(1);
  });

  it("costs the layers at the ends apart where they stay in 16 bit", () => {
    const model = modelOf("llama-3.1-8b");
    const plan = stagePlan(model, { ...oneRank, pipeline: 4 }, { first: 1, last: 2 });
    expect(plan.typeOf.map((type) => plan.types[type]?.counts)).toEqual([
      [7, 1],
      [8, 0],
      [8, 0],
      [6, 2],
    ]);
    expect(plan.distinctRanks).toEqual([0, 1, 3]);
  });
});
