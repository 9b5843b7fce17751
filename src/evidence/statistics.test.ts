import { describe, expect, it } from "vitest";
import { summarize } from "./statistics.ts";

describe("summarize", () => {
  it("counts failed records, takes the median of |error| and p90 by nearest rank", () => {
    const errors = [0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8, 0.9, -1, null];
    const summary = summarize(errors);
    expect(summary.count).toBe(11);
    expect(summary.failed).toBe(1);
    expect(summary.medianAbsError).toBeCloseTo(0.55, 12);
    expect(summary.p90AbsError).toBe(0.9);
    expect(summary.bias).toBeCloseTo(-0.05, 12);
  });

  it("says nothing about errors where all failed", () => {
    expect(summarize([null, null])).toEqual({
      count: 2,
      failed: 2,
      medianAbsError: null,
      p90AbsError: null,
      bias: null,
    });
  });
});
