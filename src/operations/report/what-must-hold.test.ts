import { describe, expect, it } from "vitest";
import { judgementOf, type Requirement } from "../../report/index.ts";
import { parseScenario, predictDesign, resolve, resourcesOf } from "../../scenario/index.ts";
import type { WrittenOption } from "./options.ts";
import { mustHold } from "./what-must-hold.ts";

const design = resolve(
  parseScenario(`
windtunnel: 1
name: eight
cluster: { node: hgx-h100, nodes: 8 }
workload: { kind: training, model: meta-llama/Llama-3.1-8B, sequenceLength: 8192, globalBatch: 512, tokens: 100G }
layout: { tensor: 2, pipeline: 2, microBatch: 1, sharding: optimizer }
software: megatron-core@2024.07
`),
);
const prediction = predictDesign(design);
const today = prediction.metrics.timeToTrain ?? 0;
const option: WrittenOption = { name: "eight", role: "option", what: "", design, prediction };

const within = (value: number, more: Partial<Requirement> = {}): Requirement => ({
  id: "R1",
  text: "in time",
  metric: "timeToTrain",
  sense: "atMost",
  value,
  ...more,
});

function found(requirement: Requirement) {
  const judgements = [[judgementOf(prediction, requirement)]];
  return mustHold([option], { judgements, choice: { index: 0, keepsAll: false } });
}

function keptAt(resource: string, factor: number, requirement: Requirement): boolean {
  const scaled = resourcesOf(design)
    .find(({ name }) => name === resource)
    ?.scaled(factor);
  return judgementOf(scaled === undefined ? undefined : predictDesign(scaled), requirement).kept;
}

describe("what would have to be true", () => {
  it.each([
    ["the limit", within(0.95 * today)],
    ["its probability", within(1.01 * today, { confidence: 0.7 })],
  ])("is an amount that keeps %s, and not one nearer to today", (_, requirement) => {
    const [only] = found(requirement);
    expect(only).toMatchObject({ option: "eight", requirement: "R1" });
    expect(only?.ways.length).toBeGreaterThan(0);
    for (const { resource, factor } of only?.ways ?? []) {
      expect(keptAt(resource, factor, requirement)).toBe(true);
      expect(keptAt(resource, 1 + 0.99 * (factor - 1), requirement)).toBe(false);
    }
  });

  it("is nothing where all is kept, and no way where none is near enough", () => {
    expect(found(within(2 * today))).toEqual([]);
    expect(found(within(today / 100))).toEqual([{ option: "eight", requirement: "R1", ways: [] }]);
  });
});
