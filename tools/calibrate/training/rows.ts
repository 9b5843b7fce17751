/** Evidence records as cases with a measured step time: what the fit walks over. */

import { ProblemError } from "../../../src/base/problem.ts";
import type { FittedTraining } from "../../../src/catalog/calibration/training.ts";
import type { EvidenceRecord } from "../../../src/evidence/index.ts";
import { isStated, scenarioOf } from "../../../src/evidence/index.ts";
import { measuredValue } from "../../../src/evidence/replay.ts";
import { type DesignOf, resolve, scenarioFromValue, trainingOf } from "../../../src/scenario/index.ts";
import { constantsOf, modelFlop, stepEvaluator, type TrainingCase } from "../../../src/training/index.ts";

export interface Row {
  readonly record: EvidenceRecord;
  readonly case: TrainingCase;
  /** Seconds. */
  readonly measured: number;
}

/** Records whose plan the source states and whose scenario is modelled, with step times. */
export function rowsOf(records: readonly EvidenceRecord[]): readonly Row[] {
  return records.flatMap((record) => {
    if (record.kind !== "training-step" || !isStated(record)) return [];
    const row = rowOf(record);
    return row === undefined ? [] : [row];
  });
}

function rowOf(record: EvidenceRecord): Row | undefined {
  const design = designOf(record);
  if (design === undefined) return undefined;
  const c = design.training.case;
  const primary = record.measured.find((entry) => entry.primary);
  if (primary === undefined) return undefined;
  const value = measuredValue(primary);
  const tokens = c.globalBatch * c.sequenceLength;
  const count = c.cluster.accelerators;
  const times: Readonly<Record<string, number>> = {
    stepTime: value,
    tokensPerSecond: tokens / value,
    tokensPerSecondPerAccelerator: tokens / value / count,
    modelFlopsPerSecondPerAccelerator: modelFlop(c, record.flopConvention ?? "megatron-core-2024") / value / count,
  };
  const measured = times[primary.metric];
  return measured === undefined ? undefined : { record, case: c, measured };
}

/** predicted / measured - 1 of a row's step time under a set of constants. */
export function stepError(row: Row, fitted: FittedTraining): number {
  const step = stepEvaluator(row.case, constantsOf(row.case, fitted)).evaluate(row.case.layout);
  return step.stepTime / row.measured - 1;
}

/** A record that the language refuses has no design; `validate` says why. */
function designOf(record: EvidenceRecord): DesignOf<"training"> | undefined {
  try {
    return trainingOf(resolve(scenarioFromValue(scenarioOf(record))));
  } catch (error) {
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}
