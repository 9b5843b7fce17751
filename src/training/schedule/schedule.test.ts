import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scheduleOf } from "./index.ts";
import { evenTime, pipelineTime } from "./pipeline-time.ts";
import { type PipelineWork, simulatePipeline } from "./simulate.ts";

/** Backward takes `ratio` times the forward. */
function work(
  ranks: number,
  chunks: number,
  forward: (stage: number) => number,
  transfer = 0,
  ratio = 2,
): PipelineWork {
  const f = new Float64Array(ranks * chunks);
  const b = new Float64Array(ranks * chunks);
  for (let rank = 0; rank < ranks; rank++) {
    for (let chunk = 0; chunk < chunks; chunk++) {
      f[rank * chunks + chunk] = forward(chunk * ranks + rank);
      b[rank * chunks + chunk] = ratio * forward(chunk * ranks + rank);
    }
  }
  return { forward: f, backward: b, transfer };
}

const shapes = fc.record({
  ranks: fc.integer({ min: 2, max: 8 }),
  groups: fc.integer({ min: 1, max: 12 }),
  chunks: fc.integer({ min: 2, max: 4 }),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

describe("pipeline schedules", () => {
  it("equal their closed forms when all stages are alike", () => {
    fc.assert(
      fc.property(shapes, ({ ranks, groups, chunks }) => {
        for (const name of ["gpipe", "1f1b", "interleaved"]) {
          const shape = { ranks, chunks: name === "interleaved" ? chunks : 1, microBatches: ranks * groups };
          const even = work(ranks, shape.chunks, () => 0.25);
          const closed = evenTime(scheduleOf(name), shape, even);
          const simulated = simulatePipeline(scheduleOf(name), shape, even).time;
          expect(Math.abs((closed ?? Number.NaN) / simulated - 1)).toBeLessThan(1e-9);
        }
      }),
    );
  });

  it("may skip the steady state without changing the time", () => {
    const long = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(shapes, long, fc.constantFrom(0.1, 1, 2, 5), ({ ranks, chunks, seed }, groups, ratio) => {
        for (const name of ["gpipe", "1f1b", "interleaved"]) {
          const shape = {
            ranks,
            chunks: name === "interleaved" ? chunks : 1,
            microBatches: ranks * groups + (name === "interleaved" ? 0 : seed % ranks),
          };
          const uneven = work(
            ranks,
            shape.chunks,
            (stage) => 1 + ((seed * (stage + 3)) % 7) / 20,
            (seed % 5) / 50,
            ratio,
          );
          const whole = simulatePipeline(scheduleOf(name), shape, uneven).time;
          expect(Math.abs(pipelineTime(scheduleOf(name), shape, uneven) / whole - 1)).toBeLessThan(1e-9);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("take each hop's own time where they differ", () => {
    const long = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(shapes, long, ({ ranks, chunks, seed }, groups) => {
        for (const name of ["gpipe", "1f1b", "interleaved"]) {
          const shape = { ranks, chunks: name === "interleaved" ? chunks : 1, microBatches: ranks * groups };
          const uneven = work(ranks, shape.chunks, (stage) => 1 + ((seed * (stage + 3)) % 7) / 20, 0.1);
          const hops = new Float64Array(ranks).map((_, rank) => ((seed * (rank + 1)) % 11) / 5);
          const whole = simulatePipeline(scheduleOf(name), shape, { ...uneven, hops }).time;
          expect(Math.abs(pipelineTime(scheduleOf(name), shape, { ...uneven, hops }) / whole - 1)).toBeLessThan(1e-9);
          const alike = pipelineTime(scheduleOf(name), shape, { ...uneven, hops: hops.fill(0.1) });
          expect(Math.abs(alike / pipelineTime(scheduleOf(name), shape, uneven) - 1)).toBeLessThan(1e-9);
        }
      }),
    );
  });

  it("take each micro-batch's own time where they differ", () => {
    const even = work(4, 1, () => 1);
    const shape = { ranks: 4, chunks: 1, microBatches: 8 };
    const vary = (amount: readonly number[]) => ({
      ...even,
      varying: { forward: even.forward, backward: even.backward, amount: new Float64Array(amount) },
    });
    const timeOf = (amount: readonly number[]) => pipelineTime(scheduleOf("1f1b"), shape, vary(amount));
    expect(timeOf(new Array<number>(8).fill(0))).toBeCloseTo(pipelineTime(scheduleOf("1f1b"), shape, even), 9);
    expect(timeOf(new Array<number>(8).fill(0.5))).toBeCloseTo(1.5 * pipelineTime(scheduleOf("1f1b"), shape, even), 9);
    expect(timeOf([0.5, -0.5, 0.5, -0.5, 0.5, -0.5, 0.5, -0.5])).toBeGreaterThan(timeOf(new Array<number>(8).fill(0)));
  });

  it("never beat the busiest rank and never run slower with less work", () => {
    fc.assert(
      fc.property(shapes, ({ ranks, groups, chunks, seed }) => {
        const shape = { ranks, chunks, microBatches: ranks * groups };
        const slow = work(ranks, chunks, (stage) => 1 + ((seed * (stage + 1)) % 5) / 10, 0.05);
        const fast = work(ranks, chunks, (stage) => 0.9 + ((seed * (stage + 1)) % 5) / 10, 0.04);
        const time = pipelineTime(scheduleOf("interleaved"), shape, slow);
        let busiest = 0;
        for (let rank = 0; rank < ranks; rank++) {
          let sum = 0;
          for (let chunk = 0; chunk < chunks; chunk++)
            sum += (slow.forward[rank * chunks + chunk] ?? 0) + (slow.backward[rank * chunks + chunk] ?? 0);
          busiest = Math.max(busiest, sum);
        }
        expect(time).toBeGreaterThanOrEqual(shape.microBatches * busiest - 1e-9);
        expect(pipelineTime(scheduleOf("interleaved"), shape, fast)).toBeLessThanOrEqual(time + 1e-9);
      }),
    );
  });
});
