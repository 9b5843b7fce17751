import { describe, expect, it } from "vitest";
import { trainingCase } from "../../test/training-case.ts";
import { type Layout, predictTraining, type SoftwareProfile, stepEvaluator, type TrainingCase } from "./index.ts";
import { droppedShare, expertImbalance, overflow, rankImbalance } from "./routing.ts";

const load = { ranks: 8, local: 16, rows: 1000, skew: 0.25 };

describe("the fullest rank", () => {
  it("is the only one, or as full as the others without skew and with many rows", () => {
    expect(rankImbalance({ ...load, ranks: 1 })).toBe(1);
    expect(rankImbalance({ ...load, skew: 0, rows: 1e12 })).toBeCloseTo(1, 5);
  });

  it("is sqrt(2 ln p) deviations above the mean: 0.72 for 64 experts of skew 0.25 on a rank each", () => {
    expect(rankImbalance({ ranks: 64, local: 1, rows: 1e12, skew: 0.25 })).toBeCloseTo(1.72, 2);
  });

  it("grows with ranks, skew and fewer rows, falls with experts of a rank, and is never above all rows on one", () => {
    const at = (change: Partial<typeof load>): number => rankImbalance({ ...load, ...change });
    expect(at({ ranks: 64 })).toBeGreaterThan(at({}));
    expect(at({ skew: 0.5 })).toBeGreaterThan(at({}));
    expect(at({ rows: 10 })).toBeGreaterThan(at({}));
    expect(at({ local: 64 })).toBeLessThan(at({}));
    expect(at({ skew: 1000 })).toBe(8);
  });
});

describe("a capacity", () => {
  it("drops what lies above it: nothing of equal loads, 0.4 deviations at the mean, all at none", () => {
    expect(overflow(1, 0)).toBe(0);
    expect(overflow(0.5, 0)).toBe(0.5);
    expect(overflow(1, 0.25)).toBeCloseTo(0.25 * 0.39894, 5);
    expect(overflow(1.25, 0.25)).toBeCloseTo(0.25 * 0.08332, 5);
    expect(overflow(0, 1e-3)).toBeCloseTo(1, 6);
    const shares = [0.5, 1, 1.5, 2].map((capacity) => overflow(capacity, 0.25));
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
  });
});

describe("natural routing", () => {
  function caseOf(
    change: Partial<TrainingCase>,
    software: Partial<SoftwareProfile> = {},
    layout: Partial<Layout> = {},
  ) {
    const c = trainingCase({ model: "qwen3-30b-a3b", layout: { data: 64, expert: 8, ...layout }, globalBatch: 512 });
    return { ...c, ...change, software: { ...c.software, ...software } };
  }
  const stepTime = (c: TrainingCase): number => stepEvaluator(c).evaluate(c.layout).stepTime;
  const activations = (c: TrainingCase): number => predictTraining(c).memory.activations;
  const natural = { routing: { skew: 0.25 } };

  it("costs time and memory on the fullest rank, and nothing on a single one", () => {
    expect(stepTime(caseOf(natural))).toBeGreaterThan(stepTime(caseOf({})));
    expect(activations(caseOf(natural))).toBeGreaterThan(activations(caseOf({})));
    expect(stepTime(caseOf(natural, {}, { expert: 1 }))).toBe(stepTime(caseOf({}, {}, { expert: 1 })));
  });

  it("is levelled by a capacity, which drops rows instead", () => {
    const capped = caseOf(natural, { routing: "capacity" });
    const feed = capped.model.layerKinds[0]?.feedForward;
    if (feed?.kind !== "experts") throw new Error("the model has experts");
    expect(expertImbalance(capped, feed)).toBe(1);
    expect(expertImbalance(caseOf(natural, { routing: "capacity", capacityFactor: 1.5 }), feed)).toBe(1.5);
    expect(stepTime(capped)).toBeLessThan(stepTime(caseOf(natural)));
    expect(droppedShare(capped, feed)).toBeGreaterThan(0.09);
    expect(droppedShare(caseOf({}, { routing: "capacity" }), feed)).toBe(0);
    expect(droppedShare(caseOf(natural), feed)).toBe(0);
  });
});
