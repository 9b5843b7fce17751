import { describe, expect, it } from "vitest";
import { modelNames, trainingCase } from "../../test/training-case.ts";
import { findTerm } from "../base/term.ts";
import type { AdapterTuning, Tuning } from "./case.ts";
import { modelFlop } from "./flop.ts";
import { adapterTargets, type Layout, predictTraining, stepEvaluator, type TrainingCase } from "./index.ts";
import { stagePlan } from "./stages.ts";
import { frozenWeights, learningWeights, storedBytes } from "./tuning.ts";
import { rankWeights } from "./weights.ts";

const full: Tuning = { method: "full" };
const lora = (change: Partial<AdapterTuning> = {}): AdapterTuning => ({
  method: "lora",
  rank: 16,
  targets: adapterTargets,
  ...change,
});

function caseOf(model: string, tuning: Tuning, layout: Partial<Layout> = {}): TrainingCase {
  return trainingCase({
    model,
    layout: { tensor: 2, sequenceParallel: "on", data: 32, ...layout },
    globalBatch: 256,
    tuning,
  });
}

/** With graphs: without them the host may set the pace, and adapters launch more kernels than they save. */
function graphed(c: TrainingCase): TrainingCase {
  return { ...c, software: { ...c.software, cudaGraphs: "full" } };
}

const evaluate = (c: TrainingCase) => stepEvaluator(c).evaluate(c.layout);
const stepTime = (c: TrainingCase): number => evaluate(c).stepTime;
const memory = (c: TrainingCase): number => evaluate(c).memory.total;
const layouts: readonly Partial<Layout>[] = [
  {},
  { tensor: 1, sequenceParallel: "off", data: 64 },
  { pipeline: 4, data: 8 },
  { sharding: "full" },
];

describe("adapters", () => {
  it("are never slower than training every weight, and take less memory", () => {
    for (const model of modelNames) {
      for (const layout of layouts) {
        const name = `${model} ${JSON.stringify(layout)}`;
        const whole = graphed(caseOf(model, full, layout));
        const adapted = graphed(caseOf(model, lora(), layout));
        expect(stepTime(adapted), name).toBeLessThan(stepTime(whole));
        expect(memory(adapted), name).toBeLessThan(memory(whole));
      }
    }
  });

  it("are never faster with a higher rank", () => {
    for (const model of modelNames) {
      let before = 0;
      for (const rank of [1, 4, 16, 64, 256]) {
        const now = stepTime(caseOf(model, lora({ rank })));
        expect(now, `${model} ${rank}`).toBeGreaterThanOrEqual(before);
        before = now;
      }
    }
  });

  it("cost nothing without targets: the frozen model remains", () => {
    const frozen = evaluate(graphed(caseOf("llama-3.1-8b", lora({ targets: [] }))));
    expect(evaluate(graphed(caseOf("llama-3.1-8b", lora({ rank: 0 })))).stepTime).toBe(frozen.stepTime);
    const one = stepTime(graphed(caseOf("llama-3.1-8b", lora({ rank: 1 }))));
    expect(one).toBeGreaterThan(frozen.stepTime);
    // Of rank 1 the passes around the products remain, and here the gathers of the outputs.
    expect(one).toBeLessThan(1.3 * frozen.stepTime);
  });

  it("show as a part of forward and backward", () => {
    const { term } = predictTraining(caseOf("llama-3.1-8b", lora()));
    expect(findTerm(term, "adapters")?.value).toBeGreaterThan(0);
    expect(findTerm(predictTraining(caseOf("llama-3.1-8b", full)).term, "adapters")).toBeUndefined();
  });

  it("exchange no more when outputs change places than when they are gathered", () => {
    const direct = stepTime(caseOf("llama-3.1-70b", lora({ exchange: "all-to-all" }), { tensor: 8, data: 8 }));
    expect(direct).toBeLessThan(stepTime(caseOf("llama-3.1-70b", lora(), { tensor: 8, data: 8 })));
  });

  it("keep inputs only of the projections they stand beside", () => {
    const kept = (targets: AdapterTuning["targets"]): number =>
      evaluate(caseOf("llama-3.1-8b", lora({ targets }))).memory.activations;
    expect(kept(["linear_qkv"])).toBeGreaterThan(kept([]));
    expect(kept(adapterTargets)).toBeGreaterThan(kept(["linear_qkv"]));
    const dropped = evaluate(caseOf("llama-3.1-8b", lora({ dropout: "on" }))).memory.activations;
    expect(dropped).toBeGreaterThan(kept(adapterTargets));
  });
});

describe("frozen weights in fewer bits", () => {
  it("take 4.127 bits as NF4 with double quantisation", () => {
    expect(storedBytes("nf4") * 8).toBeCloseTo(4.127, 3);
  });

  it("save memory and cost passes that unpack them", () => {
    const at = (base: "bf16" | "fp8" | "nf4") =>
      evaluate(caseOf("llama-3.1-70b", lora({ base }), { tensor: 8, data: 8 }));
    const [wide, eight, four] = [at("bf16"), at("fp8"), at("nf4")];
    expect(eight.memory.weights / wide.memory.weights).toBeCloseTo(0.5, 1);
    expect(four.memory.weights / wide.memory.weights).toBeCloseTo(0.26, 1);
    expect(eight.memory.total).toBeGreaterThan(four.memory.total);
    expect(eight.stepTime).toBeGreaterThan(wide.stepTime);
    expect(four.stepTime).toBeGreaterThan(wide.stepTime);
  });

  it("are used as they lie by an 8-bit recipe, but for the transposition of one orientation", () => {
    const tuning = lora({ base: "fp8" });
    const on = (node: string): number | undefined => {
      const c = { ...trainingCase({ model: "llama-3.1-8b", node, tuning, precision: "fp8-current" }) };
      return findTerm(predictTraining({ ...c, layout: { ...c.layout, data: 8 }, globalBatch: 64 }).term, "unpack")
        ?.value;
    };
    expect(on("hgx-h100")).toBeGreaterThan(0);
    expect(on("hgx-b200")).toBeUndefined();
  });
});

describe("frozen layers", () => {
  it("part the weights of every rank: learning and frozen add up", () => {
    for (const model of modelNames) {
      for (const frozenLayers of [0, 1, 7]) {
        const c = caseOf(model, { method: "full", frozenLayers }, { pipeline: 4, data: 8 });
        const plan = stagePlan(c.model, c.layout, c.highPrecisionLayers, frozenLayers);
        for (let rank = 0; rank < 4; rank++) {
          const [all, learn, frozen] = [rankWeights, learningWeights, frozenWeights].map((of) => of(c, plan, rank));
          for (const key of ["split", "replicated", "experts"] as const) {
            expect((learn?.[key] ?? 0) + (frozen?.[key] ?? 0)).toBeCloseTo(all?.[key] ?? 0, 3);
          }
        }
      }
    }
  });

  it("never make a step slower, bigger or richer in FLOP", () => {
    for (const model of ["llama-3.1-8b", "mixtral-8x7b-v0.1", "nvidia-nemotron-3-nano-30b-a3b"]) {
      for (const method of [full, lora()]) {
        for (const sharding of ["optimizer", "full"] as const) {
          const at = (frozenLayers: number) => caseOf(model, { ...method, frozenLayers }, { sharding });
          let before = at(0);
          for (const frozen of [1, 4, 16, 31]) {
            const now = at(frozen);
            expect(stepTime(now)).toBeLessThan(stepTime(before));
            expect(memory(now)).toBeLessThanOrEqual(memory(before));
            expect(modelFlop(now, "megatron-core-2024")).toBeLessThan(modelFlop(before, "megatron-core-2024"));
            before = now;
          }
        }
      }
    }
  });

  it("leave a forward pass where all but one layer are frozen", () => {
    const c = caseOf("llama-3.1-8b", { method: "full", frozenLayers: 31 });
    const { busiest } = evaluate(c);
    const whole = evaluate(caseOf("llama-3.1-8b", full)).busiest;
    expect(busiest.forwardTime).toBeCloseTo(whole.forwardTime, 9);
    expect(busiest.backwardTime).toBeLessThan(0.15 * whole.backwardTime);
  });
});
