/**
 * Where a straggler sits, and who waits for it inside a micro-batch.
 *
 * Ranks are numbered tensor, context, data, pipeline, innermost first. Tensor and context peers exchange in every layer,
 * so a slow rank slows its whole cell: one stage of one data rank. An expert group exchanges in every layer too, and so
 * does a group that gathers sharded weights: where such a group spans data ranks, these run in lockstep, each stage of
 * all of them as slow as the slowest. A lockstep group is one pipeline; groups meet only at the gradient reduction.
 * @source megatron-core-parallel-state @source lin-2025-stragglers
 */

import type { TrainingCase } from "../case.ts";
import { stageSize } from "../parallel.ts";
import { shardedInside } from "../sharding.ts";
import type { StragglerPlace } from "./straggler.ts";

/** A stage of a lockstep group. */
export interface Slot {
  readonly group: number;
  readonly stage: number;
}

export interface Positions {
  /** Lockstep groups. */
  readonly groups: number;
  /** Data ranks of one group. */
  readonly dataRanks: number;
  readonly stages: number;
  readonly nodes: number;
  /** Ranks that share a stage and a data rank. */
  readonly cellRanks: number;
}

type PositionCase = Pick<TrainingCase, "layout" | "software" | "model" | "cluster" | "tuning">;

export function positionsOf(c: PositionCase): Positions {
  const { tensor, context, data, pipeline } = c.layout;
  const cellRanks = tensor * context;
  const dataRanks = lockstepRanks(c) / cellRanks;
  const ranks = cellRanks * data * pipeline;
  const nodes = Math.ceil(ranks / c.cluster.node.acceleratorsPerNode);
  return { groups: data / dataRanks, dataRanks, stages: pipeline, nodes, cellRanks };
}

/** Ranks of a stage that wait for each other in every layer: the least common multiple of all such groups. */
function lockstepRanks(c: PositionCase): number {
  const { layout, model } = c;
  const cell = layout.tensor * layout.context;
  const routed = model.layerKinds.some(({ feedForward }) => feedForward.kind === "experts");
  const expert = routed ? layout.expert * layout.expertTensor : 1;
  const sharded = shardedInside(c) ? layout.tensor * shardingRanks(layout) : 1;
  return Math.min(stageSize(layout), leastCommonMultiple(leastCommonMultiple(cell, expert), sharded));
}

function shardingRanks({ sharding, shardGroup, data, context }: PositionCase["layout"]): number {
  return sharding === "hybrid" ? (shardGroup ?? data * context) : data * context;
}

/** The slots that a place slows, in rank order, each once. A share names no place; its nodes do. */
export function slotsOf(
  place: Exclude<StragglerPlace, { kind: "share" }>,
  positions: Positions,
  c: PositionCase,
): readonly Slot[] {
  const { groups, dataRanks, stages, cellRanks } = positions;
  const groupOf = (dataRank: number): number => Math.floor(dataRank / dataRanks);
  if (place.kind === "data") {
    return Array.from({ length: stages }, (_, stage) => ({ group: groupOf(place.dataRank), stage }));
  }
  if (place.kind === "stage") {
    if (place.dataRank !== undefined) return [{ group: groupOf(place.dataRank), stage: place.stage }];
    return Array.from({ length: groups }, (_, group) => ({ group, stage: place.stage }));
  }
  const each = c.cluster.node.acceleratorsPerNode;
  const first = place.kind === "rank" ? place.rank : place.node * each;
  const last = place.kind === "rank" ? place.rank : Math.min(first + each, stages * stageSize(c.layout)) - 1;
  const slots: Slot[] = [];
  for (let cell = Math.floor(first / cellRanks); cell <= Math.floor(last / cellRanks); cell++) {
    const dataRank = cell % c.layout.data;
    const slot = { group: groupOf(dataRank), stage: (cell - dataRank) / c.layout.data };
    if (!slots.some(({ group, stage }) => group === slot.group && stage === slot.stage)) slots.push(slot);
  }
  return slots;
}

function leastCommonMultiple(one: number, other: number): number {
  let [a, b] = [one, other];
  while (b > 0) [a, b] = [b, a % b];
  return (one / a) * other;
}
