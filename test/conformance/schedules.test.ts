/**
 * Every pipeline schedule: what its orders say, what the simulation makes of them, and what the schedule states about
 * itself. A new entry of the registry is tested without a line here.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type PieceKind,
  type PipelineWork,
  passesOf,
  pieceDuration,
  pieceOf,
  pipelineTime,
  type Schedule,
  type ScheduleShape,
  scheduleOf,
  schedules,
  simulatePipeline,
  stageCount,
} from "../../src/training/schedule/index.ts";
import { evenTime } from "../../src/training/schedule/pipeline-time.ts";
import { stageAt } from "../../src/training/schedule/placement.ts";

const names = Object.keys(schedules);

/** The nearest shape that a schedule runs with. */
function shapeFor(schedule: Schedule, draw: { ranks: number; groups: number; rest: number; chunks: number }) {
  const even = schedule.placement === "both-ways" ? 2 : 1;
  const ranks = even * Math.ceil(draw.ranks / even);
  const whole = schedule.chunks === "several";
  const least = schedule.backward === "paired" ? 2 * ranks : 1;
  const microBatches = Math.max(least, draw.groups * ranks + (whole ? 0 : even * draw.rest));
  const chunks = schedule.chunks === "several" ? draw.chunks : schedule.chunks === "two" ? 2 : 1;
  const shape: ScheduleShape = { ranks, chunks, microBatches };
  expect(schedule.lacks?.(shape)).toBeUndefined();
  return shape;
}

const draws = fc.record({
  ranks: fc.integer({ min: 2, max: 9 }),
  groups: fc.integer({ min: 0, max: 4 }).map((groups) => Math.max(1, groups)),
  rest: fc.integer({ min: 0, max: 3 }),
  chunks: fc.integer({ min: 2, max: 3 }),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

/** Times of stages that differ from each other, by `seed`. */
function unevenWork(schedule: Schedule, shape: ScheduleShape, seed: number, scale = 1): PipelineWork {
  const { ranks, chunks } = shape;
  const table = (one: (stage: number) => number): Float64Array =>
    Float64Array.from({ length: ranks * chunks }, (_, at) => {
      const chunk = at % chunks;
      return scale * one(stageAt(schedule.placement, shape, (at - chunk) / chunks, chunk));
    });
  const noise = (stage: number, turn: number): number => ((seed * (stage + 3) * turn) % 7) / 10;
  const forward = table((stage) => 1 + noise(stage, 1));
  const weight = table((stage) => 0.8 + noise(stage, 2));
  const backward = table((stage) => 2 + noise(stage, 1) + noise(stage, 2));
  return {
    forward,
    backward,
    weight,
    ...(schedule.backward === "paired"
      ? { paired: { forward: forward.map((time) => 0.9 * time), backward: backward.map((time) => 0.95 * time) } }
      : {}),
    transfer: (scale * (seed % 5)) / 20,
  };
}

function evenWork({ backward: kind }: Schedule, { ranks, chunks }: ScheduleShape, times: Times): PipelineWork {
  const all = (time: number): Float64Array => new Float64Array(ranks * chunks).fill(time);
  const [forward, backward] = [all(times.forward), all(times.input + times.weight)];
  const paired = { forward: all(times.hidden * times.forward), backward: all(times.hidden * backward[0]!) };
  return { forward, backward, weight: all(times.weight), transfer: 0, ...(kind === "paired" ? { paired } : {}) };
}

interface Times {
  readonly forward: number;
  readonly input: number;
  readonly weight: number;
  /** Share of its time that a pass in a pair takes. */
  readonly hidden: number;
}

const alike: Times = { forward: 1, input: 1, weight: 1, hidden: 1 };

/** Passes that a rank runs of one micro-batch in one step, each kind. */
function piecesOf(schedule: Schedule, shape: ScheduleShape, rank: number) {
  return [...(schedule.orders(shape)[rank] ?? [])].map((entry) => pieceOf(entry, shape.chunks));
}

/** Activations held at most on a rank: from a forward until the weights' gradient has used them. */
function mostHeld(schedule: Schedule, shape: ScheduleShape, rank: number): number {
  let held = 0;
  let most = 0;
  for (const { kind } of piecesOf(schedule, shape, rank)) {
    if (kind === "forward" || kind === "forwardBeside") held++;
    if (kind === "backward" || kind === "weightGradient") held--;
    most = Math.max(most, held);
  }
  expect(held).toBe(0);
  return most;
}

describe.each(names)("the pipeline schedule %s", (name) => {
  const schedule = scheduleOf(name);

  it("runs one forward and one backward, whole or in two, of every micro-batch in every stage", () => {
    fc.assert(
      fc.property(draws, (draw) => {
        const shape = shapeFor(schedule, draw);
        const seen = new Map<string, number>();
        for (let rank = 0; rank < shape.ranks; rank++) {
          for (const { kind, microBatch, chunk } of piecesOf(schedule, shape, rank)) {
            const stage = stageAt(schedule.placement, shape, rank, chunk);
            const share: Readonly<Record<PieceKind, number>> = {
              forward: 1,
              forwardBeside: 1,
              backward: 20,
              inputGradient: 10,
              weightGradient: 10,
            };
            const key = `${stage},${microBatch}`;
            seen.set(key, (seen.get(key) ?? 0) + share[kind]);
          }
        }
        expect(seen.size).toBe(stageCount(schedule.placement, shape) * shape.microBatches);
        expect(new Set(seen.values())).toEqual(new Set([21]));
      }),
      { numRuns: 40 },
    );
  });

  it("starts no piece before its rank is free and its input has come", () => {
    fc.assert(
      fc.property(draws, (draw) => {
        const shape = shapeFor(schedule, draw);
        const work = unevenWork(schedule, shape, draw.seed);
        const run = simulatePipeline(schedule, shape, work);
        const stages = stageCount(schedule.placement, shape);
        const ends = new Map<string, { rank: number; end: number }>();
        const starts: { key: string; after: string; rank: number; start: number }[] = [];
        run.orders.forEach((order, rank) => {
          let free = 0;
          for (let position = 0; position < order.length; position++) {
            const start = run.starts[rank]?.[position] ?? Number.NaN;
            const durationAt = (at: number) => pieceDuration(run, { work, shape, rank, position: at });
            const pair = pieceOf(order[position] ?? 0, shape.chunks).kind === "forwardBeside";
            const end = start + durationAt(position) + (pair ? durationAt(position + 1) : 0);
            expect(start).toBeGreaterThanOrEqual(free - 1e-9);
            free = end;
            for (const at of pair ? [position, ++position] : [position]) {
              const { kind, microBatch, chunk } = pieceOf(order[at] ?? 0, shape.chunks);
              const stage = stageAt(schedule.placement, shape, rank, chunk);
              const forward = kind === "forward" || kind === "forwardBeside";
              if (kind !== "weightGradient") ends.set(`${forward ? "F" : "B"}${stage},${microBatch}`, { rank, end });
              const before = kind === "weightGradient" ? `B${stage}` : forward ? `F${stage - 1}` : `B${stage + 1}`;
              const after = before === `B${stages}` ? `F${stage}` : before;
              if (after !== "F-1") starts.push({ key: kind, after: `${after},${microBatch}`, rank, start });
            }
          }
        });
        for (const { key, after, rank, start } of starts) {
          const input = ends.get(after) ?? { rank: -1, end: Number.NaN };
          const hop = input.rank === rank ? 0 : work.transfer;
          expect(start, `${name} ${key} after ${after}`).toBeGreaterThanOrEqual(input.end + hop - 1e-9);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("holds as many activations as it states, on every rank", () => {
    fc.assert(
      fc.property(draws, (draw) => {
        const shape = shapeFor(schedule, draw);
        for (let rank = 0; rank < shape.ranks; rank++) {
          const stated = schedule.inFlight(shape, rank) * shape.chunks;
          expect(stated, `${name} ${JSON.stringify(shape)} rank ${rank}`).toBeCloseTo(
            mostHeld(schedule, shape, rank),
            9,
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it("never beats its busiest rank, and is never slower with faster work", () => {
    fc.assert(
      fc.property(draws, (draw) => {
        const shape = shapeFor(schedule, draw);
        const work = unevenWork(schedule, shape, draw.seed);
        const time = pipelineTime(schedule, shape, work);
        const { paired = work } = work;
        const each = (shape.microBatches * passesOf(schedule.placement, shape.chunks)) / shape.chunks;
        for (let rank = 0; rank < shape.ranks; rank++) {
          let least = 0;
          for (let at = rank * shape.chunks; at < (rank + 1) * shape.chunks; at++)
            least += each * ((paired.forward[at] ?? 0) + (paired.backward[at] ?? 0));
          expect(time).toBeGreaterThanOrEqual(least * (1 - 1e-9));
        }
        expect(pipelineTime(schedule, shape, unevenWork(schedule, shape, draw.seed, 0.9))).toBeCloseTo(0.9 * time, 6);
        // One chunk alone, and what follows it everywhere.
        const chosen = draw.seed % work.forward.length;
        const less = (times: Float64Array) => times.map((each, at) => (at === chosen ? 0.7 * each : each));
        const one = { ...work, forward: less(work.forward), transfer: 0.5 * work.transfer };
        const faster = { ...one, ...(work.paired ? { paired: { ...paired, forward: less(paired.forward) } } : {}) };
        expect(pipelineTime(schedule, shape, faster)).toBeLessThanOrEqual(time * (1 + 1e-9));
      }),
      { numRuns: 40 },
    );
  });

  it("equals its closed form wherever it states one", () => {
    const times = fc.constantFrom<Times>(
      alike,
      { forward: 0.25, input: 0.25, weight: 0.25, hidden: 0.75 },
      { forward: 1, input: 1.5, weight: 0.75, hidden: 1 },
      { forward: 1, input: 0.75, weight: 1.25, hidden: 0.9 },
      { forward: 2, input: 1, weight: 0.5, hidden: 0.8 },
      { forward: 1, input: 3, weight: 1.5, hidden: 0.8 },
    );
    let stated = 0;
    fc.assert(
      fc.property(draws, times, (draw, chosen) => {
        const shape = shapeFor(schedule, draw);
        const even = evenWork(schedule, shape, chosen);
        const closed = evenTime(schedule, shape, even);
        if (closed === undefined) return;
        stated++;
        expect(Math.abs(closed / simulatePipeline(schedule, shape, even).time - 1)).toBeLessThan(1e-9);
      }),
      { numRuns: 150 },
    );
    // V-Half and V-Min have bounds only, see below.
    expect(stated > 0).toBe(name !== "v-half" && name !== "v-min");
  });

  it("takes the same time without its steady state", () => {
    fc.assert(
      fc.property(draws, fc.integer({ min: 9, max: 40 }), (draw, groups) => {
        const shape = shapeFor(schedule, { ...draw, ranks: Math.min(draw.ranks, 5), groups });
        const work = unevenWork(schedule, shape, draw.seed);
        const whole = simulatePipeline(schedule, shape, work).time;
        expect(Math.abs(pipelineTime(schedule, shape, work) / whole - 1)).toBeLessThan(1e-9);
      }),
      { numRuns: 40 },
    );
  });

  it("takes each micro-batch's own time where they differ", () => {
    const shape = shapeFor(schedule, { ranks: 4, groups: 3, rest: 0, chunks: 2 });
    const work = unevenWork(schedule, shape, 5);
    const whole = (amount: number): PipelineWork => ({
      ...work,
      transfer: 0,
      varying: { ...work, amount: new Float64Array(shape.microBatches).fill(amount) },
    });
    const plain = pipelineTime(schedule, shape, { ...work, transfer: 0 });
    expect(pipelineTime(schedule, shape, whole(0))).toBeCloseTo(plain, 9);
    expect(pipelineTime(schedule, shape, whole(0.25))).toBeGreaterThan(plain);
    if (schedule.backward === "whole") expect(pipelineTime(schedule, shape, whole(0.25))).toBeCloseTo(1.25 * plain, 9);
  });
});

/** What the papers print, for p ranks and F = B = W, in units of one micro-batch on one rank. */
const published: readonly {
  readonly name: string;
  /** Idle time over the work of one micro-batch on one rank. */
  readonly bubble: (p: number) => number;
  /** Micro-batches held by the fullest rank; parameters held twice count once. */
  readonly held: (p: number) => number;
}[] = [
  { name: "gpipe", bubble: (p) => p - 1, held: () => 48 },
  { name: "1f1b", bubble: (p) => p - 1, held: (p) => p },
  { name: "zero-bubble-h1", bubble: (p) => (p - 1) / 3, held: (p) => p },
  { name: "zero-bubble-h2", bubble: () => 0, held: (p) => 2 * p - 1 },
  { name: "zero-bubble-v", bubble: () => 0, held: (p) => p },
  { name: "dualpipe", bubble: (p) => (p / 2 - 1) * (2 / 3), held: (p) => (p + 1) / 2 },
  { name: "dualpipe-v", bubble: (p) => (p - 1) / 3, held: (p) => (2 * p + 1) / 2 },
];

describe("the published tables", () => {
  const runOf = (name: string, ranks: number, microBatches = 48) => {
    const schedule = scheduleOf(name);
    const shape = { ranks, chunks: schedule.chunks === "one" ? 1 : 2, microBatches };
    const work = evenWork(schedule, shape, alike);
    const { time } = simulatePipeline(schedule, shape, work);
    const each = 3 * passesOf(schedule.placement, shape.chunks);
    const held = Math.max(...Array.from({ length: ranks }, (_, rank) => schedule.inFlight(shape, rank)));
    return { bubble: (time - microBatches * each) / each, held };
  };

  it.each(published)("give the bubble and the activations of $name", ({ name, bubble, held }) => {
    for (const ranks of [2, 4, 6, 8, 16]) {
      const run = runOf(name, ranks);
      expect(run.bubble).toBeCloseTo(bubble(ranks), 9);
      expect(run.held).toBe(held(ranks));
    }
  });

  it("give V-Half half of 1F1B's bubble at most, V-Min two thirds and a little, in the activations they state", () => {
    for (const ranks of [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 24, 32]) {
      const [half, least] = [runOf("v-half", ranks, 2 * ranks), runOf("v-min", ranks, 2 * ranks)];
      expect(half.bubble).toBeLessThanOrEqual((ranks - 1) / 2);
      expect(half.held).toBe(Math.floor((ranks + 2) / 2));
      expect(least.bubble).toBeLessThanOrEqual((2 / 3) * (ranks - 1) + 1);
      expect(least.held).toBe(Math.floor((ranks + 4) / 3));
    }
  });

  it("keep V-Half's bubble as the step grows where pieces differ, as far as the paper promises it", () => {
    // W + 2 B >= 2 F and W + 2 F >= 2 B: no micro-batch waits for the next.
    const schedule = scheduleOf("v-half");
    const bubbleOf = (microBatches: number): number => {
      const shape = { ranks: 8, chunks: 2, microBatches };
      const work = evenWork(schedule, shape, { forward: 1, input: 1.2, weight: 0.7, hidden: 1 });
      return simulatePipeline(schedule, shape, work).time - microBatches * 2 * 2.9;
    };
    expect(bubbleOf(96)).toBeLessThanOrEqual(bubbleOf(24) + 1e-9);
  });
});
