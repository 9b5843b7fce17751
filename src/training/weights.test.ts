import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modelNames, modelOf, trainingCase } from "../../test/training-case.ts";
import { countParameters } from "../catalog/models/index.ts";
import type { Layout } from "./layout.ts";
import { stagePlan } from "./stages.ts";
import { rankWeights, type WeightBuckets } from "./weights.ts";

function weightsOf(model: string, layout: Partial<Layout>, multiTokenModules = 0): WeightBuckets[] {
  const c = trainingCase({ model, layout, multiTokenModules });
  const plan = stagePlan(c.model, c.layout, c.highPrecisionLayers);
  return Array.from({ length: c.layout.pipeline }, (_, rank) => rankWeights(c, plan, rank));
}

const total = ({ split, replicated, experts }: WeightBuckets): number => split + replicated + experts;

describe("weights of a rank", () => {
  it("are all parameters of the model where nothing is split", () => {
    for (const name of modelNames) {
      const [whole] = weightsOf(name, {}) as [WeightBuckets];
      expect(total(whole), name).toBe(countParameters(modelOf(name)).total);
    }
  });

  it("add the multi-token modules that are trained", () => {
    const count = countParameters(modelOf("deepseek-v3"));
    expect(total((weightsOf("deepseek-v3", {}, 1) as [WeightBuckets])[0])).toBe(count.total + count.multiToken);
  });

  it("are split by tensor and expert ranks, but for what is replicated", () => {
    for (const name of modelNames) {
      const [whole] = weightsOf(name, {}) as [WeightBuckets];
      const [part] = weightsOf(name, { tensor: 4, data: 2, expert: 8, expertTensor: 1 }) as [WeightBuckets];
      expect(part.split).toBeCloseTo(whole.split / 4, 3);
      expect(part.experts).toBeCloseTo(whole.experts / 8, 3);
      expect(part.replicated).toBe(whole.replicated);
    }
  });

  it("add up over pipeline ranks to the model, and a second copy of a tied embedding", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...modelNames),
        fc.integer({ min: 2, max: 8 }),
        fc.integer({ min: 1, max: 2 }),
        (name, pipeline, virtualStages) => {
          const ranks = weightsOf(name, { pipeline, virtualStages, schedule: "interleaved" });
          const model = modelOf(name);
          const { total: all, embedding } = countParameters(model);
          const copies = model.embedding.tied === "tied" ? embedding : 0;
          expect(ranks.reduce((sum, rank) => sum + total(rank), 0) / (all + copies)).toBeCloseTo(1, 9);
        },
      ),
      { numRuns: 60 },
    );
  });
});
