import { describe, expect, it } from "vitest";
import { modelNames, modelOf } from "../../../test/training-case.ts";
import { accelerators } from "../../catalog/index.ts";
import type { LayerKind, ModelArchitecture } from "../../catalog/model.ts";
import { forwardFlopPerToken } from "../../catalog/models/index.ts";
import {
  adapterOperators,
  type CostOptions,
  kernelsOf,
  type LayerCost,
  type LayerShard,
  type LayerStyle,
  layerCost,
  layerOperators,
  type Operator,
  partsTotal,
  underPowerLimit,
} from "../index.ts";

const shard: LayerShard = {
  tensor: 1,
  sequenceParallel: "off",
  context: 1,
  expert: 1,
  expertTensor: 1,
  sequences: 1,
  sequenceLength: 4096,
};

const style: LayerStyle = {
  attention: "cudnn",
  elementwise: "transformer-engine",
  dropout: "off",
  rotary: "fused",
  expertImbalance: 1,
  expertBias: "separate",
  expertBiasSums: "registers",
  permutePasses: 2,
  rowAlignment: 1,
  rowFilling: "separate",
  router: "fused",
  accumulationBytes: 0,
};

const h100 = kernelsOf(accelerators.get("h100-sxm"));
const bf16 = { format: "bf16", wide: "bf16", castBytes: 0, castKernels: 0 } as const;
const fp8 = { format: "fp8", wide: "bf16", castBytes: 6, castKernels: 2 } as const;
const options: CostOptions = { kernels: h100, recipe: bf16, recompute: [], weights: "learn", plainShare: 1 };

function operatorsOf(
  model: ModelArchitecture,
  kind: LayerKind,
  change: { readonly shard?: Partial<LayerShard>; readonly style?: Partial<LayerStyle> } = {},
): readonly Operator[] {
  return layerOperators({
    hidden: model.hidden,
    kind,
    shard: { ...shard, ...change.shard },
    style: { ...style, ...change.style },
  });
}

/** Every layer of a model, summed by kind. */
function kindsOf(model: ModelArchitecture): readonly { readonly kind: LayerKind; readonly count: number }[] {
  return model.layerKinds.map((kind, index) => ({ kind, count: model.layers.filter((at) => at === index).length }));
}

function seconds(cost: LayerCost): number {
  return (
    partsTotal(cost.forward) +
    partsTotal(cost.backwardInput) +
    partsTotal(cost.backwardWeight) +
    partsTotal(cost.recompute)
  );
}

const llama = modelOf("llama-3.1-8b");
const [dense] = llama.layerKinds as readonly [LayerKind];

describe("operators of a layer", () => {
  it("execute the FLOP that the architecture counts, however tensor ranks divide them", () => {
    for (const name of modelNames) {
      const model = modelOf(name);
      const counted = forwardFlopPerToken(model, shard.sequenceLength, "causal");
      for (const tensor of [1, 2, 4]) {
        const divided = { tensor, sequenceParallel: "on", expertTensor: 1 } as const;
        let executed = 0;
        for (const { kind, count } of kindsOf(model)) {
          executed += tensor * count * layerCost(operatorsOf(model, kind, { shard: divided }), options).flop;
        }
        const layers = shard.sequenceLength * (counted.total - counted.logits);
        // Replicated products (latent and router projections, keys of few heads) run on every rank.
        expect(executed / layers, `${name} over ${tensor}`).toBeGreaterThan(0.99);
        expect(executed / layers, `${name} over ${tensor}`).toBeLessThan(tensor === 1 ? 1.01 : 1.2);
      }
    }
  });

  it("halve with the sequence over context ranks", () => {
    const whole = layerCost(operatorsOf(llama, dense), options).flop;
    const half = layerCost(operatorsOf(llama, dense, { shard: { context: 2 } }), options).flop;
    expect(half / whole).toBeCloseTo(0.5, 6);
  });

  it("have rows and bytes for a token that are those of many, divided: serving asks once and multiplies", () => {
    const work = (operator: Operator): number =>
      operator.kind === "matrix" ? operator.m : operator.kind === "pass" ? operator.forwardBytes : 0;
    for (const name of modelNames) {
      const model = modelOf(name);
      for (const { kind } of kindsOf(model)) {
        const of = (tokens: number): readonly Operator[] =>
          operatorsOf(model, kind, { shard: { tensor: 2, expertTensor: 2, sequences: tokens, sequenceLength: 1 } });
        const [one, many] = [of(1), of(173)];
        expect(many.map((operator) => operator.name)).toEqual(one.map((operator) => operator.name));
        many.forEach((operator, index) => {
          expect(work(operator), `${name}: ${operator.name}`).toBeCloseTo(173 * work(one[index] as Operator), 6);
        });
      }
    }
  });

  it("skip the upper triangle only with flash kernels", () => {
    const core = (attention: LayerStyle["attention"]): number =>
      layerCost(
        operatorsOf(llama, dense, { style: { attention } }).filter(({ modules }) => modules.includes("attention-core")),
        options,
      ).flop;
    expect(core("unfused") / core("cudnn")).toBeCloseTo(2, 2);
  });

  it("add expert biases as passes of their own only where the model has some and the stack splits them", () => {
    const passes = (name: string, expertBias: LayerStyle["expertBias"]): number => {
      const model = modelOf(name);
      const kind = model.layerKinds.find(({ feedForward }) => feedForward.kind === "experts");
      if (kind === undefined) throw new Error(`${name} has no experts`);
      return operatorsOf(model, kind, { style: { expertBias } }).filter((operator) => operator.name === "experts-bias")
        .length;
    };
    expect(passes("gpt-oss-120b", "separate")).toBe(1);
    expect(passes("gpt-oss-120b", "fused")).toBe(0);
    expect(passes("qwen3-30b-a3b", "separate")).toBe(0);
  });

  it("spill sums of bias gradients only inside fused products, and only where there are biases", () => {
    const spilled = (
      name: string,
      expertBias: LayerStyle["expertBias"],
      sums: LayerStyle["expertBiasSums"],
    ): number => {
      const model = modelOf(name);
      const kind = model.layerKinds.find(({ feedForward }) => feedForward.kind === "experts") as LayerKind;
      const operators = operatorsOf(model, kind, { style: { expertBias, expertBiasSums: sums } });
      const pass = operators.find((operator) => operator.name === "experts-bias-sums");
      return pass?.kind === "pass" ? pass.backwardBytes : 0;
    };
    // 4,096 tokens, 4 experts each, 2 x 2,880 gradients of 165 bytes.
    expect(spilled("openai/gpt-oss-20b", "fused", "memory")).toBe(4096 * 4 * 5760 * 165);
    expect(spilled("openai/gpt-oss-20b", "fused", "registers")).toBe(0);
    expect(spilled("openai/gpt-oss-20b", "separate", "memory")).toBe(0);
    expect(spilled("qwen3-30b-a3b", "fused", "memory")).toBe(0);
  });

  it("turn queries and keys in one kernel, or operation by operation in 12 and 17 reads and writes", () => {
    const model = modelOf("openai/gpt-oss-20b");
    const [kind] = model.layerKinds;
    if (kind === undefined) throw new Error("a model has a layer");
    const turned = (rotary: LayerStyle["rotary"]): Operator | undefined =>
      operatorsOf(model, kind, { style: { rotary } }).find(({ name }) => name === "rotary");
    const bytes = 4096 * (64 + 8) * 64 * 2;
    expect(turned("fused")).toMatchObject({ forwardBytes: 2 * bytes, backwardBytes: 2 * bytes });
    expect(turned("separate")).toMatchObject({ forwardBytes: 12 * bytes, backwardBytes: 17 * bytes });
    expect(turned("off")).toBeUndefined();
  });

  it("cost the host half a kernel for each expert's product and each expert's bias", () => {
    const model = modelOf("openai/gpt-oss-120b");
    const kind = model.layerKinds.find(({ feedForward }) => feedForward.kind === "experts") as LayerKind;
    const hostOf = (expert: number, expertBias: LayerStyle["expertBias"]): LayerCost["experts"] =>
      layerCost(operatorsOf(model, kind, { style: { expertBias }, shard: { expert } }), options).experts;
    // From 2 local experts to 16: two products forward, four backward; a bias is weighted and added, backward four kernels.
    const [few, many] = [hostOf(64, "fused"), hostOf(8, "fused")];
    expect(many.forward - few.forward).toBe(14 * 2 * 0.5);
    expect(many.backward - few.backward).toBe(14 * 4 * 0.5);
    const [fewApart, manyApart] = [hostOf(64, "separate"), hostOf(8, "separate")];
    expect(manyApart.forward - fewApart.forward).toBe(14 * (2 + 2) * 0.5);
    expect(manyApart.backward - fewApart.backward).toBe(14 * (4 + 4) * 0.5);
  });

  it("fill experts' rows up by half an alignment each, in copies of their own unless sorting does it", () => {
    const model = modelOf("qwen3-30b-a3b");
    const [kind] = model.layerKinds;
    if (kind === undefined) throw new Error("a model has a layer");
    const of = (name: string, change: Partial<LayerStyle>): Operator | undefined =>
      operatorsOf(model, kind, { style: change, shard: { expert: 8 } }).find((operator) => operator.name === name);
    const rows = (rowAlignment: number): number => {
      const up = of("experts-up", { rowAlignment });
      return up?.kind === "experts" ? up.rows : 0;
    };
    expect(rows(1)).toBe(4096 * 8);
    expect(rows(32)).toBe(4096 * 8 + 16 * 15.5);
    expect(of("fill", { rowAlignment: 32 })).toBeDefined();
    expect(of("fill", { rowAlignment: 32, rowFilling: "fused" })).toBeUndefined();
    expect(of("fill", { rowAlignment: 1 })).toBeUndefined();
  });

  it("route in one kernel or operation by operation", () => {
    const model = modelOf("qwen3-30b-a3b");
    const [kind] = model.layerKinds;
    if (kind === undefined) throw new Error("a model has a layer");
    const cost = (router: LayerStyle["router"]): number =>
      layerCost(operatorsOf(model, kind, { style: { router } }), options).forward.elementwise;
    expect(cost("separate")).toBeGreaterThan(cost("fused"));
  });

  it("add up gradients of every weight of their products, backward only", () => {
    const pass = (accumulationBytes: number): Operator | undefined =>
      operatorsOf(llama, dense, { style: { accumulationBytes } }).find(({ name }) => name === "gradient-accumulation");
    expect(pass(0)).toBeUndefined();
    const weights = 4096 * (4096 + 2 * 1024) + 4096 * 4096 + 3 * 4096 * 14_336;
    expect(pass(10)).toMatchObject({ forwardBytes: 0, forwardKernels: 0, backwardBytes: 10 * weights });
  });
});

describe("cost of a layer", () => {
  it("grows with what is recomputed: none, core, all that is needed, the whole forward", () => {
    for (const name of modelNames) {
      const model = modelOf(name);
      for (const kind of model.layerKinds) {
        const operators = operatorsOf(model, kind);
        const again = (recompute: CostOptions["recompute"]): number =>
          partsTotal(layerCost(operators, { ...options, recompute }).recompute);
        expect(again([])).toBe(0);
        expect(again(["attention-core"])).toBeLessThanOrEqual(again("all"));
        expect(again("all-needed")).toBeLessThan(again("all"));
        expect(again("all")).toBeCloseTo(partsTotal(layerCost(operators, options).forward), 12);
      }
    }
  });

  it("has no weight gradient where weights are frozen", () => {
    const cost = layerCost(operatorsOf(llama, dense), { ...options, weights: "frozen" });
    expect(partsTotal(cost.backwardWeight)).toBe(0);
    expect(partsTotal(cost.backwardInput)).toBeGreaterThan(0);
  });

  it("counts an adapter's products as kernels, and plain operations beside them by what they cost the host", () => {
    const kernels = (plainShare: number, dropout: "on" | "off" = "off") => {
      const adapters = { rank: 16, targets: ["linear_qkv"], dropout } as const;
      const operators = adapterOperators({ hidden: llama.hidden, kind: dense, shard, adapters, expertImbalance: 1 });
      return layerCost(operators, { ...options, weights: "frozen", plainShare }).kernels;
    };
    expect(kernels(1)).toEqual({ forward: 4, backward: 6, recompute: 0 });
    expect(kernels(0)).toEqual({ forward: 2, backward: 4, recompute: 0 });
    expect(kernels(0.5, "on")).toEqual({ forward: 3.5, backward: 5.5, recompute: 0 });
  });

  it("pays for casts under fp8, and less for products", () => {
    const operators = operatorsOf(llama, dense);
    const wide = layerCost(operators, options);
    const narrow = layerCost(operators, { ...options, recipe: fp8 });
    expect(wide.forward.quantize).toBe(0);
    expect(narrow.forward.quantize).toBeGreaterThan(0);
    expect(narrow.forward.matrix).toBeLessThan(0.7 * wide.forward.matrix);
    expect(narrow.forward.attention).toBe(wide.forward.attention);
    expect(narrow.kernels.forward).toBeGreaterThan(wide.kernels.forward);
  });

  it("is that of the worst expert rank", () => {
    const model = modelOf("qwen3-30b-a3b");
    const [kind] = model.layerKinds as readonly [LayerKind];
    const at = (expertImbalance: number): number =>
      seconds(layerCost(operatorsOf(model, kind, { style: { expertImbalance } }), options));
    expect(at(1.5)).toBeGreaterThan(at(1.2));
    expect(at(1.2)).toBeGreaterThan(at(1));
  });
});

describe("the power limit", () => {
  const gb200 = accelerators.get("gb200");
  const energy = { "16-bit": 1e-12, "8-bit": 0.5e-12, "4-bit": 0.25e-12 };
  const side = 16384;
  const flop = 2 * side * side * side;

  it("is energy over power where that is longer than the kernel, and nothing elsewhere", () => {
    const burst = kernelsOf(gb200);
    for (const power of [400, 800, 1200, 1e6]) {
      const limited = underPowerLimit(burst, { ...gb200, power }, energy);
      const expected = (format: "bf16" | "fp8" | "nvfp4", joules: number): number =>
        Math.max(burst.gemm(format, side, side, side), (flop * joules) / power);
      expect(limited.gemm("bf16", side, side, side)).toBe(expected("bf16", 1e-12));
      expect(limited.gemm("fp8", side, side, side)).toBe(expected("fp8", 0.5e-12));
      expect(limited.gemm("nvfp4", side, side, side)).toBe(expected("nvfp4", 0.25e-12));
      // Block scales cost energy as they cost time.
      expect(limited.gemm("mxfp8", side, side, side)).toBe(
        Math.max(burst.gemm("mxfp8", side, side, side), (flop * (0.5e-12 / 0.95)) / power),
      );
      expect(limited.memoryPass(1e9)).toBe(burst.memoryPass(1e9));
    }
  });

  it("leaves parts without a stated or measured limit at burst rates", () => {
    const burst = kernelsOf(gb200);
    expect(underPowerLimit(burst, { ...gb200, power: "unknown" }, energy)).toBe(burst);
    const mi300x = accelerators.get("mi300x");
    const theirs = kernelsOf(mi300x);
    expect(underPowerLimit(theirs, mi300x)).toBe(theirs);
  });
});
