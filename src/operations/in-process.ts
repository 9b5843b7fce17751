/** The executor that every host has: tasks one after another, in this process. */

import type { Executor } from "./host.ts";

export const inProcessExecutor: Executor = Object.freeze({
  width: 1,
  async run(job, source) {
    // What runs jobs is most of the package; few commands have any.
    const { runnerOf } = await import("./jobs.ts");
    const runner = runnerOf(job);
    for (let tasks = await source.next(); tasks !== undefined; tasks = await source.next())
      await source.done(runner(tasks));
  },
} satisfies Executor);
