/**
 * Attention of one layer: decodes against their caches, and chunks of prompts over what is cached before them.
 *
 * Decode is linear in the sequences, in the sum of their contexts and in the longest of them, so three coefficients
 * answer any batch. Ignores: page size, how windows cut contexts that differ inside a batch (the mean stands for all).
 */

import type { Seconds } from "../../base/quantity.ts";
import type { LayerKind, Mixer, SparseSelection } from "../../catalog/model.ts";
import type { AttentionShape, Kernels } from "../../compute/index.ts";
import type { Batch } from "./batch.ts";
import type { StepOptions } from "./options.ts";
import { castOf } from "./product-time.ts";

/** Attention of one kind of mixer as a function of what a batch holds. */
export interface AttentionWork {
  /** Constants of a call, and what each sequence, each key read and each key of the longest context add. */
  readonly start: Seconds;
  readonly perSequence: Seconds;
  readonly perKey: Seconds;
  readonly chain: Seconds;
  /** Keys of one sequence at most; Infinity without a window. */
  readonly window: number;
  /** Keys that stay of n in the context, where a selection or compression reads fewer. */
  readonly sparse: SparseSelection | undefined;
  /** What the indexer reads for each key of the context. */
  readonly indexPerKey: Seconds;
  /** Time of one chunk alone, and of one more like it in the same call. */
  readonly prefill: (chunk: number, cached: number) => PrefillTime;
  /** Launched where an iteration has decodes, and where it has prompts. */
  readonly kernels: { readonly decodes: number; readonly prompts: number };
}

interface PrefillTime {
  readonly alone: Seconds;
  readonly more: Seconds;
}

/** Work of a layer's mixer, undefined without one. */
export function attentionWork(options: StepOptions, kernels: Kernels, kind: LayerKind): AttentionWork | undefined {
  const { mixer } = kind;
  switch (mixer.kind) {
    case "none":
      return undefined;
    case "attention":
      return groupedAttention(options, kernels, mixer);
    case "latent-attention":
      return latentAttention(options, kernels, mixer);
    default:
      return recurrent(options, kernels, mixer);
  }
}

/** Seconds of the decodes of a batch in one layer. */
export function decodeSeconds(work: AttentionWork, batch: Batch): Seconds {
  const rows = batch.decodes;
  if (rows === 0) return 0;
  const mean = batch.decodeContext / rows;
  const keys = keysRead(work, mean);
  const longest = keysRead(work, batch.decodeContextMax);
  const queries = batch.decodeTokens / rows;
  return (
    work.start +
    rows * (queries * work.perSequence + keys * work.perKey + mean * work.indexPerKey) +
    work.chain * longest
  );
}

/** Seconds of the chunks of a batch in one layer: one call, in which the largest chunk alone pays the constants. */
export function prefillSeconds(work: AttentionWork, batch: Batch): Seconds {
  let sum = 0;
  let constant = 0;
  for (let index = 0; index < batch.prefills; index++) {
    const chunk = batch.prefillChunk[index] as number;
    const { alone, more } = work.prefill(chunk, batch.prefillCached[index] as number);
    sum += more;
    if (alone - more > constant) constant = alone - more;
  }
  return sum + constant;
}

function keysRead({ window, sparse }: AttentionWork, context: number): number {
  if (sparse === undefined) return Math.min(context, window);
  const selected = Math.min(context / sparse.ratio, sparse.keys);
  return sparse.ratio === 1 ? selected : selected + Math.min(context, window);
}

/** Coefficients of a decode kernel, from its times at four places: it is linear between all of them. */
function linearDecode(
  time: (sequences: number, context: number) => Seconds,
): Pick<AttentionWork, "start" | "perSequence" | "perKey" | "chain"> {
  const context = 2 ** 16;
  const one = (time(1, context) - time(1, 0)) / context;
  const two = (time(2, context) - time(2, 0)) / context;
  const perSequence = time(2, 0) - time(1, 0);
  return { start: time(1, 0) - perSequence, perSequence, perKey: two - one, chain: 2 * one - two };
}

function groupedAttention(
  { layout, cacheBytes }: StepOptions,
  kernels: Kernels,
  mixer: Extract<Mixer, { kind: "attention" }>,
): AttentionWork {
  const heads = mixer.heads / layout.tensor;
  const keyValueHeads = Math.max(1, mixer.keyValueHeads / layout.tensor);
  const headDim = (mixer.headDim + mixer.valueHeadDim) / 2;
  const window = mixer.span.kind === "full" ? Number.POSITIVE_INFINITY : mixer.span.size;
  const decode = linearDecode((sequences, context) =>
    kernels.decodeAttention({ sequences, context, heads, keyValueHeads, headDim, cacheBytes }),
  );
  const shape = { heads, keyValueHeads, headDim: mixer.headDim, valueHeadDim: mixer.valueHeadDim, window };
  return {
    ...decode,
    window,
    sparse: mixer.sparse,
    indexPerKey: indexTime(kernels, mixer.sparse),
    prefill: prefillOf(kernels, shape),
    kernels: { decodes: 1, prompts: 1 },
  };
}

/**
 * Decodes multiply queries by the first half of the expanding weight, join and cast them, and multiply the core's result
 * by its second half; prompts expand (behind a cast, where it is a kernel of its own), copy two parts into keys, and copy
 * the core's result. An iteration with both launches both.
 * @source latent-attention-paths
 */
function latentKernels({ engine, precision }: StepOptions): AttentionWork["kernels"] {
  return { decodes: 4, prompts: castOf({ engine }, precision.attention) === "separate" ? 6 : 5 };
}

/** Absorbed at decode; prompts run in expanded form, and expand what is cached before a chunk once more. */
function latentAttention(
  options: StepOptions,
  kernels: Kernels,
  mixer: Extract<Mixer, { kind: "latent-attention" }>,
): AttentionWork {
  const { layout, cacheBytes, precision } = options;
  const heads = mixer.heads / layout.tensor;
  const { keyValueRank, ropeDim, nopeDim, valueHeadDim } = mixer;
  const decode = linearDecode((sequences, context) =>
    kernels.latentDecodeAttention({ sequences, context, heads, keyValueRank, ropeDim, cacheBytes }),
  );
  const window = mixer.span.kind === "full" ? Number.POSITIVE_INFINITY : mixer.span.size;
  const expanded = prefillOf(kernels, {
    heads,
    keyValueHeads: heads,
    headDim: nopeDim + ropeDim,
    valueHeadDim,
    window,
  });
  const expand = (cached: number): Seconds =>
    cached === 0
      ? 0
      : kernels.gemm("bf16", cached, heads * (nopeDim + valueHeadDim), keyValueRank, precision.attention.weightBytes);
  const joined = (keys: number): Seconds => kernels.memoryPass(keys * heads * 2 * (nopeDim + ropeDim) * 2);
  return {
    ...decode,
    window,
    sparse: mixer.sparse,
    indexPerKey: indexTime(kernels, mixer.sparse),
    prefill: (chunk, cached) => {
      const { alone, more } = expanded(chunk, cached);
      const again = expand(cached);
      const copied = joined(cached + chunk);
      return { alone: alone + again + copied, more: more + again + copied - joined(0) };
    },
    kernels: latentKernels(options),
  };
}

/**
 * One token: update of the short convolution (1.7 to 1.9 us) and of the state (4.3 us) at one sequence, on H100 and B200
 * alike.
 * @source aiconfigurator
 */
const recurrentStart: Seconds = 6e-6;

/**
 * Decodes convolve and update, Mamba-2 splits what its projection gives before; prompts convolve, then scan chunk by chunk: the delta rule
 * norms queries and keys, adds up decays, and takes five more kernels (products of keys, triangular inverse, weights,
 * states, outputs), and writes the state; Mamba-2 takes five.
 * @source flash-linear-attention
 */
const recurrentKernels = {
  delta: { decodes: 2, prompts: 12 },
  mamba2: { decodes: 3, prompts: 8 },
} as const;

/** A state that every token reads and writes, and a scan over the tokens of a chunk. */
function recurrent(
  { layout }: StepOptions,
  kernels: Kernels,
  mixer: Exclude<Mixer, { kind: "none" | "attention" | "latent-attention" }>,
): AttentionWork {
  const ways = Math.min(layout.tensor, mixer.heads);
  const state = (mixer.stateElements * (mixer.stateElementBytes ?? 4) + mixer.convolutionElements * 2) / ways;
  return {
    start: recurrentStart,
    perSequence: kernels.memoryPass(2 * state) - kernels.memoryPass(0),
    perKey: 0,
    chain: 0,
    window: Number.POSITIVE_INFINITY,
    sparse: undefined,
    indexPerKey: 0,
    prefill: (chunk) => {
      const more = kernels.scan((mixer.coreFlop * chunk) / ways) + kernels.memoryPass(2 * state);
      return { alone: more + recurrentStart, more };
    },
    kernels: recurrentKernels[mixer.kind === "mamba2" ? "mamba2" : "delta"],
  };
}

/** An indexer reads one key of its own for every key of the context, in 8 bit with a scale. */
function indexTime(kernels: Kernels, sparse: SparseSelection | undefined): Seconds {
  if (sparse?.indexer === undefined) return 0;
  const bytes = (sparse.indexer.dim + 4) / sparse.ratio;
  return kernels.memoryPass(bytes) - kernels.memoryPass(0);
}

/**
 * A chunk alone and in company. The kernel is linear in sequences of one shape, and what one call adds to the work of its
 * sequences is linear in the longest row of keys: two places tell that part.
 */
function prefillOf(
  kernels: Kernels,
  shape: Pick<AttentionShape, "heads" | "keyValueHeads" | "headDim" | "valueHeadDim"> & { readonly window: number },
): (chunk: number, cached: number) => PrefillTime {
  const { window, heads, keyValueHeads, headDim, valueHeadDim } = shape;
  // Written out: spreading objects here would take most of the time of a call.
  const time = (sequences: number, queries: number, keys: number): Seconds =>
    kernels.attention(
      window < keys
        ? { sequences, queries, keys, heads, keyValueHeads, headDim, valueHeadDim, causal: "causal", window }
        : { sequences, queries, keys, heads, keyValueHeads, headDim, valueHeadDim, causal: "causal" },
    );
  const constantAt = (keys: number): Seconds => 2 * time(1, tile, keys) - time(2, tile, keys);
  const far = Math.min(window, 2 ** 14);
  const near = Math.min(tile, far / 2);
  const slope = (constantAt(far) - constantAt(near)) / (far - near);
  const start = constantAt(near) - slope * near;
  return (queries, cached) => {
    const alone = time(1, queries, cached + queries);
    return { alone, more: alone - start - slope * Math.min(cached + queries, window) };
  };
}

/** Rows of one tile of the kernel. */
const tile = 128;
