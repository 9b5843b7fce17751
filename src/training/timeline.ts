/** The pipeline of one step as a timeline: one lane per pipeline rank, one slice per forward or backward chunk. */

import type { Seconds } from "../base/quantity.ts";
import type { TrainingCase } from "./case.ts";
import { mixedEvaluator } from "./pools/mixed-step.ts";
import { scheduleOf, simulatePipeline } from "./schedule/index.ts";
import { type StepEvaluator, stepEvaluator } from "./step.ts";

export interface TimelineSlice {
  readonly lane: number;
  readonly name: string;
  readonly category: "forward" | "backward" | "update";
  readonly start: Seconds;
  readonly duration: Seconds;
}

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
  run.orders.forEach((order, lane) => {
    order.forEach((entry, position) => {
      const piece = entry >> 1;
      const chunk = piece % virtualStages;
      const backward = (entry & 1) === 1;
      const times = backward ? step.work.backward : step.work.forward;
      const name = `${backward ? "B" : "F"}${(piece - chunk) / virtualStages}${virtualStages > 1 ? ` chunk ${chunk}` : ""}`;
      slices.push({
        lane,
        name,
        category: backward ? "backward" : "forward",
        start: run.starts[lane]?.[position] ?? 0,
        duration: times[lane * virtualStages + chunk] ?? 0,
      });
    });
    const update = step.gradientReduce + step.optimizer + step.parameterGather;
    slices.push({ lane, name: "update", category: "update", start: run.time, duration: update });
  });
  return slices;
}
