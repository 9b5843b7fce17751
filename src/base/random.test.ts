import * as oracle from "simple-statistics";
import { describe, expect, it } from "vitest";
import { type RandomStream, random } from "./random.ts";

const samples = 200_000;

function draw(next: (stream: RandomStream) => number, name = "test", count = samples): number[] {
  const stream = random(42).stream(name);
  return Array.from({ length: count }, () => next(stream));
}

/** Mean within five standard errors, deviation within two percent. */
function expectMoments(values: number[], mean: number, deviation: number): void {
  expect(Math.abs(oracle.mean(values) - mean)).toBeLessThan((5 * deviation) / Math.sqrt(values.length));
  expect(Math.abs(oracle.standardDeviation(values) / deviation - 1)).toBeLessThan(0.02);
}

describe("streams", () => {
  it("depend on seed and name alone", () => {
    const first = random(7).stream("serving/arrivals");
    const again = random(7).stream("serving/arrivals");
    const words = Array.from({ length: 5 }, () => first.word());
    expect(Array.from({ length: 5 }, () => again.word())).toEqual(words);
    expect(random(8).stream("serving/arrivals").word()).not.toBe(words[0]);
    expect(random(7).stream("serving/lengths").word()).not.toBe(words[0]);
    expect(
      random(7 + 2 ** 40)
        .stream("serving/arrivals")
        .word(),
    ).not.toBe(words[0]);
    expect(() => random(1.5)).toThrow("seed 1.5");
  });

  it("give the same numbers on every host and in every version", () => {
    const stream = random(2024).stream("golden");
    expect([stream.word(), stream.word(), stream.uniform(), stream.normal(0, 1), stream.gamma(2.5, 1)]).toEqual([
      3331147557, 2745405198, 0.2573145197562422, -0.0657920482071296, 1.4111206924340791,
    ]);
  });

  it("of neighbouring names and seeds are not correlated", () => {
    const streams = [0, 1].flatMap((seed) => ["a", "b"].map((name) => random(seed).stream(name)));
    const columns = streams.map((stream) => Array.from({ length: 20_000 }, () => stream.uniform()));
    for (const [i, one] of columns.entries()) {
      for (const other of columns.slice(i + 1)) {
        expect(Math.abs(oracle.sampleCorrelation(one, other))).toBeLessThan(5 / Math.sqrt(20_000));
      }
    }
  });
});

describe("distributions", () => {
  it("uniform", () => {
    const values = draw((stream) => stream.uniform());
    expectMoments(values, 0.5, Math.sqrt(1 / 12));
    expect(Math.min(...values.slice(0, 50_000))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values.slice(0, 50_000))).toBeLessThan(1);
  });

  it("integer: every face equally likely", () => {
    const counts = new Array<number>(7).fill(0);
    for (const face of draw((stream) => stream.integer(7))) counts[face] = (counts[face] ?? 0) + 1;
    const expected = samples / 7;
    const chiSquared = oracle.sum(counts.map((count) => (count - expected) ** 2 / expected));
    expect(chiSquared).toBeLessThan(27.9); // one in 10,000 at 6 degrees of freedom
    expect(() => draw((stream) => stream.integer(0))).toThrow("integer(0)");
  });

  it("exponential", () => {
    const values = draw((stream) => stream.exponential(3));
    expectMoments(values, 3, 3);
    expect(oracle.quantile(values, 0.5)).toBeCloseTo(3 * Math.LN2, 1);
  });

  it("normal", () => {
    const values = draw((stream) => stream.normal(-2, 0.5));
    expectMoments(values, -2, 0.5);
    expect(Math.abs(oracle.sampleSkewness(values))).toBeLessThan(0.03);
    expect(Math.abs(oracle.sampleKurtosis(values))).toBeLessThan(0.06);
  });

  it("lognormal", () => {
    const values = draw((stream) => stream.lognormal(1, 0.5));
    expectMoments(values.map(Math.log), 1, 0.5);
  });

  it.each([0.3, 1, 4.5])("gamma of shape %d", (shape) => {
    expectMoments(
      draw((stream) => stream.gamma(shape, 2)),
      2 * shape,
      2 * Math.sqrt(shape),
    );
    expect(() => draw((stream) => stream.gamma(0, 1))).toThrow("positive shape");
  });

  it("choice and shuffle", () => {
    const stream = random(1).stream("cards");
    const cards = [1, 2, 3, 4];
    const shuffled = stream.shuffle(cards);
    expect([...shuffled].sort()).toEqual(cards);
    expect(cards).toEqual([1, 2, 3, 4]);
    const firsts = Array.from({ length: 40_000 }, () => stream.shuffle(cards)[0] ?? 0);
    for (const card of cards) {
      expect(firsts.filter((first) => first === card).length / 40_000).toBeCloseTo(0.25, 1);
    }
    expect(cards).toContain(stream.choice(cards));
    expect(() => stream.choice([])).toThrow();
  });
});
