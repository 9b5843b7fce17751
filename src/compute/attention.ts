/**
 * Fused (flash) attention over whole sequences, forward and backward, and attention of one query per sequence
 * against a cache (decode), grouped-query and latent.
 *
 * Ignores: spread of lengths inside a batch (call once per length), dropout, score bias, page size.
 */
import type { Bytes, Flop, Seconds } from "../base/quantity.ts";
import type {
  AttentionCoefficients,
  DecodeCoefficients,
  LatentDecodeCoefficients,
} from "../catalog/calibration/kernels.ts";
import type { Device } from "./gemm.ts";
import type { AttentionShape, LatentDecodeShape } from "./kernel.ts";

const tileRows = 128;
const bytesPerElement = 2;

/** Backward over forward FLOP of the core: five products (scores again, dP, dV, dQ, dK) against two. */
export const backwardProducts = 2.5;

/**
 * Query-key pairs that one head of one sequence attends to. Cached keys come before the queries; the last query sees
 * every key, or its window.
 */
export function attendedPairs(shape: Pick<AttentionShape, "queries" | "keys" | "causal" | "window">): number {
  const { queries, keys, causal, window } = shape;
  if (causal === "full") return queries * Math.min(keys, window ?? keys);
  const cached = Math.max(0, keys - queries);
  if (window === undefined || window >= keys) return queries * (cached + (queries + 1) / 2);
  const rising = Math.min(queries, Math.max(0, window - cached));
  return rising * (cached + (rising + 1) / 2) + (queries - rising) * window;
}

/** FLOP of the core (scores and values) as executed by a kernel that skips masked tiles. */
export function attentionFlop(shape: AttentionShape): Flop {
  return 2 * shape.sequences * shape.heads * attendedPairs(shape) * (shape.headDim + shape.valueHeadDim);
}

/**
 * Fused attention over whole sequences.
 *
 *     t = t0 + products 2 (d + d_v) [ b a (pairs + rows o) / S + tail 128 (keys + o) ] S / (P e) + bytes / (B e_b)
 *
 * The bracket is greedy scheduling of 128-row tiles over S multiprocessors: total work, plus a share of the longest
 * tile; every row costs o keys beyond its own (half-masked tiles, softmax start and end).
 * @param products 1 forward, 2.5 backward.
 * @source aiconfigurator
 * @source cudnn-frontend-attention
 */
export function attentionTime(
  c: AttentionCoefficients,
  device: Device,
  shape: AttentionShape,
  products: number,
): Seconds {
  const { sequences, queries, keys, heads, window } = shape;
  const width = shape.headDim + shape.valueHeadDim;
  const rows = Math.ceil(queries / tileRows) * tileRows;
  const longest = Math.min(keys, window ?? keys);
  const total = sequences * heads * (attendedPairs(shape) + rows * c.overhead);
  const waited = total + device.multiprocessors * c.tail * tileRows * (longest + c.overhead);
  const compute = (2 * products * width * waited) / (device.peak * c.compute);
  return c.start + compute + (products * attentionBytes(shape)) / (device.bandwidth * c.memory);
}

/** Queries, keys, values and result, read or written once. */
function attentionBytes(shape: AttentionShape): Bytes {
  const width = shape.headDim + shape.valueHeadDim;
  const rows = shape.queries * shape.heads + shape.keys * shape.keyValueHeads;
  return bytesPerElement * shape.sequences * rows * width;
}

/**
 * One query token per sequence: the cache is read once, t = t0 + bytes / (B e) + chain context.
 * @source aiconfigurator
 */
export function decodeTime(
  c: DecodeCoefficients,
  device: Device,
  shape: {
    readonly sequences: number;
    readonly context: number;
    readonly heads: number;
    readonly keyValueHeads: number;
    readonly headDim: number;
    readonly cacheBytes: number;
  },
): Seconds {
  const { sequences, context, heads, keyValueHeads, headDim, cacheBytes } = shape;
  const cache = sequences * context * 2 * keyValueHeads * headDim * cacheBytes;
  const activations = sequences * heads * headDim * 2 * bytesPerElement;
  return c.start + (cache + activations) / (device.bandwidth * c.memory) + c.chain * context;
}

/**
 * Absorbed latent attention: the latent row (rank + rope) is read once for all heads,
 *
 *     t = t0 + bytes / (B e) + chain context + sequences t_s
 *
 * with coefficients of so many heads, and never faster than 2 rank + rope multiply-adds per head and cached token, in 8 bit
 * at twice the rate where the cache is.
 * @source aiconfigurator
 */
export function latentDecodeTime(c: LatentDecodeCoefficients, device: Device, shape: LatentDecodeShape): Seconds {
  const { sequences, context, heads, keyValueRank, ropeDim, cacheBytes } = shape;
  const tokens = sequences * context;
  const compute = (cacheBytes * tokens * heads * (2 * keyValueRank + ropeDim)) / device.peak;
  const memory = (tokens * (keyValueRank + ropeDim) * cacheBytes) / (device.bandwidth * c.memory);
  return c.start + Math.max(compute, memory) + c.chain * context + c.sequence * sequences;
}
