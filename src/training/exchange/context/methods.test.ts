/** One suite for every way of exchanging keys and values, and each one's published volumes. */

import { describe, expect, it } from "vitest";
import { modelOf, trainingCase } from "../../../../test/training-case.ts";
import { type AttentionShape, attendedPairs, kernelsOf } from "../../../compute/index.ts";
import { platformOf } from "../../../network/index.ts";
import { stepEvaluator } from "../../step.ts";
import { type ContextExchangeName, type ContextWork, callTimes, contextMethods } from "./index.ts";
import { stateElements } from "./state.ts";

const names = Object.keys(contextMethods) as ContextExchangeName[];

/** Llama 3.1 8B on one tensor rank: 32 heads of 128, 8 of keys and values. */
const shape: AttentionShape = {
  sequences: 2,
  queries: 65_536,
  keys: 65_536,
  heads: 32,
  keyValueHeads: 8,
  headDim: 128,
  valueHeadDim: 128,
  causal: "causal",
};

function workOf(ranks: number, change: Partial<ContextWork> = {}): ContextWork {
  return { shape, ranks, inner: Math.min(2, ranks), balance: "zig-zag", ...change };
}

const [b, s, g, d, q] = [2, 65_536, 8, 128, 32 * 128];

describe("published volumes", () => {
  it.each([2, 4, 8])("of the ring over %d ranks: c - 1 rounds of K and V, twice as much backward", (c) => {
    const round = (2 * 2 * g * d * b * s) / c;
    expect(contextMethods.ring.bytes(workOf(c))).toEqual({ forward: (c - 1) * round, backward: 2 * (c - 1) * round });
  });

  it.each([2, 4, 8])("of the all-gather over %d ranks: (c - 1) / c of all K and V, reduced and scattered back", (c) => {
    const gathered = ((c - 1) / c) * 4 * b * s * g * d;
    expect(contextMethods["all-gather"].bytes(workOf(c))).toEqual({ forward: gathered, backward: 2 * gathered });
  });

  it.each([2, 4, 8])("of Ulysses over %d ranks: Q, K, V, O, and as Transformer Engine does O twice backward", (c) => {
    const share = (c - 1) / c;
    const one = (2 * b * s * q) / c;
    const keyValue = (4 * b * s * g * d) / c;
    const bytes = contextMethods["all-to-all"].bytes(workOf(c));
    expect(bytes.forward).toBeCloseTo(share * (2 * one + keyValue), 3);
    expect(bytes.backward).toBeCloseTo(share * (3 * one + keyValue), 3);
  });

  it("of Ulysses with as many key-value heads as heads are four all-to-alls of 2 b s q / c", () => {
    const all = workOf(8, { shape: { ...shape, keyValueHeads: 32 } });
    expect(contextMethods["all-to-all"].bytes(all).forward).toBeCloseTo((4 * (7 / 8) * 2 * b * s * q) / 8, 3);
  });

  it("of Ulysses beyond the key-value heads copy them", () => {
    const bytes = contextMethods["all-to-all"].bytes(workOf(16));
    const keyValue = (4 * b * s * 16 * d) / 16;
    expect(bytes.forward).toBeCloseTo((15 / 16) * ((2 * 2 * b * s * q) / 16 + keyValue), 3);
  });

  it("of the hierarchical exchange: heads inside, c / u - 1 rounds of K and V between", () => {
    const [c, u] = [8, 4];
    const heads = ((u - 1) / u) * ((2 * 2 * b * s * q) / c + (4 * b * s * g * d) / c);
    const keys = (c / u - 1) * ((4 * b * s * g * d) / c);
    expect(contextMethods.hierarchical.bytes(workOf(c, { inner: u })).forward).toBeCloseTo(heads + keys, 3);
  });

  it("of a recurrent mixer are what its projections make and its result", () => {
    const { mixer } = modelOf("nvidia-nemotron-3-nano-30b-a3b").layerKinds.find(({ mixer: m }) => m.kind === "mamba2")!;
    if (!("coreFlop" in mixer)) throw new Error("not recurrent");
    const { inputs, result } = stateElements(mixer);
    expect(result).toBe(mixer.gatedElements);
    // z, x, B, C and one step size a head.
    expect(inputs).toBeGreaterThan(2 * result);
    expect(inputs).toBeLessThan(4 * result);
  });
});

const pairsOf = (work: ContextWork, name: ContextExchangeName): number =>
  contextMethods[name]
    .calls(work)
    .reduce((sum, { shape: call, count }) => sum + count * call.sequences * call.heads * attendedPairs(call), 0);

const wholePairs = shape.sequences * shape.heads * attendedPairs(shape);

describe.each(names)("%s", (name) => {
  const method = contextMethods[name];

  it("is described under its name", () => {
    expect(method.name).toBe(name);
    expect(method.summary.length).toBeGreaterThan(20);
  });

  it.each([2, 4, 8])("gives each of %d ranks an equal share of the pairs", (c) => {
    expect(pairsOf(workOf(c), name) / (wholePairs / c)).toBeCloseTo(1, 3);
  });

  it("moves nothing less with more bytes a head, and everything scales with the batch", () => {
    const once = method.bytes(workOf(4));
    const twice = method.bytes(workOf(4, { shape: { ...shape, sequences: 4 } }));
    expect(twice.forward / once.forward).toBeCloseTo(2, 9);
    expect(twice.backward / once.backward).toBeCloseTo(2, 9);
    expect(once.backward).toBeGreaterThan(once.forward);
    expect(method.buffers(workOf(4))).toBeGreaterThan(0);
  });

  it("takes at least the bytes' time at the link's rate, exposed and hidden together", () => {
    const c = trainingCase({ model: "llama-3.1-8b", layout: { context: 8 } });
    const platform = platformOf(c.cluster);
    const group = { size: 8, perDomain: 8, stride: 1, sharing: 1 };
    const part = (size: number, stride: number) => ({ size, perDomain: size, stride, sharing: stride });
    const run = { platform, group, innerGroup: part(2, 1), outerGroup: part(4, 2), core: { forward: 0, backward: 0 } };
    const time = method.time(workOf(8), run);
    const { forward, backward } = method.bytes(workOf(8));
    expect(time.forward + time.hidden.forward).toBeGreaterThan(forward / platform.scaleUp.bandwidth);
    expect(time.backward + time.hidden.backward).toBeGreaterThan(backward / platform.scaleUp.bandwidth);
    const long = method.time(workOf(8), { ...run, core: { forward: 10, backward: 10 } });
    expect(long.forward).toBeLessThanOrEqual(time.forward);
    expect(long.forward + long.hidden.forward).toBeCloseTo(time.forward + time.hidden.forward, 12);
  });

  it("takes less time and memory a rank over more ranks, where sequences are long", () => {
    const at = (context: number) =>
      stepEvaluator(
        trainingCase({
          model: "llama-3.1-8b",
          software: { ...trainingCase({ model: "llama-3.1-8b" }).software, contextExchange: name },
          sequenceLength: 131_072,
          globalBatch: 16,
          layout: { tensor: 1, data: 8 / context, context, contextInner: Math.min(2, context) },
        }),
      );
    const plain = at(1).evaluate(layoutOf(1));
    const shared = at(4).evaluate(layoutOf(4));
    // The same accelerators and tokens: all that is left of four times the micro-batches is the exchange.
    expect(shared.stepTime / plain.stepTime).toBeGreaterThan(0.9);
    expect(shared.stepTime / plain.stepTime).toBeLessThan(1.2);
    expect(shared.memory.activations * 4).toBeCloseTo(plain.memory.activations, -9);
  });
});

function layoutOf(context: number) {
  const { layout } = trainingCase({
    model: "llama-3.1-8b",
    layout: { data: 8 / context, context, contextInner: Math.min(2, context) },
  });
  return layout;
}

describe("balance", () => {
  it.each(["ring", "all-gather"] as const)("contiguous: the last rank of %s has (2c - 1) / c of the mean", (name) => {
    for (const c of [2, 4, 8, 16]) {
      const pairs = pairsOf(workOf(c, { balance: "contiguous" }), name);
      expect(pairs / (wholePairs / c)).toBeCloseTo((2 * c - 1) / c, 3);
    }
  });

  it("is a term of its own, about (c - 1) / c of the attention", () => {
    const at = (contextBalance: "zig-zag" | "contiguous") => {
      const c = trainingCase({
        model: "llama-3.1-8b",
        sequenceLength: 131_072,
        layout: { context: 8, contextBalance },
      });
      return { step: stepEvaluator(c).evaluate(c.layout), parts: stepEvaluator(c).parts(c.layout, 0) };
    };
    const { step, parts } = at("contiguous");
    expect(at("zig-zag").step.busiest.imbalance).toBe(0);
    const attention = parts.forward.attention + parts.backward.attention;
    expect(step.busiest.imbalance / attention).toBeGreaterThan(0.8);
    expect(step.busiest.imbalance / attention).toBeLessThan(0.9);
  });
});

describe("limits", () => {
  it("hierarchical is the ring with one rank a group and all-to-all with all of them", () => {
    const { ring, hierarchical, "all-to-all": all } = contextMethods;
    const [one, eight] = [workOf(8, { inner: 1 }), workOf(8, { inner: 8 })];
    expect(hierarchical.bytes(one)).toEqual(ring.bytes(one));
    expect(hierarchical.bytes(eight)).toEqual(all.bytes(eight));
    expect(hierarchical.pass(eight)).toEqual(all.pass(eight));
    const kernels = kernelsOf(trainingCase({ model: "llama-3.1-8b" }).cluster.node.accelerator);
    const times = (work: ContextWork, method: keyof typeof contextMethods) =>
      callTimes(kernels, contextMethods[method].calls(work));
    expect(times(one, "hierarchical")).toEqual(times(one, "ring"));
    expect(times(eight, "hierarchical")).toEqual(times(eight, "all-to-all"));
  });

  it("heads that cannot be spread are named", () => {
    const problem = (work: ContextWork, name: ContextExchangeName) => contextMethods[name].problem(work);
    expect(problem(workOf(64), "all-to-all")).toBe("32 heads of a tensor rank cannot be spread over 64 context ranks");
    const three = workOf(4, { shape: { ...shape, keyValueHeads: 3 } });
    expect(problem(three, "all-to-all")).toMatch(/3 key-value heads .* neither spread over nor copied evenly/);
    expect(problem(workOf(64, { inner: 8 }), "hierarchical")).toBeUndefined();
    expect(problem(workOf(8, { inner: 3 }), "hierarchical")).toMatch(/cannot be grouped by 3/);
    expect(problem(workOf(64), "ring")).toBeUndefined();
  });

  it("a window needs only the rounds it reaches, and each rank the same pairs", () => {
    const windowed = workOf(8, { shape: { ...shape, window: 4096 } });
    // Chunks of 65,536 / 16 = 4,096 tokens: one round reaches them.
    expect(contextMethods.ring.bytes(windowed).forward).toBe(contextMethods.ring.bytes(workOf(8)).forward / 7);
    const whole = shape.sequences * shape.heads * attendedPairs({ ...shape, window: 4096 });
    expect(pairsOf(windowed, "ring") / (whole / 8)).toBeCloseTo(1, 1);
    const wide = workOf(8, { shape: { ...shape, window: 70_000 } });
    expect(contextMethods.ring.bytes(wide)).toEqual(contextMethods.ring.bytes(workOf(8)));
  });

  it("the ring hides all of its traffic under long attention and none under none", () => {
    const c = trainingCase({ model: "llama-3.1-8b", layout: { context: 8 } });
    const platform = platformOf(c.cluster);
    const group = { size: 8, perDomain: 8, stride: 1, sharing: 1 };
    const time = (seconds: number) =>
      contextMethods.ring.time(workOf(8), {
        platform,
        group,
        innerGroup: group,
        outerGroup: group,
        core: { forward: seconds, backward: 2.5 * seconds },
      });
    expect(time(10).forward + time(10).backward).toBe(0);
    expect(time(0).hidden.forward).toBe(0);
    expect(time(0).hidden.backward).toBeCloseTo(0, 15);
    // Twice the bytes; latency is paid once a round, of which backward has one more.
    expect(time(0).backward / time(0).forward).toBeGreaterThan(1.9);
    expect(time(0).backward / time(0).forward).toBeLessThan(2.2);
  });
});
