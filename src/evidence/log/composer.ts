/**
 * Composer, as llm-foundry runs it: a heading for each batch, its metrics on the lines below or on the same line.
 *
 *     [epoch=1][batch=5/5]:
 *              Train throughput/samples_per_sec: 2.7330
 *              Train throughput/device/tokens_per_sec: 1255.1776
 *
 * Rates are means over a window of batches, printed from the first full window on. Memory is in 10^9 bytes.
 */

import { type LogFormat, type LogSample, numberIn, present, units } from "./format.ts";

const heading = /\[batch=(\d+)\/\d+\]:/;
const tokens = /\bthroughput\/tokens_per_sec:\s*([\d.]+)/;
const tokensEach = /(?<!\w)(?:throughput\/)?device\/tokens_per_sec:\s*([\d.]+)/;
const samplesRate = /\bthroughput\/samples_per_sec:\s*([\d.]+)/;
const rate = /\bthroughput\/device\/flops_per_sec:\s*([\d.]+(?:e[+-]?\d+)?)/;
const utilization = /\bthroughput\/device\/mfu:\s*([\d.]+)/;
const memory = /\bmemory\/(?:peak_)?reserved_mem:\s*([\d.]+)/;

export const composer: LogFormat = {
  name: "composer",
  summary: "Composer and llm-foundry",
  expects: "[batch=20/50]: ... Train throughput/tokens_per_sec: 155825.3348",
  flopConvention: "mosaic",
  scope: "step",
  read(lines) {
    const samples: LogSample[] = [];
    let step: number | undefined;
    let values: LogSample["values"] = {};
    const flush = (): void => {
      const timed = Object.keys(values).some((name) => name !== "memoryPerAccelerator");
      if (timed) samples.push(step === undefined ? { values } : { step, values });
      values = {};
    };
    for (const line of lines) {
      const at = numberIn(line, heading);
      if (at !== undefined && at !== step) {
        flush();
        step = at;
      }
      values = { ...values, ...valuesOf(line) };
    }
    flush();
    return samples;
  },
};

function valuesOf(line: string): LogSample["values"] {
  if (!line.includes("_per_sec") && !line.includes("/mfu") && !line.includes("reserved_mem")) return {};
  return present({
    tokensPerSecond: [numberIn(line, tokens), 1],
    tokensPerSecondPerAccelerator: [numberIn(line, tokensEach), 1],
    samplesPerSecond: [numberIn(line, samplesRate), 1],
    modelFlopsPerSecondPerAccelerator: [numberIn(line, rate), 1],
    modelFlopsUtilization: [numberIn(line, utilization), 1],
    memoryPerAccelerator: [numberIn(line, memory), units.giga],
  });
}
