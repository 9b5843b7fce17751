/**
 * The pipeline of one step as a timeline: one lane per pipeline rank, one slice per piece of work, passes without
 * gradients before.
 */

import type { Seconds } from "../base/quantity.ts";
import type { TrainingCase } from "./case.ts";
import { microBatches } from "./parallel.ts";
import { mixedEvaluator } from "./pools/mixed-step.ts";
import { type PieceKind, passesOf, pieceDuration, pieceOf, scheduleOf, simulatePipeline } from "./schedule/index.ts";
import { type StepEvaluator, stepEvaluator } from "./step.ts";
import { updateTime } from "./update.ts";

export interface TimelineSlice {
  readonly lane: number;
  readonly name: string;
  readonly category: "forward" | "backward" | "input-gradient" | "weight-gradient" | "overlapped" | "update";
  readonly start: Seconds;
  readonly duration: Seconds;
}

/** Most slices of a step's timeline, updates left out: two or three pieces for each pass of a chunk. */
export function sliceCount({ layout, globalBatch }: Pick<TrainingCase, "layout" | "globalBatch">): number {
  const { placement, backward } = scheduleOf(layout.schedule);
  const passes = layout.pipeline * passesOf(placement, layout.virtualStages) * microBatches(layout, globalBatch);
  return (backward === "whole" ? 2 : 3) * passes;
}

const pieceTexts: Readonly<
  Record<PieceKind, { readonly letter: string; readonly category: TimelineSlice["category"] }>
> = {
  forward: { letter: "F", category: "forward" },
  backward: { letter: "B", category: "backward" },
  inputGradient: { letter: "B", category: "input-gradient" },
  weightGradient: { letter: "W", category: "weight-gradient" },
  forwardBeside: { letter: "F", category: "overlapped" },
};
/** Replicas on several pools differ: the timeline is that of the slowest. */
function evaluateSlowest(c: TrainingCase): StepEvaluator["evaluate"] {
  const evaluator = mixedEvaluator(c);
  return (layout) => evaluator.evaluate(layout).breakdown;
}

/** Slices of one step in start order of each lane; the update follows the last backward. */
export function trainingTimeline(c: TrainingCase): readonly TimelineSlice[] {
  const evaluate = c.pools === undefined ? stepEvaluator(c).evaluate : evaluateSlowest(c);
  const step = evaluate(c.layout);
  const { pipeline, virtualStages, schedule } = c.layout;
  const shape = { ranks: pipeline, chunks: virtualStages, microBatches: step.microBatches };
  const run = simulatePipeline(scheduleOf(schedule), shape, step.work);
  const slices: TimelineSlice[] = [];
  const before = step.auxiliary.reduce((sum, pass) => sum + pass.time, 0);
  const nameOf = (entry: number): string => {
    const { kind, microBatch, chunk } = pieceOf(entry, virtualStages);
    return `${pieceTexts[kind].letter}${microBatch}${virtualStages > 1 ? ` chunk ${chunk}` : ""}`;
  };
  run.orders.forEach((order, lane) => {
    let passed = 0;
    for (const { name, time } of step.auxiliary) {
      slices.push({ lane, name, category: "forward", start: passed, duration: time });
      passed += time;
    }
    for (let position = 0; position < order.length; position++) {
      const entry = order[position] ?? 0;
      const { category } = pieceTexts[pieceOf(entry, virtualStages).kind];
      const start = before + (run.starts[lane]?.[position] ?? 0);
      const durationAt = (index: number) => pieceDuration(run, { work: step.work, shape, rank: lane, position: index });
      if (category === "overlapped") {
        // A forward and the backward beside it are one slice.
        const name = `${nameOf(entry)} & ${nameOf(order[position + 1] ?? 0)}`;
        slices.push({ lane, name, category, start, duration: durationAt(position) + durationAt(++position) });
      } else slices.push({ lane, name: nameOf(entry), category, start, duration: durationAt(position) });
    }
    const update = updateTime(step);
    const end = scheduleOf(schedule).update === "apart" ? (run.ends[lane] ?? run.time) : run.time;
    slices.push({ lane, name: "update", category: "update", start: before + end, duration: update });
  });
  return slices;
}
