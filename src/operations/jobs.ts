/** Jobs that an executor runs, by name: whoever runs one needs this file and plain data. */

import { type EvidenceRecord, type Replayed, replay } from "../evidence/index.ts";
import type { Files } from "../scenario/index.ts";
import { type Answer, answerOf, type Shared, type Task } from "../search/study/index.ts";

/** A record, and its place among all. */
export interface RecordTask {
  readonly index: number;
  readonly record: EvidenceRecord;
}

export interface ReplayedTask {
  readonly index: number;
  readonly replayed: Replayed;
}

/** Of each job: what its tasks have in common, a task, and what comes of it. */
interface Work {
  readonly "study-points": { readonly shared: Shared; readonly task: Task; readonly result: Answer };
  readonly replays: { readonly shared: Files; readonly task: RecordTask; readonly result: ReplayedTask };
}

export type JobName = keyof Work;
export type JobTask<Name extends JobName = JobName> = Work[Name]["task"];
export type JobResult<Name extends JobName = JobName> = Work[Name]["result"];

export interface Job<Name extends JobName = JobName> {
  readonly name: Name;
  readonly shared: Work[Name]["shared"];
}

/** What does one task of each job. */
const runners: { readonly [Name in JobName]: (shared: Work[Name]["shared"], task: JobTask<Name>) => JobResult<Name> } =
  {
    "study-points": answerOf,
    replays: (files, { index, record }) => ({ index, replayed: replay(record, files) }),
  };

/** What does the tasks of a job. */
export function runnerOf<Name extends JobName>({
  name,
  shared,
}: Job<Name>): (tasks: readonly JobTask<Name>[]) => readonly JobResult<Name>[] {
  const run = runners[name];
  return (tasks) => tasks.map((task) => run(shared, task));
}
