import { describe, expect, it } from "vitest";
import { modelNames, modelOf, plainLayout } from "../../test/training-case.ts";
import { accelerators } from "../catalog/index.ts";
import { kernelsOf } from "../compute/index.ts";
import { layerMatrices, matrixParameters, newtonSchulzFlop, orthogonalisation } from "./muon.ts";

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
        const matrices = layerMatrices(kind, model.hidden, plainLayout);
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
      const matrices = layerMatrices(kind, model.hidden, { ...plainLayout, tensor, expert });
      return { dense: matrixParameters(matrices, "no"), routed: matrixParameters(matrices, "yes") };
    };
    expect(at(1, 8).routed).toBe(at(1, 1).routed / 8);
    expect(at(4, 1).dense).toBe(at(1, 1).dense / 4);
  });
});
