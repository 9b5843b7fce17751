import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomCases, trainingCase } from "../../../test/training-case.ts";
import { type Design, type Prediction, predictDesign, type TrainingDesign } from "../../scenario/index.ts";
import type { TrainingCase } from "../../training/index.ts";
import { sharesOf } from "./attribution.ts";
import { type Gap, gapOf } from "./gap.ts";
import { leavesOf } from "./leaves.ts";

function designOf(c: TrainingCase): TrainingDesign {
  const site = { powerUsageEffectiveness: "unknown" } as const;
  const prices = { acceleratorSecond: "unknown", powerUsageEffectiveness: 1, site, owner: {} } as const;
  return { name: "any", seed: 0, case: c, prices, assumptions: [], warnings: [] };
}

function predicted(training: TrainingDesign): Prediction {
  const design: Design = { kind: "training", training };
  return predictDesign(design);
}

const factors = fc.double({ min: 0.05, max: 20, noNaN: true });

/** Timers as a log of this prediction might state them, each off by its own factor. */
function timersOf(prediction: Prediction, off: readonly number[]): Record<string, number> {
  const names = ["forward-backward", "optimizer", "all-grads-sync", "forward-compute", "backward-compute"];
  return Object.fromEntries(
    names.slice(0, off.length).map((name, index) => [name, (off[index] ?? 1) * 0.3 * prediction.terms.value]),
  );
}

function expectSound(gap: Gap, prediction: Prediction): void {
  const total = gap.parts.reduce((sum, { share }) => sum + share, gap.unexplained);
  const size = Math.max(gap.measured, gap.predicted);
  expect(Math.abs(total - gap.seconds)).toBeLessThanOrEqual(1e-9 * size);
  expect(Math.abs(gap.seconds - (gap.measured - prediction.terms.value))).toBeLessThanOrEqual(1e-9 * size);
  for (const { term, predicted: own, share, bound } of gap.parts) {
    const [least, most] = bound;
    const slack = 1e-9 * size;
    expect(share >= least - slack && share <= most + slack, `${term} ${share} in ${least}..${most}`).toBe(true);
    expect(own + share, term).toBeGreaterThanOrEqual(-slack);
  }
}

describe("a gap", () => {
  it("is the sum of its shares and the rest, none beyond its bound, over random designs and measurements", () => {
    fc.assert(
      fc.property(randomCases, factors, fc.array(factors, { maxLength: 5 }), (c, factor, off) => {
        const design = designOf(c);
        const prediction = predicted(design);
        const time = factor * prediction.terms.value;
        expectSound(gapOf(design, prediction, { time, error: 0, timers: {} }), prediction);
        expectSound(gapOf(design, prediction, { time, error: 0.02 * time, timers: {} }), prediction);
        expectSound(gapOf(design, prediction, { time, error: 0, timers: timersOf(prediction, off) }), prediction);
      }),
      { numRuns: 120 },
    );
  });

  it("never blames a part less for a larger gap", () => {
    fc.assert(
      fc.property(randomCases, factors, factors, (c, one, other) => {
        const design = designOf(c);
        const prediction = predicted(design);
        const between = (times: number): Gap => {
          const time = times * prediction.terms.value;
          return gapOf(design, prediction, { time, error: 0, timers: {} });
        };
        const [little, much] = [Math.min(one, other), Math.max(one, other)];
        const pairs = [
          [between(1 + little), between(1 + much)],
          [between(1 / (1 + little)), between(1 / (1 + much))],
        ] as const;
        for (const [smaller, larger] of pairs) {
          const before = new Map(smaller.parts.map(({ term, share }) => [term, Math.abs(share)]));
          for (const { term, share } of larger.parts) {
            expect(Math.abs(share), term).toBeGreaterThanOrEqual((before.get(term) ?? 0) * (1 - 1e-9));
            expect(share * larger.seconds, term).toBeGreaterThanOrEqual(0);
          }
          expect(Math.abs(larger.unexplained)).toBeGreaterThanOrEqual(Math.abs(smaller.unexplained) * (1 - 1e-9));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("is nothing where the measurement is the prediction", () => {
    fc.assert(
      fc.property(randomCases, (c) => {
        const design = designOf(c);
        const prediction = predicted(design);
        const gap = gapOf(design, prediction, { time: prediction.terms.value, error: 0, timers: {} });
        expect([gap.seconds, gap.unexplained]).toEqual([0, 0]);
        expect(gap.parts.every(({ share }) => Object.is(share, 0))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("has every part of the step among those that may carry it", () => {
    fc.assert(
      fc.property(randomCases, (c) => {
        const design = designOf(c);
        const prediction = predicted(design);
        const { parts } = gapOf(design, prediction, { time: 1, error: 0, timers: {} });
        const terms = parts.map(({ term }) => term);
        expect(new Set(terms).size).toBe(terms.length);
        for (const { name, value } of leavesOf(prediction.terms)) {
          expect(parts.find(({ term }) => term === name)?.predicted, name).toBe(value);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("takes what a timer measured for what its parts took", () => {
    const [c] = fc.sample(randomCases, { numRuns: 1, seed: 3 });
    if (c === undefined) throw new Error("no case");
    const design = designOf(c);
    const prediction = predicted(design);
    const own = leavesOf(prediction.terms).find(({ name }) => name === "optimizer")?.value ?? 0;
    const timers = { "all-grads-sync": 1.25, optimizer: own + 0.5 };
    const gap = gapOf(design, prediction, { time: prediction.terms.value + 3, error: 0, timers });
    const reduce = gap.parts.find(({ term }) => term === "gradientReduce");
    expect((reduce?.predicted ?? 0) + (reduce?.share ?? 0)).toBeCloseTo(1.25, 9);
    expect(reduce?.why).toContain("all-grads-sync");
    const line = gap.timers.find(({ timer }) => timer === "optimizer");
    const inside = gap.parts.filter(({ term }) => line?.terms.includes(term));
    const carried = inside.reduce((sum, { share }) => sum + share, line?.unexplained ?? 0);
    expect(carried).toBeCloseTo((line?.measured ?? 0) - (line?.predicted ?? 0), 9);
  });
});

describe("an injected fault", () => {
  it("is found by the timers, to the second, and nothing else is blamed", () => {
    const c = trainingCase({ model: "llama-3.1-8b", layout: { data: 32, tensor: 1 } });
    const design = designOf(c);
    const prediction = predicted(design);
    // The stack was said to hide the reduction of gradients, and does not.
    const overlap = { ...c.software.overlap, gradientReduce: "off" } as const;
    const truth = leavesOf(predicted(designOf({ ...c, software: { ...c.software, overlap } })).terms);
    const took = (...names: readonly string[]): number =>
      truth.filter(({ name }) => names.includes(name)).reduce((sum, { value }) => sum + value, 0);
    const time = truth.reduce((sum, { value }) => sum + value, 0);
    const timers = {
      "forward-backward": time - took("optimizer", "fixed"),
      "all-grads-sync": took("gradientReduce"),
      optimizer: took("optimizer"),
    };
    const { parts, unexplained, seconds } = gapOf(design, prediction, { time, error: 0, timers });
    const [first, second] = parts;
    const predictedTerm = (name: string): number =>
      leavesOf(prediction.terms).reduce((sum, leaf) => sum + (leaf.name === name ? leaf.value : 0), 0);
    expect(first?.term).toBe("gradientReduce");
    expect((first?.predicted ?? 0) + (first?.share ?? 0)).toBeCloseTo(took("gradientReduce"), 9);
    expect(first?.share).toBeGreaterThan(0.9 * seconds);
    // What is no longer hidden no longer slows the passes either, which the timers of passes do not tell apart.
    const freed = (predictedTerm("updateInterference") - took("updateInterference")) / seconds;
    expect(Math.abs(second?.share ?? 0)).toBeLessThan((0.1 + freed) * seconds);
    expect(Math.abs(unexplained)).toBeLessThan(0.05 * seconds);
  });
});

describe("shares", () => {
  const carrier = (weight: number, room: number) => ({ weight, room });

  it("are in proportion to variance while nobody is full", () => {
    expect(sharesOf(1, [carrier(1, 9), carrier(3, 9)])).toEqual([0.25, 0.75]);
    expect(sharesOf(1, [carrier(1, 9), carrier(3, 9)], 4)).toEqual([0.125, 0.375]);
  });

  it("go to those with room once others are full, in the same proportion", () => {
    const shares = sharesOf(10, [carrier(6, 1), carrier(1, 20), carrier(2, 20)]);
    expect(shares[0]).toBe(1);
    expect(shares[1]).toBeCloseTo(3, 12);
    expect(shares[2]).toBeCloseTo(6, 12);
  });

  it("stop at the room of all", () => {
    expect(sharesOf(100, [carrier(1, 2), carrier(5, 3), carrier(0, 50), carrier(1, 0)])).toEqual([2, 3, 0, 0]);
    expect(sharesOf(0, [carrier(1, 2)])).toEqual([0]);
    expect(sharesOf(5, [])).toEqual([]);
  });
});
