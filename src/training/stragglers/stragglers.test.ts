import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomCases, trainingCase } from "../../../test/training-case.ts";
import { random } from "../../base/random.ts";
import { mean } from "../../base/statistics.ts";
import { predictTraining, type Straggler, type StragglerPlace, stepEvaluator, type TrainingCase } from "../index.ts";
import { scheduleOf, simulatePipeline } from "../schedule/index.ts";
import { expectedMaximum } from "./maximum.ts";
import { positionsOf, slotsOf } from "./positions.ts";
import { nominal, type Slowed } from "./straggler.ts";

/** 4 stages x 4 data ranks x tensor 8: a node is one stage of one data rank. */
const dense = trainingCase({ model: "llama-3.1-70b", layout: { tensor: 8, pipeline: 4, data: 4 }, globalBatch: 64 });
/** 64 experts over 8 nodes: 8 data ranks of a node and all nodes of a stage in lockstep. */
const routed = trainingCase({
  model: "deepseek-v3",
  layout: { pipeline: 4, data: 128, expert: 64, virtualStages: 1 },
  globalBatch: 128 * 16,
});

function straggler(place: StragglerPlace, factor: number, more: Partial<Straggler> = {}): Straggler {
  return { place, factor, what: "computation", probability: 1, ...more };
}

function added(c: TrainingCase, ...list: readonly Straggler[]): number {
  return stepEvaluator(c).stragglerEffect(c.layout, list).added;
}

const placesOf = (c: TrainingCase): fc.Arbitrary<StragglerPlace> => {
  const { pipeline, data } = c.layout;
  const below = (count: number): fc.Arbitrary<number> => fc.nat({ max: count - 1 });
  return fc.oneof(
    below(c.cluster.accelerators).map((rank) => ({ kind: "rank", rank }) as const),
    below(c.cluster.nodes).map((node) => ({ kind: "node", node }) as const),
    below(pipeline).map((stage) => ({ kind: "stage", stage }) as const),
    below(data).map((dataRank) => ({ kind: "data", dataRank }) as const),
    fc.double({ min: 0.001, max: 0.3, noNaN: true }).map((share) => ({ kind: "share", share }) as const),
  );
};

const situations = randomCases.chain((c) =>
  fc.record({
    c: fc.constant(c),
    place: placesOf(c),
    what: fc.constantFrom<Slowed>("computation", "communication", "network", "both"),
    factor: fc.double({ min: 1, max: 2, noNaN: true }),
    more: fc.double({ min: 1, max: 1.5, noNaN: true }),
    probability: fc.double({ min: 0.01, max: 1, noNaN: true }),
  }),
);
const runs = { numRuns: 40 };

describe("properties over random cases", () => {
  it("a factor of 1 changes nothing, to the last digit", () => {
    fc.assert(
      fc.property(situations, ({ c, place, what, probability }) => {
        const step = stepEvaluator(c).evaluate(c.layout);
        const stragglers = { list: [straggler(place, 1, { what, probability })], seed: 0 };
        expect(stepEvaluator({ ...c, stragglers }).evaluate(c.layout)).toEqual(step);
      }),
      runs,
    );
  });

  it("rises with the factor, the probability and the number of slow places, and never above the factor", () => {
    fc.assert(
      fc.property(situations, ({ c, place, what, factor, more, probability }) => {
        const evaluator = stepEvaluator(c);
        const { stepTime } = evaluator.evaluate(c.layout);
        const effect = (...list: Straggler[]): number => evaluator.stragglerEffect(c.layout, list).added;
        const slack = 1e-9 * stepTime;
        const some = effect(straggler(place, factor, { what, probability }));
        expect(some).toBeGreaterThanOrEqual(0);
        expect(effect(straggler(place, factor * more, { what, probability }))).toBeGreaterThanOrEqual(some - slack);
        expect(effect(straggler(place, factor, { what }))).toBeGreaterThanOrEqual(some - slack);
        const first = straggler({ kind: "rank", rank: 0 }, factor, { what });
        expect(effect(straggler(place, factor, { what }), first)).toBeGreaterThanOrEqual(effect(first) - slack);
        // Hops of slow links are counted at both ends, which only short transfers could ever feel.
        if (what === "computation") expect(some).toBeLessThanOrEqual((factor - 1) * stepTime + slack);
      }),
      runs,
    );
  });
});

describe("a pass without gradients", () => {
  const pass = { name: "reference", model: dense.model, weights: "resident", adapters: "off", share: 1 } as const;
  const preference = { ...dense, objective: { method: "dpo", head: "vocabulary", passes: [pass] } } as const;
  const time = (slowness = nominal): number =>
    stepEvaluator(preference, undefined, slowness).evaluate(dense.layout).auxiliary[0]?.time ?? Number.NaN;

  it("is as slow as the cluster where all of it is slow", () => {
    const all = straggler({ kind: "share", share: 1 }, 2);
    const more = added(preference, all) - added(dense, all);
    expect(more).toBeCloseTo(time({ ...nominal, computation: 2 }) - time(), 6);
    // Exposed tensor exchange is no slower.
    expect(more / time()).toBeGreaterThan(0.7);
  });

  it("waits for one slow stage in every micro-batch, and removing that is worth it", () => {
    const one = straggler({ kind: "stage", stage: 1, dataRank: 2 }, 1.5);
    const { auxiliary, microBatches } = stepEvaluator(preference).evaluate(dense.layout);
    const slow = stepEvaluator(preference, undefined, { ...nominal, computation: 1.5 }).evaluate(dense.layout);
    const [before, after] = [auxiliary[0]?.work.forward, slow.auxiliary[0]?.work.forward];
    const longest = Math.max(...(before ?? []), after?.[1] ?? 0) - Math.max(...(before ?? []));
    const more = added(preference, one) - added(dense, one);
    expect(more).toBeGreaterThan((microBatches - 1) * longest - 1e-9);
    expect(more).toBeLessThanOrEqual(time() * 0.5 + 1e-9);
    const [removal] = predictTraining({ ...preference, stragglers: { list: [one], seed: 0 } }).removals;
    const [plain] = predictTraining({ ...dense, stragglers: { list: [one], seed: 0 } }).removals;
    expect(removal?.gain).toBeGreaterThan(plain?.gain ?? 1);
  });
});

describe("a pipeline with one slow stage", () => {
  const everywhere = stepEvaluator(dense, undefined, { ...nominal, computation: 1.3 }).evaluate(dense.layout);
  const evaluator = stepEvaluator(dense);
  const healthy = evaluator.evaluate(dense.layout);

  it("is the event simulation with that stage's work scaled", () => {
    for (const stage of [0, 1, 3]) {
      const { chunks, forward, backward } = { chunks: 1, ...healthy.work };
      const mixed = { ...healthy.work, forward: Float64Array.from(forward), backward: Float64Array.from(backward) };
      mixed.forward[stage * chunks] = everywhere.work.forward[stage * chunks] ?? 0;
      mixed.backward[stage * chunks] = everywhere.work.backward[stage * chunks] ?? 0;
      const shape = { ranks: 4, chunks, microBatches: healthy.microBatches };
      const run = simulatePipeline(scheduleOf("1f1b"), shape, mixed);
      const expected = run.time - healthy.pipeline + (everywhere.optimizer - healthy.optimizer);
      const found = added(dense, straggler({ kind: "stage", stage, dataRank: 2 }, 1.3));
      expect(found).toBeCloseTo(expected, 9);
      // At most its excess in every micro-batch, and at least as often as a pipeline's path runs through it.
      const excess = mixed.forward[stage]! + mixed.backward[stage]! - forward[stage]! - backward[stage]!;
      expect(run.time - healthy.pipeline).toBeLessThanOrEqual(healthy.microBatches * excess + 1e-9);
    }
  });

  it("costs the same on whichever rank, node or data rank of the stage it sits", () => {
    const cell = added(dense, straggler({ kind: "stage", stage: 1, dataRank: 2 }, 1.2));
    // Stage 1 begins at rank 32; data rank 2 of it is node 6.
    expect(added(dense, straggler({ kind: "rank", rank: 32 + 16 + 5 }, 1.2))).toBe(cell);
    expect(added(dense, straggler({ kind: "node", node: 6 }, 1.2))).toBe(cell);
    expect(added(dense, straggler({ kind: "stage", stage: 1 }, 1.2))).toBe(cell);
    expect(added(dense, straggler({ kind: "data", dataRank: 0 }, 1.2))).toBeGreaterThan(cell);
  });

  it("waits for the slower of two data ranks, and for both in one", () => {
    const at = (stage: number, dataRank: number, factor: number): Straggler =>
      straggler({ kind: "stage", stage, dataRank }, factor);
    const [one, other] = [added(dense, at(1, 0, 1.2)), added(dense, at(2, 3, 1.4))];
    expect(added(dense, at(1, 0, 1.2), at(2, 3, 1.4))).toBe(Math.max(one, other));
    expect(added(dense, at(1, 0, 1.2), at(2, 0, 1.4))).toBeGreaterThan(Math.max(one, other));
  });
});

describe("who waits inside a layer", () => {
  it("couples the data ranks of an expert group, so that slow stages of two of them add up", () => {
    expect(positionsOf(dense)).toMatchObject({ groups: 4, dataRanks: 1, stages: 4, nodes: 16 });
    expect(positionsOf(routed)).toMatchObject({ groups: 2, dataRanks: 64, stages: 4, nodes: 64 });
    const at = (stage: number, dataRank: number): Straggler => straggler({ kind: "stage", stage, dataRank }, 1.3);
    const [one, same, apart] = [
      added(routed, at(1, 3)),
      added(routed, at(1, 3), at(2, 60)),
      added(routed, at(1, 3), at(2, 70)),
    ];
    expect(same).toBeGreaterThan(1.02 * one);
    expect(apart).toBeCloseTo(Math.max(one, added(routed, at(2, 70))), 9);
  });

  it("couples all data ranks where weights are gathered in every layer", () => {
    const sharded = trainingCase({
      model: "llama-3.1-8b",
      layout: { data: 16, sharding: "full" },
      software: "llm-foundry@0.1",
    });
    expect(positionsOf(sharded)).toMatchObject({ groups: 1, dataRanks: 16 });
    const hybrid = { ...sharded, layout: { ...sharded.layout, sharding: "hybrid" as const, shardGroup: 8 } };
    expect(positionsOf(hybrid)).toMatchObject({ groups: 2, dataRanks: 8 });
  });

  it("finds every stage of a node that spans some", () => {
    const small = trainingCase({ model: "llama-3.1-8b", layout: { pipeline: 4, data: 4 } });
    const node = slotsOf({ kind: "node", node: 1 }, positionsOf(small), small);
    expect(node.map(({ group, stage }) => [group, stage])).toEqual(
      [2, 3].flatMap((stage) => [0, 1, 2, 3].map((group) => [group, stage])),
    );
  });
});

describe("slow links", () => {
  it("hold up every transfer of the place, or only those that leave its node", () => {
    const at = (what: Slowed): number => added(dense, straggler({ kind: "rank", rank: 9 }, 2, { what }));
    const [communication, network, both] = [at("communication"), at("network"), at("both")];
    // Tensor parallelism stays inside the node.
    expect(network).toBeGreaterThan(0);
    expect(network).toBeLessThan(0.6 * communication);
    expect(both).toBeGreaterThan(communication);
    expect(both).toBeGreaterThan(at("computation"));
  });
});

describe("chance", () => {
  it("is P(any) = 1 - (1 - x)^N where one slow place is as bad as many", () => {
    const x = 0.005;
    const outcomes = [
      { probability: 1 - x, value: 2 },
      { probability: x, value: 3 },
    ];
    expect(expectedMaximum([{ count: 100, outcomes }])).toBeCloseTo(2 + (1 - (1 - x) ** 100), 12);
    // One stage and 16 nodes, each a data rank: all that matters is whether any is slow.
    const flat = trainingCase({ model: "llama-3.1-8b", layout: { tensor: 8, data: 16 }, globalBatch: 256 });
    const sure = added(flat, straggler({ kind: "node", node: 3 }, 1.1));
    const share = added(flat, straggler({ kind: "share", share: x }, 1.1));
    expect(share).toBeCloseTo(sure * (1 - (1 - x) ** 16), 9);
  });

  it("is the mean over steps of a transient, and exact against all states added up by hand", () => {
    const sure = added(dense, straggler({ kind: "node", node: 6 }, 1.2));
    expect(added(dense, straggler({ kind: "node", node: 6 }, 1.2, { probability: 0.25 }))).toBeCloseTo(sure / 4, 12);
    const [a, b] = [straggler({ kind: "node", node: 6 }, 1.2), straggler({ kind: "node", node: 2 }, 1.4)];
    const both = added(dense, { ...a, probability: 0.3 }, { ...b, probability: 0.1 });
    const byHand = 0.3 * 0.9 * added(dense, a) + 0.7 * 0.1 * added(dense, b) + 0.03 * added(dense, a, b);
    expect(both).toBeCloseTo(byHand, 12);
  });

  it("draws states where there are too many, near the sum over all of a smaller pipeline, and the same every time", () => {
    const deep = trainingCase({
      model: "llama-3.1-70b",
      layout: { tensor: 8, pipeline: 16, data: 2 },
      globalBatch: 64,
    });
    const list = [straggler({ kind: "share", share: 0.02 }, 1.2)];
    const effect = stepEvaluator(deep).stragglerEffect(deep.layout, list);
    expect(effect.states).toBe("drawn");
    expect(stepEvaluator(deep).stragglerEffect(deep.layout, list)).toEqual(effect);
    // The mean over draws of all nodes at once, which knows nothing of groups.
    const evaluator = stepEvaluator(deep);
    const stream = random(1).stream("test");
    const draws = Array.from({ length: 4000 }, () => {
      const slow = Array.from({ length: 32 }, (_, node) => node).filter(() => stream.uniform() < 0.02);
      const nodes = slow.map((node) => straggler({ kind: "node", node }, 1.2));
      return evaluator.stragglerEffect(deep.layout, nodes).added;
    });
    expect(effect.added / mean(draws)).toBeGreaterThan(0.85);
    expect(effect.added / mean(draws)).toBeLessThan(1.15);
    expect(stepEvaluator(dense).stragglerEffect(dense.layout, list).states).toBe("all");
  });
});

describe("MegaScale's stragglers: 0.5 % of machines, 10 % slower, + 0.7 % of utilisation without them", () => {
  /** GPT-3 175B on A100, tensor 8 x pipeline 8 with 6 chunks. */
  const megascale = (data: number, globalBatch: number): TrainingCase =>
    trainingCase({
      model: "gpt-3-175b",
      node: "hgx-a100",
      software: "megatron@2022",
      sequenceLength: 2048,
      globalBatch,
      layout: {
        tensor: 8,
        sequenceParallel: "on",
        pipeline: 8,
        virtualStages: 6,
        schedule: "interleaved",
        data,
        recompute: "selective",
      },
    });
  /** Points of utilisation that removing them gains, of 55 %. */
  const points = (c: TrainingCase, factor: number): number => {
    const { stepTime } = stepEvaluator(c).evaluate(c.layout);
    return 55 * (1 - stepTime / (stepTime + added(c, straggler({ kind: "share", share: 0.005 }, factor))));
  };

  it("cost half a point averaged over jobs of 256 GPUs, most of which have none", () => {
    expect(points(megascale(4, 768), 1.1)).toBeGreaterThan(0.35);
    expect(points(megascale(4, 768), 1.1)).toBeLessThan(1.4);
  });

  it("cost three points of 12,288 GPUs where all kernels are slow, and 0.8 where only the forward pass is", () => {
    const large = megascale(192, 6144);
    expect(points(large, 1.1)).toBeGreaterThan(2.5);
    expect(points(large, 1.1)).toBeLessThan(4);
    expect(points(large, 1 + 0.1 / 3)).toBeGreaterThan(0.5);
    expect(points(large, 1 + 0.1 / 3)).toBeLessThan(1.2);
  });
});
