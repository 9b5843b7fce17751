/**
 * What learns and what does not: weights of one rank that gradients, optimizer and reduction see, and how the frozen
 * ones are kept. Ignores: quantisation of embedding, head and norms (they stay 16-bit), and the constants of 8-bit
 * weights (one number a tensor).
 */

import { rankAdapters } from "./adapters.ts";
import type { AdapterTuning, FrozenFormat, TrainingCase, TrainingPrecision } from "./case.ts";
import { kindOf, type StagePlan } from "./stages.ts";
import { layerWeights, rankWeights, type WeightBuckets } from "./weights.ts";

/** The first layers that learn nothing. */
export function frozenLayers({ tuning }: Pick<TrainingCase, "tuning">): number {
  return tuning.frozenLayers ?? 0;
}

/**
 * Bytes of a frozen weight of the layers. NF4: 4 bits and doubly quantised constants, 8 bit a block of 64 and 32 bit
 * a block of 256 of those: 0.127 bits.
 * @source dettmers-2023-qlora section 3
 */
export function storedBytes(base: FrozenFormat | undefined): number {
  switch (base) {
    case undefined:
    case "bf16":
      return 2;
    case "fp8":
      return 1;
    case "nf4":
      return (4 + 8 / 64 + 32 / (64 * 256)) / 8;
  }
}

/** Layouts of 8-bit products: these generations take operands of one orientation only. @source transformer-engine-docs */
const oneOrientation: ReadonlySet<string> = new Set(["hopper", "ada"]);

/**
 * Bytes moved per frozen weight before each product. Weights kept in fewer bits than the product's format are unpacked
 * to 16 bit in both passes, NF4's constants to 32 bit before; a single 8-bit copy under an 8-bit recipe is used as it lies, and transposed for the
 * gradient of its input where products take one orientation only.
 * @source dettmers-2023-qlora section 3 @source transformer-engine-docs
 */
export function unpackBytes(
  { tuning, cluster }: Pick<TrainingCase, "tuning" | "cluster">,
  precision: TrainingPrecision,
): { readonly forward: number; readonly backward: number } | undefined {
  const base = baseOf(tuning);
  if (base === "bf16") return undefined;
  const constants = base === "nf4" ? (2 * 4) / 64 : 0;
  const unpacked = storedBytes(base) + constants + 2;
  if (base === "nf4" || !precision.startsWith("fp8")) return { forward: unpacked, backward: unpacked };
  const transposed = oneOrientation.has(cluster.node.accelerator.generation) ? 2 * storedBytes(base) : 0;
  return { forward: 0, backward: transposed };
}

function baseOf(tuning: TrainingCase["tuning"]): FrozenFormat {
  return tuning.method === "lora" ? (tuning.base ?? "bf16") : "bf16";
}

/** Bytes of a weight kept frozen over those of 16 bit. */
export function storedShare(tuning: TrainingCase["tuning"]): number {
  return storedBytes(baseOf(tuning)) / 2;
}

/** Whether a layer of a costed kind (see `stagePlan`) has anything to learn. */
export function learnsIn({ model }: Pick<TrainingCase, "model">, index: number): boolean {
  return index < 2 * model.layerKinds.length;
}

/** Parameters of one pipeline rank that learn. */
export function learningWeights(c: TrainingCase, plan: StagePlan, rank: number): WeightBuckets {
  if (c.tuning.method === "lora") return rankAdapters(c, plan, rank);
  const all = rankWeights(c, plan, rank);
  if (frozenLayers(c) === 0) return all;
  const { layers, ends } = frozenParts(c, plan, rank);
  return {
    split: all.split - layers.split - ends.split,
    replicated: all.replicated - layers.replicated - ends.replicated,
    experts: all.experts - layers.experts,
  };
}

/** Frozen parameters of one pipeline rank as so many 16-bit ones: those of layers count by their stored bytes. */
export function frozenWeights(c: TrainingCase, plan: StagePlan, rank: number): WeightBuckets {
  const share = storedShare(c.tuning);
  const { layers, ends } = frozenParts(c, plan, rank);
  return {
    split: share * layers.split + ends.split,
    replicated: layers.replicated + ends.replicated,
    experts: share * layers.experts,
  };
}

interface Parts {
  readonly layers: WeightBuckets;
  readonly ends: WeightBuckets;
}

const nothing: WeightBuckets = Object.freeze({ split: 0, replicated: 0, experts: 0 });

/** Frozen layers of a rank, and what it holds frozen besides: with adapters all, else the embedding below them. */
function frozenParts(c: TrainingCase, plan: StagePlan, rank: number): Parts {
  const everything = c.tuning.method === "lora";
  if (!everything && frozenLayers(c) === 0) return { layers: nothing, ends: nothing };
  const layers = { split: 0, replicated: 0, experts: 0 };
  for (const type of plan.rankTypes[rank]!) {
    plan.types[type]!.counts.forEach((count, index) => {
      const kind = kindOf(c.model, index);
      if (count === 0 || kind === undefined || !(everything || !learnsIn(c, index))) return;
      const one = layerWeights(kind, c.layout);
      layers.split += count * one.split;
      layers.replicated += count * one.replicated;
      layers.experts += count * one.experts;
    });
  }
  const holds = (end: "first" | "last"): boolean => plan.rankTypes[rank]!.some((type) => plan.types[type]![end]);
  if (everything) return { layers, ends: otherWeights(c, plan, rank, layers) };
  return { layers, ends: holds("first") ? frozenEmbedding(c, holds("last")) : nothing };
}

/** All that a rank holds besides its layers. */
function otherWeights(c: TrainingCase, plan: StagePlan, rank: number, layers: WeightBuckets): WeightBuckets {
  const all = rankWeights(c, plan, rank);
  return {
    split: all.split - layers.split,
    replicated: all.replicated - layers.replicated,
    experts: all.experts - layers.experts,
  };
}

/** The embedding; a table that is also the head's, on a rank that has both, goes on learning there. */
function frozenEmbedding({ model, layout }: TrainingCase, holdsHead: boolean): WeightBuckets {
  const { embedding } = model;
  const shared = embedding.tied === "tied" && holdsHead;
  const table = shared ? 0 : model.vocabulary * (embedding.width ?? model.hidden);
  return {
    split: (table + (embedding.tableParameters ?? 0)) / layout.tensor,
    replicated: embedding.positionParameters,
    experts: 0,
  };
}

/** The case as parts of it run without adapters: frozen layers, MTP modules, a reference. */
export function withoutAdapters(c: TrainingCase): TrainingCase {
  return c.tuning.method === "lora" ? { ...c, tuning: { ...c.tuning, rank: 0 } } : c;
}

/** The adapters of a case as its layers have them; undefined where every weight learns. */
export function adapterTuning({ tuning }: Pick<TrainingCase, "tuning">): AdapterTuning | undefined {
  return tuning.method === "lora" ? tuning : undefined;
}
