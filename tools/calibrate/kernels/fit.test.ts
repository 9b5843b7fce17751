import { describe, expect, it } from "vitest";
import { fitCoefficients, half, summarize, thinned } from "./fit.ts";

describe("fitting", () => {
  const shapes = Array.from({ length: 40 }, (_, index) => 1 + index * index);
  const truth = (x: number): number => 3 + x / 7;
  const observations = shapes.map((shape) => ({ shape, time: truth(shape) }));
  const options = {
    parameters: [
      { low: 0.1, high: 20, start: 1, scale: "log" as const },
      { low: 1, high: 50, start: 20, scale: "linear" as const },
    ],
    observations,
    predict: ([start = 0, rate = 1]: readonly number[], x: number) => start + x / rate,
  };

  it("finds the coefficients of exact data, twice the same", () => {
    const { coefficients } = fitCoefficients(options);
    expect(coefficients[0]).toBeCloseTo(3, 1);
    expect(coefficients[1]).toBeCloseTo(7, 1);
    expect(fitCoefficients(options)).toEqual(fitCoefficients(options));
  });

  it("is not moved by a few wild rows", () => {
    const wild = observations.map((one, index) => (index % 10 === 0 ? { ...one, time: one.time * 20 } : one));
    const { coefficients } = fitCoefficients({ ...options, observations: wild });
    expect(coefficients[1]).toBeGreaterThan(6);
    expect(coefficients[1]).toBeLessThan(8);
  });

  it("summarises signed and absolute errors", () => {
    const summary = summarize(
      [
        { shape: 1, time: 1 },
        { shape: 1, time: 2 },
      ],
      () => 1.5,
    );
    expect(summary).toEqual({ rows: 2, mean: 0.375, median: 0.25, p90: 0.5, bias: 0.125 });
  });

  it("splits shapes about evenly and always alike", () => {
    let fitted = 0;
    for (let n = 1; n <= 40; n += 1) for (let k = 1; k <= 40; k += 1) fitted += half(n * 256, k * 128);
    expect(fitted).toBeGreaterThan(700);
    expect(fitted).toBeLessThan(900);
    expect(thinned([1, 2, 3, 4], 2)).toEqual([1, 3]);
  });
});
