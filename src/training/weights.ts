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
  const ends = { first: false, last: false, modules: 0 };
  for (const index of plan.rankTypes[rank]!) {
    const type = plan.types[index]!;
    addCounts(c, type, sums);
    ends.first ||= type.first;
    ends.last ||= type.last;
    ends.modules += modulesOn(type, c.multiTokenModules);
  }
  addEnds(c, ends, sums);
  return sums;
}

function addCounts(c: TrainingCase, { counts }: StageType, sums: Sums): void {
  for (let index = 0; index < counts.length; index++) {
    const kind = counts[index] === 0 ? undefined : kindOf(c.model, index);
    if (kind !== undefined) addLayer(sums, kind, c.layout, counts[index]!);
  }
}

/** Embedding with the first stage; head (or a copy of a tied one), final norm and MTP modules with the last. */
function addEnds(c: TrainingCase, ends: Required<Omit<StageType, "counts">>, sums: Sums): void {
  const { model, layout } = c;
  const table = (model.vocabulary * (model.embedding.width ?? model.hidden)) / layout.tensor;
  if (ends.first) {
    sums.split += table;
    sums.split += (model.embedding.tableParameters ?? 0) / layout.tensor;
    sums.replicated += model.embedding.positionParameters;
  }
  if (ends.last) {
    // A scalar head is one column.
    if (c.objective?.head === "scalar") sums.replicated += model.hidden;
    else if (model.embedding.tied === "untied" || !ends.first) sums.split += table;
    sums.replicated += model.embedding.otherParameters;
  }
  if (model.multiToken === undefined) return;
  const modules = Math.min(ends.modules, model.multiToken.modules);
  addLayer(sums, model.multiToken.layer, layout, modules);
  sums.replicated += modules * model.multiToken.otherParameters;
}
