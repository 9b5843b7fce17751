/**
 * The least time of a token: reading the weights that an iteration touches once. Rows below it ran drafted tokens
 * without saying so.
 *
 *     floor = (dense + routed (1 - (1 - topK / experts)^sequences)) / (ranks x bandwidth)
 *
 * A lower bound: attention weights that ranks repeat, the cache, embeddings and every other cost are left out, and all
 * weights count in the format of the experts.
 */

import { pow } from "../../../base/math.ts";
import type { Seconds } from "../../../base/quantity.ts";
import type { ModelArchitecture, StorageFormat } from "../../../catalog/model.ts";
import { bytesPerWeight, countParameters, findModel, layerParameters } from "../../../catalog/models/index.ts";
import { nodes } from "../../../catalog/nodes/index.ts";

export interface ReadCase {
  readonly model: string;
  /** Of `serving.engine`; absent: as published. */
  readonly precision?: string;
  readonly node: string;
  /** Accelerators that hold one copy of the weights. */
  readonly ranks: number;
  /** Sequences that decode at once on them. */
  readonly sequences: number;
}

/** Time of one read; nothing where the catalog lacks the model or the node. */
export function readFloor({ model: name, precision, node, ranks, sequences }: ReadCase): Seconds | undefined {
  const found = findModel(name);
  const bandwidth = nodes.find(node)?.accelerator.memory.bandwidth;
  if (!found.ok || bandwidth === undefined) return undefined;
  const { model } = found;
  const format = (precision ?? model.weights?.routed ?? model.weightFormat ?? "bf16") as StorageFormat;
  const { total, embedding } = countParameters(model);
  const routed = routedParameters(model);
  const touched = total - embedding - routed + routed * coverage(model, sequences);
  return (touched * bytesPerWeight(format)) / (ranks * bandwidth);
}

function routedParameters(model: ModelArchitecture): number {
  return model.layers.reduce((sum, kind) => {
    const layer = model.layerKinds[kind];
    return sum + (layer === undefined ? 0 : layerParameters(layer).routed);
  }, 0);
}

/** Share of the experts that some sequence takes. */
function coverage(model: ModelArchitecture, sequences: number): number {
  const feed = model.layerKinds.map(({ feedForward }) => feedForward).find(({ kind }) => kind === "experts");
  if (feed?.kind !== "experts") return 1;
  return 1 - pow(1 - feed.topK / feed.experts, sequences);
}
