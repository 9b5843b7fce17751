import { describe, expect, it } from "vitest";
import { random } from "../../base/random.ts";
import { mean, percentile } from "../../base/statistics.ts";
import { TokenGaps } from "./token-gaps.ts";

describe("pooled times between tokens", () => {
  it("have the mean of all and percentiles within 0.2 %", () => {
    const draw = random(3).stream("gaps");
    const values = Array.from({ length: 5000 }, () => draw.lognormal(-5, 1.5));
    const gaps = new TokenGaps();
    for (const value of values) gaps.note(value, 1);
    expect(gaps.sum / gaps.count).toBeCloseTo(mean(values), 12);
    for (const fraction of [0.01, 0.5, 0.9, 0.99, 1]) {
      expect(Math.abs(gaps.quantile(fraction) / percentile(values, fraction) - 1)).toBeLessThan(0.002);
    }
  });

  it("count tokens that come together as no time apart", () => {
    const gaps = new TokenGaps();
    gaps.add(1, 2, 3);
    gaps.close(2);
    gaps.add(2, 2.5, 1);
    gaps.close(2.5);
    expect(gaps.count).toBe(4);
    expect(gaps.sum).toBeCloseTo(1.5, 12);
    expect(gaps.quantile(0.5)).toBe(0);
    expect(Math.abs(gaps.quantile(1) - 1)).toBeLessThan(0.002);
  });

  it("merge as if they had been one", () => {
    const [one, other, all] = [new TokenGaps(), new TokenGaps(), new TokenGaps()];
    for (let index = 1; index < 100; index++) {
      (index % 2 === 0 ? one : other).note(index / 7, index);
      all.note(index / 7, index);
    }
    one.merge(other);
    expect(one.count).toBe(all.count);
    for (const fraction of [0.1, 0.5, 0.95]) expect(one.quantile(fraction)).toBe(all.quantile(fraction));
  });
});
