/** Dense products: which rows count, how they are split, and the fit of each (accelerator, library, format). */
import type { Accelerator } from "../../../src/catalog/accelerator.ts";
import type {
  CalibratedFormat,
  GemmCoefficients,
  GemmSet,
  Provenance,
  QuantizeCoefficients,
} from "../../../src/catalog/calibration/kernels.ts";
import { formatBytes, formatPeak } from "../../../src/compute/format.ts";
import type { Device } from "../../../src/compute/gemm.ts";
import { gemmTime, quantizeTime } from "../../../src/compute/gemm.ts";
import type { Observation, Parameter } from "./fit.ts";
import { fitCoefficients, half, summarize, thinned } from "./fit.ts";
import type { Table } from "./rows.ts";
import { latency, number } from "./rows.ts";

export interface GemmShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

export const gemmColumns: readonly string[] = ["gemm_dtype", "m", "n", "k", "latency"];

const tableFormats: Readonly<Record<string, CalibratedFormat>> = {
  bfloat16: "bf16",
  fp8: "fp8",
  fp8_block: "fp8-block",
  nvfp4: "nvfp4",
};

const L2_OF_L40S = 96e6;

export function isLarge({ m, n, k }: GemmShape): boolean {
  return 2 * m * n * k > 1e11 && m >= 1024;
}

/** Split by (n, k) pair: no shape of the held-out half has its weights in the fitted half. */
export function isFitted({ n, k }: GemmShape): boolean {
  return half(n, k) === 0;
}

/** Rows of one format that may be used: n, k >= 512, m <= 32,768, no rows that live in the cache of an L40S. */
export function gemmObservations(
  table: Table,
  format: CalibratedFormat,
  accelerator: Accelerator,
): Observation<GemmShape>[] {
  const observations: Observation<GemmShape>[] = [];
  for (const row of table.rows) {
    if (tableFormats[String(row.gemm_dtype)] !== format) continue;
    const shape = { m: number(row, "m"), n: number(row, "n"), k: number(row, "k") };
    if (shape.n < 512 || shape.k < 512 || shape.m > 32768) continue;
    if (accelerator.name === "l40s" && shape.n * shape.k * formatBytes(format) < L2_OF_L40S) continue;
    observations.push({ shape, time: latency(row) });
  }
  return observations;
}

/** Large shapes are few but are where training spends its time: they carry 45 % of the loss. */
function weighted(observations: readonly Observation<GemmShape>[]): Observation<GemmShape>[] {
  const large = observations.filter(({ shape }) => isLarge(shape)).length;
  const small = observations.length - large;
  if (large === 0 || small === 0) return [...observations];
  return observations.map((one) => ({ ...one, weight: isLarge(one.shape) ? 0.45 / large : 0.55 / small }));
}

const gemmParameters: readonly Parameter[] = [
  { low: 0.2, high: 1, start: 0.8, scale: "linear" }, // compute
  { low: 0.2, high: 1, start: 0.8, scale: "linear" }, // memory
  { low: 0.5e-6, high: 20e-6, start: 4e-6, scale: "log" }, // start
  { low: 0, high: 1500, start: 80, scale: "linear" }, // depth
  { low: 0, high: 1, start: 0.4, scale: "linear" }, // tail
  { low: 0.25, high: 1, start: 0.9, scale: "linear" }, // small
  { low: 0, high: 1.5, start: 0.2, scale: "linear" }, // throttle
];
const quantizeParameters: readonly Parameter[] = [
  { low: 0.1e-6, high: 20e-6, start: 5e-6, scale: "log" },
  { low: 0.1, high: 1, start: 0.4, scale: "linear" },
];

function coefficientsOf(x: readonly number[], blend: number, start: number | undefined): GemmCoefficients {
  const [compute = 0, memory = 0, ownStart = 0, depth = 0, tail = 0, small = 0, throttle = 0] = x;
  return { compute, memory, start: start ?? ownStart, depth, tail, small, throttle, blend };
}

function quantizeOf(x: readonly number[]): QuantizeCoefficients {
  return { start: x[7] ?? 0, memory: x[8] ?? 1 };
}

export function deviceOf(accelerator: Accelerator, format: CalibratedFormat): Device {
  const { multiprocessors } = accelerator;
  if (multiprocessors === undefined) throw new Error(`${accelerator.name} has no multiprocessors`);
  return { peak: formatPeak(accelerator, format), bandwidth: accelerator.memory.bandwidth, multiprocessors };
}

/** What a table row timed: the product, and for quantised formats the quantisation of its activations. */
export function gemmRowTime(
  set: Pick<GemmSet, "format" | "coefficients" | "quantize">,
  device: Device,
  shape: GemmShape,
): number {
  const bytes = formatBytes(set.format);
  const quantize =
    set.quantize === undefined ? 0 : quantizeTime(set.quantize, device.bandwidth, bytes, shape.m * shape.k);
  return gemmTime(set.coefficients, device, bytes, shape) + quantize;
}

/** Fits one set. `start` fixes the constant of the product, which quantised rows cannot tell from their own. */
export function fitGemm(options: {
  readonly accelerator: Accelerator;
  readonly library: string;
  readonly version: string;
  readonly format: CalibratedFormat;
  readonly observations: readonly Observation<GemmShape>[];
  readonly start: number | undefined;
}): GemmSet {
  const { accelerator, library, version, format, observations, start } = options;
  const device = deviceOf(accelerator, format);
  const fitted = observations.filter(({ shape }) => isFitted(shape));
  const heldOut = observations.filter(({ shape }) => !isFitted(shape));
  const quantised = format !== "bf16";
  const parameters = quantised ? [...gemmParameters, ...quantizeParameters] : gemmParameters;
  const setOf = (x: readonly number[], blend: number): Pick<GemmSet, "format" | "coefficients" | "quantize"> => ({
    format,
    coefficients: coefficientsOf(x, blend, start),
    ...(quantised ? { quantize: quantizeOf(x) } : {}),
  });
  const sample = weighted(thinned(fitted, 2500));
  const candidates = [2, 4].map((blend) => ({
    blend,
    ...fitCoefficients({
      parameters,
      observations: sample,
      predict: (x, shape) => gemmRowTime(setOf(x, blend), device, shape),
    }),
  }));
  const best = candidates.reduce((a, b) => (b.loss < a.loss ? b : a));
  const set = setOf(best.coefficients, best.blend);
  const predict = (shape: GemmShape): number => gemmRowTime(set, device, shape);
  const provenance: Provenance = {
    accelerator: accelerator.name,
    generation: accelerator.generation,
    library,
    version,
    source: "aiconfigurator",
    range: "n, k 512..65536, m 1..32768",
    rowsFitted: fitted.length,
    fitted: summarize(fitted, predict),
    heldOut: summarize(heldOut, predict),
    heldOutLarge: summarize(
      heldOut.filter(({ shape }) => isLarge(shape)),
      predict,
    ),
  };
  return { ...set, provenance };
}
