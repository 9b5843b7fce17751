import { describe, expect, it } from "vitest";
import { rankTable } from "../../test/rank-table.ts";
import { trainingCase } from "../../test/training-case.ts";
import { ProblemError } from "../base/problem.ts";
import { measuredStragglers, microBatches, stepEvaluator, type TrainingCase } from "../training/index.ts";
import { mapTimes } from "../training/stragglers/table.ts";
import { parseRankTable } from "./rank-table.ts";

const piped = trainingCase({ model: "llama-3.1-8b", layout: { pipeline: 4, data: 2 }, globalBatch: 16 });
const tensor = trainingCase({ model: "llama-3.1-8b", layout: { tensor: 4, pipeline: 2, data: 2 }, globalBatch: 16 });

function parsed(text: string, c: TrainingCase): ReturnType<typeof parseRankTable> {
  const { layout, globalBatch } = c;
  return parseRankTable(text, { file: "t.csv", layout, microBatches: microBatches(layout, globalBatch) });
}

function problemsOf(text: string, c: TrainingCase = piped): string {
  try {
    parsed(text, c);
  } catch (error) {
    if (error instanceof ProblemError) return error.message;
    throw error;
  }
  return "";
}

const rows = (count: number, text: (rank: number) => string): string =>
  Array.from({ length: count }, (_, rank) => text(rank)).join("\n");

describe("a table of rank times", () => {
  it("reads the same from CSV and from JSON lines, by rank and by cell, with units in names or in values", () => {
    const expected = parsed(
      `step,rank,forward [ms],backward [ms]\n${rows(8, (rank) => `5,${rank},${rank + 8},16`)}`,
      piped,
    );
    expect(expected).toMatchObject({ steps: [5], stages: 4, dataRanks: 2, members: 1, named: "ranks", rows: "step" });
    expect(expected.times.forward?.[3]).toBeCloseTo(0.011 / 8, 12);
    const json = rows(8, (rank) => JSON.stringify({ step: 5, rank, forward: `${rank + 8} ms`, backward: "16ms" }));
    expect(parsed(`# a note\n\n${json}\n`, piped)).toEqual(expected);
    const cells = rows(8, (rank) => `5,${rank % 2},${rank >> 1},${rank + 8}ms,16 ms`);
    expect(parsed(`step,data,stage,forward,backward\n${cells}`, piped)).toEqual({ ...expected, named: "cells" });
    const members = rows(16, (rank) => `5,${(rank >> 2) % 2},${rank >> 3},${rank % 4},1 ms`);
    expect(parsed(`step,data,stage,tensor,computation\n${members}`, tensor)).toMatchObject({ members: 4 });
  });

  it("says line by line what is wrong", () => {
    expect(problemsOf("")).toMatch(/t\.csv:1:1 ranks: no rows/);
    expect(problemsOf("step,rank,forward,backward\n1,2")).toMatch(/t\.csv:2:1 ranks: 2 values, expected 4/);
    expect(problemsOf('{"step": 1\n')).toMatch(/t\.csv:1:1 ranks: not a JSON object/);
    expect(problemsOf("step,rank,foward,backward\n0,0,1 s,1 s")).toMatch(
      /unknown column "foward"; did you mean "forward"/,
    );
    expect(problemsOf("step,rank,forward\n0,0,1 s")).toMatch(/either computation, or forward and backward/);
    expect(problemsOf("step,computation\n0,1 s")).toMatch(/either rank, or data and stage/);
    const wrong = problemsOf("step,rank,computation\n0,0,1.5\n0,8,1 s\n0,x,1 s\n0,1,-1 s\n0,0,1 s");
    expect(wrong).toMatch(
      /:2:1 ranks: computation: .*no unit.*; write a unit, or name the column "computation \[ms\]"/,
    );
    expect(wrong).toMatch(/:3:1 ranks: rank: found "8", expected a whole number from 0 to 7/);
    expect(wrong).toMatch(/:4:1 ranks: rank: found "x"/);
    expect(wrong).toMatch(/:5:1 ranks: computation: "-1 s" has a sign/);
    expect(wrong).toMatch(/:6:1 ranks: the same rank, step and micro-batch as line 2/);
  });

  it("names the ranks that are missing", () => {
    const some = problemsOf(`step,rank,computation\n${rows(6, (rank) => `7,${rank},1 s`)}`);
    expect(some).toMatch(/step 7 has 2 of 8 rows missing: ranks 6, 7; every rank/);
    const micro = problemsOf("step,rank,microBatch,computation\n0,0,0,1 s");
    expect(micro).toMatch(/step 0 has 63 of 64 rows missing: ranks 0 \(micro-batch 1\).* and 58 more/);
    expect(problemsOf("step,rank,microBatch,computation\n0,0,8,1 s")).toMatch(
      /microBatch: found "8", expected .* 0 to 7/,
    );
  });

  it("needs computation", () => {
    const zero = rows(8, (rank) => `0,${rank},0 s,1 s`);
    expect(problemsOf(`step,rank,computation,communication\n${zero}`)).toMatch(
      /:2:1 ranks: no rank computes: every time/,
    );
    expect(problemsOf(`step,rank,forward,backward\n${zero}`)).toBe("");
  });
});

describe("what a table says", () => {
  it("finds the rank that a run was slowed by, and its removal gives the step of the model", () => {
    for (const c of [piped, tensor]) {
      for (const kind of ["step", "micro-batch"] as const) {
        const slow = { 6: 1.3 };
        const found = measuredStragglers(c, parsed(rankTable(c, { steps: 3, rows: kind, slowRanks: slow }), c));
        const healthy = stepEvaluator(c).evaluate(c.layout);
        const ranks = found.repairs.filter(({ cause }) => cause === "ranks");
        expect(ranks[0]?.what).toBe("fix rank 6");
        expect(ranks[0]?.factor).toBeCloseTo(1.3, 9);
        expect(found.predicted).toBeCloseTo(healthy.stepTime - healthy.stragglers, 12);
        // The slow rank fixed is the run without it, to rounding.
        expect(Math.abs((ranks[0]?.stepTime ?? 0) / found.predicted - 1)).toBeLessThan(1e-12);
        expect(found.stepTime).toBeGreaterThan(1.02 * found.predicted);
      }
    }
  });

  it("is doubted where its step is far from the prediction, as in another unit", () => {
    const text = rankTable(piped, { steps: 2, rows: "step" });
    const plain = measuredStragglers(piped, parsed(text, piped));
    expect(plain.notes).toEqual([]);
    const table = parsed(text, piped);
    const scaled = (factor: number) => mapTimes(table, (time) => factor * time);
    expect(measuredStragglers(piped, scaled(2)).notes).toEqual([]);
    expect(measuredStragglers(piped, scaled(1000)).notes[0]).toMatch(/^the step of the table is \d+ times longer than/);
    expect(measuredStragglers(piped, scaled(1e-3)).notes[0]).toMatch(/times shorter than predicted: are its times/);
  });
});
