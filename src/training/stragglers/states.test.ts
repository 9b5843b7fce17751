import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../base/random.ts";
import { sum } from "../../base/statistics.ts";
import { allStates, sourceStates } from "./states.ts";

const probability = fc.double({ min: 1e-4, max: 0.9, noNaN: true });

describe("states of random sources", () => {
  it("have probabilities that add up to one, and each source its own", () => {
    fc.assert(
      fc.property(fc.array(probability, { maxLength: 8 }), (probabilities) => {
        const states = sourceStates(probabilities, random(0).stream("test"));
        expect(states).toHaveLength(2 ** probabilities.length);
        expect(sum(states.map((state) => state.probability))).toBeCloseTo(1, 12);
        probabilities.forEach((expected, source) => {
          const slow = states.filter((state) => state.slow.includes(source));
          expect(sum(slow.map((state) => state.probability))).toBeCloseTo(expected, 12);
        });
      }),
    );
  });

  it("are drawn only beyond the likely ones, in proportion", () => {
    expect([0, 8, 9, 2048].map(allStates)).toEqual([true, true, false, false]);
    for (const x of [0.005, 0.05, 0.3]) {
      const states = sourceStates(new Array<number>(16).fill(x), random(0).stream("test"));
      expect(sum(states.map((state) => state.probability))).toBeCloseTo(1, 12);
      // 1 + 16 + 120 states with up to two slow sources are exact.
      expect(states.filter(({ slow }) => slow.length <= 2)).toHaveLength(137);
      const slow = sum(states.map((state) => state.probability * state.slow.length));
      expect(slow / (16 * x)).toBeGreaterThan(0.97);
      expect(slow / (16 * x)).toBeLessThan(1.03);
    }
  });
});
