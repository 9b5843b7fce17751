/** The executor of worker threads: one core each, no memory in common. */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { Executor } from "../../../src/operations/host.ts";
import type { Job, JobName, JobResult, JobTask } from "../../../src/operations/jobs.ts";
import { packageFolder } from "./package-folder.ts";

export function threadExecutor(width: number): Executor {
  return {
    width,
    async run(job, source) {
      const workers = Array.from({ length: width }, () => startWorker(job));
      try {
        await Promise.all(
          workers.map(async (worker) => {
            for (let tasks = await source.next(); tasks !== undefined; tasks = await source.next()) {
              await source.done(await answered(worker, tasks));
            }
          }),
        );
      } finally {
        await Promise.all(workers.map((worker) => worker.terminate()));
      }
    },
  };
}

/**
 * From the built package the worker is a file of its own. From source the worker first takes the loader of TypeScript,
 * which threads do not inherit.
 */
function startWorker(job: Job): Worker {
  if (!import.meta.url.endsWith(".ts")) {
    return new Worker(join(packageFolder(), "dist/apps/host/node/worker.mjs"), { workerData: { job } });
  }
  const loaderFolder = dirname(createRequire(import.meta.url).resolve("tsx/package.json"));
  const loader = pathToFileURL(join(loaderFolder, "dist/esm/api/index.mjs")).href;
  const entry = new URL("./worker.ts", import.meta.url).href;
  const code = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(entry)}); });`;
  return new Worker(code, { eval: true, workerData: { job } });
}

function answered<Name extends JobName>(
  worker: Worker,
  tasks: readonly JobTask<Name>[],
): Promise<readonly JobResult<Name>[]> {
  return new Promise((resolve, reject) => {
    const forget = (): void => {
      worker.off("message", take);
      worker.off("error", fail);
      worker.off("exit", gone);
    };
    const take = (results: readonly JobResult<Name>[]): void => {
      forget();
      resolve(results);
    };
    const fail = (error: unknown): void => {
      forget();
      reject(error);
    };
    const gone = (code: number): void => fail(new Error(`a worker thread ended with code ${code}`));
    worker.on("message", take);
    worker.on("error", fail);
    worker.on("exit", gone);
    worker.postMessage(tasks);
  });
}
