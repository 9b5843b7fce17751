/** What a worker thread runs: tasks come as messages, their results go back. */

import { parentPort, workerData } from "node:worker_threads";
import { type Job, type JobTask, runnerOf } from "../../../src/operations/jobs.ts";

const runner = runnerOf((workerData as { readonly job: Job }).job);
parentPort?.on("message", (tasks: readonly JobTask[]) => parentPort?.postMessage(runner(tasks)));
