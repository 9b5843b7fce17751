/**
 * Time of one dense matrix product y[m,n] = x[m,k] W[k,n].
 *
 * Tiles of several sizes compete as in a vendor's library; the tiles of the winner run in waves over the
 * multiprocessors. Compute and memory overlap imperfectly (smooth maximum), and long kernels lose clock to the
 * power limit.
 * Ignores: data values (they move power), layout, split-k below one wave, cache residency of small weights.
 */
import { sqrt } from "../base/math.ts";
import type { BytesPerSecond, FlopPerSecond, Seconds } from "../base/quantity.ts";
import type { GemmCoefficients, QuantizeCoefficients } from "../catalog/calibration/kernels.ts";

/** Rates of the device a kernel runs on, in the kernel's format. */
export interface Device {
  readonly peak: FlopPerSecond;
  readonly bandwidth: BytesPerSecond;
  readonly multiprocessors: number;
}

/** Tile height, width and the number of halvings from 256 x 128. */
const tiles: readonly (readonly [number, number, number])[] = [
  [256, 128, 0],
  [128, 256, 0],
  [128, 128, 1],
  [64, 128, 2],
  [128, 64, 2],
  [64, 64, 3],
];

/** Kernels shorter than this run before the power limit lowers the clock. */
export const powerTime: Seconds = 3e-3;

/** Smooth maximum (a^p + b^p)^(1/p) for p = 2 or 4, by square roots only. */
export function blendedMaximum(a: number, b: number, exponent: number): number {
  const high = Math.max(a, b);
  if (high === 0) return 0;
  const ratio = Math.min(a, b) / high;
  const square = ratio * ratio;
  return exponent === 2 ? high * sqrt(1 + square) : high * sqrt(sqrt(1 + square * square));
}

/**
 * Wave-quantised roofline of one product.
 *
 *     C = min over tiles  W S 2 Tm Tn (k + k0) / (P e r^halvings),   W = w + tail (ceil(w) - w),  w = tiles / S
 *     C' = C (1 + throttle C / (C + 3 ms))
 *     t = t0 + smoothmax(C', bytes / (B e_b))
 *
 * Never falls when m, n or k grow, never rises with P or B.
 * @param bytes bytes per operand element; the result is written in 2.
 * @source aiconfigurator
 */
export function gemmTime(
  c: GemmCoefficients,
  device: Device,
  bytes: number,
  shape: { readonly m: number; readonly n: number; readonly k: number; readonly weightBytes?: number },
): Seconds {
  const { m, n, k, weightBytes = bytes } = shape;
  let cycles = Number.POSITIVE_INFINITY;
  for (const [height, width, halvings] of tiles) {
    const waves = (Math.ceil(m / height) * Math.ceil(n / width)) / device.multiprocessors;
    const waited = waves + c.tail * (Math.ceil(waves) - waves);
    let work = waited * height * width;
    for (let step = 0; step < halvings; step += 1) work /= c.small;
    if (work < cycles) cycles = work;
  }
  const cool = (2 * cycles * device.multiprocessors * (k + c.depth)) / (device.peak * c.compute);
  const compute = cool * (1 + (c.throttle * cool) / (cool + powerTime));
  const memory = (bytes * m * k + weightBytes * n * k + 2 * m * n) / (device.bandwidth * c.memory);
  return c.start + blendedMaximum(compute, memory, c.blend);
}

/** Kernels that read `elements` bf16 values and write them in the format. */
export function quantizeTime(
  c: QuantizeCoefficients,
  bandwidth: BytesPerSecond,
  bytes: number,
  elements: number,
): Seconds {
  return c.start + (elements * (2 + bytes)) / (bandwidth * c.memory);
}
