/** A table of measured rank times held against a case: its schedule, its lockstep groups, what the model says. */

import type { Seconds } from "../../base/quantity.ts";
import type { TrainingCase } from "../case.ts";
import { stepEvaluator } from "../step.ts";
import { updateTime } from "../update.ts";
import { type Attribution, attributionOf } from "./attribution.ts";
import { positionsOf } from "./positions.ts";
import type { TableRun } from "./replay.ts";
import type { RankTable } from "./table.ts";

export interface MeasuredStragglers extends Attribution {
  /** The step that the model predicts without stragglers or jitter. */
  readonly predicted: Seconds;
  /** What makes the table doubtful. */
  readonly notes: readonly string[];
}

/** How many times a measured step is longer or shorter than predicted before its unit is doubted. */
const doubtful = 3;

export function measuredStragglers(c: TrainingCase, table: RankTable): MeasuredStragglers {
  const run = tableRun(c);
  const step = stepEvaluator(c).evaluate(c.layout);
  const found = attributionOf(table, run);
  const predicted = step.pipeline + run.rest;
  return { ...found, predicted, notes: doubts(found.stepTime, predicted) };
}

function doubts(stepTime: Seconds, predicted: Seconds): readonly string[] {
  const ratio = stepTime / predicted;
  if (ratio <= doubtful && ratio >= 1 / doubtful) return [];
  const times = Number((ratio > 1 ? ratio : 1 / ratio).toPrecision(3));
  const than = `${times} times ${ratio > 1 ? "longer" : "shorter"} than predicted`;
  return [`the step of the table is ${than}: are its times in the unit of their columns, and of this scenario?`];
}

/** How tables of a case are run: its own stragglers and jitter left out, as the table has the real ones. */
export function tableRun(c: TrainingCase): TableRun {
  const step = stepEvaluator(c).evaluate(c.layout);
  return {
    schedule: c.layout.schedule,
    chunks: c.layout.virtualStages,
    work: step.work,
    lockstep: positionsOf(c).dataRanks,
    rest: updateTime(step) + step.fixed,
  };
}
