/**
 * Keys that a query sees: at one position of decoding, and on average over a sequence that is processed at once.
 * @source architectures-reference
 */

import type { Attention, LatentAttention } from "../model.ts";

/** How the attention core of a processed sequence is counted: half of the square, or all of it. */
export type CoreCounting = "causal" | "square";

export type SoftmaxMixer = Attention | LatentAttention;

/** Keys that enter the softmax for a token decoded after `context` tokens. */
export function keysAtDecode(mixer: SoftmaxMixer, context: number): number {
  const local = localKeysAtDecode(mixer, context);
  const { sparse } = mixer;
  if (!sparse) return local;
  if (sparse.method === "dsa" || sparse.method === "msa") return Math.min(local, sparse.keys);
  return local + Math.min(Math.floor(context / sparse.ratio), sparse.keys);
}

function localKeysAtDecode(mixer: SoftmaxMixer, context: number): number {
  const { span } = mixer;
  if (span.kind === "full") return context;
  if (span.kind === "window") return Math.min(context, span.size);
  // Anywhere in its chunk with equal chance once there is more than one.
  return context <= span.size ? context : span.size / 2;
}

/** Mean number of keys over the positions of a sequence of `length` tokens, the own one included. */
export function keysMean(mixer: SoftmaxMixer, length: number, counting: CoreCounting): number {
  const { span, sparse } = mixer;
  const local = span.kind === "full" ? length : Math.min(length, span.size);
  if (!sparse) {
    if (counting === "square") return local;
    return span.kind === "chunk" ? chunkMean(length, span.size) : windowMean(length, local);
  }
  if (sparse.method === "dsa" || sparse.method === "msa") {
    const kept = Math.min(local, sparse.keys);
    return counting === "square" ? kept : windowMean(length, kept);
  }
  const compressed =
    counting === "square" ? Math.min(length / sparse.ratio, sparse.keys) : compressedMean(length, sparse);
  return (counting === "square" ? local : windowMean(length, local)) + compressed;
}

/** Mean of min(i, w) for i = 1 … s: w - w (w - 1) / 2 s; (s + 1) / 2 where w = s. */
function windowMean(length: number, window: number): number {
  return window - (window * (window - 1)) / (2 * length);
}

/** Mean position within its chunk, the last chunk perhaps cut short. */
function chunkMean(length: number, chunk: number): number {
  const whole = Math.floor(length / chunk);
  const rest = length - whole * chunk;
  return (whole * chunk * (chunk + 1) + rest * (rest + 1)) / (2 * length);
}

/** Mean of min(i / r, K): s / 2 r, or K - r K² / 2 s once s > r K. */
function compressedMean(length: number, sparse: { readonly ratio: number; readonly keys: number }): number {
  const { ratio, keys } = sparse;
  return length <= ratio * keys ? length / (2 * ratio) : keys - (ratio * keys * keys) / (2 * length);
}

/** Keys that an indexer scores for a query: all of them, or all compressed ones. */
export function keysIndexed(keys: number, sparse: { readonly ratio: number }): number {
  return keys / sparse.ratio;
}
