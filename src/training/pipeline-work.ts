/**
 * What the pipeline of a layout has to run: times of every chunk on every rank, under the schedule that the layout names.
 */

import { microBatches } from "./parallel.ts";
import {
  type AloneShares,
  aloneShares,
  type PipelineWork,
  passesOf,
  type Schedule,
  type ScheduleShape,
  scheduleOf,
} from "./schedule/index.ts";
import { addStage, aloneShare, emptyStage, type StageContext, type StageTimes, stageTimes } from "./stage-times.ts";
import type { StagePlan, StageType } from "./stages.ts";

/** A schedule at work; `alone` where it pairs passes itself. */
export interface Scheduled {
  readonly schedule: Schedule;
  readonly shape: ScheduleShape;
  readonly alone: AloneShares | undefined;
}

/** The schedule of a context's layout and batch. */
export function scheduled({ case: { layout, globalBatch } }: StageContext): Scheduled {
  const schedule = scheduleOf(layout.schedule);
  const shape = {
    ranks: layout.pipeline,
    chunks: layout.virtualStages,
    microBatches: microBatches(layout, globalBatch),
  };
  const alone = schedule.backward === "paired" ? aloneShares(schedule, shape) : undefined;
  return { schedule, shape, alone };
}

/** Times of every chunk, and of the stage types behind them; in pairs, passes hide each other's expert exchange. */
export function pipelineWork(
  context: StageContext,
  plan: StagePlan,
  { schedule, shape, alone }: Scheduled,
): { readonly work: PipelineWork; readonly types: readonly StageTimes[] } {
  const { transfer } = context;
  const mean = alone === undefined ? aloneShare(context.case) : { forward: 1, backward: 1 };
  const types = plan.types.map((type) => stageTimes(context, type, mean));
  const { forward, backward } = passTimes(types, plan, shape);
  if (schedule.backward === "whole") return { types, work: { forward, backward, transfer } };
  const weight = Float64Array.from(plan.rankTypes.flat(), (type) => types[type]!.weightTime);
  if (alone === undefined) return { types, work: { forward, backward, weight, transfer } };
  const beside = plan.types.map((type) => stageTimes(context, type, { forward: 0, backward: 0 }));
  return { types, work: { forward, backward, weight, paired: passTimes(beside, plan, shape), transfer } };
}

function passTimes(
  types: readonly StageTimes[],
  { rankTypes }: StagePlan,
  { ranks, chunks }: ScheduleShape,
): Pick<PipelineWork, "forward" | "backward"> {
  const forward = new Float64Array(ranks * chunks);
  const backward = new Float64Array(ranks * chunks);
  let at = 0;
  for (let rank = 0; rank < ranks; rank++) {
    const held = rankTypes[rank]!;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const times = types[held[chunk]!]!;
      forward[at] = times.forwardTime;
      backward[at++] = times.backwardTime;
    }
  }
  return { forward, backward };
}

/** The mean pass of a chunk whose passes run partly in pairs. */
function meanStage(context: StageContext, type: StageType, alone: AloneShares, at: number): StageTimes {
  return stageTimes(context, type, { forward: alone.forward[at]!, backward: alone.backward[at]! });
}

export function busiestRank(
  { forward, backward, paired }: PipelineWork,
  plan: StagePlan,
  { shape, alone }: Scheduled,
): number {
  const { ranks, chunks } = shape;
  let best = 0;
  let most = -1;
  // Ranks that hold the same differ in how many of their passes are paired.
  for (const rank of alone === undefined ? plan.distinctRanks : Array.from({ length: ranks }, (_, index) => index)) {
    let sum = 0;
    for (let at = rank * chunks; at < (rank + 1) * chunks; at++) {
      sum += forward[at]! + backward[at]!;
      if (alone === undefined || paired === undefined) continue;
      sum -= (1 - alone.forward[at]!) * (forward[at]! - paired.forward[at]!);
      sum -= (1 - alone.backward[at]!) * (backward[at]! - paired.backward[at]!);
    }
    if (sum <= most) continue;
    most = sum;
    best = rank;
  }
  return best;
}

/** What one micro-batch takes on one rank: its stages, summed over the chunks that a micro-batch passes. */
export function rankTimes(
  context: StageContext,
  plan: StagePlan,
  at: { readonly types: readonly StageTimes[]; readonly scheduled: Scheduled; readonly rank: number },
): StageTimes {
  const { types, rank } = at;
  const { schedule, shape, alone } = at.scheduled;
  const sum = emptyStage();
  const share = passesOf(schedule.placement, shape.chunks) / shape.chunks;
  plan.rankTypes[rank]!.forEach((type, chunk) => {
    const mean = alone && meanStage(context, plan.types[type]!, alone, rank * shape.chunks + chunk);
    addStage(sum, mean ?? types[type]!, share);
  });
  return sum;
}
