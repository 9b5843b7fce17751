/**
 * Which layers each virtual stage of the pipeline holds, and which stages each rank: the schedule places them. The
 * first stage holds the embedding, the last the final norm, the head and the MTP modules. Most stages are alike: a
 * plan names the distinct ones once.
 */

import type { LayerKind, ModelArchitecture } from "../catalog/model.ts";
import type { Layout } from "./layout.ts";
import { rankStages, scheduleOf, stageCount } from "./schedule/index.ts";

export interface StageType {
  /** How many layers of each costed kind (see `kindOf`). */
  readonly counts: readonly number[];
  /** Holds the embedding. */
  readonly first: boolean;
  /** Holds the final norm, the head and the loss. */
  readonly last: boolean;
  /** MTP modules whose layers it holds, where the layout says: otherwise all are with the loss. */
  readonly modules?: number;
}

export interface StagePlan {
  readonly types: readonly StageType[];
  /** For each virtual stage in pipeline order, its type. */
  readonly typeOf: readonly number[];
  /** Layers in each virtual stage. */
  readonly layerCounts: readonly number[];
  /** Types of the virtual stages of each rank, chunk by chunk. */
  readonly rankTypes: readonly (readonly number[])[];
  /** For each distinct mix of stage types on one rank, the first rank that has it: it holds the most activations. */
  readonly distinctRanks: readonly number[];
}

/**
 * Layers per virtual stage: as given, else even, else with the shortest stages at the end and the start (they also
 * hold head and embedding), as Llama 3 405B's 126 layers over 16 stages. @source llama3-2024
 */
export function stageLayerCounts(layerCount: number, layout: Layout): readonly number[] {
  if (layout.stageLayers !== undefined) return layout.stageLayers;
  const stages = stagesOf(layout);
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

/** Virtual stages of a layout. */
export function stagesOf({ schedule, pipeline, virtualStages }: Layout): number {
  return stageCount(scheduleOf(schedule).placement, { ranks: pipeline, chunks: virtualStages });
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

/** MTP modules whose layers a stage holds, of `all`. */
export function modulesOn({ modules, last }: StageType, all: number): number {
  return modules ?? (last ? all : 0);
}

/** Kinds of layers as costed: the model's kinds in the recipe's precision, then the same kept in 16 bit. */
export function kindOf(model: ModelArchitecture, index: number): LayerKind | undefined {
  return model.layerKinds[index % model.layerKinds.length];
}

/**
 * Costed kinds: those of the model, the same kept in 16 bit, and with frozen layers both again for layers that learn
 * nothing.
 */
export function costedKinds(model: ModelArchitecture, frozen: number): number {
  return (frozen > 0 ? 4 : 2) * model.layerKinds.length;
}

/** `frozen` first layers learn nothing. */
export function stagePlan(
  model: ModelArchitecture,
  layout: Layout,
  wide: { readonly first: number; readonly last: number },
  frozen = 0,
): StagePlan {
  const layerCounts = stageLayerCounts(model.layers.length, layout);
  const types: StageType[] = [];
  const seen = new Map<string, number>();
  let start = 0;
  const typeOf = layerCounts.map((count, stage) => {
    const counts = kindCounts(model, start, start + count, { ...wide, frozen });
    start += count;
    const end = endOf(stage, layerCounts.length, layout);
    const key = `${counts.join(",")}${end.first ? "f" : ""}${end.last ? "l" : ""}${end.modules ?? ""}`;
    const found = seen.get(key);
    if (found !== undefined) return found;
    seen.set(key, types.length);
    return types.push({ counts, ...end }) - 1;
  });
  const { placement } = scheduleOf(layout.schedule);
  const held = rankStages(placement, { ranks: layout.pipeline, chunks: layout.virtualStages });
  const rankTypes = held.map((stages) => stages.map((stage) => typeOf[stage] ?? 0));
  return { types, typeOf, layerCounts, rankTypes, distinctRanks: distinctRanks(rankTypes) };
}

/** Which ends of the model a stage holds. */
function endOf(stage: number, stages: number, { stageEnds }: Layout): Omit<StageType, "counts"> {
  if (stageEnds === undefined) return { first: stage === 0, last: stage === stages - 1 };
  return {
    first: stage === stageEnds.embedding,
    last: stage === stageEnds.loss,
    modules: stageEnds.modules.filter((holder) => holder === stage).length,
  };
}

/** Layers of each costed kind in [start, end). */
export function kindCounts(
  model: ModelArchitecture,
  start: number,
  end: number,
  wide: { first: number; last: number; frozen: number },
): number[] {
  const kinds = model.layerKinds.length;
  const counts = new Array<number>(costedKinds(model, wide.frozen)).fill(0);
  for (let layer = start; layer < end; layer++) {
    const inWide = layer < wide.first || layer >= model.layers.length - wide.last;
    const kind = (model.layers[layer] ?? 0) + (inWide ? kinds : 0) + (layer < wide.frozen ? 2 * kinds : 0);
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

function distinctRanks(rankTypes: readonly (readonly number[])[]): number[] {
  const seen = new Set<string>();
  const distinct: number[] = [];
  rankTypes.forEach((types, rank) => {
    const key = types.join(",");
    if (seen.has(key)) return;
    seen.add(key);
    distinct.push(rank);
  });
  return distinct;
}
