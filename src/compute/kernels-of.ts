/**
 * Kernel times of one accelerator from calibrated coefficients.
 *
 * Parts without tables borrow from their generation, other vendors from the median part with published large-product
 * rates; `basis` says which. Ignores: everything below one kernel, and what the chip did just before.
 */
import type { Accelerator } from "../catalog/accelerator.ts";
import type {
  AttentionCoefficients,
  ExpertCoefficients,
  NarrowFormat,
  PassKind,
} from "../catalog/calibration/kernels.ts";
import { attentionTime, backwardProducts, decodeTime, latentDecodeTime } from "./attention.ts";
import { expertsReached, expertsTime, groupedGemmTime } from "./experts.ts";
import { calibratedFormat, formatBytes, formatPeak } from "./format.ts";
import { type Device, gemmTime, quantizeTime } from "./gemm.ts";
import type { AttentionShape, GemmFormat, Kernels, LatentDecodeShape } from "./kernel.ts";
import {
  chosenAttention,
  chosenDecode,
  chosenExperts,
  chosenGemm,
  chosenLatentDecode,
  chosenPass,
  latentHeads,
} from "./select.ts";

export interface KernelOptions {
  /**
   * Stack whose measured kernels come first: `trtllm`, `vllm`, `cudnn`, `flash-attention`. Without it products and
   * experts are TensorRT-LLM's, decode is vLLM's, and attention is that of training (cuDNN; FlashAttention-2 on Ampere).
   */
  readonly library?: string;
}

/**
 * Kernels of an accelerator. Pure; each function is a few hundred nanoseconds.
 * @throws from a function whose format the accelerator has no unit for (see `formatSupported`).
 */
export function kernelsOf(accelerator: Accelerator, options: KernelOptions = {}): Kernels {
  const { library } = options;
  const bandwidth = accelerator.memory.bandwidth;
  const deviceFor = remembered((format: GemmFormat) => deviceOf(accelerator, format));
  const gemmFor = remembered((format: GemmFormat) => gemmOf(accelerator, format, library));
  const expertsFor = remembered((format: GemmFormat) => expertsOf(accelerator, format, library));
  const attentionFor = remembered((headDim: number) => chosenAttention(accelerator, headDim, library).set);
  const passFor = remembered((kind: PassKind) => chosenPass(accelerator, kind).set.coefficients);
  const decodeNarrow = remembered((headDim: number) => chosenDecode(accelerator, headDim, 1).set.coefficients);
  const decodeWide = remembered((headDim: number) => chosenDecode(accelerator, headDim, 2).set.coefficients);
  const latentNarrow = remembered((heads: number) => chosenLatentDecode(accelerator, heads, 1).set.coefficients);
  const latentWide = remembered((heads: number) => chosenLatentDecode(accelerator, heads, 2).set.coefficients);
  const attentionWith = (c: AttentionCoefficients, shape: AttentionShape, products: number): number =>
    attentionTime(c, deviceFor("bf16"), shape, products);
  const gemm: Kernels["gemm"] = (format, m, n, k, weightBytes = formatBytes(format)) =>
    gemmTime(gemmFor(format).coefficients, deviceFor(format), formatBytes(format), { m, n, k, weightBytes });
  return {
    gemm,
    quantizedGemm(format, m, n, k) {
      const { quantize } = gemmFor(format);
      const product = gemm(format, m, n, k);
      return quantize === undefined ? product : product + quantizeTime(quantize, bandwidth, formatBytes(format), m * k);
    },
    groupedGemm(format, shape) {
      const { start } = gemmFor(format).coefficients;
      return groupedGemmTime(expertsFor(format), deviceFor(format), formatBytes(format), { ...shape, start });
    },
    attention: (shape) => attentionWith(attentionFor(meanHeadDim(shape)).forward, shape, 1),
    attentionBackward: (shape) => attentionWith(attentionFor(meanHeadDim(shape)).backward, shape, backwardProducts),
    decodeAttention(shape) {
      const decodeFor = shape.cacheBytes < 2 ? decodeNarrow : decodeWide;
      return decodeTime(decodeFor(shape.headDim), deviceFor("bf16"), shape);
    },
    latentDecodeAttention(shape) {
      const latentFor = shape.cacheBytes < 2 ? latentNarrow : latentWide;
      return betweenHeads(shape, (heads) => latentDecodeTime(latentFor(heads), deviceFor("bf16"), { ...shape, heads }));
    },
    experts: expertsWith(accelerator, expertsFor, deviceFor, library),
    scan: (flop) => flop / (formatPeak(accelerator, "bf16") * (scanShare[accelerator.generation] ?? scanShare.other)),
    convolution(bytes) {
      const share = convolutionShare[accelerator.generation] ?? convolutionShare.other;
      return passFor("stream").start + bytes / (bandwidth * share);
    },
    memoryPass(bytes, kind = "stream") {
      const { start, memory } = passFor(kind);
      return start + bytes / (bandwidth * memory);
    },
    basis: basisOf(accelerator),
  };
}

/** Straight in the heads between numbers that were measured; more than the most are so many times the most. */
function betweenHeads({ heads }: LatentDecodeShape, at: (heads: number) => number): number {
  const high = latentHeads.find((each) => each >= heads);
  const low = latentHeads.findLast((each) => each <= heads);
  if (high === undefined) return low === undefined ? 0 : (at(low) * heads) / low;
  if (low === undefined || low === high) return at(high);
  return at(low) + ((at(high) - at(low)) * (heads - low)) / (high - low);
}

/**
 * Share of the dense bf16 peak that chunked scans reach: median over the gated-delta tables at 64k tokens and more
 * (H100 0.066, H200 0.076, B200 0.039, GB200 0.035, L40S 0.043).
 * @source aiconfigurator
 */
const scanShare: Readonly<Partial<Record<Accelerator["generation"], number>>> & { readonly other: number } = {
  ada: 0.043,
  hopper: 0.07,
  blackwell: 0.037,
  other: 0.05,
};

/**
 * Share of the memory bandwidth at which the causal convolution of Mamba-2 reads and writes: median over the tables at
 * 16k tokens and more (L40S 0.72, H100 0.73, H200 0.62, B200 0.44, GB200 0.45; within 0.04 for every model's shape).
 * @source aiconfigurator
 */
const convolutionShare: Readonly<Partial<Record<Accelerator["generation"], number>>> & { readonly other: number } = {
  ada: 0.72,
  hopper: 0.67,
  blackwell: 0.44,
  other: 0.67,
};

function meanHeadDim({ headDim, valueHeadDim }: AttentionShape): number {
  return (headDim + valueHeadDim) / 2;
}

function deviceOf(accelerator: Accelerator, format: GemmFormat): Device {
  const multiprocessors = accelerator.multiprocessors ?? 128;
  return { peak: formatPeak(accelerator, format), bandwidth: accelerator.memory.bandwidth, multiprocessors };
}

function gemmOf(accelerator: Accelerator, format: GemmFormat, library: string | undefined) {
  const { name, relative } = calibratedFormat(format);
  const { set } = chosenGemm(accelerator, name, library);
  const { coefficients, quantize } = set;
  return { coefficients: { ...coefficients, compute: coefficients.compute * relative }, quantize };
}

function expertsOf(accelerator: Accelerator, format: GemmFormat, library: string | undefined) {
  const { name, relative } = calibratedFormat(format);
  const { coefficients } = chosenExperts(accelerator, name, library).set;
  return { ...coefficients, compute: coefficients.compute * relative };
}

function expertsWith(
  accelerator: Accelerator,
  expertsFor: (format: GemmFormat) => ExpertCoefficients,
  deviceFor: (format: GemmFormat) => Device,
  library: string | undefined,
): Kernels["experts"] {
  const storedFor = remembered((stored: NarrowFormat) => chosenExperts(accelerator, stored, library).set.coefficients);
  return (format, shape) => {
    const bytes = formatBytes(format);
    const { weightBytes = bytes, reached = expertsReached(shape), stored } = shape;
    const device = deviceFor(format);
    if (stored === "int4") return expertsTime(storedFor(stored), device, weightBytes, { ...shape, reached });
    const own = expertsFor(format);
    const c = stored === "mxfp4" ? atRate(own, storedFor("int4").compute) : own;
    // Padding was fitted where it hides behind the read of full weights; tiles for narrow weights are as much lower.
    const narrow = weightBytes < bytes ? { ...c, padding: (c.padding * weightBytes) / bytes } : c;
    return expertsTime(narrow, device, weightBytes, { ...shape, reached });
  };
}

/**
 * The same kernels with a slower main loop. No table of Marlin's holds mxfp4: it multiplies as fast as with integers, and
 * as its tiles grow with the rows from 8 to 64, few rows take as long as elsewhere.
 */
function atRate(c: ExpertCoefficients, compute: number): ExpertCoefficients {
  return { ...c, compute, padding: (c.padding * compute) / c.compute };
}

function basisOf(accelerator: Accelerator): Kernels["basis"] {
  const { set, foundation } = chosenGemm(accelerator, "bf16");
  const { accelerator: owner, library, version } = set.provenance;
  if (foundation === "own") {
    return { trust: "interpolated", note: `coefficients fitted on kernel tables of ${owner} (${library} ${version})` };
  }
  if (foundation === "generation") {
    const note = `no kernel tables of ${accelerator.name}: efficiencies of ${owner}, scaled by the datasheet`;
    return { trust: "interpolated", note };
  }
  return {
    trust: "assumed",
    note: `no kernel tables of ${accelerator.name} or its generation: median efficiencies with published large-product rates`,
  };
}

/** The function, evaluated once for each argument. */
function remembered<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) {
      value = make(key);
      made.set(key, value);
    }
    return value;
  };
}
