import { describe, expect, it } from "vitest";
import { random } from "../../base/random.ts";
import { sum } from "../../base/statistics.ts";
import { drawLength, meanWithin } from "./distribution.ts";
import { drawRows } from "./draw.ts";
import type { LengthDistribution, SequenceLengths } from "./lengths.ts";

describe("the mean within a length", () => {
  it("is that of drawn lengths cut to it, and their mean where none is cut", () => {
    const lognormal: LengthDistribution = { kind: "lognormal", median: 1000, p99: 20_000 };
    const samples: LengthDistribution = { kind: "samples", lengths: [1, 500, 90_000] };
    const histogram: LengthDistribution = {
      kind: "histogram",
      bins: [
        { upTo: 512, share: 0.5 },
        { upTo: 16_384, share: 0.5 },
      ],
    };
    for (const distribution of [histogram, lognormal, samples]) {
      for (const most of [300, 4096, 10_000, 1e8]) {
        const stream = random(5).stream("mean");
        const drawn = Array.from({ length: 40_000 }, () => Math.min(most, drawLength(distribution, stream)));
        expect(meanWithin(distribution, most) / (sum(drawn) / drawn.length)).toBeCloseTo(1, 1);
      }
    }
  });
});

describe("rows of many sequences", () => {
  const drawn = (capacity: number, lengths: readonly number[], packing: SequenceLengths["packing"]) =>
    drawRows(
      { sequenceLength: capacity, globalBatch: 64 },
      {
        distribution: { kind: "samples", lengths },
        packing,
        padding: "longest",
        masking: "documents",
        balance: "none",
        contextCut: "document",
        seed: 0,
      },
    );

  it.each(["greedy", "best-fit"] as const)("%s: as many sequences are drawn however long the rows are", (packing) => {
    for (const capacity of [10_000, 100_000, 1_000_000]) {
      const { pool, steps, tokens } = drawn(capacity, [10, 30], packing);
      const count = sum(pool.map((row) => row.length));
      expect(count).toBeGreaterThan(300_000);
      expect(count).toBeLessThan(600_000);
      expect(pool.length).toBeGreaterThanOrEqual(8);
      expect(steps.every((step) => step.length === 64)).toBe(true);
      expect(tokens / (64 * capacity)).toBeCloseTo(1, 2);
    }
    // Rows of few sequences are drawn as ever.
    expect(drawn(4096, [100, 4000], packing).pool).toHaveLength(1024);
  });

  it.each(["greedy", "best-fit"] as const)("%s: a sequence longer than all rows fills them", (packing) => {
    const { pool } = drawn(4, [100_000_000], packing);
    expect(pool.every((row) => row.length === 1 && row[0] === 4)).toBe(true);
  });
});
