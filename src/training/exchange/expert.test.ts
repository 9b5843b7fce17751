import { describe, expect, it } from "vitest";
import { trainingCase } from "../../../test/training-case.ts";
import { findTerm } from "../../base/term.ts";
import { type Layout, predictTraining, type SoftwareProfile, stepEvaluator, type TrainingCase } from "../index.ts";
import { expertInterference } from "./expert.ts";

interface Change {
  readonly overlap?: Partial<SoftwareProfile["overlap"]>;
  readonly software?: Partial<SoftwareProfile>;
  readonly layout?: Partial<Layout>;
}

function caseOf({ overlap, software, layout }: Change): TrainingCase {
  const c = trainingCase({
    model: "deepseek-v3",
    node: "hgx-b200",
    layout: { expert: 8, data: 32, pipeline: 8, ...layout },
    globalBatch: 1024,
  });
  const own = { ...c.software, ...software };
  return { ...c, software: { ...own, overlap: { ...own.overlap, ...overlap } } };
}

const part = (c: TrainingCase, name: string): number => findTerm(predictTraining(c).term, name)?.value ?? 0;
const stepTime = (c: TrainingCase): number => stepEvaluator(c).evaluate(c.layout).stepTime;

describe("expert exchange", () => {
  it("is hidden in part by shared experts, in most by another micro-batch", () => {
    const none = caseOf({});
    const shared = caseOf({ overlap: { sharedExpert: "on" } });
    const other = caseOf({ overlap: { expert: "on" } });
    expect(part(shared, "expert")).toBeLessThan(part(none, "expert"));
    expect(part(other, "expert")).toBeLessThan(part(shared, "expert"));
    expect(part(shared, "expert")).toBeGreaterThan(0);
    expect(stepTime(shared)).toBeLessThan(stepTime(none));
  });

  it("beside computation takes the share of the multiprocessors that its copies occupy", () => {
    const at = (dispatchMultiprocessors: number): TrainingCase =>
      caseOf({ overlap: { expert: "on" }, software: { dispatcher: "hybridep", dispatchMultiprocessors } });
    expect(expertInterference(at(37), 0.15)).toBe(37 / 148);
    expect(expertInterference(caseOf({}), 0.15)).toBe(0.15);
    expect(part(at(64), "interference")).toBeGreaterThan(part(at(32), "interference"));
  });

  it("sorts after HybridEP's copy unless the copy does it", () => {
    const at = (permutation: "separate" | "in-copy"): number => {
      const c = caseOf({ software: { dispatcher: "hybridep" } });
      return stepTime({ ...c, software: { ...c.software, kernels: { ...c.software.kernels, permutation } } });
    };
    expect(at("in-copy")).toBeLessThan(at("separate"));
  });

  it("fills rows up in low precision with copies of their own, unless sorting or a capacity does", () => {
    const at = (software: Partial<SoftwareProfile>, rowFilling: "separate" | "fused" = "separate"): number => {
      const c = { ...caseOf({ software }), precision: "mxfp8" } as const;
      return stepTime({ ...c, software: { ...c.software, kernels: { ...c.software.kernels, rowFilling } } });
    };
    expect(at({})).toBeGreaterThan(at({}, "fused"));
    expect(at({ routing: "capacity" })).toBe(at({ routing: "capacity" }, "fused"));
    expect(at({ dispatcher: "hybridep" })).toBe(at({ dispatcher: "hybridep" }, "fused"));
  });
});
