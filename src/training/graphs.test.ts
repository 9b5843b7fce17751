import { describe, expect, it } from "vitest";
import { trainingCase } from "../../test/training-case.ts";
import { findTerm } from "../base/term.ts";
import { graphBytes } from "./graphs.ts";
import { type Layout, predictTraining, type SoftwareProfile, type TrainingCase } from "./index.ts";

function caseOf(model: string, software: Partial<SoftwareProfile>, layout: Partial<Layout> = {}): TrainingCase {
  const c = trainingCase({ model, layout: { data: 8, ...layout }, globalBatch: 256 });
  return { ...c, software: { ...c.software, ...software } };
}

const fixed = (c: TrainingCase): number =>
  predictTraining(c).memory.parts.find(({ name }) => name === "graphs")?.value ?? 0;

describe("fixed buffers of graphs", () => {
  const none = caseOf("llama-3.1-8b", { cudaGraphs: "none" });

  it("are the input of every layer, for micro-batches in flight, and none of a whole-step graph", () => {
    const partial = caseOf("llama-3.1-8b", { cudaGraphs: "partial" });
    const extra = fixed(partial) - fixed(none);
    expect(extra).toBe(32 * 4096 * 4096 * 2);
    expect(extra).toBeLessThan(5e9);
    expect(fixed(caseOf("llama-3.1-8b", { cudaGraphs: "full" }))).toBe(fixed(none));
    const pipeline = {
      tensor: 4,
      sequenceParallel: "on",
      pipeline: 4,
      virtualStages: 5,
      schedule: "interleaved",
    } as const;
    const large = { ...pipeline, data: 4, microBatch: 2 };
    const at = (cudaGraphs: "none" | "partial"): number => fixed(caseOf("llama-3.1-70b", { cudaGraphs }, large));
    expect(at("partial") - at("none")).toBeGreaterThan(1.5e9);
  });

  it("are only those of the parts captured", () => {
    const [kind] = none.model.layerKinds;
    if (kind === undefined) throw new Error("a model has a layer");
    const of = (cudaGraphScope: SoftwareProfile["cudaGraphScope"] & object): number =>
      graphBytes(caseOf("llama-3.1-8b", { cudaGraphs: "partial", cudaGraphScope }), kind);
    expect(of(["attention"])).toBe(4096 * 4096 * 2);
    expect(of(["attention", "feed-forward"])).toBe(of(["attention"]));
    expect(of(["router", "recurrent"])).toBe(0);
  });
});

it("launches outside the scope stay with the host", () => {
  const launch = (software: Partial<SoftwareProfile>): number => {
    const { term } = predictTraining({ ...caseOf("llama-3.1-8b", software, { tensor: 8 }), sequenceLength: 256 });
    return findTerm(term, "launch")?.value ?? 0;
  };
  const none = launch({ cudaGraphs: "none" });
  const attention = launch({ cudaGraphs: "partial", cudaGraphScope: ["attention"] });
  expect(none).toBeGreaterThan(attention);
  expect(attention).toBeGreaterThan(launch({ cudaGraphs: "partial" }));
  expect(launch({ cudaGraphs: "partial" })).toBe(0);
});

describe("a routed layer run piece by piece, so that another micro-batch hides its exchange", () => {
  const short = (software: Partial<SoftwareProfile>): TrainingCase => {
    const c = trainingCase({ model: "qwen3-30b-a3b", layout: { data: 8, expert: 8 }, globalBatch: 64 });
    return { ...c, sequenceLength: 64, software: { ...c.software, ...software } };
  };
  const time = (software: Partial<SoftwareProfile>): number => predictTraining(short(software)).stepTime;
  const [on, off] = [true, false].map((yes) => {
    const c = short({});
    return { ...c.software.overlap, expert: yes ? ("on" as const) : ("off" as const) };
  });

  it("takes ten launches more a layer and micro-batch of a step that its host binds", () => {
    const more = time({ cudaGraphs: "none", overlap: on! }) - time({ cudaGraphs: "none", overlap: off! });
    expect(more / (8 * 48)).toBeCloseTo(10 * 115e-6, 5);
  });

  it("takes none in a graph of the whole step, nor where no rank exchanges rows", () => {
    expect(time({ cudaGraphs: "full", overlap: on! })).toBeLessThan(time({ cudaGraphs: "full", overlap: off! }));
    const alone = { expert: 1 };
    const step = (overlap: SoftwareProfile["overlap"]): number => {
      const c = short({ cudaGraphs: "none", overlap });
      return predictTraining({ ...c, layout: { ...c.layout, ...alone } }).stepTime;
    };
    expect(step(on!)).toBe(step(off!));
  });
});
