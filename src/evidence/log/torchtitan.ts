/**
 * torchtitan: every rank prints its line, often with colours, which are gone before they come here.
 *
 *     [titan] 2026-02-24 19:46:17,508 - root - INFO - step:  4  loss:  7.62585  grad_norm: 26.6250  memory: 66.91GiB(37.51%)  tps: 10,050  tflops: 314.71  mfu: 13.99%
 *
 * `tps` is tokens per second of one device. Lines of one step are one sample: the slowest rank, the fullest memory.
 * A rate of 0.00 or N/A was not measured.
 */

import { type LogFormat, type LogMetric, type LogSample, numberIn, present, units } from "./format.ts";

const step = /\bstep:\s*(\d+)\b/;
const tokens = /\btps:\s*([\d,.]+)/;
const rate = /\btflops:\s*([\d,.]+)/;
const utilization = /\bmfu:\s*([\d.]+)%/;
const memory = /\bmemory:\s*([\d.]+)GiB/;

export const torchtitan: LogFormat = {
  name: "torchtitan",
  summary: "torchtitan",
  expects: "step: 10  loss: 6.5  memory: 45.20GiB(57.00%)  tps: 7,012  tflops: 400.10  mfu: 40.45%",
  flopConvention: "torchtitan",
  scope: "step",
  read(lines) {
    const samples: LogSample[] = [];
    for (const line of lines) {
      const at = numberIn(line, step);
      const each = numberIn(line, tokens);
      if (at === undefined || each === undefined) continue;
      const values = present({
        tokensPerSecondPerAccelerator: [each, 1],
        modelFlopsPerSecondPerAccelerator: [numberIn(line, rate), units.tera],
        modelFlopsUtilization: [numberIn(line, utilization), units.percent],
        memoryPerAccelerator: [numberIn(line, memory), units.gibi],
      });
      const last = samples.at(-1);
      if (last?.step === at) samples[samples.length - 1] = { step: at, values: joined(last.values, values) };
      else samples.push({ step: at, values });
    }
    return samples;
  },
};

/** Two ranks' lines of one step. */
function joined(one: LogSample["values"], other: LogSample["values"]): LogSample["values"] {
  const names = Object.keys({ ...one, ...other }) as LogMetric[];
  const both = names.map((name) => {
    const pick = name === "memoryPerAccelerator" ? Math.max : Math.min;
    return [name, pick(one[name] ?? other[name] ?? 0, other[name] ?? one[name] ?? 0)];
  });
  return Object.fromEntries(both);
}
