/**
 * Kernels under the board's power limit. A matrix product cannot run faster than its energy allows:
 *
 *     t >= FLOP e / P_limit
 *
 * e joules per FLOP by operand width and generation, calibrated; P_limit the board's. What makes a format slower than
 * another of its width (mxfp8's scales) is work, which costs energy: e grows by the same ratio. With constant voltage at
 * the clocks where large jobs run, power follows FLOP/s and the limit is a rate. Parts of one generation then differ by
 * their limit alone: B200 (1,000 W), GB200 (1,200 W), GB300 (1,400 W).
 *
 * Ignores: heat, the share of the budget that memory traffic takes, time constants of the controller.
 */

import type { Watts } from "../base/quantity.ts";
import type { Accelerator } from "../catalog/accelerator.ts";
import { type MatrixEnergy, matrixEnergy } from "../catalog/calibration/power-limit.ts";
import { attendedPairs } from "./attention.ts";
import { calibratedFormat } from "./format.ts";
import type { AttentionShape, GemmFormat, Kernels } from "./kernel.ts";

const widths: Readonly<Record<GemmFormat, keyof MatrixEnergy>> = {
  fp32: "16-bit",
  tf32: "16-bit",
  bf16: "16-bit",
  fp16: "16-bit",
  fp8: "8-bit",
  "fp8-block": "8-bit",
  mxfp8: "8-bit",
  int8: "8-bit",
  nvfp4: "4-bit",
  mxfp4: "4-bit",
};

/** The same kernels, none faster than the power limit allows for long. Unknown limits change nothing. */
export function underPowerLimit(
  kernels: Kernels,
  accelerator: Accelerator,
  energy: MatrixEnergy | undefined = matrixEnergy[accelerator.generation],
): Kernels {
  const limit = accelerator.power;
  if (limit === "unknown" || energy === undefined) return kernels;
  const least = (format: GemmFormat, flop: number): number =>
    leastTime(flop, energy[widths[format]] / calibratedFormat(format).relative, limit);
  return {
    ...kernels,
    gemm: (format, m, n, k) => Math.max(kernels.gemm(format, m, n, k), least(format, 2 * m * n * k)),
    groupedGemm: (format, shape) =>
      Math.max(kernels.groupedGemm(format, shape), least(format, 2 * shape.rows * shape.n * shape.k * shape.imbalance)),
    attention: (shape) => Math.max(kernels.attention(shape), least("bf16", attentionFlop(shape))),
    attentionBackward: (shape) => Math.max(kernels.attentionBackward(shape), least("bf16", 2.5 * attentionFlop(shape))),
  };
}

function leastTime(flop: number, energy: number, limit: Watts): number {
  return (flop * energy) / limit;
}

function attentionFlop(shape: AttentionShape): number {
  const pairs = attendedPairs(shape);
  return 2 * shape.sequences * shape.heads * pairs * (shape.headDim + shape.valueHeadDim);
}
