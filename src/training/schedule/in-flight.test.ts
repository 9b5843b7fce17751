import { describe, expect, it } from "vitest";
import { pieceOf, type ScheduleShape, scheduleOf } from "./index.ts";
import { simulatePipeline } from "./simulate.ts";

/** Chunks whose forward has run and whose backward has not, at most, over a rank's order. */
function mostHeld(name: string, shape: ScheduleShape, rank: number): number {
  let held = 0;
  let most = 0;
  for (const entry of scheduleOf(name).orders(shape)[rank] ?? []) {
    held += pieceOf(entry, shape.chunks).kind === "backward" ? -1 : 1;
    most = Math.max(most, held);
  }
  return most;
}

const shapes: readonly ScheduleShape[] = [1, 2, 4, 8].flatMap((ranks) =>
  [1, 2, 3, 6].flatMap((groups) => [1, 2, 4].map((chunks) => ({ ranks, chunks, microBatches: ranks * groups }))),
);

describe("activations that a schedule holds", () => {
  it("are what its order holds at most, on every rank", () => {
    for (const shape of shapes) {
      const names = shape.chunks === 1 ? ["gpipe", "1f1b"] : ["interleaved"];
      for (const name of names) {
        for (let rank = 0; rank < shape.ranks; rank++) {
          const stated = scheduleOf(name).inFlight(shape, rank) * shape.chunks;
          expect(stated, `${name} ${JSON.stringify(shape)} ${rank}`).toBeCloseTo(mostHeld(name, shape, rank), 9);
        }
      }
    }
  });

  it("are never more on a later rank", () => {
    for (const shape of shapes) {
      for (const name of ["gpipe", "1f1b", "interleaved"]) {
        for (let rank = 1; rank < shape.ranks; rank++) {
          const { inFlight } = scheduleOf(name);
          expect(inFlight(shape, rank)).toBeLessThanOrEqual(inFlight(shape, rank - 1));
        }
      }
    }
  });
});

describe("the bubble", () => {
  it("is (p - 1)(f + b), and 1/v of that when interleaved", () => {
    const [ranks, microBatches, f, b] = [8, 32, 1, 2] as const;
    for (const chunks of [1, 2, 4]) {
      const name = chunks === 1 ? "1f1b" : "interleaved";
      const work = {
        forward: new Float64Array(ranks * chunks).fill(f / chunks),
        backward: new Float64Array(ranks * chunks).fill(b / chunks),
        transfer: 0,
      };
      const { time } = simulatePipeline(scheduleOf(name), { ranks, chunks, microBatches }, work);
      expect(time).toBeCloseTo(microBatches * (f + b) + ((ranks - 1) * (f + b)) / chunks, 9);
    }
  });

  it("of two uneven stages is the wait for the slower one", () => {
    // Forwards of 1 and 3, backwards of 2 and 6: the second stage is never idle once it has begun.
    const work = { forward: new Float64Array([1, 3]), backward: new Float64Array([2, 6]), transfer: 0.5 };
    const { time } = simulatePipeline(scheduleOf("1f1b"), { ranks: 2, chunks: 1, microBatches: 10 }, work);
    expect(time).toBeCloseTo(1 + 0.5 + 10 * 9 + 0.5 + 2, 9);
  });
});
