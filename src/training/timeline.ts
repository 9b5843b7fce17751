/** The pipeline of one step as a timeline: one lane per pipeline rank, one slice per forward or backward chunk, passes without gradients before. */

import type { Seconds } from "../base/quantity.ts";
import type { TrainingCase } from "./case.ts";
import { scheduleOf, simulatePipeline } from "./schedule/index.ts";
import { stepEvaluator } from "./step.ts";

export interface TimelineSlice {
  readonly lane: number;
  readonly name: string;
  readonly category: "forward" | "backward" | "update";
  readonly start: Seconds;
  readonly duration: Seconds;
}

/** Slices of one step in start order of each lane; the update follows the last backward. */
export function trainingTimeline(c: TrainingCase): readonly TimelineSlice[] {
  const step = stepEvaluator(c).evaluate(c.layout);
  const { pipeline, virtualStages, schedule } = c.layout;
  const shape = { ranks: pipeline, chunks: virtualStages, microBatches: step.microBatches };
  const run = simulatePipeline(scheduleOf(schedule), shape, step.work);
  const slices: TimelineSlice[] = [];
  const before = step.auxiliary.reduce((sum, pass) => sum + pass.time, 0);
  run.orders.forEach((order, lane) => {
    let start = 0;
    for (const { name, time } of step.auxiliary) {
      slices.push({ lane, name, category: "forward", start, duration: time });
      start += time;
    }
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
        start: before + (run.starts[lane]?.[position] ?? 0),
        duration: times[lane * virtualStages + chunk] ?? 0,
      });
    });
    const update = step.gradientReduce + step.optimizer + step.parameterGather;
    slices.push({ lane, name: "update", category: "update", start: before + run.time, duration: update });
  });
  return slices;
}
