import { describe, expect, it } from "vitest";
import { largestOfNormals, upperTail } from "./normal.ts";

describe("the normal distribution", () => {
  it("has the tails of the tables", () => {
    expect(upperTail(0)).toBeCloseTo(0.5, 7);
    expect(upperTail(1.96)).toBeCloseTo(0.0249979, 6);
    expect(upperTail(-1.96)).toBeCloseTo(0.9750021, 6);
  });

  it("has the largest of several draws where order statistics put it", () => {
    expect(largestOfNormals(1)).toBe(0);
    for (const [count, mean] of [
      [2, 0.56419],
      [4, 1.02938],
      [8, 1.4236],
      [16, 1.76599],
      [64, 2.34373],
    ] as const)
      expect(largestOfNormals(count)).toBeCloseTo(mean, 4);
  });
});
