import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Curve, reach } from "./reach.ts";

const options = { target: 2, doublings: 10, within: 1e-9, noise: 1e-12 };

describe("reach", () => {
  it("finds where a power of the amount reaches the target, whichever way it goes", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.2, max: 2, noNaN: true }),
        fc.boolean(),
        fc.double({ min: 0.3, max: 3, noNaN: true }),
        (power, falls, target) => {
          fc.pre(Math.abs(Math.log2(target) / power) < 9.9 && Math.abs(target - 1) > 1e-6);
          const exponent = falls ? -power : power;
          const found = reach((factor) => factor ** exponent, { ...options, target });
          expect(found.status).toBe("reached");
          expect(found.course).toBe(falls ? "falls" : "rises");
          expect(found.at?.factor).toBeCloseTo(target ** (1 / exponent), 6);
          // The side that is reached, never the one just short of it.
          const beyond = target > 1 ? (found.at?.value ?? 0) >= target : (found.at?.value ?? 9) <= target;
          expect(beyond).toBe(true);
        },
      ),
    );
  });

  it("says the limit of what never gets there", () => {
    const found = reach((factor) => 1.5 - 0.5 / factor, options);
    expect(found).toMatchObject({ status: "unreachable", course: "rises" });
    expect(found.limit?.value).toBeCloseTo(1.5, 3);
    expect(found.nearest.factor).toBe(1024);
  });

  it("gives no limit to what still moves", () => {
    const found = reach((factor) => factor, { ...options, target: 5000 });
    expect(found).toMatchObject({ status: "unreachable", nearest: { factor: 1024, value: 1024 } });
    expect(found.limit).toBeUndefined();
  });

  it("finds every crossing of a curve that turns, the nearest first", () => {
    const hill: Curve = (factor) => 3 - Math.log2(factor / 4) ** 2;
    const found = reach(hill, { ...options, target: 2 });
    expect(found.course).toBe("turns");
    expect(found.crossings.map((each) => Number(each.toFixed(6)))).toEqual([2, 8]);
    expect(found.at?.factor).toBeCloseTo(2, 6);
  });

  it("stops at the far side of a jump", () => {
    const found = reach((factor) => (factor < 3 ? 1 : 4), options);
    expect(found.at?.value).toBe(4);
    expect(found.at?.factor).toBeCloseTo(3, 6);
  });

  it("says that nothing depends on it, and passes over amounts that have no design", () => {
    expect(reach(() => 1, options).status).toBe("no-effect");
    expect(reach((factor) => (factor > 8 ? undefined : factor), { ...options, target: 100 })).toMatchObject({
      status: "unreachable",
      nearest: { factor: 8 },
    });
  });

  it("needs a value today", () => {
    expect(() => reach((factor) => (factor === 1 ? undefined : 1), options)).toThrow(/no value today/);
  });
});
