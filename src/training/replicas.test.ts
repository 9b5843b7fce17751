import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { slowestReplica } from "./replicas.ts";
import { type PipelineWork, pipelineTime, type Schedule, scheduleOf } from "./schedule/index.ts";
import { slowed } from "./stragglers/slowed.ts";

const times = fc.double({ min: 0.1, max: 10, noNaN: true });

function evenWork(ranks: number, forward: number, backward: number): PipelineWork {
  return {
    forward: new Float64Array(ranks).fill(forward),
    backward: new Float64Array(ranks).fill(backward),
    transfer: 0,
  };
}

describe("replicas that differ", () => {
  it("take as long as the slower of two, however many of each there are", () => {
    const kinds = fc.record({
      f: times,
      b: times,
      microBatches: fc.integer({ min: 1, max: 12 }),
      count: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(kinds, kinds, fc.integer({ min: 1, max: 6 }), (one, other, ranks) => {
        const schedule = scheduleOf("1f1b");
        const both = [one, other].map((kind) => ({ ...kind, work: evenWork(ranks, kind.f, kind.b) }));
        const alone = both.map((kind) => slowestReplica(schedule, { ranks, chunks: 1 }, [kind]).time);
        const slowest = slowestReplica(schedule, { ranks, chunks: 1 }, both);
        expect(slowest.time).toBe(Math.max(...alone));
        expect(alone[slowest.index]).toBe(slowest.time);
        const counts = both.map(({ count }) => count);
        const lost = counts.reduce((sum, count, index) => sum + count * (slowest.time - (alone[index] ?? 0)), 0);
        expect(slowest.waiting).toBeCloseTo(lost / ((counts[0] ?? 0) + (counts[1] ?? 0)), 9);
      }),
    );
  });

  it("have no say where there are none of them", () => {
    const kind = { work: evenWork(2, 1, 2), microBatches: 4, count: 3 };
    const none = { work: evenWork(2, 9, 9), microBatches: 4, count: 0 };
    const shape = { ranks: 2, chunks: 1 };
    expect(slowestReplica(scheduleOf("gpipe"), shape, [none, kind])).toMatchObject({ index: 1, waiting: 0 });
    expect(() => slowestReplica(scheduleOf("gpipe"), shape, [none])).toThrow("no replica");
  });
});

interface Draw {
  readonly ranks: number;
  readonly microBatches: number;
  readonly at: number;
  readonly f: number;
  readonly b: number;
  readonly factor: number;
}

describe("a slow stage of an even pipeline", () => {
  const draws: fc.Arbitrary<Draw> = fc.record({
    ranks: fc.integer({ min: 1, max: 8 }),
    microBatches: fc.integer({ min: 1, max: 24 }),
    at: fc.nat({ max: 7 }),
    f: times,
    b: times,
    factor: fc.double({ min: 1, max: 3, noNaN: true }),
  });
  /** What it costs. */
  const costOf = (schedule: Schedule, draw: Draw): number => {
    const { ranks, microBatches, at, f, b, factor } = draw;
    const [even, everywhere] = [evenWork(ranks, f, b), evenWork(ranks, factor * f, factor * b)];
    const work = slowed(
      even,
      Array.from({ length: ranks }, (_, rank) => (rank === at % ranks ? everywhere : undefined)),
    );
    const shape = { ranks, chunks: 1, microBatches };
    return pipelineTime(schedule, shape, work) - pipelineTime(schedule, shape, even);
  };

  it("costs exactly its excess in every micro-batch under GPipe, wherever it is: m (f + b) (factor - 1)", () => {
    fc.assert(
      fc.property(draws, (draw) => {
        const excess = (draw.f + draw.b) * (draw.factor - 1);
        expect(costOf(scheduleOf("gpipe"), draw)).toBeCloseTo(draw.microBatches * excess, 6);
      }),
    );
  });

  it("costs at most that under 1F1B, where up to p - 1 micro-batches hide it in the bubble", () => {
    fc.assert(
      fc.property(draws, (draw) => {
        const excess = (draw.f + draw.b) * (draw.factor - 1);
        const cost = costOf(scheduleOf("1f1b"), draw);
        expect(cost).toBeLessThanOrEqual(draw.microBatches * excess + 1e-9);
        expect(cost).toBeGreaterThanOrEqual((draw.microBatches - draw.ranks + 1) * excess - 1e-9);
      }),
    );
  });

  it("adds the hops that a slow link lengthens, in and out, to both passes", () => {
    const work = { ...evenWork(3, 1, 2), transfer: 0.5 };
    const slow = slowed(work, [undefined, { ...work, transfer: 0.75 }, undefined]);
    expect([...slow.forward]).toEqual([1, 1.5, 1]);
    expect([...slow.backward]).toEqual([2, 2.5, 2]);
    expect(slow.transfer).toBe(0.5);
  });
});
