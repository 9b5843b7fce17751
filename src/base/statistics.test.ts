import fc from "fast-check";
import * as oracle from "simple-statistics";
import { describe, expect, it } from "vitest";
import { random } from "./random.ts";
import { mean, meanAbsolute, median, percentile, sketch, standardDeviation, sum, weightedMean } from "./statistics.ts";

const list = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });

describe("agree with simple-statistics", () => {
  it.each<[string, (values: number[]) => number, (values: number[]) => number]>([
    ["mean", mean, oracle.mean],
    ["median", median, oracle.median],
    ["standardDeviation", standardDeviation, oracle.standardDeviation],
    ["sum", sum, oracle.sum],
    ["meanAbsolute", meanAbsolute, (values) => oracle.mean(values.map(Math.abs))],
    [
      "weightedMean",
      (values) =>
        weightedMean(
          values,
          values.map(() => 2),
        ),
      oracle.mean,
    ],
  ])("%s", (_name, ours, theirs) => {
    fc.assert(
      fc.property(list, (values) => {
        const size = Math.max(...values.map(Math.abs));
        expect(Math.abs(ours(values) - theirs(values))).toBeLessThanOrEqual(1e-9 * size * values.length + 1e-300);
      }),
    );
  });

  it("weighted mean of repeated values is the mean of the list written out", () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: -100, max: 100 }), fc.integer({ min: 1, max: 5 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(pairs, (pairs) => {
        const written = pairs.flatMap(([value, times]) => new Array<number>(times).fill(value));
        const [values, weights] = [pairs.map((pair) => pair[0]), pairs.map((pair) => pair[1])];
        expect(weightedMean(values, weights)).toBeCloseTo(oracle.mean(written), 9);
      }),
    );
    expect(() => weightedMean([1, 2], [1])).toThrow("2 values with 1 weights");
  });
});

describe("percentile by nearest rank", () => {
  it("is a value of the list that enough values do not exceed, and the smallest such", () => {
    fc.assert(
      fc.property(list, fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const found = percentile(values, percent / 100);
        const share = (limit: number): number => values.filter((value) => value <= limit).length * 100;
        expect(values).toContain(found);
        expect(share(found)).toBeGreaterThanOrEqual(percent * values.length);
        const below = values.filter((value) => value < found);
        if (below.length > 0) expect(share(Math.max(...below))).toBeLessThan(percent * values.length);
      }),
    );
  });

  it("has the rank a person would count", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    for (let percent = 1; percent <= 100; percent++) expect(percentile(hundred, percent / 100)).toBe(percent);
    expect(percentile([3, 1, 2], 0)).toBe(1);
    expect(percentile([], 0.5)).toBeNaN();
    expect(() => percentile([1], 1.5)).toThrow("1.5");
  });
});

describe("sketch", () => {
  const stream = random(3).stream("sketch");
  const values = Array.from({ length: 50_000 }, () => (stream.uniform() < 0.01 ? 0 : stream.lognormal(2, 2)));

  it("gives quantiles within its relative error", () => {
    const one = sketch(0.01);
    for (const value of values) one.add(value);
    for (const fraction of [0, 0.005, 0.1, 0.5, 0.9, 0.99, 0.999, 1]) {
      const exact = percentile(values, fraction);
      expect(Math.abs(one.quantile(fraction) - exact), `at ${fraction}`).toBeLessThanOrEqual(0.01000001 * exact);
    }
    expect(one.count).toBe(values.length);
    expect(one.sum).toBe(sum(values));
    expect([one.min, one.max]).toEqual([oracle.min(values), oracle.max(values)]);
    expect(one.buckets().length).toBeLessThan(1500);
  });

  it("merges to the sketch of everything", () => {
    const [whole, left, right] = [sketch(), sketch(), sketch()];
    for (const [index, value] of values.entries()) {
      whole.add(value);
      (index % 3 === 0 ? left : right).add(value);
    }
    left.merge(right);
    expect(left.buckets()).toEqual(whole.buckets());
    expect(left.quantile(0.99)).toBe(whole.quantile(0.99));
  });

  it("refuses what it cannot hold", () => {
    const one = sketch();
    expect(one.quantile(0.5)).toBeNaN();
    expect(() => one.add(-1)).toThrow("-1");
    expect(() => one.add(Number.NaN)).toThrow("NaN");
  });
});
