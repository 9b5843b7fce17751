import { describe, expect, it } from "vitest";
import { type CaseText, trainingCase } from "../../../test/training-case.ts";
import { random } from "../../base/random.ts";
import { checkTerm, findTerm } from "../../base/term.ts";
import { kernelsOf } from "../../compute/index.ts";
import { type ContextWork, contextMethods } from "../exchange/context/index.ts";
import { modelFlop } from "../flop.ts";
import { predictTraining } from "../predict.ts";
import { scheduleOf, simulatePipeline } from "../schedule/index.ts";
import { stepEvaluator } from "../step.ts";
import { assignRows } from "./balance.ts";
import { type CoreTime, microBatchCore } from "./core.ts";
import { drawLength } from "./distribution.ts";
import { documentGroups, drawRows } from "./draw.ts";
import type { LengthDistribution, SequenceLengths } from "./lengths.ts";
import { packRows } from "./packing.ts";
import { unevenPipeline } from "./pipeline.ts";

const histogram: LengthDistribution = {
  kind: "histogram",
  bins: [
    { upTo: 512, share: 0.5 },
    { upTo: 4096, share: 0.4 },
    { upTo: 16_384, share: 0.1 },
  ],
};

const lengthsOf = (change: Partial<SequenceLengths> = {}): SequenceLengths => ({
  distribution: histogram,
  packing: "none",
  padding: "longest",
  masking: "documents",
  balance: "none",
  contextCut: "document",
  seed: 0,
  ...change,
});

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

const unevenCase = (change: Partial<SequenceLengths> = {}, text: Partial<CaseText> = {}) =>
  trainingCase({
    model: "llama-3.1-8b",
    sequenceLength: 16_384,
    globalBatch: 64,
    layout: { data: 8 },
    ...text,
    lengths: lengthsOf(change),
  });

describe("distributions", () => {
  it("are drawn in their shares", () => {
    const stream = random(1).stream("test");
    const drawn = Array.from({ length: 20_000 }, () => drawLength(histogram, stream));
    expect(drawn.filter((length) => length <= 512).length / 20_000).toBeCloseTo(0.5, 1);
    expect(drawn.filter((length) => length > 4096).length / 20_000).toBeCloseTo(0.1, 1);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(16_384);
    const normal = Array.from({ length: 20_001 }, () =>
      drawLength({ kind: "lognormal", median: 1000, p99: 20_000 }, stream),
    ).sort((a, b) => a - b);
    expect((normal[10_000] ?? 0) / 1000).toBeCloseTo(1, 1);
    expect((normal[19_801] ?? 0) / 20_000).toBeGreaterThan(0.85);
    expect((normal[19_801] ?? 0) / 20_000).toBeLessThan(1.15);
  });

  it("without packing hold every sample in its share over all drawn steps", () => {
    const { steps } = drawRows(
      { sequenceLength: 4096, globalBatch: 64 },
      lengthsOf({ distribution: { kind: "samples", lengths: [100, 4000] } }),
    );
    const all = steps.flat().flat();
    expect(all.filter((length) => length === 100)).toHaveLength(all.length / 2);
  });
});

describe("packing", () => {
  const stream = () => random(3).stream("lengths");
  const rows = (packing: SequenceLengths["packing"], capacity = 16_384) => {
    const drawn = stream();
    return packRows(packing, {
      capacity,
      count: 256,
      draw: () => drawLength(histogram, drawn),
      order: random(3).stream("order"),
    });
  };

  it.each(["none", "greedy", "best-fit"] as const)("%s never overfills a row", (packing) => {
    for (const row of rows(packing)) expect(sum(row)).toBeLessThanOrEqual(16_384);
    for (const row of rows(packing, 1000)) expect(sum(row)).toBeLessThanOrEqual(1000);
    expect(rows(packing)).toHaveLength(256);
  });

  it("greedy keeps the order; best-fit wastes less, packing none the most", () => {
    const drawn = stream();
    const flat = rows("greedy").flat();
    expect(flat.slice(0, 500)).toEqual(Array.from({ length: 500 }, () => drawLength(histogram, drawn)));
    const filled = (packing: SequenceLengths["packing"]) => sum(rows(packing).flat());
    expect(filled("best-fit")).toBeGreaterThan(filled("greedy"));
    expect(filled("greedy")).toBeGreaterThan(filled("none"));
    expect(filled("best-fit") / (256 * 16_384)).toBeGreaterThan(0.99);
  });

  it("best-fit takes the fullest row with room", () => {
    const given = [60, 45, 40, 30, 25, 100];
    const packed = packRows("best-fit", {
      capacity: 100,
      count: 3,
      draw: () => given.shift() ?? 1,
      order: random(0).stream("order"),
    });
    expect(packed.map((row) => [...row]).sort((a, b) => (b[0] ?? 0) - (a[0] ?? 0))).toEqual([
      [100],
      [60, 40],
      [45, 30, 25],
    ]);
  });
});

describe("balancers", () => {
  const places = { ranks: 4, microBatches: 8, rows: 2 };
  const work = Float64Array.from({ length: 64 }, (_, index) => 1 + ((index * 37) % 64) ** 2);
  const loads = (placed: Int32Array): number[] =>
    Array.from({ length: 4 }, (_, rank) => sum(placed.slice(rank * 16, (rank + 1) * 16).map((row) => work[row] ?? 0)));

  it.each(["none", "sorted", "workload"] as const)("%s gives each row one place", (balance) => {
    for (const packed of [true, false]) {
      const placed = assignRows(balance, work, places, packed);
      expect([...placed].sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, row) => row));
    }
  });

  it("workload comes within the bound of the rule, sorted is no worse than none", () => {
    const most = (balance: SequenceLengths["balance"]) => Math.max(...loads(assignRows(balance, work, places, true)));
    const mean = sum(work) / 4;
    expect(most("workload")).toBeLessThan(mean * (4 / 3));
    expect(most("workload") / mean).toBeLessThan(1.02);
    expect(most("sorted")).toBeLessThanOrEqual(most("none"));
  });

  it("sorted puts rows of like work together", () => {
    const placed = assignRows("sorted", work, places, true);
    const apart = (order: Int32Array) => {
      let total = 0;
      for (let at = 0; at < 64; at += 2)
        total += Math.abs((work[order[at] ?? 0] ?? 0) - (work[order[at + 1] ?? 0] ?? 0));
      return total;
    };
    expect(apart(placed)).toBeLessThan(apart(assignRows("none", work, places, true)) / 5);
  });
});

describe("the core of a micro-batch", () => {
  const kernels = kernelsOf(trainingCase({ model: "llama-3.1-8b" }).cluster.node.accelerator);
  const shape = {
    sequences: 1,
    queries: 65_536,
    keys: 65_536,
    heads: 32,
    keyValueHeads: 8,
    headDim: 128,
    valueHeadDim: 128,
    causal: "causal",
  } as const;
  const work = (ranks: number, balance: ContextWork["balance"] = "zig-zag"): ContextWork => ({
    shape,
    ranks,
    inner: 1,
    balance,
  });
  const core = (contextCut: "document" | "row", ranks = 1, balance?: ContextWork["balance"]) =>
    microBatchCore({
      kernels,
      method: ranks === 1 ? undefined : contextMethods["all-gather"],
      work: work(ranks, balance),
      contextCut,
    });

  it("is the kernel's for one whole sequence, and that of a batch for several", () => {
    const alone = core("document");
    expect(alone([[65_536]]).forward / kernels.attention(shape)).toBeCloseTo(1, 9);
    const three = alone([[65_536], [65_536], [65_536]]);
    expect(three.forward / kernels.attention({ ...shape, sequences: 3 })).toBeCloseTo(1, 9);
    expect(three.backward / kernels.attentionBackward({ ...shape, sequences: 3 })).toBeCloseTo(1, 9);
  });

  it("falls with the squares of the sequences that a row holds", () => {
    const alone = core("document");
    const halves = alone([[32_768, 32_768]]);
    expect(halves.forward / alone([[65_536]]).forward).toBeGreaterThan(0.5);
    expect(halves.forward / alone([[65_536]]).forward).toBeLessThan(0.53);
  });

  it("of a row that one sequence fills is even over ranks; of unequal ones it is not", () => {
    const row = core("row", 4);
    const even = row([[65_536]]);
    expect(even.excessForward / even.forward).toBeLessThan(1e-3);
    const uneven = row([[49_152, 8192, 8192]]);
    expect(uneven.excessForward / uneven.forward).toBeGreaterThan(0.2);
    expect(core("document", 4)([[49_152, 8192, 8192]]).excessForward).toBe(0);
    // However it is cut, all ranks together do the same work.
    expect(4 * uneven.forward).toBeGreaterThan(core("document")([[49_152, 8192, 8192]]).forward);
    expect(uneven.forward + uneven.excessForward).toBeLessThan(core("document")([[49_152, 8192, 8192]]).forward);
  });

  it("of a contiguous cut leaves the last rank (2c - 1) / c of the mean", () => {
    const row = core("row", 8, "contiguous")([[65_536]]);
    // Starts, tails and half-masked tiles are even.
    const over = (core: CoreTime) => (core.forward + core.excessForward) / core.forward / (15 / 8);
    expect(over(row)).toBeGreaterThan(0.95);
    expect(over(row)).toBeLessThanOrEqual(1);
    const document = core("document", 8, "contiguous")([[65_536]]);
    expect(over(document)).toBeGreaterThan(0.95);
    expect(over(document)).toBeLessThanOrEqual(1);
  });
});

describe("the pipeline", () => {
  it("of one stage is the busiest rank's sum in each step", () => {
    const work = { forward: Float64Array.of(1), backward: Float64Array.of(2), transfer: 0 };
    const amount = Float64Array.of(0.5, -0.5, 0.25, -0.25, 0, 0.5, 0, -0.5);
    const feature = { forward: Float64Array.of(0.2), backward: Float64Array.of(0.4), amount };
    const places = { ranks: 2, microBatches: 2, rows: 1 };
    const run = unevenPipeline(
      { schedule: scheduleOf("1f1b"), shape: { ranks: 1, chunks: 1, microBatches: 2 }, work, waiting: "step" },
      [feature],
      { places, steps: 2 },
    );
    // Step one: both ranks' amounts add up to 0; step two: 0.5 and -0.5.
    expect(run.time).toBeCloseTo(6 + (0 + 0.6 * 0.5) / 2, 12);
    expect(run.data).toBeCloseTo(0.15, 12);
    expect(run.pipeline).toBeCloseTo(0, 12);
  });

  it("that waits in every micro-batch is the slowest at each place", () => {
    const work = { forward: Float64Array.of(1), backward: Float64Array.of(2), transfer: 0 };
    const amount = Float64Array.of(0.5, -0.5, -0.5, 0.5);
    const feature = { forward: Float64Array.of(0.2), backward: Float64Array.of(0.4), amount };
    const places = { ranks: 2, microBatches: 2, rows: 1 };
    const shape = { ranks: 1, chunks: 1, microBatches: 2 };
    const at = (waiting: "step" | "micro-batch") =>
      unevenPipeline({ schedule: scheduleOf("1f1b"), shape, work, waiting }, [feature], { places, steps: 1 });
    expect(at("step").time).toBeCloseTo(6, 12);
    expect(at("micro-batch")).toEqual({
      time: 6.6,
      data: 0,
      pipeline: expect.closeTo(0.6, 12) as number,
      deviation: 0,
    });
  });

  it("adds independent differences, as the simulation with both does", () => {
    const shape = { ranks: 2, chunks: 1, microBatches: 3 };
    const work = { forward: Float64Array.of(1, 1), backward: Float64Array.of(2, 2), transfer: 0 };
    const one = { forward: Float64Array.of(1, 0), backward: Float64Array.of(0, 0), amount: Float64Array.of(1, 0, -1) };
    const two = { forward: Float64Array.of(0, 1), backward: Float64Array.of(0, 1), amount: Float64Array.of(0, 2, -2) };
    const places = { ranks: 1, microBatches: 3, rows: 1 };
    const run = unevenPipeline({ schedule: scheduleOf("1f1b"), shape, work, waiting: "step" }, [one, two], {
      places,
      steps: 1,
    });
    const both = simulatePipeline(scheduleOf("1f1b"), shape, { ...work, varying: { ...one, also: two } });
    expect(run.time).toBe(both.time);
    expect(run.data).toBe(0);
  });
});

describe("a step of equal sequences", () => {
  const layouts: readonly NonNullable<CaseText["layout"]>[] = [
    { data: 8 },
    { pipeline: 4, data: 2, microBatch: 2 },
    { tensor: 2, sequenceParallel: "on", context: 2, data: 2 },
    { pipeline: 2, virtualStages: 2, schedule: "interleaved", data: 4, sharding: "full" },
  ];
  it.each(layouts)("is that of plain ones to the last digit: %j", (layout) => {
    const plain = trainingCase({ model: "llama-3.1-8b", sequenceLength: 8192, globalBatch: 64, layout });
    const expected = predictTraining(plain);
    for (const packing of ["none", "greedy", "best-fit"] as const) {
      for (const balance of ["none", "workload"] as const) {
        const lengths = lengthsOf({ distribution: { kind: "samples", lengths: [8192, 8192] }, packing, balance });
        const run = predictTraining({ ...plain, lengths });
        expect(run.stepTime).toBe(expected.stepTime);
        expect(run.term).toEqual(expected.term);
        expect(run.memory).toEqual(expected.memory);
        expect(run.breakdown.tokens).toBe(64 * 8192);
        expect(run.modelFlop / expected.modelFlop).toBeCloseTo(1, 12);
      }
    }
  });

  it("packed several to a row differs from none to none", () => {
    const { breakdown } = predictTraining(
      unevenCase({ distribution: { kind: "samples", lengths: [4096] }, packing: "greedy" }),
    );
    expect(breakdown.lengths?.data).toBe(0);
    expect(breakdown.lengths?.pipeline).toBe(0);
    expect(breakdown.tokens).toBe(64 * 16_384);
  });

  it("unmasked in full rows is that of rows", () => {
    const packed = unevenCase({
      distribution: { kind: "samples", lengths: [4096] },
      packing: "greedy",
      masking: "none",
    });
    const { lengths: _, ...plain } = packed;
    expect(predictTraining(packed).stepTime).toBe(predictTraining(plain).stepTime);
  });
});

describe("a step of unequal sequences", () => {
  it.each([
    [{ data: 8 }, {}],
    [{ pipeline: 4, data: 2 }, { packing: "best-fit" }],
    [
      { context: 4, data: 2 },
      { packing: "greedy", contextCut: "row" },
    ],
    [{ context: 2, contextBalance: "contiguous", data: 4 }, { packing: "greedy" }],
    [{ pipeline: 2, virtualStages: 4, schedule: "interleaved", data: 4, recompute: "full" }, { balance: "sorted" }],
  ] as const)("adds up over %j with %j", (layout, change) => {
    const run = predictTraining(unevenCase(change, { layout }));
    checkTerm(run.term);
    expect(run.term.value / run.stepTime).toBeCloseTo(1, 9);
    expect(findTerm(run.term, "lengthImbalance")?.value).toBeGreaterThan(0);
    const plain = predictTraining(
      trainingCase({ model: "llama-3.1-8b", sequenceLength: 16_384, globalBatch: 64, layout }),
    );
    expect(run.stepTime).toBeLessThan(plain.stepTime);
  });

  it("a row cut over ranks has a context part, each sequence cut has none", () => {
    const part = (contextCut: "row" | "document") =>
      findTerm(
        predictTraining(unevenCase({ packing: "greedy", contextCut }, { layout: { context: 4, data: 2 } })).term,
        "lengthImbalance/context",
      )?.value ?? 0;
    expect(part("row")).toBeGreaterThan(0);
    expect(part("document")).toBe(0);
  });

  it("balancers take part of it away, and say so", () => {
    const at = (packing: SequenceLengths["packing"], balance: SequenceLengths["balance"]) =>
      stepEvaluator(unevenCase({ packing, balance })).evaluate(unevenCase().layout).stepTime;
    for (const packing of ["none", "greedy", "best-fit"] as const) {
      expect(at(packing, "workload")).toBeLessThanOrEqual(at(packing, "sorted") * 1.001);
      expect(at(packing, "sorted")).toBeLessThan(at(packing, "none"));
    }
    const { assumptions } = predictTraining(unevenCase({ packing: "greedy" }));
    const gain = assumptions.find(({ path }) => path === "workload.lengths.balance");
    expect(gain?.reason).toMatch(/^step time by balancer: none .* s, sorted .*\(-\d+\.\d %\), workload .*\(-\d/);
    expect(assumptions.some(({ value }) => / % of the computed tokens are padding$/.test(value))).toBe(true);
  });

  it("counts model FLOP at each sequence's own length", () => {
    const c = unevenCase({ packing: "greedy" });
    const rows = drawRows(c, lengthsOf({ packing: "greedy" }));
    const { lengths: _, ...plain } = c;
    let flop = 0;
    for (const length of rows.steps.flat().flat())
      flop += modelFlop({ ...plain, sequenceLength: length, globalBatch: 1 }, "megatron-core-2024") / rows.steps.length;
    expect(modelFlop(c, "megatron-core-2024") / flop).toBeCloseTo(1, 9);
    expect(sum(documentGroups(lengthsOf(), rows).map(({ tokens }) => tokens)) / rows.tokens).toBeCloseTo(1, 12);
  });

  it("is the same twice, and another with another seed", () => {
    const at = (seed: number) => predictTraining(unevenCase({ seed })).stepTime;
    expect(at(1)).toBe(at(1));
    expect(at(1)).not.toBe(at(2));
    expect(Math.abs(at(1) / at(2) - 1)).toBeLessThan(0.1);
  });
});
