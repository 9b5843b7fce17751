import { describe, expect, it } from "vitest";
import { inferencePerfSpec } from "./inference-perf.ts";

const profile = (load: object): string =>
  JSON.stringify({
    load: { type: "poisson", stages: [{ rate: 4, duration: 30 }], ...load },
    data: { type: "random", input_distribution: { mean: 100 }, output_distribution: { mean: 20 } },
  });

describe("inference-perf's workers", () => {
  it("keep so many requests under way at most, where both numbers are stated", () => {
    const { spec, notes } = inferencePerfSpec(profile({ num_workers: 4, worker_max_concurrency: 25 }), 1);
    expect(spec?.arrival).toMatchObject({ kind: "open", concurrency: 100 });
    expect(notes).toEqual([]);
  });

  it("are no limit where how many there are depends on the machine, and that is said", () => {
    const { spec, notes } = inferencePerfSpec(profile({ worker_max_concurrency: 25 }), 1);
    expect(spec?.arrival).not.toHaveProperty("concurrency");
    expect(notes.join()).toMatch(/num_workers/);
  });
});
