/**
 * NeMo on Lightning: a progress bar, or one line a step.
 *
 *     Epoch 0: :  60%|... | 6024/10000 [4:26:54<2:56:09, v_num=0, reduced_train_loss=0.0252, global_step=6023.0, consumed_samples=96384.0, train_step_timing in s=2.590]
 *     Training epoch 0, iteration 120/149 | lr: 3e-05 | global_batch_size: 1 | global_step: 120 | train_step_timing in s: 0.03146
 *
 * A bar is drawn again while nothing has happened, so a line that says the same as the one before is not a second step.
 * Bars round to three digits.
 */

import { type LogFormat, type LogSample, numberIn, present, units } from "./format.ts";

const timing = /train_step_timing in s\s*[=:]\s*([\d.]+(?:e[+-]?\d+)?)/;
const step = /global_step\s*[=:]\s*([\d.]+(?:e[+-]?\d+)?)/;
const batch = /global_batch_size\s*[=:]\s*([\d.]+(?:e[+-]?\d+)?)/;
const rate = /TFLOPS_per_GPU\s*[=:]\s*([\d.]+(?:e[+-]?\d+)?)/;

export const nemo: LogFormat = {
  name: "nemo",
  summary: "NeMo on Lightning",
  expects: "... reduced_train_loss=6.370, global_step=99.00, consumed_samples=12800.0, train_step_timing in s=11.20]",
  flopConvention: "megatron-core-2024",
  scope: "step",
  read(lines) {
    const samples: LogSample[] = [];
    let before = "";
    for (const line of lines) {
      const time = numberIn(line, timing);
      if (time === undefined) continue;
      const at = numberIn(line, step);
      const same = `${at} ${time}`;
      if (same === before) continue;
      before = same;
      const values = present({
        stepTime: [time, 1],
        globalBatch: [numberIn(line, batch), 1],
        modelFlopsPerSecondPerAccelerator: [numberIn(line, rate), units.tera],
      });
      samples.push(at === undefined ? { values } : { step: at, values });
    }
    return samples;
  },
};
