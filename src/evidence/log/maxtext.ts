/**
 * MaxText: one line a step.
 *
 *     completed step: 9, seconds: 1.341, TFLOP/s/device: 257.929, Tokens/s/device: 36653.244, loss: 0.000
 */

import { type LogFormat, type LogSample, numberIn, present, units } from "./format.ts";

const step = /completed step:\s*(\d+)/;
const seconds = /\bseconds:\s*([\d.]+)/;
const rate = /TFLOP\/s\/device:\s*([\d.]+)/;
const tokens = /Tokens\/s\/device:\s*([\d.]+)/;

export const maxtext: LogFormat = {
  name: "maxtext",
  summary: "MaxText",
  expects: "completed step: 9, seconds: 1.341, TFLOP/s/device: 257.929, Tokens/s/device: 36653.244, loss: 0.000",
  flopConvention: "maxtext",
  scope: "step",
  read(lines) {
    return lines.flatMap((line): LogSample[] => {
      const text = step.exec(line)?.[1];
      const time = numberIn(line, seconds);
      if (text === undefined || time === undefined) return [];
      const values = present({
        stepTime: [time, 1],
        modelFlopsPerSecondPerAccelerator: [numberIn(line, rate), units.tera],
        tokensPerSecondPerAccelerator: [numberIn(line, tokens), 1],
      });
      return [{ step: Number(text), values }];
    });
  },
};
