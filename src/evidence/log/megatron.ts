/**
 * Megatron-LM, Megatron-Bridge and their forks (Megatron-DeepSpeed, Primus): one line a logging interval, timers below
 * it where they are logged.
 *
 *      iteration       43/     100 | ... | elapsed time per iteration (ms): 5444.9 | throughput per GPU (TFLOP/s/GPU): 239.8 | ...
 *     Step Time : 9.09s GPU utilization: 663.5MODEL_TFLOP/s/GPU
 *
 * Memory is the most that the allocator reserved; Megatron prints MiB and calls them MB. TFLOPs of Megatron-DeepSpeed
 * count otherwise and are not read.
 */

import type { Seconds } from "../../base/quantity.ts";
import { type LogFormat, type LogSample, numberIn, present, units } from "./format.ts";
import { readTimers } from "./megatron-timers.ts";

const iteration = /\biteration\s*=?\s*(\d+)\s*\/\s*(?:\d+|infinity)/;
const elapsed = /elapsed[ _]time[ _]per[ _]iteration(?: \(ms\)|_ms)\s*[:=]\s*([\d.]+)/;
const rate = /throughput per GPU(?: \(TFLOP\/s\/GPU\))?:\s*([\d.]+)/;
const tokens = /(?:tokens per GPU \(tokens\/s\/GPU\):|tokens_per_gpu_per_second_tgs=)\s*([\d.]+)/;
const batch = /global[ _]batch[ _]size\s*[:=]\s*(\d+)/;
const bridgeTime = /\bStep Time\s*:\s*([\d.]+)\s*s\b/;
const bridgeRate = /GPU utilization:\s*([\d.]+)\s*MODEL_TFLOP/;
const memory = /memory \(MB\) \|.*max reserved:\s*([\d.]+)/;

export const megatron: LogFormat = {
  name: "megatron",
  summary: "Megatron-LM, Megatron-Bridge and their forks",
  expects: "iteration 100/500 | ... | elapsed time per iteration (ms): 5123.4 | ...",
  flopConvention: "megatron-core-2024",
  scope: "step",
  read(lines) {
    const samples: LogSample[] = [];
    // Megatron-Bridge prints the rate on a line of its own, before the line of the iteration it belongs to.
    let ahead: LogSample["values"] | undefined;
    const flush = (): void => {
      if (ahead !== undefined) samples.push({ values: ahead });
      ahead = undefined;
    };
    lines.forEach((line, index) => {
      if (bridgeTime.test(line) && bridgeRate.test(line)) {
        flush();
        ahead = bridgeValues(line);
      }
      const time = numberIn(line, elapsed);
      const step = numberIn(line, iteration);
      if (time !== undefined && step !== undefined) {
        samples.push({ step, values: { ...ahead, ...stepValues(line, time) } });
        ahead = undefined;
      }
      const last = samples.at(-1);
      if (last === undefined) return;
      const reserved = numberIn(line, memory);
      const timers = readTimers(lines, index);
      if (reserved !== undefined) samples[samples.length - 1] = withMemory(last, reserved * units.mebi);
      else if (timers !== undefined) samples[samples.length - 1] = { ...last, timers };
    });
    flush();
    return samples;
  },
};

function bridgeValues(line: string): LogSample["values"] {
  return present({
    stepTime: [numberIn(line, bridgeTime), 1],
    modelFlopsPerSecondPerAccelerator: [numberIn(line, bridgeRate), units.tera],
  });
}

function stepValues(line: string, milliseconds: number): LogSample["values"] {
  const time: Seconds = milliseconds * units.milli;
  return present({
    stepTime: [time, 1],
    modelFlopsPerSecondPerAccelerator: [numberIn(line, rate), units.tera],
    tokensPerSecondPerAccelerator: [numberIn(line, tokens), 1],
    globalBatch: [numberIn(line, batch), 1],
  });
}

/** The largest over the ranks that print theirs. */
function withMemory(sample: LogSample, bytes: number): LogSample {
  const most = Math.max(bytes, sample.values.memoryPerAccelerator ?? 0);
  return { ...sample, values: { ...sample.values, memoryPerAccelerator: most } };
}
