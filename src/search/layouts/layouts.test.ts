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
workload: { kind: training, model: gpt3-175b, sequenceLength: 2048, globalBatch: 32 }
software: megatron-core@2024.07
layout:
  { tensor: auto, sequenceParallel: auto, pipeline: auto, virtualStages: [1, 2, 3, 12], microBatch: 1,
    schedule: [1f1b, interleaved, zero-bubble-h1], recompute: [none, full], sharding: [none, optimizer, full],
    activationOffload: [0, 1], optimizerOffload: [0.5] }`,
  experts: `
windtunnel: 1
name: experts
cluster: { node: hgx-h100, nodes: 4 }
workload: { kind: training, model: mistralai/Mixtral-8x7B-v0.1, sequenceLength: 4096, globalBatch: 64 }
software: megatron-core@2024.07
layout:
  { tensor: [1, 4], context: [1, 2], pipeline: auto, virtualStages: auto, microBatch: 1, expert: [1, 8],
    expertTensor: auto, recompute: [none, full], sharding: auto }`,
} as const;

interface Every {
  /** Step time and memory of those that fit, the fastest first. */
  readonly fitting: readonly (readonly [time: number, memory: number])[];
  readonly all: number;
}

const tried = new Map<string, Every>();

/** Every layout of a space that fits, and every bound held against it. */
function exhaustively(text: string): Every {
  const every = tried.get(text) ?? tryAll(text);
  tried.set(text, every);
  return every;
}

function tryAll(text: string): Every {
  const scenario = parseScenario(text);
  const { layout: written } = scenario;
  if (typeof written !== "object") throw new Error("a layout with open keys is meant");
  const unlaid = resolveUnlaid(scenario, scenario.workload as TrainingText, {});
  const evaluator = stepEvaluator(unlaid.case);
  const { capacity } = unlaid.case.cluster.node.accelerator.memory;
  const fitting: [number, number][] = [];
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
    if (step.memory.total <= capacity) fitting.push([step.stepTime, step.memory.total]);
  }
  return { fitting: fitting.sort((a, b) => a[0] - b[0] || a[1] - b[1]), all };
}

function atMost(bound: number, value: number, layout: Layout): void {
  if (bound > value * (1 + 1e-12)) throw new Error(`bound ${bound} is beyond ${value} of ${JSON.stringify(layout)}`);
}

function coveredOnce({ covered }: LayoutAnswer): number {
  const { slower, larger, refused, evaluated, left } = covered;
  return slower + larger + refused + evaluated + left;
}

it.each(Object.entries(jobs))("finds what trying every layout finds: %s", { timeout: 60_000 }, (_, text) => {
  const { fitting, all } = exhaustively(text);
  const [best = Number.NaN] = fitting[0] ?? [];
  const answer = searchLayouts(parseScenario(text), options);
  expect(answer.ended).toBe("proven");
  expect(answer.covered.space).toBe(all);
  expect(coveredOnce(answer)).toBe(all);
  expect(answer.best[0]?.stepTime).toBe(best);
  expect(answer.near).toBe(fitting.filter(([time]) => time <= best * 1.02).length);
  expect(answer.covered.slower).toBeGreaterThan(0);
  const wide = searchLayouts(parseScenario(text), { ...options, within: "error" });
  if (wide.alike === undefined) throw new Error("measured runs are meant to judge these jobs");
  const { count, complete, range, front } = wide.alike;
  const most = best * (range[1] / range[0]);
  expect(complete).toBe(true);
  expect(count).toBe(fitting.filter(([time]) => time <= most).length);
  expect(front.map(({ stepTime, memory }) => [stepTime, memory])).toEqual(frontOf(fitting, most));
});

/** Sorted by time, a layout is on the front if it holds less than all before it. */
function frontOf(fitting: Every["fitting"], most: number): readonly (readonly number[])[] {
  let least = Number.POSITIVE_INFINITY;
  return fitting.filter(([time, memory]) => {
    const on = time <= most && memory < least;
    if (on) least = memory;
    return on;
  });
}

it("ranks a design held against the space, and says why others are faster", () => {
  const { fitting } = exhaustively(jobs.experts);
  const { layout: _, ...scenario } = parseScenario(jobs.experts);
  const against = predict({ ...scenario, layout: { tensor: 4, pipeline: 2, expert: 8, recompute: "full" } });
  const { stepTime = Number.NaN } = against.metrics;
  const answer = searchLayouts(parseScenario(jobs.experts), { ...options, against });
  const [first] = answer.best;
  const faster = fitting.filter(([time]) => time < stepTime).length;
  const exact = stepTime <= 1.25 * (first?.stepTime ?? 0);
  expect(answer.against?.complete).toBe(exact);
  if (exact) expect(answer.against?.faster).toBe(faster);
  else expect(answer.against?.faster).toBeLessThanOrEqual(faster);
  expect(first?.why?.length).toBeGreaterThan(1);
  const told = (first?.why ?? []).reduce((sum, { share }) => sum + share, 0);
  expect(told).toBeLessThan(0);
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
