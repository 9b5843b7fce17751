/** Laws of steps over sequences of unequal length, over random models, clusters, stacks and layouts. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkTerm, walkTerm } from "../../src/base/term.ts";
import { predictTraining, type SequenceLengths, stepEvaluator, type TrainingCase } from "../../src/training/index.ts";
import { randomCases, trainingCase } from "../training-case.ts";

const fused = randomCases.filter(({ software }) => software.kernels.attention !== "unfused");

const settings = fc.record({
  packing: fc.constantFrom("none", "greedy", "best-fit"),
  padding: fc.constantFrom("longest", "packed-length"),
  masking: fc.constantFrom("documents", "none"),
  balance: fc.constantFrom("none", "sorted", "workload"),
  contextCut: fc.constantFrom("document", "row"),
  seed: fc.nat({ max: 1000 }),
}) as fc.Arbitrary<Omit<SequenceLengths, "distribution">>;

const plainSettings: Omit<SequenceLengths, "distribution"> = {
  packing: "none",
  padding: "longest",
  masking: "documents",
  balance: "none",
  contextCut: "document",
  seed: 0,
};

const withLengths = (c: TrainingCase, samples: readonly number[], rest = plainSettings): TrainingCase => ({
  ...c,
  lengths: { ...rest, distribution: { kind: "samples", lengths: samples } },
});

const stepTime = (c: TrainingCase): number => stepEvaluator(c).evaluate(c.layout).stepTime;

describe("sequences of unequal length", () => {
  it("make a step whose parts add up, none below zero, no slower than whole rows", () => {
    fc.assert(
      fc.property(
        fused,
        settings,
        fc.array(fc.integer({ min: 16, max: 8192 }), { minLength: 2 }),
        (c, rest, samples) => {
          const run = predictTraining(withLengths(c, samples, rest));
          checkTerm(run.term);
          expect(run.term.value / run.stepTime).toBeCloseTo(1, 9);
          walkTerm(run.term, ({ value }, path) => expect(value, path).toBeGreaterThanOrEqual(-1e-9 * run.stepTime));
          expect(run.breakdown.tokens).toBeLessThanOrEqual(c.globalBatch * c.sequenceLength);
          expect(run.bubbleTime + run.exposedCommunicationTime).toBeLessThanOrEqual(run.stepTime);
          const { peak } = c.cluster.node.accelerator;
          const best = c.precision === "bf16" ? peak.bf16 : peak.fp8;
          expect(run.modelFlop / run.stepTime / c.cluster.accelerators).toBeLessThan(best ?? 0);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("all alike are plain ones, to the last digit", () => {
    fc.assert(
      fc.property(fused, settings, (c, rest) => {
        const alike = withLengths(c, [c.sequenceLength], rest);
        expect(stepTime(alike)).toBe(stepTime(c));
      }),
      { numRuns: 25 },
    );
  });

  it("spread wider around one mean never make a padded step faster", () => {
    const layouts = fc.record({
      data: fc.constantFrom(1, 2, 8),
      pipeline: fc.constantFrom(1, 2, 4),
      microBatch: fc.constantFrom(1, 2),
    });
    fc.assert(
      fc.property(
        layouts,
        fc.nat({ max: 99 }),
        fc.constantFrom("none", "sorted", "workload"),
        (layout, seed, balance) => {
          const base = trainingCase({ model: "llama-3.1-8b", sequenceLength: 16_384, globalBatch: 64, layout });
          const rest = { ...plainSettings, seed, balance } as typeof plainSettings;
          const times = [0, 512, 2048, 4096, 7168].map((spread) =>
            stepTime(withLengths(base, [8192 - spread, 8192 + spread], rest)),
          );
          // Stages whose time is not a line in tokens bend by a thousandth.
          for (let at = 1; at < times.length; at++)
            expect(times[at]).toBeGreaterThanOrEqual((times[at - 1] ?? 0) * 0.999);
          expect(times.at(-1)).toBeGreaterThan(times[0] ?? 0);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("spread wider around one mean never make packed rows faster", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 4, 8),
        fc.constantFrom("greedy", "best-fit"),
        fc.nat({ max: 99 }),
        (data, packing, seed) => {
          const base = trainingCase({
            model: "llama-3.1-8b",
            sequenceLength: 65_536,
            globalBatch: 64,
            layout: { data },
          });
          const rest = { ...plainSettings, seed, packing } as typeof plainSettings;
          const perToken = [0, 512, 1024, 1536, 2032].map((spread) => {
            const c = withLengths(base, [2048 - spread, 2048 + spread], rest);
            const step = stepEvaluator(c).evaluate(c.layout);
            return step.stepTime / step.tokens;
          });
          for (let at = 1; at < perToken.length; at++)
            expect(perToken[at]).toBeGreaterThanOrEqual((perToken[at - 1] ?? 0) * 0.997);
          expect(perToken.at(-1)).toBeGreaterThan(perToken[0] ?? 0);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("take no longer under the balancer by workload than as they come", () => {
    fc.assert(
      fc.property(
        fused,
        settings,
        fc.array(fc.integer({ min: 16, max: 8192 }), { minLength: 4 }),
        (c, rest, samples) => {
          const at = (balance: SequenceLengths["balance"]) => stepTime(withLengths(c, samples, { ...rest, balance }));
          expect(at("workload")).toBeLessThanOrEqual(at("none") * 1.01);
        },
      ),
      { numRuns: 20 },
    );
  });
});
