/** The gain that the examples over pools print is that of the event simulation on the work of both splits. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageFolder } from "../../apps/host/node/host.ts";
import { type Design, parseScenario, predictDesign, resolve, trainingOf } from "../../src/scenario/index.ts";
import { balancedBatch, balancedLayers } from "../../src/training/index.ts";
import type { MixedStep } from "../../src/training/pools/pool-step.ts";
import { scheduleOf, simulatePipeline } from "../../src/training/schedule/index.ts";
import { updateTime } from "../../src/training/update.ts";

function resolved(name: string): Design {
  const text = readFileSync(join(packageFolder(), "examples", name, "scenario.yaml"), "utf8");
  return resolve(parseScenario(text));
}

/** The step with its pipeline simulated event by event, and everything else as it was. */
function simulated({ breakdown: step }: MixedStep): number {
  const ranks = step.plan.layerCounts.length;
  const shape = { ranks, chunks: 1, microBatches: step.microBatches };
  const pipeline = simulatePipeline(scheduleOf("1f1b"), shape, step.work).time;
  const once = pipeline + updateTime(step) + step.fixed;
  return once * (1 + step.stragglers / (step.stepTime - step.stragglers));
}

function expectGain(name: string, balanced: MixedStep, even: MixedStep, least: number): void {
  const design = resolved(name);
  const gain = simulated(even) / simulated(balanced);
  expect(Math.abs(even.breakdown.stepTime / balanced.breakdown.stepTime / gain - 1)).toBeLessThan(1e-9);
  expect(gain).toBeGreaterThan(least);
  const { metrics, assumptions } = predictDesign(design);
  expect(Math.abs((metrics.stepTime ?? 0) / simulated(balanced) - 1)).toBeLessThan(1e-9);
  const line = assumptions.find(({ reason }) => reason.startsWith("balanced:"));
  expect(line?.reason).toContain(`+ ${((gain - 1) * 100).toFixed(1)} %`);
}

describe("the balanced split beats the naive one by what is printed", () => {
  it("over stages: H100 and A100", () => {
    const { balanced, even } = balancedLayers(trainingOf(resolved("mixed-generations")).training.case);
    expectGain("mixed-generations", balanced.step, even.step, 1.2);
  });

  it("over replicas: H800 and Ascend 910B", () => {
    const { balanced, even } = balancedBatch(trainingOf(resolved("mixed-vendors")).training.case);
    if (balanced === undefined || even === undefined) throw new Error("both splits exist");
    expectGain("mixed-vendors", balanced.step, even.step, 1.2);
  });
});
