import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../../base/random.ts";
import { nearestGrid } from "./halo.ts";
import { trafficPatterns } from "./index.ts";
import type { PairStep, PatternOptions } from "./pattern.ts";

const stream = (seed = 1) => random(seed).stream("pattern");

function steps(name: string, endpoints: number, options: PatternOptions = {}): readonly PairStep[] {
  const pattern = trafficPatterns.get(name);
  return pattern.steps(endpoints, { ...pattern.defaults(endpoints), ...options }, stream());
}

describe("every pattern", () => {
  it.each(trafficPatterns.names)("%s sends between endpoints that are there, never to itself", (name) => {
    const pattern = trafficPatterns.get(name);
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 90 }), fc.nat(1000), (endpoints, seed) => {
        const options = pattern.defaults(endpoints);
        if (pattern.problems(endpoints, options).length > 0) return;
        const found = pattern.steps(endpoints, options, stream(seed));
        expect(found.length).toBeGreaterThan(0);
        const there = (each: number): boolean => Number.isInteger(each) && each >= 0 && each < endpoints;
        expect(found.flat().filter(({ from, to }) => from === to || !there(from) || !there(to))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it.each(trafficPatterns.names)("%s sends something in each step, whatever options it accepts", (name) => {
    const pattern = trafficPatterns.get(name);
    const options = fc.record(
      {
        shift: fc.integer({ min: 0, max: 24 }),
        fanIn: fc.integer({ min: 0, max: 24 }),
        targets: fc.integer({ min: 0, max: 24 }),
        grid: fc.constantFrom([1, 24], [24, 1], [12, 2], [4, 6], [1, 1, 24], [24, 1, 1], [2, 3, 4], [1, 7], [7, 1]),
        boundary: fc.constantFrom("periodic" as const, "open" as const),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 3, 4, 6, 7, 9, 24), options, fc.nat(1000), (endpoints, given, seed) => {
        const all = { ...pattern.defaults(endpoints), ...given };
        if (pattern.problems(endpoints, all).length > 0) return;
        for (const step of pattern.steps(endpoints, all, stream(seed))) expect(step.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it.each(trafficPatterns.names)("%s has defaults that are sound for 64 endpoints, and wants more than one", (name) => {
    const pattern = trafficPatterns.get(name);
    expect(pattern.problems(64, pattern.defaults(64))).toEqual([]);
    expect(pattern.problems(1, pattern.defaults(1)).map(({ key }) => key)).toContain("endpoints");
  });
});

describe("patterns", () => {
  it("a permutation sends and receives once everywhere, another one each time", () => {
    const pattern = trafficPatterns.get("permutation");
    const one = stream();
    const [first, second] = [pattern.steps(50, {}, one)[0] ?? [], pattern.steps(50, {}, one)[0] ?? []];
    for (const pairs of [first, second]) {
      expect(new Set(pairs.map(({ to }) => to)).size).toBe(50);
      expect(new Set(pairs.map(({ from }) => from)).size).toBe(50);
    }
    expect(first).not.toEqual(second);
  });

  it("random destinations are everybody else, alike often", () => {
    const counts = new Map<number, number>();
    const pattern = trafficPatterns.get("random");
    const one = stream();
    for (let round = 0; round < 3000; round++) {
      const to = pattern.steps(4, {}, one)[0]?.[1]?.to ?? -1;
      counts.set(to, (counts.get(to) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([0, 2, 3]);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  it("halos send as many faces as they receive, both ways along every side", () => {
    const [pairs = []] = steps("halo-3d", 24, { grid: [4, 3, 2] });
    expect(pairs).toHaveLength(24 * 6);
    const key = ({ from, to }: { from: number; to: number }): string => `${from}-${to}`;
    const there = new Set(pairs.map(key));
    for (const { from, to } of pairs) expect(there.has(key({ from: to, to: from }))).toBe(true);
    expect(steps("halo-2d", 24, { grid: [24, 1] })[0]).toHaveLength(48);
    expect(steps("halo-2d", 12, { grid: [4, 3], boundary: "open" })[0]).toHaveLength(4 * 12 - 2 * (4 + 3));
  });

  it("transposing twice brings every block home", () => {
    const [there = []] = steps("transpose", 24, { grid: [6, 4] });
    const [back = []] = steps("transpose", 24, { grid: [4, 6] });
    const target = new Map(back.map(({ from, to }) => [from, to]));
    for (const { from, to } of there) expect(target.get(to) ?? to).toBe(from);
  });

  it("a broadcast reaches everybody once, from those that have it", () => {
    for (const endpoints of [2, 3, 17, 64]) {
      const have = new Set([0]);
      const found = steps("broadcast-tree", endpoints);
      expect(found).toHaveLength(Math.ceil(Math.log2(endpoints)));
      for (const step of found) {
        for (const { from } of step) expect(have.has(from)).toBe(true);
        for (const { to } of step) {
          expect(have.has(to)).toBe(false);
          have.add(to);
        }
      }
      expect(have.size).toBe(endpoints);
    }
  });

  it("grids are as near to square or cube as divisors allow", () => {
    expect(nearestGrid(64, 2)).toEqual([8, 8]);
    expect(nearestGrid(64, 3)).toEqual([4, 4, 4]);
    expect(nearestGrid(24, 2)).toEqual([6, 4]);
    expect(nearestGrid(24, 3)).toEqual([4, 3, 2]);
    expect(nearestGrid(7, 3)).toEqual([7, 1, 1]);
  });

  it("options out of reach are problems with their key", () => {
    const keys = (name: string, options: PatternOptions): string[] =>
      trafficPatterns
        .get(name)
        .problems(16, options)
        .map(({ key }) => key);
    expect(keys("incast", { fanIn: 16 })).toEqual(["fanIn"]);
    expect(keys("checkpoint", { targets: 0 })).toEqual(["targets"]);
    expect(keys("neighbour", { shift: 16 })).toEqual(["shift"]);
    expect(keys("halo-2d", { grid: [4, 4, 1] })).toEqual(["grid"]);
    expect(keys("halo-3d", { grid: [4, 2, 3] })).toEqual(["grid"]);
    expect(keys("transpose", { grid: [5, 3] })).toEqual(["grid"]);
    expect(keys("transpose", { grid: [1, 16] })).toEqual(["grid"]);
    expect(keys("transpose", { grid: [16, 1] })).toEqual(["grid"]);
  });

  it("a transposition of so many that every grid is a line is refused by their number", () => {
    const { problems, defaults } = trafficPatterns.get("transpose");
    for (const endpoints of [2, 3, 7, 61])
      expect(problems(endpoints, defaults(endpoints)).map(({ key }) => key)).toEqual(["endpoints"]);
    for (const endpoints of [4, 6, 9, 64]) expect(problems(endpoints, defaults(endpoints))).toEqual([]);
  });
});
