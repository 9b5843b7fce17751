import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorAtMost, errorFactor } from "./error-range.ts";
import { normalQuantile, upperTail } from "./normal.ts";

const ranges = fc
  .tuple(fc.double({ min: 0.2, max: 2, noNaN: true }), fc.double({ min: 1.05, max: 4, noNaN: true }))
  .map(([low, width]) => ({ low, high: low * width, level: 0.9 }));

describe("error of a prediction", () => {
  it("leaves a twentieth beyond each end of a range of 90 %", () => {
    fc.assert(
      fc.property(ranges, (range) => {
        expect(errorAtMost(range, range.low)).toBeCloseTo(0.05, 6);
        expect(errorAtMost(range, range.high)).toBeCloseTo(0.95, 6);
        expect(errorFactor(range, normalQuantile(0.05)) / range.low).toBeCloseTo(1, 6);
        expect(errorFactor(range, normalQuantile(0.95)) / range.high).toBeCloseTo(1, 6);
      }),
    );
  });

  it("is the prediction in the middle where the range holds it", () => {
    expect(errorFactor({ low: 0.7, high: 1.9, level: 0.9 }, 0)).toBe(1);
    expect(errorAtMost({ low: 0.7, high: 1.9, level: 0.9 }, 1)).toBeCloseTo(0.5, 6);
  });

  it("goes both ways", () => {
    fc.assert(
      fc.property(ranges, fc.double({ min: -3, max: 3, noNaN: true }), (range, deviations) => {
        expect(errorAtMost(range, errorFactor(range, deviations))).toBeCloseTo(upperTail(-deviations), 6);
      }),
    );
  });

  it("is sure where the range has no width", () => {
    const sure = { low: 1, high: 1, level: 0.9 };
    expect([errorAtMost(sure, 0.999), errorAtMost(sure, 1), errorFactor(sure, 2)]).toEqual([0, 1, 1]);
  });
});
