import { describe, expect, it } from "vitest";
import { modelNames, modelOf, softwareOf, trainingCase } from "../../test/training-case.ts";
import { findTerm } from "../base/term.ts";
import { accelerators } from "../catalog/index.ts";
import { kernelsOf } from "../compute/index.ts";
import { rankAdapters } from "./adapters.ts";
import { adapterTargets, predictTraining, type TrainingCase } from "./index.ts";
import { oneRank } from "./layout.ts";
import { layerMatrices, matrixParameters, newtonSchulzFlop, orthogonalisation, rankMatrices } from "./muon.ts";
import { stagePlan } from "./stages.ts";

describe("Newton-Schulz", () => {
  it("takes 5 (4 n^2 m + 2 n^3) FLOP, n the smaller side", () => {
    expect(newtonSchulzFlop(1024, 4096)).toBe(5 * (4 * 1024 ** 2 * 4096 + 2 * 1024 ** 3));
    expect(newtonSchulzFlop(4096, 1024)).toBe(newtonSchulzFlop(1024, 4096));
    expect(newtonSchulzFlop(512, 512)).toBe(30 * 512 ** 3);
  });

  it("is never faster than its FLOP at the peak, and is shared by replicas down to one matrix", () => {
    const h100 = accelerators.get("h100-sxm");
    const kernels = kernelsOf(h100);
    const matrices = [{ rows: 4096, columns: 14336, count: 32, routed: "no" }] as const;
    const time = (dense: number): number => orthogonalisation(matrices, { dense, experts: 1 }, kernels);
    expect(time(1)).toBeGreaterThan((32 * newtonSchulzFlop(4096, 14336)) / (h100.peak.bf16 ?? 0));
    expect(time(4) / time(1)).toBeCloseTo(1 / 4, 9);
    expect(time(1000)).toBeCloseTo(time(1) / 32, 9);
    expect(orthogonalisation([], { dense: 1, experts: 1 }, kernels)).toBe(0);
  });
});

describe("matrices of a layer", () => {
  it("hold nearly all its parameters", () => {
    for (const name of modelNames) {
      const model = modelOf(name);
      for (const kind of model.layerKinds) {
        const { mixer, feedForward: feed } = kind;
        const all =
          (mixer.kind === "none" ? 0 : mixer.parameters) +
          (feed.kind === "none"
            ? 0
            : feed.kind === "dense"
              ? feed.parameters
              : feed.parameters.routed + feed.parameters.shared);
        const matrices = layerMatrices(kind, model.hidden, oneRank);
        const counted = matrixParameters(matrices, "no") + matrixParameters(matrices, "yes");
        expect(counted / all, `${name} ${kind.name}`).toBeGreaterThan(0.97);
        expect(counted / all, `${name} ${kind.name}`).toBeLessThan(1.001);
      }
    }
  });

  it("are divided by tensor and expert degrees", () => {
    const model = modelOf("qwen3-30b-a3b");
    const [kind] = model.layerKinds;
    if (kind === undefined) throw new Error("a model has a layer");
    const at = (tensor: number, expert: number): { readonly dense: number; readonly routed: number } => {
      const matrices = layerMatrices(kind, model.hidden, { ...oneRank, tensor, expert });
      return { dense: matrixParameters(matrices, "no"), routed: matrixParameters(matrices, "yes") };
    };
    expect(at(1, 8).routed).toBe(at(1, 1).routed / 8);
    expect(at(4, 1).dense).toBe(at(1, 1).dense / 4);
  });
});

describe("matrices of adapters", () => {
  it("are all the adapters, and nothing else", () => {
    for (const name of modelNames) {
      for (const rank of [3, 16, 256]) {
        for (const layout of [{ data: 8 }, { tensor: 8, pipeline: 2 }, { data: 8, pipeline: 2, expert: 4 }]) {
          const tuning = { method: "lora", rank, targets: adapterTargets, frozenLayers: 1 } as const;
          const c = trainingCase({ model: name, layout, tuning });
          const plan = stagePlan(c.model, c.layout, c.highPrecisionLayers, 1);
          for (let at = 0; at < c.layout.pipeline; at++) {
            const { split, experts } = rankAdapters(c, plan, at);
            const matrices = rankMatrices(c, plan, at);
            expect(Math.abs(matrixParameters(matrices, "no") / Math.max(1, split) - 1), name).toBeLessThan(1e-12);
            expect(Math.abs(matrixParameters(matrices, "yes") - experts), name).toBeLessThanOrEqual(1e-9 * experts);
          }
        }
      }
    }
  });

  it("halve the moments of what learns, and are orthogonalised in less time than the weights beside them", () => {
    const of = (optimizerRule: "adam" | "muon", tuning: TrainingCase["tuning"]): ReturnType<typeof predictTraining> => {
      const software = { ...softwareOf("megatron-core@2024.07"), optimizerRule };
      return predictTraining(trainingCase({ model: "llama-3.1-8b", software, layout: { data: 8 }, tuning }));
    };
    const adapters = { method: "lora", rank: 16, targets: adapterTargets } as const;
    const part = (of: ReturnType<typeof predictTraining>): number =>
      of.memory.parts.find(({ name }) => name === "optimizer")?.value ?? Number.NaN;
    // Master weight and two moments of 4 bytes; of one moment, two thirds are left.
    expect(part(of("muon", adapters)) / part(of("adam", adapters))).toBeCloseTo(2 / 3, 9);
    const time = (tuning: TrainingCase["tuning"]): number =>
      findTerm(of("muon", tuning).term, "orthogonalisation")?.value ?? 0;
    expect(time(adapters)).toBeGreaterThan(0);
    expect(time(adapters)).toBeLessThan(time({ method: "full" }));
  });
});
