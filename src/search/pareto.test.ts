import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dominates, paretoFront } from "./pareto.ts";

const small = fc.integer({ min: 0, max: 6 });

describe("a Pareto front", () => {
  it.each([1, 2, 3, 4])("of %d goals is what no point dominates", (goals) => {
    const points = fc.array(fc.array(small, { minLength: goals, maxLength: goals }), { maxLength: 40 });
    fc.assert(
      fc.property(points, (list) => {
        const free = list.flatMap((point, index) => (list.some((other) => dominates(other, point)) ? [] : [index]));
        expect([...paretoFront(list)].sort((a, b) => a - b)).toEqual(free);
      }),
    );
  });

  it("comes in the order of the first goal, equals together", () => {
    expect(
      paretoFront([
        [3, 1],
        [1, 3],
        [2, 2],
        [2, 2],
        [3, 3],
      ]),
    ).toEqual([1, 2, 3, 0]);
    expect(paretoFront([])).toEqual([]);
  });
});
