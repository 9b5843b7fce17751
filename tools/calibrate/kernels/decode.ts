/** Decode attention (grouped-query and latent): rows that count, splits and fits. */
import type { Accelerator } from "../../../src/catalog/accelerator.ts";
import type {
  DecodeCoefficients,
  DecodeSet,
  LatentDecodeCoefficients,
  LatentDecodeSet,
  Provenance,
} from "../../../src/catalog/calibration/kernels.ts";
import { decodeTime, latentDecodeTime } from "../../../src/compute/attention.ts";
import { isFittedBatch } from "./attention.ts";
import type { Observation, Parameter } from "./fit.ts";
import { fitCoefficients, summarize, thinned } from "./fit.ts";
import { deviceOf } from "./gemm.ts";
import type { Table } from "./rows.ts";
import { latency, number } from "./rows.ts";

export type DecodeShape = Parameters<typeof decodeTime>[2];
export type LatentShape = Parameters<typeof latentDecodeTime>[2];

const L2_OF_L40S = 96e6;

/** Context >= 128, batch <= 512, no window; on L40S only caches larger than its L2. */
export function decodeObservations(
  table: Table,
  headDim: number,
  cacheBytes: number,
  accelerator: Accelerator,
): Observation<DecodeShape>[] {
  const cacheType = cacheBytes === 2 ? "bfloat16" : "fp8";
  const observations: Observation<DecodeShape>[] = [];
  for (const row of table.rows) {
    if (row.kv_cache_dtype !== cacheType || number(row, "head_dim") !== headDim) continue;
    if (Number(row.window_size ?? 0) !== 0) continue;
    const shape: DecodeShape = {
      sequences: number(row, "batch_size"),
      context: number(row, "step"),
      heads: number(row, "num_heads"),
      keyValueHeads: number(row, "num_key_value_heads"),
      headDim,
      cacheBytes,
    };
    if (shape.context < 128 || shape.sequences > 512) continue;
    const bytes = shape.sequences * shape.context * 2 * shape.keyValueHeads * headDim * cacheBytes;
    if (accelerator.name === "l40s" && bytes < L2_OF_L40S) continue;
    observations.push({ shape, time: latency(row) });
  }
  return observations;
}

const decodeParameters: readonly Parameter[] = [
  { low: 1e-6, high: 40e-6, start: 12e-6, scale: "log" }, // start
  { low: 0.3, high: 1, start: 0.85, scale: "linear" }, // memory
  { low: 0, high: 2e-9, start: 0.1e-9, scale: "linear" }, // chain
];

export function fitDecode(options: {
  readonly accelerator: Accelerator;
  readonly library: string;
  readonly version: string;
  readonly headDim: number;
  readonly cacheBytes: number;
  readonly observations: readonly Observation<DecodeShape>[];
}): DecodeSet {
  const { accelerator, headDim, cacheBytes, observations } = options;
  const device = deviceOf(accelerator, "bf16");
  const of = ([start = 0, memory = 1, chain = 0]: readonly number[]): DecodeCoefficients => ({ start, memory, chain });
  const fitted = observations.filter(({ shape }) => isFittedBatch(shape.sequences));
  const heldOut = observations.filter(({ shape }) => !isFittedBatch(shape.sequences));
  const { coefficients } = fitCoefficients({
    parameters: decodeParameters,
    observations: thinned(fitted, 2500),
    predict: (x, shape) => decodeTime(of(x), device, shape),
  });
  const c = of(coefficients);
  const predict = (shape: DecodeShape): number => decodeTime(c, device, shape);
  const provenance: Provenance = {
    accelerator: accelerator.name,
    generation: accelerator.generation,
    library: options.library,
    version: options.version,
    source: "aiconfigurator",
    range: "context 128..131072, batch 1..512, no window, split by batch",
    rowsFitted: fitted.length,
    fitted: summarize(fitted, predict),
    heldOut: summarize(heldOut, predict),
  };
  return { headDim, cacheBytes, coefficients: c, provenance };
}

export const latentColumns: readonly string[] = ["kv_cache_dtype", "num_heads", "batch_size", "step", "latency"];

export function latentObservations(table: Table, cacheBytes: number): Observation<LatentShape>[] {
  const cacheType = cacheBytes === 2 ? "bfloat16" : "fp8";
  return table.rows
    .filter((row) => row.kv_cache_dtype === cacheType)
    .map((row) => ({
      shape: {
        sequences: number(row, "batch_size"),
        context: number(row, "step"),
        heads: number(row, "num_heads"),
        keyValueRank: 512,
        ropeDim: 64,
        cacheBytes,
      },
      time: latency(row),
    }));
}

const latentParameters: readonly Parameter[] = [
  { low: 1e-6, high: 40e-6, start: 12e-6, scale: "log" }, // start
  { low: 0.02, high: 1, start: 0.5, scale: "log" }, // memory
  { low: 0, high: 2e-9, start: 0.1e-9, scale: "linear" }, // chain
  { low: 0, high: 0.5e-6, start: 0.05e-6, scale: "linear" }, // sequence
];

/** One set for each number of heads: engines run other kernels for few of them. */
export function fitLatent(options: {
  readonly accelerator: Accelerator;
  readonly version: string;
  readonly cacheBytes: number;
  readonly observations: readonly Observation<LatentShape>[];
}): LatentDecodeSet[] {
  const counts = [...new Set(options.observations.map(({ shape }) => shape.heads))].sort((a, b) => a - b);
  return counts.map((heads) => {
    const observations = options.observations.filter(({ shape }) => shape.heads === heads);
    return fitHeads({ ...options, heads, observations });
  });
}

function fitHeads(options: {
  readonly accelerator: Accelerator;
  readonly version: string;
  readonly cacheBytes: number;
  readonly heads: number;
  readonly observations: readonly Observation<LatentShape>[];
}): LatentDecodeSet {
  const { accelerator, version, cacheBytes, heads, observations } = options;
  const device = deviceOf(accelerator, "bf16");
  const of = (x: readonly number[]): LatentDecodeCoefficients => {
    const [start = 0, memory = 1, chain = 0, sequence = 0] = x;
    return { start, memory, chain, sequence };
  };
  const fitted = observations.filter(({ shape }) => isFittedBatch(shape.sequences));
  const heldOut = observations.filter(({ shape }) => !isFittedBatch(shape.sequences));
  const { coefficients } = fitCoefficients({
    parameters: latentParameters,
    observations: fitted,
    predict: (x, shape) => latentDecodeTime(of(x), device, shape),
  });
  const c = of(coefficients);
  const predict = (shape: LatentShape): number => latentDecodeTime(c, device, shape);
  const provenance: Provenance = {
    accelerator: accelerator.name,
    generation: accelerator.generation,
    library: "trtllm",
    version,
    source: "aiconfigurator",
    range: "context 1..131072, batch 1..1024, split by batch",
    rowsFitted: fitted.length,
    fitted: summarize(fitted, predict),
    heldOut: summarize(heldOut, predict),
  };
  return { heads, cacheBytes, coefficients: c, provenance };
}
