import { describe, expect, it } from "vitest";
import { overReplicas, overStages } from "../../../test/pools-case.ts";
import { type CaseText, trainingCase } from "../../../test/training-case.ts";
import { clusterOf, nodes } from "../../catalog/index.ts";
import type { TrainingCase } from "../case.ts";
import { pipelineTime, scheduleOf, simulatePipeline } from "../schedule/index.ts";
import { balancedBatch } from "./balance-batch.ts";
import { balancedLayers } from "./balance-layers.ts";
import { mixedEvaluator } from "./mixed-step.ts";

/** All ways to write `sum` as `parts` counts, the inner ones at least one. */
function* compositions(sum: number, parts: number, first = true): Generator<number[]> {
  const least = first || parts === 1 ? 0 : 1;
  if (parts === 1) {
    yield [sum];
    return;
  }
  for (let count = least; count <= sum; count++) {
    for (const rest of compositions(sum - count, parts - 1, false)) yield [count, ...rest];
  }
}

function shortest(c: TrainingCase): number {
  const evaluator = mixedEvaluator(c);
  let best = Number.POSITIVE_INFINITY;
  for (const stageLayers of compositions(c.model.layers.length, c.layout.pipeline * c.layout.virtualStages)) {
    const { stepTime, memory } = evaluator.evaluate({ ...c.layout, stageLayers }).breakdown;
    if (memory.fit === "fits") best = Math.min(best, stepTime);
  }
  return best;
}

const text: CaseText = {
  model: "llama-3.1-8b",
  layout: { tensor: 8, sequenceParallel: "on", pipeline: 4, data: 2, recompute: "full" },
};

describe("the balanced split of layers", () => {
  it.each<[string, string, "1f1b" | "gpipe", Partial<CaseText>]>([
    ["hgx-h100", "hgx-a100", "1f1b", {}],
    ["hgx-a100", "hgx-h100", "1f1b", { globalBatch: 8 }],
    ["hgx-h800", "atlas-800t-a2", "1f1b", { globalBatch: 64 }],
    ["hgx-h200", "hgx-h20", "gpipe", { globalBatch: 32 }],
  ])("is the best of all splits: %s and %s, %s", (fast, slow, schedule, change) => {
    const layout = { ...text.layout, schedule };
    const c = overStages(trainingCase({ ...text, ...change, layout }), fast, slow);
    const { balanced, even } = balancedLayers(c);
    expect(balanced.step.breakdown.stepTime).toBeCloseTo(shortest(c), 12);
    expect(balanced.step.breakdown.stepTime).toBeLessThan(even.step.breakdown.stepTime);
    expect(balanced.stageLayers.reduce((sum, count) => sum + count, 0)).toBe(32);
  });

  it("is found among many virtual stages in seconds", { timeout: 20_000 }, () => {
    const layout = { tensor: 8, sequenceParallel: "on", pipeline: 32, data: 8, recompute: "full" } as const;
    const plain = trainingCase({
      model: "llama-3.1-405b",
      sequenceLength: 8192,
      globalBatch: 2048,
      layout: { ...layout, virtualStages: 2, schedule: "interleaved" },
    });
    const { balanced, even } = balancedLayers(overStages(plain, "hgx-h100", "hgx-a100"));
    expect(balanced.step.breakdown.stepTime).toBeLessThan(0.8 * even.step.breakdown.stepTime);
  });

  it.each([1, 2])("knows a lower bound of each pipeline's time, of %d virtual stages", (virtualStages) => {
    const schedule = virtualStages > 1 ? "interleaved" : "1f1b";
    const c = overStages(
      trainingCase({ ...text, globalBatch: 32, layout: { ...text.layout, virtualStages, schedule } }),
      "hgx-h100",
      "hgx-a100",
    );
    const evaluator = mixedEvaluator(c);
    const stages = 4 * virtualStages;
    for (let move = 0; move < stages - 1; move++) {
      const stageLayers = new Array<number>(stages).fill(32 / stages);
      stageLayers[move]! += 2;
      stageLayers[move + 1]! -= 2;
      const layout = { ...c.layout, stageLayers };
      const { pipeline } = evaluator.evaluate(layout).breakdown;
      let least = 0;
      evaluator.promising(layout, (time) => {
        least = time;
        return false;
      });
      expect(least).toBeLessThanOrEqual(pipeline * (1 + 1e-12));
      expect(least).toBeGreaterThan(0.8 * pipeline);
      expect(evaluator.promising(layout, () => true)).toBeUndefined();
    }
  });

  it("is the best where memory binds, and fits where the even split does not", () => {
    // 40 GB parts hold fewer layers than their speed would allow.
    const c = overStages(
      trainingCase({
        model: "llama-3.1-8b",
        globalBatch: 32,
        sequenceLength: 8192,
        layout: { tensor: 1, pipeline: 4, data: 16, sharding: "none" },
      }),
      "hgx-h200",
      "hgx-a100-40gb",
    );
    const { balanced, even } = balancedLayers(c);
    expect(even.step.breakdown.memory.fit).not.toBe("fits");
    expect(balanced.step.breakdown.memory.fit).toBe("fits");
    expect(balanced.step.breakdown.stepTime).toBeCloseTo(shortest(c), 12);
  });

  it("is no worse than even with virtual stages, and gains what the event simulation says", () => {
    for (const virtualStages of [1, 2]) {
      const schedule = virtualStages > 1 ? ("interleaved" as const) : ("1f1b" as const);
      const layout = { ...text.layout, virtualStages, schedule };
      const c = overStages(trainingCase({ ...text, layout, globalBatch: 32 }), "hgx-h100", "hgx-a100");
      const { balanced, even } = balancedLayers(c);
      const simulated = [balanced, even].map(({ step: { breakdown } }) => {
        const shape = { ranks: 4, chunks: virtualStages, microBatches: breakdown.microBatches };
        expect(pipelineTime(scheduleOf(schedule), shape, breakdown.work)).toBeCloseTo(breakdown.pipeline, 12);
        return simulatePipeline(scheduleOf(schedule), shape, breakdown.work).time;
      });
      const gain = even.step.breakdown.pipeline / balanced.step.breakdown.pipeline;
      expect((simulated[1] ?? 0) / (simulated[0] ?? 1) / gain).toBeCloseTo(1, 9);
      expect(gain).toBeGreaterThan(1.2);
    }
  });

  it("is the best of all over three pools, by stages and by replicas", () => {
    const kinds = ["hgx-h100", "hgx-a100", "atlas-800t-a2"];
    const clusters = kinds.map((node) => ({ name: node, cluster: clusterOf({ node: nodes.get(node), nodes: 2 }) }));
    const common = { tensor: 8, sequenceParallel: "on" as const, recompute: "full" as const };
    const one = trainingCase({ ...text, globalBatch: 48, layout: { ...common, pipeline: 3, data: 2 } });
    const staged: TrainingCase = {
      ...one,
      pools: { by: "pipeline", pools: clusters.map((pool) => ({ ...pool, stages: 1 })) },
    };
    expect(balancedLayers(staged).balanced.step.breakdown.stepTime).toBeCloseTo(shortest(staged), 12);
    const two = trainingCase({ ...text, globalBatch: 48, layout: { ...common, pipeline: 1, data: 6 } });
    const pools = clusters.map((pool) => ({ ...pool, data: 2, sequences: 16 }));
    const spread: TrainingCase = { ...two, pools: { by: "data", pools } };
    const evaluator = mixedEvaluator(spread);
    let best = Number.POSITIVE_INFINITY;
    for (const counts of compositions(24, 3)) {
      if (Math.min(...counts) === 0) continue;
      const split = pools.map((pool, index) => ({ ...pool, sequences: 2 * (counts[index] ?? 0) }));
      best = Math.min(best, evaluator.evaluate(two.layout, { by: "data", pools: split }).breakdown.stepTime);
    }
    expect(balancedBatch(spread).balanced?.step.breakdown.stepTime).toBeCloseTo(best, 12);
  });

  it("is even over pools of the same hardware, but for the ends", () => {
    const c = overStages(trainingCase({ ...text, globalBatch: 32 }), "hgx-h100", "hgx-h100");
    const { stageLayers } = balancedLayers(c).balanced;
    expect(Math.max(...stageLayers) - Math.min(...stageLayers)).toBeLessThanOrEqual(2);
  });
});

describe("the balanced split of a batch", () => {
  it.each([
    ["hgx-h100", "hgx-a100", 128],
    ["hgx-a100", "hgx-h100", 64],
    ["hgx-h800", "atlas-800t-a2", 96],
  ])("is the best of all splits: %s and %s, %i sequences", (fast, slow, globalBatch) => {
    const layout = { tensor: 8, sequenceParallel: "on" as const, pipeline: 2, data: 4, recompute: "full" as const };
    const c = overReplicas(trainingCase({ model: "llama-3.1-8b", globalBatch, layout }), fast, slow);
    const { balanced, even } = balancedBatch(c);
    const evaluator = mixedEvaluator(c);
    let best = Number.POSITIVE_INFINITY;
    for (let sequences = 2; sequences < globalBatch; sequences += 2) {
      const spread = overReplicas(c, fast, slow, sequences).pools;
      best = Math.min(best, evaluator.evaluate(c.layout, spread).breakdown.stepTime);
    }
    expect(balanced?.step.breakdown.stepTime).toBeCloseTo(best, 12);
    expect(balanced?.step.breakdown.stepTime).toBeLessThan(even?.step.breakdown.stepTime ?? 0);
    expect(balanced?.sequences.reduce((sum, count) => sum + count, 0)).toBe(globalBatch);
  });

  it("gives interleaved replicas whole groups of micro-batches, and says when there are none", () => {
    const layout = { tensor: 8, pipeline: 2, virtualStages: 4, schedule: "interleaved" as const, data: 4 };
    const c = overReplicas(trainingCase({ model: "llama-3.1-8b", globalBatch: 64, layout }), "hgx-h100", "hgx-a100");
    for (const count of balancedBatch(c).balanced?.sequences ?? [1]) expect(count % 4).toBe(0);
    const odd = { ...c, globalBatch: 62 };
    expect(balancedBatch(odd).balanced).toBeUndefined();
    expect(balancedBatch(odd).even).toBeUndefined();
  });
});
