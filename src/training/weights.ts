/** Parameters of one rank's slice of a layer or of all its stages, in the three buckets that parallelism treats differently. */

import type { LayerKind } from "../catalog/model.ts";
import type { TrainingCase } from "./case.ts";
import type { Layout } from "./layout.ts";
import { kindOf, modulesOn, type StagePlan, type StageType } from "./stages.ts";

export interface WeightBuckets {
  /** Split by tensor parallelism; reduced over data x context. */
  readonly split: number;
  /** Whole on every tensor rank. */
  readonly replicated: number;
  /** Routed experts of this rank; reduced over expert replicas. */
  readonly experts: number;
}

interface Sums {
  split: number;
  replicated: number;
  experts: number;
}

export function layerWeights(kind: LayerKind, layout: Layout): WeightBuckets {
  const sums: Sums = { split: 0, replicated: 0, experts: 0 };
  addLayer(sums, kind, layout, 1);
  return sums;
}

function addLayer(sums: Sums, kind: LayerKind, layout: Layout, count: number): void {
  const { mixer, feedForward: feed } = kind;
  sums.replicated += count * kind.otherParameters;
  if (mixer.kind !== "none") {
    sums.split += (count * (mixer.parameters - mixer.replicatedParameters)) / layout.tensor;
    sums.replicated += count * mixer.replicatedParameters;
  }
  if (feed.kind === "dense") sums.split += (count * feed.parameters) / layout.tensor;
  if (feed.kind === "experts") {
    sums.split += (count * feed.parameters.shared) / layout.tensor;
    sums.replicated += count * feed.parameters.replicated;
    sums.experts += (count * feed.parameters.routed) / (layout.expert * layout.expertTensor);
  }
}

/** Parameters of one pipeline rank: its stages, and embedding, head or MTP modules where it holds them. */
export function rankWeights(c: TrainingCase, plan: StagePlan, rank: number): WeightBuckets {
  const sums: Sums = { split: 0, replicated: 0, experts: 0 };
  const types = plan.stagesOf[rank]!.map((stage) => plan.types[plan.typeOf[stage]!]!);
  for (const { counts } of types) {
    for (let index = 0; index < counts.length; index++) {
      const kind = counts[index] === 0 ? undefined : kindOf(c.model, index);
      if (kind !== undefined) addLayer(sums, kind, c.layout, counts[index]!);
    }
  }
  addEnds(c, types, sums);
  return sums;
}

/** Embedding with the first stage; head (or a copy of a tied one), final norm and MTP modules with the last. */
function addEnds(c: TrainingCase, types: readonly StageType[], sums: Sums): void {
  const { model, layout } = c;
  const table = (model.vocabulary * (model.embedding.width ?? model.hidden)) / layout.tensor;
  const first = types.some((type) => type.first);
  if (first) {
    sums.split += table;
    sums.split += (model.embedding.tableParameters ?? 0) / layout.tensor;
    sums.replicated += model.embedding.positionParameters;
  }
  if (types.some((type) => type.last)) {
    if (model.embedding.tied === "untied" || !first) sums.split += table;
    sums.replicated += model.embedding.otherParameters;
  }
  if (model.multiToken === undefined) return;
  const held = types.reduce((sum, type) => sum + modulesOn(type, c.multiTokenModules), 0);
  const modules = Math.min(held, model.multiToken.modules);
  addLayer(sums, model.multiToken.layer, layout, modules);
  sums.replicated += modules * model.multiToken.otherParameters;
}
