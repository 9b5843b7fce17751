/** Fused attention of prefill (tables) and of training (published forward and backward times), and their fits. */
import type { Accelerator } from "../../../src/catalog/accelerator.ts";
import type { AttentionCoefficients, AttentionSet, Provenance } from "../../../src/catalog/calibration/kernels.ts";
import { attentionFlop, attentionTime, backwardProducts } from "../../../src/compute/attention.ts";
import type { AttentionShape } from "../../../src/compute/kernel.ts";
import type { Observation, Parameter } from "./fit.ts";
import { fitCoefficients, summarize, thinned } from "./fit.ts";
import { deviceOf } from "./gemm.ts";
import type { PublishedAttention } from "./published.ts";
import type { Table } from "./rows.ts";
import { latency, number } from "./rows.ts";

export const attentionColumns: readonly string[] = [
  "attn_dtype",
  "kv_cache_dtype",
  "head_dim",
  "window_size",
  "batch_size",
  "isl",
  "step",
  "num_heads",
  "num_key_value_heads",
  "latency",
];

/** bf16 rows of one head dimension with this window (0: none); lengths from 64. */
export function attentionObservations(table: Table, headDim: number, window: number): Observation<AttentionShape>[] {
  const observations: Observation<AttentionShape>[] = [];
  for (const row of table.rows) {
    if (row.attn_dtype !== "bfloat16" || row.kv_cache_dtype !== "bfloat16") continue;
    if (number(row, "head_dim") !== headDim || Number(row.window_size ?? 0) !== window) continue;
    const queries = number(row, "isl");
    if (queries < 64 || number(row, "step") !== 0) continue;
    const shape: AttentionShape = {
      sequences: number(row, "batch_size"),
      queries,
      keys: queries,
      heads: number(row, "num_heads"),
      keyValueHeads: number(row, "num_key_value_heads"),
      headDim,
      valueHeadDim: headDim,
      causal: "causal",
      ...(window > 0 ? { window } : {}),
    };
    observations.push({ shape, time: latency(row) });
  }
  return observations;
}

/** Split by batch: powers of four are fitted, the batches between them are not. */
export function isFittedBatch(batch: number): boolean {
  return batch === 1 || batch === 4 || batch === 16 || batch === 64 || batch === 256 || batch === 1024;
}

const parameters: readonly Parameter[] = [
  { low: 0.05, high: 1, start: 0.6, scale: "linear" }, // compute
  { low: 0.1, high: 1, start: 0.5, scale: "linear" }, // memory
  { low: 1e-6, high: 40e-6, start: 10e-6, scale: "log" }, // start
  { low: 0, high: 1200, start: 100, scale: "linear" }, // overhead
  { low: 0, high: 2, start: 0.5, scale: "linear" }, // tail
];

function coefficientsOf(x: readonly number[]): AttentionCoefficients {
  const [compute = 0, memory = 0, start = 0, overhead = 0, tail = 0] = x;
  return { compute, memory, start, overhead, tail };
}

export function fitAttention(options: {
  readonly accelerator: Accelerator;
  readonly library: string;
  readonly version: string;
  readonly headDim: number;
  readonly observations: readonly Observation<AttentionShape>[];
}): AttentionSet {
  const { accelerator, library, version, headDim, observations } = options;
  const device = deviceOf(accelerator, "bf16");
  const fitted = observations.filter(({ shape }) => isFittedBatch(shape.sequences));
  const heldOut = observations.filter(({ shape }) => !isFittedBatch(shape.sequences));
  const predictWith = (c: AttentionCoefficients, shape: AttentionShape): number => attentionTime(c, device, shape, 1);
  const { coefficients } = fitCoefficients({
    parameters,
    observations: thinned(fitted, 2500),
    predict: (x, shape) => predictWith(coefficientsOf(x), shape),
  });
  const forward = coefficientsOf(coefficients);
  const predict = (shape: AttentionShape): number => predictWith(forward, shape);
  const provenance: Provenance = {
    accelerator: accelerator.name,
    generation: accelerator.generation,
    library,
    version,
    source: "aiconfigurator",
    range: `head_dim ${headDim}, causal, no window, lengths 64..32768, batch 1..256, split by batch`,
    rowsFitted: fitted.length,
    fitted: summarize(fitted, predict),
    heldOut: summarize(heldOut, predict),
    heldOutLarge: summarize(
      heldOut.filter(({ shape }) => attentionFlop(shape) > 1e11),
      predict,
    ),
  };
  return { headDim, forward, provenance };
}

/** Training kernels: too few rows for five parameters, so memory, start and tail stay at their usual values. */
const publishedBase = { memory: 0.6, start: 8e-6, tail: 0.5 };
const publishedParameters: readonly Parameter[] = [
  { low: 0.05, high: 1, start: 0.6, scale: "linear" },
  { low: 0, high: 1200, start: 100, scale: "linear" },
];

type Pass = "forward" | "backward";

/** Rows of one pass as observations. */
function passRows(rows: readonly PublishedAttention[], pass: Pass): Observation<AttentionShape>[] {
  return rows.flatMap(({ shape, ...times }) => {
    const time = times[pass];
    return time === undefined ? [] : [{ shape, time }];
  });
}

function fitPass(accelerator: Accelerator, pass: Pass, observations: readonly Observation<AttentionShape>[]) {
  const device = deviceOf(accelerator, "bf16");
  const products = pass === "forward" ? 1 : backwardProducts;
  const { coefficients } = fitCoefficients({
    parameters: publishedParameters,
    observations,
    predict: ([compute = 0, overhead = 0], shape) =>
      attentionTime({ ...publishedBase, compute, overhead }, device, shape, products),
  });
  const [compute = 0, overhead = 0] = coefficients;
  const c: AttentionCoefficients = { ...publishedBase, compute, overhead };
  return { c, predict: (shape: AttentionShape): number => attentionTime(c, device, shape, products) };
}

/** Coefficients of all rows, and the error on lengths 4,096 and 16,384 of a fit without them. */
function judgedPass(accelerator: Accelerator, pass: Pass, rows: readonly PublishedAttention[]) {
  const all = passRows(rows, pass);
  const isOther = ({ shape }: Observation<AttentionShape>): boolean =>
    shape.queries === 4096 || shape.queries === 16384;
  const others = all.filter(isOther);
  const without = all.filter((one) => !isOther(one));
  const whole = fitPass(accelerator, pass, all);
  return {
    coefficients: whole.c,
    rows: all.length,
    fitted: summarize(all, whole.predict),
    heldOut: summarize(others, fitPass(accelerator, pass, without).predict),
  };
}

/**
 * Fits forward and backward of one (accelerator, library, head dimension) on published times. Held out: every
 * other sequence length, judged with coefficients fitted on the rest; the coefficients that ship use all rows.
 */
export function fitPublished(
  accelerator: Accelerator,
  rows: readonly PublishedAttention[],
  labels: { readonly library: string; readonly version: string; readonly headDim: number; readonly source: string },
): AttentionSet {
  const forward = judgedPass(accelerator, "forward", rows);
  const backward = judgedPass(accelerator, "backward", rows);
  const provenance: Provenance = {
    accelerator: accelerator.name,
    generation: accelerator.generation,
    library: labels.library,
    version: labels.version,
    source: labels.source,
    range: "lengths 2048..32768; held out: lengths 4096 and 16384, by a fit without them",
    rowsFitted: forward.rows + backward.rows,
    fitted: forward.fitted,
    heldOut: forward.heldOut,
  };
  return {
    headDim: labels.headDim,
    forward: forward.coefficients,
    backward: backward.coefficients,
    provenance,
    backwardErrors: backward.heldOut,
  };
}
