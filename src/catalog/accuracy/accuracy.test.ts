import { describe, expect, it } from "vitest";
import { type AccuracyTable, basisOf } from "./index.ts";

const table: AccuracyTable = {
  level: 0.9,
  classes: [
    {
      kind: "training-step",
      generation: "hopper",
      architecture: "dense",
      count: 20,
      sources: 2,
      low: 0.8,
      high: 1.25,
    },
  ],
  cases: [64, 1024].map((accelerators) => ({
    id: `run-${accelerators}`,
    kind: "training-step",
    generation: "hopper",
    architecture: "dense",
    accelerators,
    parameters: 70e9,
    sequence: 8192,
  })),
};

const query = {
  metric: "stepTime",
  value: 10,
  kind: "training",
  generation: "hopper",
  architecture: "dense",
  accelerators: 256,
  parameters: 70e9,
  sequence: 8192,
};

describe("basisOf", () => {
  it("turns errors of times into an interval of the truth, and of rates the other way", () => {
    expect(basisOf(query, table).interval).toEqual([8, 12.5]);
    expect(basisOf({ ...query, metric: "tokensPerSecond", value: 100 }, table).interval).toEqual([80, 125]);
  });

  it("says whether the question lies inside what was measured", () => {
    expect(basisOf(query, table).trust).toBe("interpolated");
    expect(basisOf({ ...query, accelerators: 1024 }, table)).toMatchObject({
      trust: "measured",
      nearest: { id: "run-1024", distance: 0 },
    });
    expect(basisOf({ ...query, accelerators: 16384 }, table)).toMatchObject({
      trust: "extrapolated",
      nearest: { id: "run-1024", distance: 4 },
    });
  });

  it("claims nothing for a class or a metric without runs", () => {
    expect(basisOf({ ...query, generation: "cdna4" }, table)).toEqual({ interval: null, level: 0.9, trust: "assumed" });
    expect(basisOf({ ...query, metric: "cost" }, table).trust).toBe("assumed");
  });
});
