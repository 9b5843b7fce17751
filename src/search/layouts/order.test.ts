/** A layout's numbers are its own: whatever an evaluator has looked at before, it says the same. */

import { expect, it } from "vitest";
import { type RandomStream, random } from "../../base/random.ts";
import { parseScenario, resolveUnlaid, type TrainingText } from "../../scenario/index.ts";
import { type Layout, type StepEvaluator, stepEvaluator } from "../../training/index.ts";
import { spaceOf } from "./space.ts";

const head = (text: string): string => `{ windtunnel: 1, name: order, ${text} }`;

const jobs = {
  "gradients reduced in rounds": head(`
    cluster: { node: hgx-h100, nodes: 8 }, software: megatron-core@2024.07,
    workload: { kind: training, model: gpt3-175b, sequenceLength: 2048, globalBatch: 64 },
    layout: { tensor: auto, sequenceParallel: auto, pipeline: auto, virtualStages: auto, microBatch: [1, 2], recompute: auto,
      context: [1, 2], sharding: auto, activationOffload: [0, 1], schedule: [1f1b, interleaved, gpipe] }`),
  "experts with a skew": head(`
    cluster: { node: hgx-h100, nodes: 8 }, software: megatron-core@2024.07,
    workload: { kind: training, model: mistralai/Mixtral-8x7B-v0.1, sequenceLength: 4096, globalBatch: 128, routing: natural },
    layout: { tensor: [1, 2, 4], context: [1, 2], pipeline: auto, virtualStages: auto, microBatch: [1, 2], expert: auto,
      expertTensor: auto, recompute: [none, full], recomputeLayers: [1, 2], sharding: auto }`),
  "shards of one stack": head(`
    cluster: { node: hgx-h100, nodes: 2 }, software: torchtitan@2025,
    workload: { kind: training, model: meta-llama/Llama-3.1-8B, sequenceLength: 8192, globalBatch: 64 },
    layout: { tensor: auto, context: auto, pipeline: [1, 2], microBatch: auto, sharding: auto, weightOffload: auto,
      optimizerOffload: auto, recompute: auto }`),
} as const;

/** Layouts of the same degrees share the most: so many groups, and so many layouts of each. */
const groupsDrawn = 4;
const layoutsDrawn = 24;

function someLayouts(text: string): { readonly layouts: readonly Layout[]; readonly fresh: () => StepEvaluator } {
  const scenario = parseScenario(text);
  const { layout: written } = scenario;
  if (typeof written !== "object") throw new Error("a layout with open keys is meant");
  const unlaid = resolveUnlaid(scenario, scenario.workload as TrainingText, {});
  const draws = random(1).stream("order");
  const space = spaceOf(written, unlaid);
  const layouts: Layout[] = [];
  for (let group = 0; group < groupsDrawn; group++) {
    const { stems } = drawnFrom(space.groups, draws);
    for (let index = 0; index < layoutsDrawn; index++) {
      const stem = drawnFrom(stems, draws);
      const { members } = drawnFrom(space.classesOf(stem), draws);
      const laid = unlaid.lay({ ...drawnFrom(space.familiesOf(stem), draws), ...drawnFrom(members, draws) });
      if ("layout" in laid) layouts.push(laid.layout);
    }
  }
  return { layouts, fresh: () => stepEvaluator(unlaid.case) };
}

function drawnFrom<Value>(values: readonly Value[], draws: RandomStream): Value {
  return values[draws.integer(values.length)] as Value;
}

it.each(Object.entries(jobs))("does not depend on what came before: %s", (_, text) => {
  const { layouts, fresh } = someLayouts(text);
  const there = fresh();
  const back = fresh();
  const forwards = layouts.map((layout) => there.evaluate(layout));
  const backwards = [...layouts]
    .reverse()
    .map((layout) => back.evaluate(layout))
    .reverse();
  for (const [index, layout] of layouts.entries()) {
    const alone = fresh().evaluate(layout);
    expect(forwards[index], JSON.stringify(layout)).toEqual(alone);
    expect(backwards[index], JSON.stringify(layout)).toEqual(alone);
  }
});
