/**
 * First-generation flash attention (Triton and CUDA kernels of 2022): a share of the matrix peak that depends little
 * on the head dimension, since softmax and rescaling, not the products, take most of the time:
 *
 *     t = FLOP / (P s (d / 128)^0.2)
 *
 * They issue Ampere's matrix instructions, which reach only part of the rate of a part with warp-group instructions.
 * @source dao-2023 @source luo-2024
 */

import { pow } from "../base/math.ts";
import type { Accelerator } from "../catalog/accelerator.ts";
import { attentionFlop, backwardProducts } from "./attention.ts";
import { formatPeak } from "./format.ts";
import type { AttentionShape, Kernels } from "./kernel.ts";

/** Head dimension at which the share is stated, and how weakly it depends on it. */
const statedHeadDim = 128;
const headDimPower = 0.2;

/** The kernels with first-generation attention at `share` of the peak on Ampere. */
export function withFirstFlash(
  kernels: Kernels,
  accelerator: Accelerator,
  rate: { readonly share: number; readonly withoutWarpGroups: number },
): Kernels {
  const native = accelerator.generation === "ampere" || accelerator.generation === "ada";
  const peak = formatPeak(accelerator, "bf16") * rate.share * (native ? 1 : rate.withoutWarpGroups);
  const forward = (shape: AttentionShape): number =>
    attentionFlop(shape) / (peak * pow(shape.headDim / statedHeadDim, headDimPower));
  return { ...kernels, attention: forward, attentionBackward: (shape) => backwardProducts * forward(shape) };
}
