/** Logs of nccl-tests and rccl-tests: what was measured, on which ranks. */

import { type Problem, ProblemError } from "../../base/problem.ts";
import { readNcclTests } from "./read.ts";
import { type NcclRun, type RunOptions, runOf } from "./run.ts";

export { type GroupSection, groupOf, type MachineOptions, type Machines, machinesOf, machinesOn } from "./machines.ts";
export { type TestProgram, testProgram, testPrograms } from "./operation.ts";
export { type ProfileFacts, profileOf, type Recorded } from "./profile.ts";
export { type RecordFacts, recordOf } from "./records.ts";
export type { NcclPoint, NcclRun, RunOptions } from "./run.ts";
export { type SoundRun, soundRun } from "./sound.ts";
export { isNcclResult } from "./written.ts";

export interface NcclLog {
  readonly runs: readonly NcclRun[];
  /** Tables that could not be used, with the reason, and rows that were cut off. */
  readonly left: readonly Problem[];
}

/**
 * The runs of a log.
 * @throws ProblemError where it holds none that can be used, with the reason for each table.
 */
export function readNcclLog(text: string, file: string, options: RunOptions = {}): NcclLog {
  const tables = readNcclTests(text, file);
  const runs: NcclRun[] = [];
  const left: Problem[] = [];
  for (const table of tables) {
    const run = runOf(table, file, options);
    if ("message" in run) left.push(run);
    else runs.push(run);
    for (const line of table.damaged) {
      const message = "a row that is cut off, or whose bandwidth does not follow from its size and time: not used";
      left.push({ path: "", message, location: { file, line, column: 1 } });
    }
  }
  if (runs.length === 0) throw new ProblemError(left);
  return { runs, left };
}
