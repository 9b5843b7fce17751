/**
 * What a sequence keeps while it is served: keys and values, index keys, compressed keys, recurrent states.
 * Ignores: paging, and copies of replicated parts under tensor parallelism.
 * @source architectures-reference @source flashmla
 */

import type { Bytes } from "../../base/quantity.ts";
import type { LayerKind, ModelArchitecture } from "../model.ts";
import type { SoftmaxMixer } from "./span.ts";

/** Bytes kept for one sequence. */
export interface CacheBytes {
  /** Keys and values; windows and chunks hold no more than their size. */
  readonly attention: Bytes;
  /** The same in an engine without a hybrid cache: windows and chunks keep everything. */
  readonly attentionUnwindowed: Bytes;
  /** Keys of sparse indexers. */
  readonly index: Bytes;
  /** Recurrent states and the tails of their convolutions; independent of the context. */
  readonly state: Bytes;
  /** attention + index + state. */
  readonly total: Bytes;
  /** Tokens waiting to be compressed, at most; not in the total. */
  readonly openWindowsMax: Bytes;
}

/** Convolution tails are kept in 16 bits whatever the cache. */
const convolutionElementBytes = 2;

/** Cache of one sequence of `context` tokens with `bytesPerElement` in the attention cache. */
export function cacheBytes(model: ModelArchitecture, context: number, bytesPerElement: number): CacheBytes {
  const kinds = model.layerKinds.map((kind) => layerCache(kind, context));
  let [attention, attentionUnwindowed, index, state, openWindowsMax] = [0, 0, 0, 0, 0];
  for (const layer of model.layers) {
    const kind = kinds[layer];
    if (!kind) continue;
    attention += kind.attention * bytesPerElement;
    attentionUnwindowed += kind.unwindowed * bytesPerElement;
    index += kind.index * bytesPerElement;
    state += kind.stateBytes;
    openWindowsMax += kind.open * bytesPerElement;
  }
  return { attention, attentionUnwindowed, index, state, total: attention + index + state, openWindowsMax };
}

/** Bytes that one more token adds beyond all windows, index keys included; compressed keys count by their share. */
export function cacheBytesPerToken(model: ModelArchitecture, bytesPerElement: number): Bytes {
  // A multiple of every compression ratio and above every window, so that the difference is exact.
  const base = 2 ** 24;
  const step = 2 ** 14;
  const grown = cacheBytes(model, base + step, bytesPerElement).total - cacheBytes(model, base, bytesPerElement).total;
  return grown / step;
}

interface LayerCache {
  /** Elements, but for stateBytes. */
  readonly attention: number;
  readonly unwindowed: number;
  readonly index: number;
  readonly open: number;
  readonly stateBytes: number;
}

const nothing: LayerCache = { attention: 0, unwindowed: 0, index: 0, open: 0, stateBytes: 0 };

function layerCache(kind: LayerKind, context: number): LayerCache {
  const { mixer } = kind;
  if (mixer.kind === "none") return nothing;
  if (mixer.kind === "attention" || mixer.kind === "latent-attention") return attentionCache(mixer, context);
  const stateBytes =
    mixer.stateElements * (mixer.stateElementBytes ?? 4) + mixer.convolutionElements * convolutionElementBytes;
  return { ...nothing, stateBytes };
}

function attentionCache(mixer: SoftmaxMixer, context: number): LayerCache {
  const perKey = keyElements(mixer);
  const { span, sparse } = mixer;
  const held = span.kind === "full" ? context : Math.min(context, span.size);
  const indexDim = sparse?.indexer?.dim ?? 0;
  if (!sparse || sparse.ratio === 1) {
    return { ...nothing, attention: perKey * held, unwindowed: perKey * context, index: indexDim * context };
  }
  const compressed = Math.floor(context / sparse.ratio);
  const attention = perKey * (held + compressed);
  // Overlapping groups of a compressor by 4 keep two groups of keys and gates, twice.
  const open = sparse.method === "csa" ? 8 * 4 * (perKey + indexDim) : sparse.ratio * 2 * perKey;
  return { ...nothing, attention, unwindowed: attention, index: indexDim * compressed, open };
}

function keyElements(mixer: SoftmaxMixer): number {
  if (mixer.kind === "latent-attention") return mixer.keyValueRank + mixer.ropeDim;
  return mixer.cacheElements ?? mixer.keyValueHeads * (mixer.headDim + mixer.valueHeadDim);
}
