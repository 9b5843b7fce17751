import { expect, it } from "vitest";
import { parseScenario, predict, resolveUnlaid, type TrainingText } from "../../scenario/index.ts";
import {
  type Layout,
  leastDegreeTime,
  leastFamilyTime,
  leastMemory,
  leastScheduleTime,
  relaxedLayout,
  stepEvaluator,
} from "../../training/index.ts";
import type { LayoutAnswer } from "./answer.ts";
import { searchLayouts } from "./layouts.ts";
import { everyLayout, spaceOf } from "./space.ts";

const options = { files: {}, within: 0.02, memoryMargin: 0, top: 10, stop: () => false, onProgress: () => undefined };

const jobs = {
  dense: `
windtunnel: 1
name: dense
cluster: { node: hgx-a100, nodes: 4 }
workload: { kind: training, model: gpt3-175b, sequenceLength: 2048, globalBatch: 64 }
software: megatron-core@2024.07
layout:
  { tensor: auto, sequenceParallel: auto, pipeline: auto, virtualStages: auto, microBatch: [1, 2],
    schedule: [1f1b, interleaved, zero-bubble-h1], recompute: auto, sharding: auto, activationOffload: [0, 1], optimizerOffload: [0.5] }`,
  experts: `
windtunnel: 1
name: experts
cluster: { node: hgx-h100, nodes: 8 }
workload: { kind: training, model: mistralai/Mixtral-8x7B-v0.1, sequenceLength: 4096, globalBatch: 128 }
software: megatron-core@2024.07
layout:
  { tensor: [1, 2, 4], context: [1, 2], pipeline: auto, virtualStages: auto, microBatch: [1, 2], expert: [1, 2, 8],
    expertTensor: auto, recompute: [none, full], sharding: auto }`,
} as const;

interface Every {
  readonly times: readonly number[];
  readonly all: number;
}

/** Every layout of a space that fits, and every bound held against it. */
function exhaustively(text: string): Every {
  const scenario = parseScenario(text);
  const { layout: written } = scenario;
  if (typeof written !== "object") throw new Error("a layout with open keys is meant");
  const unlaid = resolveUnlaid(scenario, scenario.workload as TrainingText, {});
  const evaluator = stepEvaluator(unlaid.case);
  const { capacity } = unlaid.case.cluster.node.accelerator.memory;
  const times: number[] = [];
  let all = 0;
  let relaxedBefore = "";
  let bounds: readonly number[] = [];
  for (const member of everyLayout(spaceOf(written, unlaid))) {
    all++;
    const laid = unlaid.lay(member);
    if ("problems" in laid) continue;
    const { layout } = laid;
    const step = evaluator.evaluate(layout);
    const relaxed = relaxedLayout(layout);
    if (JSON.stringify(relaxed) !== relaxedBefore) {
      relaxedBefore = JSON.stringify(relaxed);
      const stages = evaluator.stages(relaxed);
      bounds = [leastFamilyTime(evaluator.evaluate(relaxed)), leastScheduleTime(stages), leastDegreeTime(stages)];
    }
    const { optimizerOffload: _, weightOffload: __, ...kept } = layout;
    const unmoved = leastFamilyTime(evaluator.evaluate({ ...kept, activationOffload: 0 }));
    atMost(Math.max(...bounds, unmoved), step.stepTime, layout);
    atMost(leastMemory({ ...unlaid.case, layout }), step.memory.total, layout);
    if (step.memory.total <= capacity) times.push(step.stepTime);
  }
  return { times: times.sort((a, b) => a - b), all };
}

function atMost(bound: number, value: number, layout: Layout): void {
  if (bound > value * (1 + 1e-12)) throw new Error(`bound ${bound} is beyond ${value} of ${JSON.stringify(layout)}`);
}

function coveredOnce({ covered }: LayoutAnswer): number {
  const { slower, larger, refused, evaluated, left } = covered;
  return slower + larger + refused + evaluated + left;
}

it.each(Object.entries(jobs))("finds what trying every layout finds: %s", { timeout: 120_000 }, (_, text) => {
  const { times, all } = exhaustively(text);
  const [best = Number.NaN] = times;
  const answer = searchLayouts(parseScenario(text), options);
  expect(answer.ended).toBe("proven");
  expect(answer.covered.space).toBe(all);
  expect(coveredOnce(answer)).toBe(all);
  expect(answer.best[0]?.stepTime).toBe(best);
  expect(answer.near).toBe(times.filter((time) => time <= best * 1.02).length);
  expect(answer.covered.slower).toBeGreaterThan(0);
});

it("gives what predict gives", () => {
  const scenario = parseScenario(jobs.experts);
  const { best, prediction } = searchLayouts(scenario, options);
  const [first] = best;
  if (first === undefined) throw new Error("nothing fits");
  expect(prediction?.metrics.stepTime).toBe(first.stepTime);
  const { metrics } = predict({ ...scenario, layout: first.layout });
  expect(metrics.stepTime).toBe(first.stepTime);
  expect(metrics.memoryPerAccelerator).toBe(first.memory);
});

it("says what lacks least where nothing fits", () => {
  const answer = searchLayouts(parseScenario(jobs.dense.replace("nodes: 4", "nodes: 1")), options);
  expect(answer.best).toEqual([]);
  expect(answer.closest.length).toBeGreaterThan(0);
  for (const { memory } of answer.closest) expect(memory).toBeGreaterThan(answer.memoryMost);
});

it("stops when asked, and says that it did", () => {
  let asked = 0;
  const answer = searchLayouts(parseScenario(jobs.dense), { ...options, stop: () => ++asked > 20 });
  expect(answer.ended).toBe("stopped");
  expect(answer.covered.left).toBeGreaterThan(0);
  expect(coveredOnce(answer)).toBe(answer.covered.space);
});

it.each([
  ["empty", "layout: { tensor: [7], pipeline: auto }", /no layout of the space is possible/],
  ["nothing open", "layout: { tensor: 8 }", /nothing is open/],
  ["stages by hand", "layout: { pipeline: auto, stageLayers: [96] }", /follows from the layout/],
])("refuses a space that is %s", (_, layout, message) => {
  const text = jobs.dense.replace(/layout:[\s\S]*/, layout);
  expect(() => searchLayouts(parseScenario(text), options)).toThrow(message);
});
