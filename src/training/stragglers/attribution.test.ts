import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { trainingCase } from "../../../test/training-case.ts";
import { random } from "../../base/random.ts";
import { microBatches, type TrainingCase } from "../index.ts";
import { attributionOf, fixed, rankFixed } from "./attribution.ts";
import { causesOf } from "./causes.ts";
import { tableRun } from "./measured.ts";
import { groupTimes, meanStep } from "./replay.ts";
import { dataRankOf, mapTimes, type RankTable, ranksOf, rowsOf, stageOf } from "./table.ts";

const cases: readonly TrainingCase[] = [
  trainingCase({ model: "llama-3.1-8b", layout: { pipeline: 4, data: 2 }, globalBatch: 12 }),
  trainingCase({ model: "llama-3.1-8b", layout: { tensor: 2, pipeline: 2, data: 4 }, globalBatch: 16 }),
  trainingCase({
    model: "llama-3.1-8b",
    layout: { pipeline: 4, data: 2, virtualStages: 2, schedule: "interleaved" },
    globalBatch: 16,
  }),
  trainingCase({ model: "llama-3.1-8b", layout: { tensor: 2, data: 4 }, globalBatch: 16 }),
  trainingCase({ model: "qwen3-30b-a3b", layout: { pipeline: 2, data: 4, expert: 2 }, globalBatch: 16 }),
];

interface Causes {
  readonly rows: RankTable["rows"];
  readonly ranks: number;
  readonly stages: number;
  readonly lengths: number;
  readonly noise: number;
  readonly seed: number;
}

/** A table with causes of given strength in it. */
function tableOf(c: TrainingCase, causes: Causes): RankTable {
  const { layout } = c;
  const shape: Omit<RankTable, "times"> = {
    steps: [3, 4, 5],
    rows: causes.rows,
    microBatches: microBatches(layout, c.globalBatch),
    stages: layout.pipeline,
    dataRanks: layout.data,
    members: layout.tensor,
    named: "ranks",
  };
  const draw = (name: string, count: number, strength: number): number[] => {
    const stream = random(causes.seed).stream(name);
    return Array.from({ length: count }, () => stream.lognormal(0, strength));
  };
  const ranks = ranksOf(shape);
  const rows = 3 * rowsOf(shape);
  const ofRank = draw("rank", ranks, causes.ranks);
  const ofStage = draw("stage", shape.stages, causes.stages);
  const ofData = draw("data", rows * shape.dataRanks, causes.lengths);
  const ofNoise = draw("noise", 2 * rows * ranks, causes.noise);
  const times = (base: number, from: number): Float64Array =>
    Float64Array.from({ length: rows * ranks }, (_, entry) => {
      const rank = entry % ranks;
      const data = ofData[((entry - rank) / ranks) * shape.dataRanks + dataRankOf(shape, rank)] ?? 1;
      return base * (ofRank[rank] ?? 1) * (ofStage[stageOf(shape, rank)] ?? 1) * data * (ofNoise[from + entry] ?? 1);
    });
  return { ...shape, times: { forward: times(0.01, 0), backward: times(0.02, rows * ranks) } };
}

const strength = fc.constantFrom(0, 0.05, 0.3);
const situations = fc.record({
  c: fc.constantFrom(...cases),
  causes: fc.record({
    rows: fc.constantFrom<RankTable["rows"]>("step", "micro-batch"),
    ranks: strength,
    stages: strength,
    lengths: strength,
    noise: strength,
    seed: fc.nat({ max: 1000 }),
  }),
});

describe("attribution", () => {
  it("adds up: the parts and their interaction are the step less the ideal one", () => {
    fc.assert(
      fc.property(situations, ({ c, causes }) => {
        const found = attributionOf(tableOf(c, causes), tableRun(c));
        const total = found.shares.reduce((sum, { time }) => sum + time, 0);
        expect(Math.abs(total - (found.stepTime - found.ideal))).toBeLessThan(1e-12 * found.stepTime);
        const alone = found.shares.reduce((sum, share) => sum + share.alone, 0);
        expect(Math.abs(alone - (found.stepTime - found.ideal))).toBeLessThan(1e-12 * found.stepTime);
        expect(found.slowdown).toBe(found.stepTime / found.ideal);
      }),
      { numRuns: 60 },
    );
  });

  it("says of each rank what running the table again with that rank fixed says", () => {
    fc.assert(
      fc.property(situations, ({ c, causes }) => {
        const table = tableOf(c, causes);
        const run = tableRun(c);
        const found = attributionOf(table, run);
        for (const { what, stepTime } of found.repairs.filter(({ cause }) => cause === "ranks")) {
          const rank = Number(what.replace("fix rank ", ""));
          const again = meanStep(groupTimes(rankFixed(table, causesOf(table), rank), run), run);
          expect(Math.abs(stepTime / again - 1)).toBeLessThan(1e-12);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("finds nothing where nothing is slow, and then the run is its ideal", () => {
    for (const c of cases) {
      const table = tableOf(c, { rows: "micro-batch", ranks: 0, stages: 0, lengths: 0, noise: 0, seed: 0 });
      const found = attributionOf(table, tableRun(c));
      expect(found.slowdown).toBeCloseTo(1, 12);
      expect(found.repairs).toEqual([]);
    }
  });

  it("gives each cause alone its own name", () => {
    const c = cases[0] as TrainingCase;
    const none = { rows: "micro-batch" as const, ranks: 0, stages: 0, lengths: 0, noise: 0, seed: 4 };
    const largest = (causes: Partial<Causes>): string | undefined => {
      const { shares } = attributionOf(tableOf(c, { ...none, ...causes }), tableRun(c));
      return shares.filter(({ name }) => name !== "interaction").sort((a, b) => b.time - a.time)[0]?.name;
    };
    expect(largest({ ranks: 0.2 })).toBe("ranks");
    expect(largest({ stages: 0.2 })).toBe("stages");
    expect(largest({ lengths: 0.2 })).toBe("data");
    expect(largest({ noise: 0.2 })).toBe("jitter");
  });

  it("finds no jitter where one micro-batch is longer on every rank and nothing else varies", () => {
    const none = { rows: "micro-batch" as const, ranks: 0, stages: 0, lengths: 0, noise: 0, seed: 0 };
    for (const c of cases) {
      const even = tableOf(c, none);
      const rows = rowsOf(even);
      const long = mapTimes(even, (time, _kind, entry) => {
        return Math.floor(entry / ranksOf(even)) % rows === rows - 1 ? 5 * time : time;
      });
      const { shares, slowdown } = attributionOf(long, tableRun(c));
      const of = (wanted: string) => shares.find(({ name }) => name === wanted) ?? { time: Number.NaN, alone: 0 };
      // A single stage has no bubble that a long micro-batch could make longer.
      if (c.layout.pipeline > 1) expect(slowdown).toBeGreaterThan(1.01);
      for (const name of ["ranks", "stages", "jitter", "interaction"]) {
        expect(Math.abs(of(name).time)).toBeLessThan(1e-9);
        expect(Math.abs(of(name).alone)).toBeLessThan(1e-9);
      }
    }
  });

  it("keeps the work of stages and of sequences, and takes slowness and jitter away", () => {
    const c = cases[0] as TrainingCase;
    const table = tableOf(c, { rows: "micro-batch", ranks: 0, stages: 0.3, lengths: 0.3, noise: 0, seed: 1 });
    const causes = causesOf(table);
    const sum = (each: RankTable): number => [...(each.times.forward ?? [])].reduce((total, time) => total + time, 0);
    expect(sum(fixed(table, causes, { stages: "all", data: "all" })) / sum(table)).toBeCloseTo(1, 1);
    expect(sum(fixed(table, causes, { stages: 2 })) / sum(table)).toBeCloseTo(1, 9);
    const even = fixed(table, causes, { stages: "all", ranks: "all", data: "all", jitter: "all" });
    const times = [...(even.times.forward ?? [])];
    for (const time of times) expect(time / (times[0] ?? 0)).toBeCloseTo(1, 12);
  });

  it("rises with a rank's factor, and only its lockstep group is run again", () => {
    const c = cases[4] as TrainingCase;
    const plain = tableOf(c, { rows: "step", ranks: 0, stages: 0, lengths: 0, noise: 0, seed: 0 });
    const steps = [1, 1.1, 1.5].map((factor) => {
      const slow = mapTimes(plain, (time, _kind, entry) => (entry % ranksOf(plain) === 5 ? factor * time : time));
      return attributionOf(slow, tableRun(c));
    });
    expect(steps[1]?.stepTime).toBeGreaterThan(steps[0]?.stepTime ?? 0);
    expect(steps[2]?.stepTime).toBeGreaterThan(steps[1]?.stepTime ?? 0);
    expect(steps[2]?.repairs[0]?.what).toBe("fix rank 5");
    expect(tableRun(c).lockstep).toBe(2);
  });
});
