/** Number formats of matrix products: bytes, the unit that executes them, and whose calibration they use. */
import type { FlopPerSecond } from "../base/quantity.ts";
import type { Accelerator, Arithmetic } from "../catalog/accelerator.ts";
import type { CalibratedFormat } from "../catalog/calibration/kernels.ts";
import type { GemmFormat } from "./kernel.ts";

interface FormatTraits {
  /** Bytes per operand element, scales included. */
  readonly bytes: number;
  /** Units that can execute it, best first. */
  readonly units: readonly Arithmetic[];
  readonly calibrated: CalibratedFormat;
  /** Speed relative to the calibrated format at the same peak. */
  readonly relative: number;
}

/**
 * Block scales: one fp32 per 128 (fp8-block), one byte per 32 (mxfp8, mxfp4), one byte per 16 (nvfp4).
 * mxfp8 runs on the fp8 unit at 0.95 of per-tensor fp8: 7.161 against 6.812 ms for the pre-quantised products of a
 * 5B layer on B300.
 * @source transformer-engine-gemm-profiling
 */
const traits: Readonly<Record<GemmFormat, FormatTraits>> = {
  fp32: { bytes: 4, units: ["fp32"], calibrated: "bf16", relative: 1 },
  tf32: { bytes: 4, units: ["tf32", "fp32"], calibrated: "bf16", relative: 1 },
  bf16: { bytes: 2, units: ["bf16", "fp16"], calibrated: "bf16", relative: 1 },
  fp16: { bytes: 2, units: ["fp16", "bf16"], calibrated: "bf16", relative: 1 },
  fp8: { bytes: 1, units: ["fp8"], calibrated: "fp8", relative: 1 },
  "fp8-block": { bytes: 1 + 4 / 128, units: ["fp8"], calibrated: "fp8-block", relative: 1 },
  mxfp8: { bytes: 1 + 1 / 32, units: ["fp8"], calibrated: "fp8", relative: 0.95 },
  nvfp4: { bytes: 0.5 + 1 / 16, units: ["fp4"], calibrated: "nvfp4", relative: 1 },
  mxfp4: { bytes: 0.5 + 1 / 32, units: ["fp4"], calibrated: "nvfp4", relative: 1 },
  int8: { bytes: 1, units: ["int8"], calibrated: "fp8", relative: 1 },
};

/** Bytes of one operand element in memory, block scales included. */
export function formatBytes(format: GemmFormat): number {
  return traits[format].bytes;
}

export function calibratedFormat(format: GemmFormat): { readonly name: CalibratedFormat; readonly relative: number } {
  return { name: traits[format].calibrated, relative: traits[format].relative };
}

/** True where the accelerator has a unit (with a known peak) for the format. */
export function formatSupported(accelerator: Accelerator, format: GemmFormat): boolean {
  return traits[format].units.some((unit) => accelerator.peak[unit] !== undefined);
}

/**
 * Dense peak of the format. fp4 counts at most twice fp8: today's fp4 products do not use the extra rate of Blackwell
 * Ultra (kernel time on B300 is 5.1 PFLOP/s of 14, what a B200 would reach).
 * @throws where the accelerator has no such unit; ask `formatSupported` first.
 * @source transformer-engine-gemm-profiling
 */
export function formatPeak(accelerator: Accelerator, format: GemmFormat): FlopPerSecond {
  for (const unit of traits[format].units) {
    const rate = accelerator.peak[unit];
    if (rate === undefined) continue;
    const { fp8 } = accelerator.peak;
    return unit === "fp4" && fp8 !== undefined ? Math.min(rate, 2 * fp8) : rate;
  }
  throw new Error(`${accelerator.name} has no unit with a known peak for ${format}`);
}
