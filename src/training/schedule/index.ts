/** Pipeline schedules by name. Adding one: its file, and a line here. */

import { gpipe } from "./gpipe.ts";
import { interleaved } from "./interleaved.ts";
import { oneForwardOneBackward } from "./one-forward-one-backward.ts";
import type { Schedule } from "./schedule.ts";

export { type AloneShares, aloneShares } from "./alone.ts";
export { pipelineTime } from "./pipeline-time.ts";
export { copiesOf, type Placement, passesOf, rankStages, stageCount } from "./placement.ts";
export { type PieceKind, pieceOf, type Schedule, type ScheduleShape } from "./schedule.ts";
export { type PipelineRun, type PipelineWork, pieceDuration, simulatePipeline, type VaryingWork } from "./simulate.ts";

export const schedules: Readonly<Record<string, Schedule>> = Object.freeze({
  gpipe,
  "1f1b": oneForwardOneBackward,
  interleaved,
});

/** The schedule of a name; the scenario has checked it. */
export function scheduleOf(name: string): Schedule {
  const schedule = schedules[name];
  if (schedule === undefined) throw new Error(`unknown pipeline schedule "${name}"`);
  return schedule;
}
