/** The executor that every host has: tasks one after another, in this process. */

import type { Executor } from "./host.ts";
import { runnerOf } from "./jobs.ts";

export const inProcessExecutor: Executor = Object.freeze({
  width: 1,
  async run(job, source) {
    const runner = runnerOf(job);
    for (let tasks = await source.next(); tasks !== undefined; tasks = await source.next())
      await source.done(runner(tasks));
  },
} satisfies Executor);
