/**
 * Tables of rank times as a run would write them: the model's stage times, slowed where a test says so, with longer and
 * shorter micro-batches and noise.
 */

import { random } from "../src/base/random.ts";
import { microBatches, stepEvaluator, type TrainingCase } from "../src/training/index.ts";

export interface TableOptions {
  readonly steps: number;
  /** Rows for each micro-batch, or sums over the step. */
  readonly rows: "micro-batch" | "step";
  /** By rank and by stage; 1 where not given. */
  readonly slowRanks?: Readonly<Record<number, number>>;
  readonly slowStages?: Readonly<Record<number, number>>;
  /** Deviation of the length of a micro-batch, and of the time of a pass, as logarithms. */
  readonly lengths?: number;
  readonly noise?: number;
  readonly seed?: number;
  /** Digits of a written time; all of them by default. */
  readonly digits?: number;
}

/** CSV by global rank. */
export function rankTable(c: TrainingCase, options: TableOptions): string {
  const { layout, globalBatch } = c;
  const { work } = stepEvaluator(c).evaluate(layout);
  const count = microBatches(layout, globalBatch);
  const members = layout.tensor * layout.context;
  const lengths = random(options.seed ?? 0).stream("test/lengths");
  const noise = random(options.seed ?? 0).stream("test/noise");
  const written = (time: number): string =>
    options.digits === undefined ? `${time}` : time.toPrecision(options.digits);
  const chunks = layout.virtualStages;
  const stageTime = (times: Float64Array, stage: number): number =>
    times.subarray(stage * chunks, (stage + 1) * chunks).reduce((sum, time) => sum + time, 0);
  const each = options.rows === "step" ? "" : "microBatch,";
  const lines = [`step,rank,${each}forward [s],backward [s]`];
  for (let step = 0; step < options.steps; step++) {
    const length = Array.from({ length: layout.data * count }, () => lengths.lognormal(0, options.lengths ?? 0));
    for (let rank = 0; rank < members * layout.data * layout.pipeline; rank++) {
      const cell = Math.floor(rank / members);
      const [data, stage] = [cell % layout.data, Math.floor(cell / layout.data)];
      const slow = (options.slowRanks?.[rank] ?? 1) * (options.slowStages?.[stage] ?? 1);
      const sums = { forward: 0, backward: 0 };
      for (let microBatch = 0; microBatch < count; microBatch++) {
        const factor = (): number =>
          slow * (length[data * count + microBatch] ?? 1) * noise.lognormal(0, options.noise ?? 0);
        const forward = stageTime(work.forward, stage) * factor();
        const backward = stageTime(work.backward, stage) * factor();
        if (options.rows === "micro-batch") {
          lines.push(`${step},${rank},${microBatch},${written(forward)},${written(backward)}`);
        }
        sums.forward += forward;
        sums.backward += backward;
      }
      if (options.rows === "step") lines.push(`${step},${rank},${written(sums.forward)},${written(sums.backward)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}
