import { describe, expect, it } from "vitest";
import { modelNames, modelOf } from "../../../test/training-case.ts";
import { accelerators } from "../../catalog/accelerators/index.ts";
import type { LayerKind } from "../../catalog/model.ts";
import { type AdapterShape, type AdapterTarget, adaptedProjections, adapterOperators } from "../index.ts";
import { kernelsOf } from "../kernels-of.ts";
import { adapterCost } from "./adapter-cost.ts";
import type { AdapterOperator, LayerShard } from "./operator.ts";

const all: readonly AdapterTarget[] = ["linear_qkv", "linear_proj", "linear_fc1", "linear_fc2"];
const plain: LayerShard = {
  tensor: 1,
  sequenceParallel: "off",
  context: 1,
  expert: 1,
  expertTensor: 1,
  sequences: 1,
  sequenceLength: 4096,
};

function operatorsOf(
  model: string,
  shard: Partial<LayerShard> = {},
  shape: Partial<AdapterShape> = {},
  kind: LayerKind | undefined = modelOf(model).layerKinds[0],
): readonly AdapterOperator[] {
  if (kind === undefined) throw new Error("a model has layers");
  return adapterOperators({
    hidden: modelOf(model).hidden,
    kind,
    shard: { ...plain, ...shard },
    adapters: { rank: 16, targets: all, dropout: "off", ...shape },
    expertImbalance: 1,
  });
}

const kernels = kernelsOf(accelerators.get("h100-sxm"));
const costOf = (operators: readonly AdapterOperator[]) =>
  operators.map((one) => adapterCost(one, { format: "bf16", kernels, plainShare: 1 }));
const flop = (operators: readonly AdapterOperator[]): number =>
  costOf(operators).reduce((sum, cost) => sum + cost.flop, 0);

describe("adapters of a layer", () => {
  it("compute 2 r (in + out) FLOP a token beside dense projections", () => {
    // Llama 3.1 8B: qkv 4096 -> 6144, output 4096 -> 4096, gate and up 4096 -> 28672, down 14336 -> 4096.
    const widths = 4096 + 6144 + 4096 + 4096 + 4096 + 28672 + 14336 + 4096;
    expect(flop(operatorsOf("llama-3.1-8b"))).toBe(2 * 16 * widths * 4096);
    expect(flop(operatorsOf("llama-3.1-8b", {}, { targets: ["linear_proj"] }))).toBe(2 * 16 * 8192 * 4096);
  });

  it("split their FLOP over the tensor group", () => {
    for (const tensor of [2, 4, 8]) {
      const split = tensor * flop(operatorsOf("llama-3.1-8b", { tensor, sequenceParallel: "on" }));
      expect(split).toBeCloseTo(flop(operatorsOf("llama-3.1-8b")), 3);
    }
  });

  it("have a pair for each expert, which sees only its rows", () => {
    const moe = operatorsOf("mixtral-8x7b-v0.1", { expert: 4 }, { targets: ["linear_fc1"] });
    expect(moe).toHaveLength(1);
    expect(moe[0]).toMatchObject({ groups: 2, rows: 4096 * 2, in: 4096, out: 28672 });
    // Two grouped products, scaling, addition.
    expect(costOf(moe)[0]?.launches).toBe(4);
  });

  it("never take less time with a higher rank, and more with dropout", () => {
    for (const model of modelNames) {
      for (const kind of modelOf(model).layerKinds) {
        const time = (rank: number, dropout: "on" | "off" = "off"): number =>
          costOf(operatorsOf(model, { tensor: 2, sequenceParallel: "on" }, { rank, dropout }, kind)).reduce(
            (sum, { forward, input, weight }) => sum + forward + input + weight,
            0,
          );
        let before = time(1);
        for (const rank of [2, 4, 8, 16, 64, 256]) {
          const now = time(rank);
          expect(now, `${model} ${kind.name}`).toBeGreaterThanOrEqual(before);
          expect(time(rank, "on")).toBeGreaterThanOrEqual(now);
          before = now;
        }
      }
    }
  });

  it("are none without a rank or targets", () => {
    expect(operatorsOf("llama-3.1-8b", {}, { rank: 0 })).toEqual([]);
    expect(operatorsOf("llama-3.1-8b", {}, { targets: [] })).toEqual([]);
  });

  it("leave out what chooses keys", () => {
    const model = modelOf("deepseek-v3");
    const found = adaptedProjections(model.layerKinds[0] as LayerKind, model.hidden, all);
    expect(found.some(({ split }) => split === "replicated")).toBe(true);
    expect(found.filter(({ target }) => target === "linear_proj")).toHaveLength(1);
  });
});
