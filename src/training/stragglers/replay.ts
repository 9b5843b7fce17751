/**
 * A table of measured times run through the pipeline schedule. Members of a cell exchange in every layer and so do the
 * data ranks of a lockstep group: each piece takes as long as its slowest. Where times are of whole stages, chunks share
 * them as predicted; where only sums over passes or over the step are known, passes and micro-batches do.
 */

import type { Seconds } from "../../base/quantity.ts";
import { type PipelineWork, pipelineTime, scheduleOf } from "../schedule/index.ts";
import { entryOf, type RankTable, ranksOf, rowsOf, type TimeKind } from "./table.ts";

export interface TableRun {
  readonly schedule: string;
  /** Chunks of a rank. */
  readonly chunks: number;
  /** Predicted work: how passes and chunks share a time, and what transfers take. */
  readonly work: PipelineWork;
  /** Data ranks that wait for each other in every layer. */
  readonly lockstep: number;
  /** What follows the pipeline once a step. */
  readonly rest: Seconds;
}

/** Time of each lockstep group's pipeline in each step; of one group alone where `only` says so. */
export function groupTimes(table: RankTable, run: TableRun, only?: number): readonly Float64Array[] {
  const groups = table.dataRanks / run.lockstep;
  const shares = sharesOf(table, run);
  return Array.from({ length: groups }, (_, group) => {
    const times = new Float64Array(table.steps.length);
    if (only !== undefined && only !== group) return times;
    return times.map((_time, step) => pipelineOf(table, run, shares, group, step));
  });
}

/** Mean over steps of the slowest group and what follows it. */
export function meanStep(groups: readonly Float64Array[], { rest }: TableRun): Seconds {
  const steps = groups[0]?.length ?? 0;
  let total = 0;
  for (let step = 0; step < steps; step++) {
    let slowest = 0;
    for (const times of groups) slowest = Math.max(slowest, times[step]!);
    total += slowest;
  }
  return total / steps + rest;
}

/** Of a time of each kind: what goes to the forward and to the backward pass of each stage. */
type Shares = Readonly<Record<TimeKind, { readonly forward: Float64Array; readonly backward: Float64Array }>>;

function sharesOf({ stages }: RankTable, { work, chunks }: TableRun): Shares {
  const sum = (times: Float64Array, stage: number): number =>
    times.subarray(stage * chunks, (stage + 1) * chunks).reduce((total, time) => total + time, 0);
  const forward = Float64Array.from({ length: stages }, (_, stage) => {
    const ahead = sum(work.forward, stage);
    const whole = ahead + sum(work.backward, stage);
    // A stage that is predicted to do nothing tells nothing about its passes.
    return whole > 0 ? ahead / whole : 0.5;
  });
  const backward = forward.map((share) => 1 - share);
  const none = new Float64Array(stages);
  const whole = new Float64Array(stages).fill(1);
  return {
    forward: { forward: whole, backward: none },
    backward: { forward: none, backward: whole },
    computation: { forward, backward },
    communication: { forward, backward },
  };
}

function pipelineOf(table: RankTable, run: TableRun, shares: Shares, group: number, step: number): Seconds {
  const { stages, microBatches } = table;
  const { chunks, schedule } = run;
  const shape = { ranks: stages, chunks, microBatches };
  const times = {
    forward: new Float64Array(stages * chunks * rowsOf(table)),
    backward: new Float64Array(stages * chunks * rowsOf(table)),
  };
  for (const pass of ["forward", "backward"] as const) {
    for (let stage = 0; stage < stages; stage++) {
      for (let row = 0; row < rowsOf(table); row++) {
        const time = slowestMember({ table, run, shares, group, step }, pass, stage, row);
        spread(times[pass], run.work[pass], { time, stage, chunks, row, rows: rowsOf(table) });
      }
    }
  }
  const { transfer, weight } = run.work;
  const split =
    weight === undefined
      ? {}
      : { weight: weight.map((time, at) => (time * times.backward[at]!) / (run.work.backward[at]! || 1)) };
  const work: PipelineWork = table.rows === "step" ? { ...times, ...split, transfer } : { ...run.work, pieces: times };
  return pipelineTime(scheduleOf(schedule), shape, work);
}

interface Place {
  readonly table: RankTable;
  readonly run: TableRun;
  readonly shares: Shares;
  readonly group: number;
  readonly step: number;
}

function slowestMember(
  { table, run, shares, group, step }: Place,
  pass: "forward" | "backward",
  stage: number,
  row: number,
): Seconds {
  const members = run.lockstep * table.members;
  const first = stage * (ranksOf(table) / table.stages) + group * members;
  const kinds = Object.entries(table.times) as [TimeKind, Float64Array][];
  let slowest = 0;
  for (let rank = first; rank < first + members; rank++) {
    let time = 0;
    for (const [kind, values] of kinds) time += shares[kind][pass][stage]! * values[entryOf(table, step, row, rank)]!;
    slowest = Math.max(slowest, time);
  }
  return slowest;
}

/** A stage's time over its chunks, in the proportion that is predicted. */
function spread(
  into: Float64Array,
  predicted: Float64Array,
  at: { readonly time: Seconds; readonly stage: number; readonly chunks: number; row: number; rows: number },
): void {
  const { time, stage, chunks, row, rows } = at;
  const first = stage * chunks;
  let whole = 0;
  for (let chunk = first; chunk < first + chunks; chunk++) whole += predicted[chunk]!;
  for (let chunk = first; chunk < first + chunks; chunk++) {
    into[chunk * rows + row] = whole > 0 ? (time * predicted[chunk]!) / whole : time / chunks;
  }
}
