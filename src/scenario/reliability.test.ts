/** `reliability:` and `storage:` from the language to the prediction. */

import { describe, expect, it } from "vitest";
import { ProblemError } from "../base/problem.ts";
import { walkTerm } from "../base/term.ts";
import { type Prediction, predict, scenarioFromValue } from "./index.ts";

type Section = Record<string, unknown>;

const llama: Section = {
  windtunnel: 1,
  name: "405B",
  cluster: { node: "hgx-h100", nodes: 2048, fabric: { topology: "fat-tree", tiers: 3, oversubscription: [1, 7] } },
  workload: {
    kind: "training",
    model: "meta-llama/Llama-3.1-405B",
    sequenceLength: 8192,
    globalBatch: 2048,
    tokens: "15.6T",
  },
  layout: { tensor: 8, pipeline: 16, microBatch: 1, recompute: "none", sharding: "gradients" },
  software: "megatron-core@2024.07",
};
const store = { storage: { write: "2 TB/s" } };

const of = (change: Section): Prediction => predict(scenarioFromValue({ ...llama, ...change }));
const at = ({ metrics }: Prediction, name: string): number => metrics[name] ?? Number.NaN;

function complaint(change: Section): string {
  try {
    of(change);
    return "none";
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`).join("; ");
  }
}

describe("Llama 3 405B with failures", () => {
  const plain = of({});
  const failing = of({ reliability: {}, ...store });

  it("is interrupted every 3.09 hours, and its checkpoint is 5.68 TB", () => {
    expect(at(failing, "timeBetweenInterruptions") / 3600).toBeCloseTo(3.09, 2);
    expect(at(failing, "checkpointSize") / 5290 / 2 ** 30).toBeCloseTo(1, 2);
    expect(at(failing, "checkpointPersistTime")).toBeCloseTo(2.84, 2);
    const counts = failing.interruptions?.map((each) => (54 * 86_400) / each.meanTimeBetweenInterruptions);
    expect(counts?.reduce((sum, count) => sum + count, 0)).toBeCloseTo(419, 6);
  });

  it("reaches the published 90 % with checkpoints every few minutes beside the steps, and not with stalls of a minute", () => {
    const goodput = (checkpoint: Section): number => {
      return at(of({ reliability: { detection: "1 min", restart: "4 min", checkpoint }, ...store }), "trainingGoodput");
    };
    expect(goodput({ every: "5 min" })).toBeGreaterThan(0.94);
    expect(goodput({ every: "30 min" })).toBeLessThan(0.91);
    expect(goodput({ every: "auto", mode: "sync", stall: "60 s" })).toBeLessThan(0.9);
  });

  it("takes the work over the goodput, and the parts of its wall time add up", () => {
    const work = at(plain, "timeToTrain");
    expect(at(failing, "productiveTime")).toBe(work);
    expect(at(failing, "timeToTrain") * at(failing, "trainingGoodput")).toBeCloseTo(work, 3);
    const tree = failing.wallTime;
    if (tree === undefined) throw new Error("no tree");
    expect(tree.value / at(failing, "timeToTrain")).toBeCloseTo(1, 12);
    walkTerm(tree, ({ value }) => expect(value).toBeGreaterThanOrEqual(0));
    expect(at(failing, "timeToTrain.p90")).toBeGreaterThan(at(failing, "timeToTrain.p50"));
    expect(at(failing, "timeToTrain.p50") / at(failing, "timeToTrain")).toBeCloseTo(1, 2);
  });

  it("costs its wall time on all nodes, spares among them", () => {
    const nodes = 2048 + at(failing, "spareNodes");
    const ratio = (nodes / 2048) * (at(failing, "timeToTrain") / at(plain, "timeToTrain"));
    expect(at(failing, "cost") / at(plain, "cost")).toBeCloseTo(ratio, 9);
    expect(at(failing, "energy")).toBeGreaterThan(at(plain, "energy"));
    expect(at(failing, "energy") / at(plain, "energy")).toBeLessThan(ratio);
  });

  it("without failures or stalls is the work alone", () => {
    const ideal = { mtbf: "10000 kh", checkpoint: { every: "1 min", stall: "0 s" } };
    expect(at(of({ reliability: ideal }), "trainingGoodput")).toBeGreaterThan(0.999);
  });

  it("meets a deadline with a probability", () => {
    const time = at(failing, "timeToTrain") / 86_400;
    const chance = (days: number): number => {
      return at(of({ reliability: { deadline: `${days} days` }, ...store }), "deadlineProbability");
    };
    // The step time may be off by some 15 %, failures add little to that.
    expect(chance(time * 0.7)).toBeLessThan(0.05);
    expect(chance(time)).toBeCloseTo(0.5, 1);
    expect(chance(time * 1.05)).toBeGreaterThan(chance(time));
    expect(chance(time * 1.3)).toBeGreaterThan(0.95);
  });
});

describe("checkpoints", () => {
  const metric = (checkpoint: Section, name: string): number => {
    return at(of({ reliability: { checkpoint }, ...store }), name);
  };

  it("are best at the interval that auto finds", () => {
    const auto = metric({}, "trainingGoodput");
    const interval = metric({}, "checkpointInterval");
    for (const factor of [0.5, 0.9, 1.1, 2]) {
      expect(metric({ every: `${interval * factor} s` }, "trainingGoodput")).toBeLessThan(auto);
    }
  });

  it("stall for the copy beside the steps, and for the store where steps wait for it", () => {
    const copy = metric({ overhead: "0 s" }, "checkpointStall");
    expect(metric({ overhead: "0 s", mode: "sync" }, "checkpointStall")).toBeCloseTo(copy + 5.682 / 2, 2);
    expect(metric({ writers: "one-replica", overhead: "0 s" }, "checkpointStall") / copy).toBeCloseTo(128, 6);
  });

  it("come no more often than steps; where none falls within the run that is said", () => {
    const step = at(of({}), "stepTime");
    expect(metric({ every: "1 ms" }, "checkpointInterval")).toBe(step);
    const short = { ...(llama.workload as Section), tokens: "1G" };
    const answer = of({ reliability: { checkpoint: { every: "10 days" } }, workload: short });
    expect(at(answer, "checkpointInterval")).toBe(10 * 86_400);
    expect(answer.warnings.join()).toMatch(/no checkpoint falls within the run: one every 10 days .* loses whatever/);
    expect(of({}).warnings.join()).not.toContain("no checkpoint");
  });

  it("make steps wait where the store is too slow for the interval", () => {
    const slow = { reliability: { checkpoint: { every: "1 min" } }, storage: { write: "50 GB/s" } };
    const answer = of(slow);
    expect(answer.warnings.join()).toContain("steps wait for it");
    expect(at(answer, "checkpointStall")).toBeGreaterThan(50);
  });

  it("are worth less where copies in memory recover most interruptions", () => {
    const memory = { every: "1 min", recovers: "90 %" };
    expect(metric({ memory, every: "30 min" }, "trainingGoodput")).toBeGreaterThan(
      metric({ every: "30 min" }, "trainingGoodput"),
    );
  });

  it("say so where no progress is made", () => {
    const answer = of({ reliability: { mtbf: "1 h", restart: "10 h", deadline: "60 days" } });
    expect(at(answer, "trainingGoodput")).toBe(0);
    expect(at(answer, "deadlineProbability")).toBe(0);
    expect(answer.metrics.timeToTrain).toBeUndefined();
    expect(answer.warnings.join()).toContain("makes no progress");
  });
});

describe("problems", () => {
  it.each<[Section, string]>([
    [store, "storage: has no effect without reliability"],
    [
      { reliability: { deadline: "60 days" }, workload: { ...(llama.workload as Section), tokens: undefined } },
      "reliability.deadline: the run has no end",
    ],
    [{ reliability: { checkpoint: { stall: "1 s", overhead: "1 s" } } }, "reliability.checkpoint.overhead"],
    [{ reliability: { checkpoint: { bytesPerParameter: "12 B", contents: "weights" } } }, "bytesPerParameter replaces"],
    [
      { reliability: { checkpoint: { every: "5 min", memory: { every: "5 min", recovers: 0.5 } } } },
      "reliability.checkpoint.memory.every: 5 min, but checkpoints come every 5 min",
    ],
    [{ reliability: { mtbf: 50 } }, "reliability.mtbf"],
    [{ reliability: { mtbf: "50 GB" } }, "reliability.mtbf"],
    [{ reliability: { mtbf: { gpu: "50 kh" } } }, "reliability.mtbf.gpu"],
    [{ reliability: { checkpoint: { every: "never" } } }, "reliability.checkpoint.every"],
    [{ storage: {}, reliability: {} }, "storage.write"],
  ])("%j", (change, words) => {
    expect(complaint(JSON.parse(JSON.stringify(change)) as Section)).toContain(words);
  });
});
