/** Jobs that an executor runs, by name: whoever runs one needs this file and plain data. */

import { type Answer, answerOf, type Shared, type Task } from "../search/study/index.ts";

export interface Job {
  readonly name: "study-points";
  /** What all its tasks have in common. */
  readonly shared: Shared;
}

export type JobTask = Task;
export type JobResult = Answer;

/** What does the tasks of a job. */
export function runnerOf({ name, shared }: Job): (tasks: readonly JobTask[]) => readonly JobResult[] {
  switch (name) {
    case "study-points":
      return (tasks) => tasks.map((task) => answerOf(shared, task));
  }
}
