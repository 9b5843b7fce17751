/**
 * One suite for every log format, on lines as the frameworks print them: taken from public issues, pull requests and
 * manuals, shortened where they are long.
 */

import { describe, expect, it } from "vitest";
import { type Problem, ProblemError } from "../../base/problem.ts";
import { type LogSample, logFormats, readLog, summarizeLog } from "./index.ts";

const escapeCode = String.fromCharCode(27);

/** Three consecutive steps of each framework, and what the last of them states. */
const real: Readonly<Record<string, { readonly text: string; readonly last: LogSample }>> = {
  megatron: {
    // NVIDIA/Megatron-LM, issue 756
    text: [
      " [2024-04-06 02:59:36] iteration       43/     100 | consumed samples:         5504 | elapsed time per iteration (ms): 5444.9 | throughput per GPU (TFLOP/s/GPU): 239.8 | learning rate: 8.600000E-06 | global batch size:   128 | lm loss: 1.825991E+00 | loss scale: 1.0 | grad norm: 1.426 |",
      " [2024-04-06 02:59:41] iteration       44/     100 | consumed samples:         5632 | elapsed time per iteration (ms): 5533.8 | throughput per GPU (TFLOP/s/GPU): 236.0 | learning rate: 8.800000E-06 | global batch size:   128 | lm loss: 1.875063E+00 | loss scale: 1.0 | grad norm: 1.327 |",
      " [2024-04-06 02:59:47] iteration       45/     100 | consumed samples:         5760 | elapsed time per iteration (ms): 5718.6 | throughput per GPU (TFLOP/s/GPU): 228.4 | learning rate: 9.000000E-06 | global batch size:   128 | lm loss: 1.834162E+00 | loss scale: 1.0 | grad norm: 1.611 |",
    ].join("\n"),
    last: {
      step: 45,
      values: { stepTime: 5.7186, modelFlopsPerSecondPerAccelerator: 228.4e12, globalBatch: 128 },
    },
  },
  torchtitan: {
    // pytorch/torchtitan, pull request 2389; colours as its metrics module writes them
    text: [
      "[titan] 2026-02-24 19:46:15,900 - root - INFO - step:  3  loss:  8.12585  grad_norm: 20.6250  memory: 66.91GiB(37.51%)  tps: 10,012  tflops: 313.52  mfu: 13.93%",
      "[titan] 2026-02-24 19:46:17,508 - root - INFO - step:  4  loss:  7.62585  grad_norm: 26.6250  memory: 66.91GiB(37.51%)  tps: 10,050  tflops: 314.71  mfu: 13.99%",
      `[rank0]:[titan] 2026-02-24 19:46:19,145 - root - INFO - ${escapeCode}[31mstep:  5  ${escapeCode}[32mloss:  7.07623  ${escapeCode}[38;2;180;60;0mgrad_norm: 46.5000  ${escapeCode}[36mmemory: 66.91GiB(37.51%)  ${escapeCode}[34mtps: 10,008  ${escapeCode}[36mtflops: 313.40  ${escapeCode}[35mmfu: 13.94%${escapeCode}[39m`,
      "[titan] 2026-02-24 19:46:19,145 - root - INFO - step:  5  loss:  7.07623  grad_norm: 46.5000  memory: 67.91GiB(38.07%)  tps: 10,007  tflops: 313.36  mfu: 13.93%",
    ].join("\n"),
    last: {
      step: 5,
      values: {
        tokensPerSecondPerAccelerator: 10007,
        modelFlopsPerSecondPerAccelerator: 313.36e12,
        modelFlopsUtilization: 0.1393,
        memoryPerAccelerator: 67.91 * 1024 ** 3,
      },
    },
  },
  nemo: {
    text: [
      "Training epoch 0, iteration 120/149 | lr: 3e-05 | consumed_samples: 121 | global_batch_size: 1 | global_step: 120 | reduced_train_loss: 1.233 | train_step_timing in s: 0.03146 | val_loss: 4.106",
      "Epoch 0: :  60%|██████    | 6024/10000 [4:26:54<2:56:09, v_num=0, reduced_train_loss=0.0252, global_step=6023.0, consumed_samples=96384.0, train_step_timing in s=2.590, val_loss=0.0917][rank: 1] Monitored metric val_loss did not improve",
      "Epoch 0: : 100%|██████████| 100/100 [20:15<00:00, reduced_train_loss=6.370, global_step=99.00, consumed_samples=12800.0, train_step_timing in s=11.20]",
    ].join("\r"),
    last: { step: 99, values: { stepTime: 11.2 } },
  },
  composer: {
    // A multi-node MPT-30B run: the block as Composer prints it
    text: [
      ...[3, 4].map(
        (batch) => `[batch=${batch}/50]: Train loss/train/total: 9.1  throughput/tokens_per_sec: 155825.3348`,
      ),
      "[epoch=1][batch=5/5]:",
      "         Train time/token: 29254495",
      "         Train memory/peak_reserved_mem: 29.4690",
      "         Train trainer/device_train_microbatch_size: 8",
      "         Train throughput/batches_per_sec: 0.0027",
      "         Train throughput/samples_per_sec: 2.7330",
      "         Train throughput/device/batches_per_sec: 0.0002",
      "         Train throughput/device/samples_per_sec: 0.1708",
      "         Train throughput/tokens_per_sec: 20082.8418",
      "         Train throughput/device/tokens_per_sec: 1255.1776",
      "         Train throughput/device/mfu: 0.4123",
      "         Train time/train: 0.5249",
    ].join("\n"),
    last: {
      step: 5,
      values: {
        tokensPerSecond: 20082.8418,
        tokensPerSecondPerAccelerator: 1255.1776,
        samplesPerSecond: 2.733,
        modelFlopsUtilization: 0.4123,
        memoryPerAccelerator: 29.469e9,
      },
    },
  },
  trainer: {
    text: [1, 2, 3]
      .map(
        () =>
          "{'train_runtime': 437.8544, 'train_samples_per_second': 25.132, 'train_steps_per_second': 3.145, 'train_loss': 0.4564213610768924, 'epoch': 3.0}",
      )
      .join("\n"),
    last: { values: { samplesPerSecond: 25.132, stepTime: 1 / 3.145 } },
  },
  maxtext: {
    text: [
      "completed step: 7, seconds: 5.669, TFLOP/s/device: 134.882, Tokens/s/device: 8670.101, total_weights: 196608, loss: 10.542",
      "completed step: 8, seconds: 5.668, TFLOP/s/device: 134.911, Tokens/s/device: 8671.946, total_weights: 196608, loss: 10.440",
      "I0317 10:00:17.152287 125344476638336 metric_logger.py:181] completed step: 9, seconds: 5.667, TFLOP/s/device: 134.924, Tokens/s/device: 8672.758, total_weights: 196608, loss: 10.374",
    ].join("\n"),
    last: {
      step: 9,
      values: {
        stepTime: 5.667,
        modelFlopsPerSecondPerAccelerator: 134.924e12,
        tokensPerSecondPerAccelerator: 8672.758,
      },
    },
  },
};

function expectClose(found: LogSample | undefined, wanted: LogSample): void {
  expect(found?.step).toBe(wanted.step);
  expect(Object.keys(found?.values ?? {}).sort()).toEqual(Object.keys(wanted.values).sort());
  for (const [name, value] of Object.entries(wanted.values)) {
    const own = found?.values[name as keyof LogSample["values"]] ?? Number.NaN;
    expect(Math.abs(own / value - 1), name).toBeLessThan(1e-12);
  }
}

describe.each(logFormats.entries)("log format $name", (format) => {
  const { text, last } = real[format.name] ?? { text: "", last: { values: {} } };

  it("reads lines as they are printed, and is chosen by content", () => {
    const { format: chosen, samples } = readLog(text, "run.log");
    expect(chosen.name).toBe(format.name);
    expect(samples).toHaveLength(3);
    expectClose(samples.at(-1), last);
  });

  it("finds the step line that it says it expects", () => {
    expect(format.read([format.expects])).toHaveLength(1);
  });

  it("finds nothing in the logs of others", () => {
    for (const [name, other] of Object.entries(real)) {
      if (name !== format.name) expect(format.read(other.text.split(/\r|\n/)), name).toEqual([]);
    }
  });

  it("is not disturbed by what stands between", () => {
    const noise = ["", "NCCL INFO comm 0x5 rank 3", "W0317 x2num.py:13] NaN or Inf found in input tensor."];
    const mixed = text.split(/\r|\n/).flatMap((line) => [...(/^\s+Train/.test(line) ? [] : noise), line]);
    expect(format.read(mixed.map((line) => line.replaceAll(new RegExp(`${escapeCode}\\[[0-9;]*m`, "g"), "")))).toEqual(
      readLog(text, "run.log").samples,
    );
  });

  it("states values above 0, and how FLOP are counted where it states a rate", () => {
    for (const { values } of readLog(text, "run.log").samples) {
      for (const value of Object.values(values)) expect(value).toBeGreaterThan(0);
      const rated = "modelFlopsPerSecondPerAccelerator" in values || "modelFlopsUtilization" in values;
      if (rated) expect(format.flopConvention).toBeDefined();
    }
  });
});

describe("Megatron's other lines", () => {
  const step = (number: number, time: number): string =>
    ` iteration ${number}/ 500 | elapsed time per iteration (ms): ${time} | learning rate 1.342E-04 |`;
  const last = (text: string): LogSample | undefined => readLog(text, "run.log").samples.at(-1);

  it("Megatron-Bridge's rate belongs to the iteration after it", () => {
    const text = `Step Time : 9.09s GPU utilization: 663.5MODEL_TFLOP/s/GPU\n\n${step(50, 9089)}`;
    expectClose(last(text), { step: 50, values: { stepTime: 9.089, modelFlopsPerSecondPerAccelerator: 663.5e12 } });
    const alone = "Step Time : 6.13s GPU utilization: 426.6MODEL_TFLOP/s/GPU";
    expect(readLog(`${alone}\n${alone}`, "run.log").samples).toHaveLength(2);
  });

  it("forks: two times of which the first is the step's, values with =", () => {
    const primus =
      "[20251202 09:12:08][rank-7/8][INFO ] : iteration 126/ 5000 | elapsed time per iteration (ms): 13372.8/13364.7 | throughput per GPU (TFLOP/s/GPU): 567.6/568.0 | tokens per GPU (tokens/s/GPU): 9801.4/9807.3 | global batch size: 128 |";
    expectClose(last(primus), {
      step: 126,
      values: {
        stepTime: 13.3728,
        modelFlopsPerSecondPerAccelerator: 567.6e12,
        tokensPerSecondPerAccelerator: 9801.4,
        globalBatch: 128,
      },
    });
    const deepspeed =
      "[2024-06-21 10:50:42][INFO][training:1609] -  iteration=       1/  317892 | consumed_samples=         768 | elapsed_time_per_iteration_ms=108893.2 | global_batch_size=  768 | tokens_per_gpu_per_second_tgs=1203.674 | [LM]-TFLOPs=49.66 |";
    expectClose(last(deepspeed), {
      step: 1,
      values: { stepTime: 108.8932, globalBatch: 768, tokensPerSecondPerAccelerator: 1203.674 },
    });
  });

  it("reserved memory of the fullest rank that prints it, in MiB", () => {
    const memory = (rank: number, reserved: number): string =>
      `[Rank ${rank}] (after 10 iterations) memory (MB) | allocated: 1464.3 | max allocated: 1464.3 | reserved: 1576.0 | max reserved: ${reserved}`;
    const text = [step(10, 900), memory(0, 1576), memory(4, 1600), memory(2, 1500)].join("\n");
    expect(last(text)?.values.memoryPerAccelerator).toBe(1600 * 1024 ** 2);
  });

  it.each([
    [
      "(min, max)",
      "(min, max) time across ranks (ms):\n    forward-backward ...............................: (106622.81, 106624.28)\n    optimizer ......................................: (2221.02, 2234.98)",
    ],
    [
      "max",
      "max time across ranks (ms):\n    forward-backward ...............................: 106624.28\n    optimizer ......................................: 2234.98",
    ],
    [
      "all ranks",
      "times across ranks (ms):\n  forward-backward:\n     rank  0: 106622.81\n     rank  1: 106624.28\n  optimizer:\n     rank  0: 2234.98\n     rank  1: 2221.02",
    ],
    ["of 2021", "time (ms) | forward-backward: 106624.28 | optimizer: 2234.98"],
  ])("timers: %s, the slowest rank", (_, block) => {
    const setup =
      "(min, max) time across ranks (ms):\n    model-and-optimizer-setup ......................: (123.15, 123.15)";
    expect(last([setup, step(1, 108893.2), block, step(2, 108000)].join("\n"))?.timers).toBeUndefined();
    const timers = last([setup, step(1, 108893.2), block, "done"].join("\n"))?.timers ?? {};
    expect(Object.keys(timers)).toEqual(["forward-backward", "optimizer"]);
    expect(timers["forward-backward"]).toBeCloseTo(106.62428, 9);
    expect(timers.optimizer).toBeCloseTo(2.23498, 9);
  });
});

describe("warm-up", () => {
  const steps = (times: readonly number[]): string =>
    times.map((time, index) => `completed step: ${index}, seconds: ${time}, loss: 1`).join("\n");
  const summary = (times: readonly number[]) => {
    const { format, samples } = readLog(steps(times), "run.log");
    return summarizeLog(format, samples);
  };

  it("leaves out slow steps at the start, not one in the middle", () => {
    const { steps: counts, metrics } = summary([60, 4, 2.3, 2.05, 2, 2.1, 30, 2, 1.9, 2]);
    expect(counts).toMatchObject({ read: 10, warmUp: 3, used: 7 });
    expect(counts.rule).toContain("10 %");
    expect(metrics.stepTime).toEqual({ median: 2, low: 1.9, high: 30, count: 7 });
  });

  it("keeps half at least, and everything where there is little", () => {
    expect(summary([9, 8, 7, 6, 5, 4]).steps.used).toBeGreaterThanOrEqual(3);
    const few = summary([60, 2, 2]).steps;
    expect(few).toMatchObject({ read: 3, warmUp: 0, used: 3 });
    expect(few.rule).toContain("fewer than");
  });
});

describe("what is no log", () => {
  const problemOf = (text: string): Problem => {
    try {
      readLog(text, "x.log");
    } catch (error) {
      if (error instanceof ProblemError && error.problems[0] !== undefined) return error.problems[0];
      throw error;
    }
    throw new Error("no problem was reported");
  };

  it.each([
    ["", /empty/],
    ['{"a": 1}', /looks like JSON/],
    ["windtunnel: 1\nname: x", /looks like YAML/],
    ["rank,step,time\n0,1,2", /table \(CSV\)/],
    ["\n[2024-04-06 02:59:36] training ...\nsaving checkpoint", /in the 3 lines of "x.log".* begins "\[2024-04-06/],
  ])("%j is refused with what was expected", (text, message) => {
    const { message: said, hint, path } = problemOf(text);
    expect(path).toBe("measured");
    expect(said).toMatch(message);
    for (const { expects } of logFormats.entries) expect(hint).toContain(expects);
  });
});
