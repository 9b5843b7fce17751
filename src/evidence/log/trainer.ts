/**
 * Hugging Face Trainer: its step lines carry no times, only the end of a run does.
 *
 *     {'train_runtime': 437.8544, 'train_samples_per_second': 25.132, 'train_steps_per_second': 3.145, ...}
 *     ***** train metrics *****
 *       train_samples_per_second =      5.065
 *
 * Both are means of the whole run, its start, evaluations and saves included. They are printed to three decimals: steps
 * per second count only where that is finer than one percent.
 */

import { type LogFormat, type LogSample, numberIn, present } from "./format.ts";

const samplesRate = /train_samples_per_second['"]?\s*[:=]\s*'?([\d.]+)/;
const stepsRate = /train_steps_per_second['"]?\s*[:=]\s*'?([\d.]+)/;

/** Steps per second below which three decimals are coarser than one percent. */
const coarse = 0.05;

export const trainer: LogFormat = {
  name: "trainer",
  summary: "Hugging Face Trainer",
  expects: "{'train_runtime': 437.9, 'train_samples_per_second': 25.132, 'train_steps_per_second': 3.145, ...}",
  scope: "run",
  read(lines) {
    const inline = lines.filter((line) => line.includes("train_runtime") && samplesRate.test(line));
    // The table repeats what the line said.
    const runs = inline.length > 0 ? inline : [lines.filter((line) => line.includes("train_s")).join(" ")];
    return runs.flatMap((text): LogSample[] => {
      const steps = numberIn(text, stepsRate);
      const values = present({
        samplesPerSecond: [numberIn(text, samplesRate), 1],
        stepTime: [steps === undefined || steps < coarse ? undefined : 1 / steps, 1],
      });
      return Object.keys(values).length === 0 ? [] : [{ values }];
    });
  },
};
