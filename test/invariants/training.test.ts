/** Laws of the training model over random models, clusters, stacks and layouts; a failure prints the seed and the case. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkTerm, walkTerm } from "../../src/base/term.ts";
import type { Cluster } from "../../src/catalog/index.ts";
import { parseRecords, replay } from "../../src/evidence/index.ts";
import { predictTraining, stepEvaluator, type TrainingCase } from "../../src/training/index.ts";
import { repository } from "../architecture/files.ts";
import { randomCases } from "../training-case.ts";

const stepTime = (c: TrainingCase): number => stepEvaluator(c).evaluate(c.layout).stepTime;

type Scale = (cluster: Cluster, factor: number) => Cluster;

function withAccelerator(cluster: Cluster, change: Partial<Cluster["node"]["accelerator"]>): Cluster {
  return { ...cluster, node: { ...cluster.node, accelerator: { ...cluster.node.accelerator, ...change } } };
}

const faster: Readonly<Record<string, Scale>> = {
  "memory bandwidth": (cluster, factor) => {
    const { memory } = cluster.node.accelerator;
    return withAccelerator(cluster, { memory: { ...memory, bandwidth: memory.bandwidth * factor } });
  },
  "compute and power": (cluster, factor) => {
    const { peak, power } = cluster.node.accelerator;
    const scaled = Object.fromEntries(Object.entries(peak).map(([name, rate]) => [name, rate * factor]));
    return withAccelerator(cluster, { peak: scaled, power: power === "unknown" ? power : power * factor });
  },
  compute: (cluster, factor) => {
    const { peak } = cluster.node.accelerator;
    return withAccelerator(cluster, {
      peak: Object.fromEntries(Object.entries(peak).map(([k, v]) => [k, v * factor])),
    });
  },
  power: (cluster, factor) => {
    const { power } = cluster.node.accelerator;
    return withAccelerator(cluster, { power: power === "unknown" ? power : power * factor });
  },
  "scale-up bandwidth": (cluster, factor) => {
    const { scaleUp } = cluster.node;
    return { ...cluster, node: { ...cluster.node, scaleUp: { ...scaleUp, bandwidth: scaleUp.bandwidth * factor } } };
  },
  "NIC bandwidth": (cluster, factor) => {
    const { nics } = cluster.node;
    return { ...cluster, node: { ...cluster.node, nics: { ...nics, bandwidth: nics.bandwidth * factor } } };
  },
  "latency of a hop": ({ fabric, ...rest }, factor) => ({
    ...rest,
    fabric: { ...fabric, hopLatency: fabric.hopLatency / factor },
  }),
};

describe("a faster resource never makes a step slower:", () => {
  for (const [name, scale] of Object.entries(faster)) {
    it(name, () => {
      fc.assert(
        fc.property(randomCases, fc.double({ min: 1.01, max: 4, noNaN: true }), (c, factor) => {
          const before = stepTime(c);
          expect(stepTime({ ...c, cluster: scale(c.cluster, factor) })).toBeLessThanOrEqual(before * (1 + 1e-9));
        }),
        { numRuns: 100 },
      );
    });
  }
});

describe("a prediction", () => {
  it("adds up: parts to their parents, the tree to the step, no part below zero", () => {
    fc.assert(
      fc.property(randomCases, (c) => {
        const run = predictTraining(c);
        checkTerm(run.term);
        expect(run.term.value / run.stepTime).toBeCloseTo(1, 9);
        walkTerm(run.term, ({ value }, path) => expect(value, path).toBeGreaterThanOrEqual(-1e-9 * run.stepTime));
        expect(run.bubbleTime + run.exposedCommunicationTime).toBeLessThanOrEqual(run.stepTime);
      }),
      { numRuns: 100 },
    );
  });

  it("is the same bytes twice, from a case or from an evaluator that has seen others", () => {
    fc.assert(
      fc.property(randomCases, (c) => {
        const bytes = JSON.stringify(predictTraining(c));
        expect(JSON.stringify(predictTraining(c))).toBe(bytes);
        const evaluator = stepEvaluator(c);
        evaluator.evaluate({ ...c.layout, recompute: c.layout.recompute === "full" ? "none" : "full" });
        evaluator.evaluate({ ...c.layout, microBatch: 1 });
        expect(JSON.stringify(predictTraining(c, evaluator))).toBe(bytes);
      }),
      { numRuns: 40 },
    );
  });

  it("never beats the accelerators' peak", () => {
    fc.assert(
      fc.property(randomCases, (c) => {
        const { modelFlop, stepTime: time } = predictTraining(c);
        const { peak } = c.cluster.node.accelerator;
        const best = c.precision === "bf16" ? peak.bf16 : peak.fp8;
        expect(modelFlop / time / c.cluster.accelerators).toBeLessThan(best ?? 0);
      }),
      { numRuns: 100 },
    );
  });

  it("of twice the batch takes between one and two steps", () => {
    fc.assert(
      fc.property(randomCases, (c) => {
        const ratio = stepTime({ ...c, globalBatch: 2 * c.globalBatch }) / stepTime(c);
        expect(ratio).toBeGreaterThan(1);
        expect(ratio).toBeLessThanOrEqual(2 + 1e-9);
      }),
      { numRuns: 70 },
    );
  });

  it("of a capacity takes no longer than one that drops nothing, with graphs no longer than without", () => {
    fc.assert(
      fc.property(randomCases, (c) => {
        const at = (change: Partial<TrainingCase["software"]>): number =>
          stepTime({ ...c, software: { ...c.software, ...change } });
        expect(at({ routing: "capacity" })).toBeLessThanOrEqual(at({ routing: "dropless" }) * (1 + 1e-9));
        expect(at({ cudaGraphs: "full" })).toBeLessThanOrEqual(at({ cudaGraphs: "partial" }) * (1 + 1e-9));
        expect(at({ cudaGraphs: "partial" })).toBeLessThanOrEqual(at({ cudaGraphs: "none" }) * (1 + 1e-9));
      }),
      { numRuns: 70 },
    );
  });

  it("recomputes for memory: less of it never takes less time or more memory", () => {
    fc.assert(
      fc.property(randomCases, (c) => {
        const at = (recompute: TrainingCase["layout"]["recompute"]) =>
          stepEvaluator(c).evaluate({ ...c.layout, recompute });
        const [none, selective, full] = [at("none"), at("selective"), at("full")];
        expect(selective.memory.activations).toBeLessThanOrEqual(none.memory.activations);
        expect(full.memory.activations).toBeLessThanOrEqual(selective.memory.activations);
        expect(none.stepTime).toBeLessThanOrEqual(selective.stepTime * (1 + 1e-9));
        expect(selective.stepTime).toBeLessThanOrEqual(full.stepTime * (1 + 1e-9));
      }),
      { numRuns: 70 },
    );
  });
});

describe("the memory of the 2022 paper on activation recompute", () => {
  const path = join(repository, "evidence/korthikanti-2022.json");
  const lines = parseRecords(readFileSync(path, "utf8"), path)
    .filter(({ kind }) => kind === "training-memory")
    .flatMap((record) => replay(record).lines);

  it("comes out within 3 % in all 16 values of its figure 1", () => {
    expect(lines).toHaveLength(16);
    for (const { id, metric, error } of lines)
      expect(Math.abs(error ?? 1), `${id} ${metric}`).toBeLessThanOrEqual(0.03);
  });
});
