/** Runs the points that are missing, keeps each batch as soon as it is done, and tells how far it is. */

import { formatQuantity, type Seconds } from "../../base/quantity.ts";
import type { Answer, Shared, Task } from "../../search/study/index.ts";
import type { Host, WorkSource } from "../host.ts";
import { type Finished, linesOf } from "./folder.ts";

export interface RunOptions {
  readonly shared: Shared;
  readonly missing: readonly Task[];
  /** What is missing of the next generation, asked once all before it is finished; empty where there is none. */
  readonly more: () => readonly Task[];
  /** Points in all, those finished now, and how many executors run them. */
  readonly planned: number;
  readonly count: () => number;
  readonly width: number | undefined;
  /** True ends the run. */
  readonly stop: () => boolean;
}

/** Time that one batch should take: short enough to lose little, long enough that handing it over costs nothing. */
const batchTime: Seconds = 0.25;
const batchMost = 512;
const progressEvery: Seconds = 2;

/** Ends when all are run, or early when the user wants to stop. Whatever is finished is in the folder then. */
export async function runMissing(options: RunOptions, finished: Finished, host: Host): Promise<void> {
  const first = options.missing.length > 0 ? options.missing : options.more();
  if (first.length === 0) return;
  const executor = host.executor(options.width);
  const run = new Run({ ...options, missing: first }, { finished, host, executors: executor.width });
  await executor.run({ name: "study-points", shared: options.shared }, run);
}

interface Around {
  readonly finished: Finished;
  readonly host: Host;
  readonly executors: number;
}

/** What a run hands out and takes back. It has a life: points go from missing to handed out to done. */
class Run implements WorkSource<"study-points"> {
  private readonly options: RunOptions;
  private readonly around: Around;
  private queue: readonly Task[];
  private underWay = 0;
  private finishedHere = 0;
  /** The clock starts with the first results: before that executors are being loaded. */
  private first = 0;
  private started: Seconds;
  private told: Seconds;
  private writing: Promise<void> = Promise.resolve();
  /** Executors that wait for the end of a generation. */
  private waiting: (() => void)[] = [];

  constructor(options: RunOptions, around: Around) {
    this.options = options;
    this.around = around;
    this.queue = options.missing;
    this.started = around.host.now();
    this.told = this.started;
  }

  async next(): Promise<readonly Task[] | undefined> {
    while (!this.options.stop()) {
      if (this.queue.length > 0) return this.batch();
      if (this.underWay > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
      else {
        this.queue = this.options.more();
        if (this.queue.length === 0) return undefined;
      }
    }
    return undefined;
  }

  async done(results: readonly Answer[]): Promise<void> {
    this.writing = this.writing.then(() => this.keep(results));
    try {
      await this.writing;
    } finally {
      this.underWay -= results.length;
      for (const wake of this.waiting.splice(0)) wake();
    }
  }

  /** The last batches are smaller, so that all executors end together. */
  private batch(): readonly Task[] {
    const { executors } = this.around;
    const wanted = Math.round((this.rate() / executors) * batchTime);
    const fair = executors === 1 ? this.queue.length : Math.ceil(this.queue.length / (2 * executors));
    const size = this.finishedHere === this.first ? 1 : Math.max(1, Math.min(batchMost, wanted, fair));
    const tasks = this.queue.slice(0, size);
    this.queue = this.queue.slice(size);
    this.underWay += tasks.length;
    return tasks;
  }

  private async keep(answers: readonly Answer[]): Promise<void> {
    const { finished, host } = this.around;
    const lines = linesOf(answers, finished.units);
    finished.units = Object.assign({}, finished.units, ...answers.map(({ units }) => units));
    await host.append(finished.file, lines);
    for (const { outcome } of answers) finished.outcomes.set(outcome.key, outcome);
    this.finishedHere += answers.length;
    if (this.first === 0) [this.first, this.started, this.told] = [this.finishedHere, host.now(), host.now()];
    if (host.now() - this.told < progressEvery) return;
    this.told = host.now();
    this.say();
  }

  private rate(): number {
    return (this.finishedHere - this.first) / Math.max(1e-9, this.around.host.now() - this.started);
  }

  private say(): void {
    const { planned, count } = this.options;
    const [rate, finished] = [this.rate(), count()];
    const left = formatQuantity((planned - finished) / Math.max(rate, 1e-9), "seconds");
    const done = `${finished} of ${planned} points`;
    this.around.host.progress(`sweep: ${done}, ${formatQuantity(rate, "count")} points/s, ${left} left`);
  }
}
