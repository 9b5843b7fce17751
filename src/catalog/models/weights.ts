/**
 * Bytes of the weights as published: each part in its format with its scales; vectors, norms, routers, embedding
 * and head stay 16-bit.
 * @source architectures-reference
 */

import type { Bytes } from "../../base/quantity.ts";
import type { LayerKind, ModelArchitecture, StorageFormat, WeightStorage } from "../model.ts";
import { weights } from "./import/blocks.ts";
import { countParameters, layerParameters } from "./parameters.ts";

/** Bytes a weight with its share of the scales: 4 per 128 x 128 block, 1 per 32, 1 per 16, 2 per 32. */
const formatBytes: Readonly<Record<StorageFormat, number>> = Object.freeze({
  fp32: 4,
  bf16: 2,
  fp8: 1,
  int8: 1,
  "fp8-block": 1 + 4 / 128 ** 2,
  mxfp4: 1 / 2 + 1 / 32,
  nvfp4: 1 / 2 + 1 / 16,
  int4: 1 / 2 + 2 / 32,
});

/** Bytes of one weight in a storage format, scales included. */
export function bytesPerWeight(format: StorageFormat): number {
  return formatBytes[format];
}

/** Bytes of the text model's weights as stored, without draft modules and vision tower. */
export function weightBytes(model: ModelArchitecture): Bytes {
  const plain = model.weightFormat === "fp32" ? formatBytes.fp32 : formatBytes.bf16;
  const all = countParameters(model).total * plain;
  const { weights: storage } = model;
  if (!storage) return all;
  return model.layers.reduce((sum, index, layer) => {
    const kind = model.layerKinds[index];
    return kind ? sum - savedBytes(kind, storage, layer) : sum;
  }, all);
}

/** What quantisation takes off the 16-bit size of one layer. */
function savedBytes(kind: LayerKind, storage: WeightStorage, layer: number): number {
  const saved = (part: "attention" | "dense" | "shared" | "routed", count: number): number =>
    storage.unquantized[part].includes(layer) ? 0 : count * (formatBytes.bf16 - formatBytes[storage[part]]);
  const { mixer, feedForward } = kind;
  const attention = mixer.kind === "none" ? 0 : saved("attention", weights(mixer.projections));
  if (feedForward.kind === "none") return attention;
  if (feedForward.kind === "dense") return attention + saved("dense", layerParameters(kind).split - mixerSplit(kind));
  const matrices = feedForward.gated === "gated" ? 3 : 2;
  const routed = feedForward.experts * matrices * feedForward.inner * feedForward.width;
  return attention + saved("shared", feedForward.parameters.shared) + saved("routed", routed);
}

function mixerSplit(kind: LayerKind): number {
  return kind.mixer.kind === "none" ? 0 : kind.mixer.parameters - kind.mixer.replicatedParameters;
}
