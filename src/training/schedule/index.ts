/** Pipeline schedules by name. Adding one: its file, and a line here. */

import { dualPipe } from "./dualpipe.ts";
import { dualPipeV } from "./dualpipe-v.ts";
import { gpipe } from "./gpipe.ts";
import { interleaved } from "./interleaved.ts";
import { oneForwardOneBackward } from "./one-forward-one-backward.ts";
import type { Schedule } from "./schedule.ts";
import { vHalf } from "./v-half.ts";
import { vMin } from "./v-min.ts";
import { zeroBubbleH1 } from "./zero-bubble-h1.ts";
import { zeroBubbleH2 } from "./zero-bubble-h2.ts";
import { zeroBubbleV } from "./zero-bubble-v.ts";

export { type AloneShares, aloneShares } from "./alone.ts";
export { leastPipelineTime } from "./least.ts";
export { pipelineTime } from "./pipeline-time.ts";
export { copiesOf, type Placement, passesOf, rankStages, stageCount } from "./placement.ts";
export { type PieceKind, pieceOf, type Schedule, type ScheduleShape } from "./schedule.ts";
export { type PipelineRun, type PipelineWork, pieceDuration, simulatePipeline, type VaryingWork } from "./simulate.ts";

export const schedules: Readonly<Record<string, Schedule>> = Object.freeze({
  gpipe,
  "1f1b": oneForwardOneBackward,
  interleaved,
  "zero-bubble-h1": zeroBubbleH1,
  "zero-bubble-h2": zeroBubbleH2,
  "zero-bubble-v": zeroBubbleV,
  "v-half": vHalf,
  "v-min": vMin,
  dualpipe: dualPipe,
  "dualpipe-v": dualPipeV,
});

/** The schedule of a name; the scenario has checked it. */
export function scheduleOf(name: string): Schedule {
  const schedule = schedules[name];
  if (schedule === undefined) throw new Error(`unknown pipeline schedule "${name}"`);
  return schedule;
}
