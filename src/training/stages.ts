/**
 * Which layers each virtual stage of the pipeline holds. Virtual stage v of p x chunks sits on rank v mod p; the
 * first holds the embedding, the last the final norm, the head and the MTP modules.
 */

import type { LayerKind, ModelArchitecture } from "../catalog/model.ts";
import type { Layout } from "./layout.ts";

export interface StagePlan {
  /** For each virtual stage in pipeline order, how many layers of each costed kind (see `kindOf`). */
  readonly kindCounts: readonly (readonly number[])[];
  /** Layers in each virtual stage. */
  readonly layerCounts: readonly number[];
}

/**
 * Layers per virtual stage: as given, else even, else with the shortest stages at the end and the start (they also
 * hold head and embedding), as Llama 3 405B's 126 layers over 16 stages. @source llama3-2024
 */
export function stageLayerCounts(layerCount: number, layout: Layout): readonly number[] {
  if (layout.stageLayers !== undefined) return layout.stageLayers;
  const stages = layout.pipeline * layout.virtualStages;
  const most = Math.ceil(layerCount / stages);
  const counts = new Array<number>(stages).fill(most);
  let surplus = most * stages - layerCount;
  for (let index = 0; surplus > 0; index++, surplus--) {
    const half = Math.floor(index / 2) % stages;
    const stage = index % 2 === 0 ? stages - 1 - half : half;
    counts[stage] = (counts[stage] ?? 0) - 1;
  }
  return counts;
}

/**
 * Model chunks per rank when nobody says: as many as leave every virtual stage a layer (first and last may hold
 * embedding and head alone), the finest interleaving, whose bubble is the smallest; 1 where the micro-batches do not
 * come in whole groups of the pipeline's ranks.
 * @source narayanan-2021 section 2.2
 */
export function finestInterleaving(layerCount: number, pipeline: number, count: number): number {
  if (pipeline === 1 || count % pipeline !== 0) return 1;
  const most = Math.floor((layerCount + 2) / pipeline);
  for (let chunks = most; chunks > 1; chunks--) {
    const stages = chunks * pipeline;
    if (layerCount % stages === 0 || (layerCount + 2) % stages === 0) return chunks;
  }
  return 1;
}

/** Kinds of layers as costed: the model's kinds in the recipe's precision, then the same kept in 16 bit. */
export function kindOf(model: ModelArchitecture, index: number): LayerKind | undefined {
  return model.layerKinds[index % model.layerKinds.length];
}

export function stagePlan(
  model: ModelArchitecture,
  layout: Layout,
  wide: { readonly first: number; readonly last: number },
): StagePlan {
  const layerCounts = stageLayerCounts(model.layers.length, layout);
  const kinds = model.layerKinds.length;
  let layer = 0;
  const kindCounts = layerCounts.map((count) => {
    const counts = new Array<number>(2 * kinds).fill(0);
    for (const end = layer + count; layer < end; layer++) {
      const inWide = layer < wide.first || layer >= model.layers.length - wide.last;
      const kind = (model.layers[layer] ?? 0) + (inWide ? kinds : 0);
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  });
  return { kindCounts, layerCounts };
}
