import { describe, expect, it } from "vitest";
import { trainingCase } from "../../../test/training-case.ts";
import { findTerm } from "../../base/term.ts";
import { collectiveSeconds, platformOf } from "../../network/index.ts";
import { type Layout, predictTraining, type SoftwareProfile, stepEvaluator, type TrainingCase } from "../index.ts";
import { groupsOf } from "../parallel.ts";

type Overlap = SoftwareProfile["overlap"];

function caseOf(overlap: Partial<Overlap>, layout: Partial<Layout> = {}): TrainingCase {
  const c = trainingCase({
    model: "llama-3.1-70b",
    layout: { tensor: 8, sequenceParallel: "on", data: 8, ...layout },
    globalBatch: 64,
  });
  return { ...c, software: { ...c.software, overlap: { ...c.software.overlap, ...overlap } } };
}

const exposed = (c: TrainingCase): number => findTerm(predictTraining(c).term, "tensor")?.value ?? 0;
const stepTime = (c: TrainingCase): number => stepEvaluator(c).evaluate(c.layout).stepTime;

describe("tensor-parallel communication", () => {
  it("is exposed the less, the finer it is overlapped: off, chunks, tiles", () => {
    const [off, chunks, copies, tiles] = (["off", "on", "asynchronous", "fused"] as const).map((tensor) =>
      exposed(caseOf({ tensor })),
    ) as [number, number, number, number];
    expect(chunks).toBeLessThan(off);
    expect(copies).toBeGreaterThanOrEqual(chunks);
    expect(copies).toBeLessThan(off);
    expect(tiles).toBeLessThan(chunks);
    expect(tiles).toBeGreaterThan(0);
  });

  it("of eight chunks leaves an eighth, of fused kernels a twenty-fifth, where products are long", () => {
    const whole = exposed(caseOf({ tensor: "on" })) * 8;
    expect(exposed(caseOf({ tensor: "asynchronous" })) / whole).toBeCloseTo(1 / 8, 6);
    expect(exposed(caseOf({ tensor: "fused" })) / whole).toBeCloseTo(0.04, 6);
  });

  it("gathers a block's input again in the backward pass under sequence parallelism", () => {
    const bare = { tensor: "off", tensorGradient: "off" } as const;
    const c = caseOf(bare);
    const platform = platformOf(c.cluster);
    const group = groupsOf(c.layout, platform).tensor;
    const size = c.sequenceLength * c.model.hidden * 2;
    const gather = collectiveSeconds(platform, { operation: "all-gather", size, group });
    const scatter = collectiveSeconds(platform, { operation: "reduce-scatter", size, group });
    // Two blocks a layer, eight micro-batches: gather and scatter forward and backward, and one gather more.
    expect(exposed(c) / (8 * 80 * 2 * (3 * gather + 2 * scatter))).toBeCloseTo(1, 9);
    expect(stepTime(caseOf({ tensor: "off", tensorGradient: "on" }))).toBeLessThan(stepTime(caseOf(bare)));
  });
});
