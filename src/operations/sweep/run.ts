/** Runs the points that are missing, keeps each batch as soon as it is done, and tells how far it is. */

import { formatQuantity, type Seconds } from "../../base/quantity.ts";
import type { Answer, Shared, Task } from "../../search/study/index.ts";
import type { Host } from "../host.ts";
import { type Finished, linesOf } from "./folder.ts";

export interface RunOptions {
  readonly shared: Shared;
  readonly missing: readonly Task[];
  /** Points in all, and how many executors run them. */
  readonly planned: number;
  readonly width: number | undefined;
}

/** Time that one batch should take: short enough to lose little, long enough that handing it over costs nothing. */
const batchTime: Seconds = 0.25;
const batchMost = 512;
const progressEvery: Seconds = 2;

/** Ends when all are run, or early when the user wants to stop. Whatever is finished is in the folder then. */
export async function runMissing(
  { shared, missing, planned, width }: RunOptions,
  finished: Finished,
  host: Host,
): Promise<void> {
  if (missing.length === 0) return;
  const executor = host.executor(width);
  // The clock starts with the first results: before that executors are being loaded.
  let [next, done, first] = [0, 0, 0];
  let [started, told] = [host.now(), host.now()];
  let writing: Promise<void> = Promise.resolve();
  const rateNow = (): number => (done - first) / Math.max(1e-9, host.now() - started);
  const say = (): void => {
    const rate = rateNow();
    const left = formatQuantity((missing.length - done) / Math.max(rate, 1e-9), "seconds");
    const count = `${planned - missing.length + done} of ${planned} points`;
    host.progress(`sweep: ${count}, ${formatQuantity(rate, "count")} points/s, ${left} left`);
  };
  const keep = async (answers: readonly Answer[]): Promise<void> => {
    const lines = linesOf(answers, finished.units);
    finished.units = Object.assign({}, finished.units, ...answers.map(({ units }) => units));
    await host.append(finished.file, lines);
    for (const { outcome } of answers) finished.outcomes.set(outcome.key, outcome);
    done += answers.length;
    if (first === 0) [first, started, told] = [done, host.now(), host.now()];
    if (host.now() - told < progressEvery) return;
    told = host.now();
    say();
  };
  await executor.run(
    { name: "study-points", shared },
    {
      next() {
        if (next >= missing.length || host.cancelled()) return undefined;
        const wanted = Math.round((rateNow() / executor.width) * batchTime);
        const size = done === first ? 1 : Math.max(1, Math.min(batchMost, wanted));
        const tasks = missing.slice(next, next + size);
        next += tasks.length;
        return tasks;
      },
      done(results) {
        writing = writing.then(() => keep(results));
        return writing;
      },
    },
  );
}
