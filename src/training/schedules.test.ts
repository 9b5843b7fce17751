/** What schedules mean for a whole step: weights, memory, time and timeline of every entry. */

import { describe, expect, it } from "vitest";
import { trainingCase } from "../../test/training-case.ts";
import type { Term } from "../base/term.ts";
import type { TrainingCase } from "./case.ts";
import type { ScheduleName } from "./layout.ts";
import { predictTraining } from "./predict.ts";
import { scheduleOf, schedules } from "./schedule/index.ts";
import { stagePlan } from "./stages.ts";
import { type StepBreakdown, stepEvaluator } from "./step.ts";
import { trainingTimeline } from "./timeline.ts";
import { rankWeights } from "./weights.ts";

const names = Object.keys(schedules) as readonly ScheduleName[];

function caseOf(schedule: ScheduleName, change: Partial<TrainingCase> = {}): TrainingCase {
  const { chunks } = scheduleOf(schedule);
  const layout = { pipeline: 4, data: 8, expert: 8, schedule, virtualStages: chunks === "one" ? 1 : 2 } as const;
  const plain = trainingCase({ model: "deepseek-v3", layout, globalBatch: 8 * 32, multiTokenModules: 1 });
  return { ...plain, ...change, layout: { ...plain.layout, ...change.layout } };
}

const stepOf = (c: TrainingCase): StepBreakdown => stepEvaluator(c).evaluate(c.layout);

function leaves(term: Term): number {
  return term.children.length === 0 ? term.value : term.children.reduce((sum, child) => sum + leaves(child), 0);
}

describe.each(names)("a step under %s", (name) => {
  const c = caseOf(name);

  it("is the sum of its terms, with a bubble that is not negative", () => {
    const { term, stepTime, bubbleTime } = predictTraining(c);
    expect(leaves(term) / stepTime).toBeCloseTo(1, 9);
    expect(bubbleTime).toBeGreaterThanOrEqual(0);
  });

  it("is drawn with every piece once, none beside another on its rank, the update last", () => {
    const slices = trainingTimeline(c);
    const step = stepOf(c);
    for (let lane = 0; lane < 4; lane++) {
      const own = slices.filter((slice) => slice.lane === lane);
      let free = 0;
      for (const { start, duration } of own) {
        expect(start).toBeGreaterThanOrEqual(free * (1 - 1e-12));
        free = start + duration;
      }
      expect(own.at(-1)?.name).toBe("update");
      expect(new Set(own.map((slice) => slice.name)).size).toBe(own.length);
    }
    const { backward } = scheduleOf(name);
    const kinds = new Set(slices.map(({ category }) => category));
    expect(kinds.has("weight-gradient")).toBe(backward !== "whole");
    expect(kinds.has("overlapped")).toBe(backward === "paired");
    expect(step.work.weight === undefined).toBe(backward === "whole");
  });

  it("holds the whole model, twice where micro-batches come from both ends", () => {
    const plan = stagePlan(c.model, c.layout, c.highPrecisionLayers);
    const all = (pipeline: number): number => {
      let sum = 0;
      for (let rank = 0; rank < pipeline; rank++) {
        const { split, replicated, experts } = rankWeights(c, plan, rank);
        sum += split + replicated + experts;
      }
      return sum;
    };
    const single = caseOf("1f1b", { layout: { ...caseOf("1f1b").layout, pipeline: 1 } });
    const once = rankWeights(single, stagePlan(single.model, single.layout, single.highPrecisionLayers), 0);
    const copies = scheduleOf(name).placement === "both-ways" ? 2 : 1;
    expect(all(4) / (once.split + once.replicated + once.experts)).toBeCloseTo(copies, 12);
  });
});

describe("schedules side by side", () => {
  it("place head and embedding on one rank in a V, so that a tied table is stored once", () => {
    const tied = { model: trainingCase({ model: "gpt-3-175b" }).model };
    for (const [name, tables] of [
      ["1f1b", 2],
      ["zero-bubble-v", 1],
      ["dualpipe", 2],
    ] as const) {
      const c = caseOf(name, tied);
      const { model, layout } = c;
      expect(model.embedding.tied).toBe("tied");
      const plan = stagePlan(model, layout, c.highPrecisionLayers);
      const table = model.vocabulary * model.hidden;
      const layersOnly = stagePlan(
        model,
        { ...layout, stageEnds: { embedding: -1, loss: -1, modules: [] } },
        c.highPrecisionLayers,
      );
      let difference = 0;
      for (let rank = 0; rank < 4; rank++)
        difference += rankWeights(c, plan, rank).split - rankWeights(c, layersOnly, rank).split;
      expect(difference / table, name).toBeCloseTo(tables, 9);
    }
  });

  it("shard the optimizer state of a model held twice over both copies", () => {
    const [once, twice] = [caseOf("dualpipe-v"), caseOf("dualpipe")];
    const [a, b] = [stepOf(once).memory, stepOf(twice).memory];
    expect(b.optimizer / a.optimizer).toBeLessThan(1.2);
    expect(b.weights / a.weights).toBeGreaterThan(1.8);
  });

  it("need fewer activations in the order that the papers say", () => {
    const held = (name: ScheduleName): number => stepOf(caseOf(name)).memory.activations;
    expect(held("v-min")).toBeLessThan(held("v-half"));
    expect(held("v-half")).toBeLessThan(held("zero-bubble-v"));
    expect(held("zero-bubble-h1")).toBeLessThan(held("zero-bubble-h2"));
    expect(held("zero-bubble-h2")).toBeLessThan(held("gpipe"));
  });

  it("wait less with weight gradients apart, and least with two chunks in a V", () => {
    const bubble = (name: ScheduleName): number => stepOf(caseOf(name)).bubble;
    expect(bubble("zero-bubble-h1")).toBeLessThan(bubble("1f1b"));
    expect(bubble("zero-bubble-h2")).toBeLessThan(bubble("zero-bubble-h1"));
  });

  it("hide the expert exchange of passes in pairs, and only of those", () => {
    const on = caseOf("dualpipe-v");
    const overlapped = {
      ...on,
      software: { ...on.software, overlap: { ...on.software.overlap, expert: "on" } },
    } as const;
    const { work } = stepOf(overlapped);
    const { paired } = work;
    if (paired === undefined) throw new Error("DualPipeV pairs its passes");
    // A pass alone takes what it takes with the exchange in the open: pairs save the rest.
    const open = stepOf({
      ...on,
      software: { ...on.software, overlap: { ...on.software.overlap, expert: "off" } },
    }).work;
    work.forward.forEach((time, at) => {
      expect(time / (open.forward[at] ?? 0)).toBeCloseTo(1, 9);
      expect(paired.forward[at]).toBeLessThan(time);
      expect(paired.backward[at]).toBeLessThan(work.backward[at] ?? 0);
    });
    const exposed = (batch: number): number => stepOf({ ...overlapped, globalBatch: batch }).busiest.expert;
    // The longer the step, the larger the share of passes in pairs.
    expect(exposed(8 * 64)).toBeLessThan(exposed(8 * 16));
  });
});
