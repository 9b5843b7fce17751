/**
 * Adapters (LoRA) of a served model: beside each projection of a layer a pair A (in x r) and B (r x out) in 16 bits, for
 * every slot. Under tensor parallelism A is whole beside column-parallel projections and split by input beside
 * row-parallel ones; B is split by output beside the former and whole beside the latter. Query, key and value, and gate
 * and up, have an A each.
 *
 * Ignores: adapters of embedding, head and experts.
 * @source vllm-lora
 */

import type { Bytes } from "../base/quantity.ts";
import type { LayerKind, ModelArchitecture } from "../catalog/model.ts";
import { type AdapterTarget, adaptedProjections } from "../compute/index.ts";

/** What an engine keeps room for. */
export interface AdapterSlots {
  /** Adapters that are resident at once. */
  readonly slots: number;
  readonly rank: number;
}

/** One pair on one accelerator. */
export interface AdapterPair {
  readonly in: number;
  readonly out: number;
  /** Columns of all A beside this projection. */
  readonly inner: number;
}

const element = 2;

const targets: readonly AdapterTarget[] = ["linear_qkv", "linear_proj", "linear_fc1", "linear_fc2"];

/** The pairs of one layer. */
export function adapterPairs(
  kind: LayerKind,
  { hidden }: Pick<ModelArchitecture, "hidden">,
  tensor: number,
  rank: number,
): readonly AdapterPair[] {
  const { feedForward } = kind;
  const gated = feedForward.kind === "dense" && feedForward.gated === "gated";
  return adaptedProjections(kind, hidden, targets).map(({ target, in: from, out, split }) => ({
    in: split === "row" ? from / tensor : from,
    out: split === "column" ? out / tensor : out,
    inner: rank * (target === "linear_qkv" ? 3 : target === "linear_fc1" && gated ? 2 : 1),
  }));
}

/** Weights of one adapter in these pairs. B is stacked as it is: each output column has r rows. */
export function pairBytes(pairs: readonly AdapterPair[], rank: number): Bytes {
  return pairs.reduce((sum, pair) => sum + (pair.in * pair.inner + rank * pair.out) * element, 0);
}

/** Weights of all slots in layers [start, end) on one accelerator. */
export function adapterBytes(
  model: ModelArchitecture,
  tensor: number,
  { slots, rank }: AdapterSlots,
  { start, end }: { readonly start: number; readonly end: number },
): Bytes {
  const kinds = model.layerKinds.map((kind) => pairBytes(adapterPairs(kind, model, tensor, rank), rank));
  let sum = 0;
  for (let layer = start; layer < end; layer++) sum += kinds[model.layers[layer] ?? 0] ?? 0;
  return slots * sum;
}

/** Layers whose adapters are modelled: plain attention and one feed-forward network. */
export function takesAdapters({ layerKinds }: Pick<ModelArchitecture, "layerKinds">): boolean {
  return layerKinds.every(({ mixer, feedForward }) => mixer.kind === "attention" && feedForward.kind === "dense");
}
