/**
 * The split of layers over pipeline stages on pools of different hardware: contiguous layers, as many to each stage as
 * make the predicted step shortest among the splits whose memory fits.
 *
 *     min over splits of max over stages of time      by dynamic programming over (stage, layers placed)
 *
 * For the smallest bottleneck and the next larger ones, the split of least total time within it is found the same way,
 * and around the best of them splits with a few layers more or less on each pool. Of all these the whole step is
 * predicted, its schedule simulated; from the best few, single layers are moved for as long as that helps. A move whose
 * lower bound is no better than what is known is not simulated.
 * Ignores, with virtual stages, memory until the whole step is looked at: a rank's chunks fill it together.
 * @source harlap-2018
 */

import type { Seconds } from "../../base/quantity.ts";
import type { TrainingCase } from "../case.ts";
import { remembered } from "../contexts.ts";
import { worstMemory } from "../memory.ts";
import type { Fit } from "../result.ts";
import { aloneShare, stageTimes } from "../stage-times.ts";
import { kindCounts, type StageType, stageLayerCounts } from "../stages.ts";
import type { StepStages } from "../step.ts";
import { frozenLayers } from "../tuning.ts";
import { poolOfRank } from "./by-pipeline.ts";
import { mixedEvaluator } from "./mixed-step.ts";
import { leastLayers, partition, type StageCost, tabled } from "./partition.ts";
import { type MixedStep, severity } from "./pool-step.ts";

export interface LayerSplit {
  readonly stageLayers: readonly number[];
  readonly step: MixedStep;
}

export interface BalancedLayers {
  readonly balanced: LayerSplit;
  /** What a split that knows nothing of the pools gives. */
  readonly even: LayerSplit;
}

/** The split of these layers; nothing where it is surely no better than another. */
type Better = (stageLayers: readonly number[], than: LayerSplit) => LayerSplit | undefined;

/** How many bottlenecks, from the smallest, are tried; how many layers move over a boundary of pools; how many climb. */
const bottlenecksTried = 24;
const shiftMax = 4;
const climbers = 4;
/** Of moves between virtual stages, how many are simulated. */
const movesTried = 16;

export function balancedLayers(c: TrainingCase): BalancedLayers {
  const evaluator = mixedEvaluator(c);
  const { stageLayers: _, ...layout } = c.layout;
  const known = new Map<string, LayerSplit>();
  const splitOf = (stageLayers: readonly number[]): LayerSplit =>
    remembered(known, stageLayers.join(), () => ({
      stageLayers,
      step: evaluator.evaluate({ ...layout, stageLayers }),
    }));
  const better: Better = (stageLayers, than) => {
    const found = known.get(stageLayers.join());
    if (found !== undefined) return found;
    // What already fits can only be beaten by a shorter step, of which the pipeline is a part.
    const { memory, stepTime } = than.step.breakdown;
    const step = evaluator.promising({ ...layout, stageLayers }, (least) => memory.fit === "fits" && least > stepTime);
    if (step === undefined) return undefined;
    const split = { stageLayers, step };
    known.set(stageLayers.join(), split);
    return split;
  };
  const even = splitOf(stageLayerCounts(c.model.layers.length, layout));
  const stages = evaluator.pools.map((pool) => pool.stages(layout));
  let balanced = even;
  for (const worst of ["fits", "tight", "does-not-fit"] as const) {
    const cost = costTable(c, stages, worst);
    const first = [even, ...bottleneckSplits(c, cost).map(splitOf)].sort(order);
    const near = shiftedSplits(c, first[0]!.stageLayers, cost).map(splitOf);
    const starts = distinct(c, [...first, ...near].sort(order)).slice(0, climbers);
    balanced = starts.map((start) => climb(start, better, c.layout.pipeline, cost)).sort(order)[0]!;
    if (severity[balanced.step.breakdown.memory.fit] <= severity[worst]) break;
  }
  return { balanced, even };
}

/** What fits better, then the shorter step; rounding decides nothing. */
function order({ step: { breakdown: a } }: LayerSplit, { step: { breakdown: b } }: LayerSplit): number {
  const worse = severity[a.memory.fit] - severity[b.memory.fit];
  if (worse !== 0) return worse;
  return Math.abs(a.stepTime - b.stepTime) <= 1e-12 * a.stepTime ? 0 : a.stepTime - b.stepTime;
}

/** The best split of each number of layers on each pool. */
function distinct(c: TrainingCase, sorted: readonly LayerSplit[]): LayerSplit[] {
  if (c.pools?.by !== "pipeline") return [...sorted];
  const poolOf = poolOfRank(c.pools.pools);
  const seen = new Set<string>();
  return sorted.filter(({ stageLayers }) => {
    const held = new Array<number>(poolOf.length).fill(0);
    for (const [stage, count] of stageLayers.entries()) held[poolOf[stage % poolOf.length]!]! += count;
    const key = held.join();
    return seen.size < seen.add(key).size;
  });
}

/**
 * Moves single layers between stages for as long as the step gets shorter; with virtual stages, which are many, only away
 * from the busiest rank of each pool, and of those moves the ones with the least estimate.
 */
function climb(start: LayerSplit, better: Better, ranks: number, cost: StageCost): LayerSplit {
  let best = start;
  for (;;) {
    let next = best;
    for (const counts of promisingMoves(best, ranks, cost)) {
      const moved = better(counts, next);
      if (moved !== undefined && order(moved, next) < 0) next = moved;
    }
    if (next === best) return best;
    best = next;
  }
}

function promisingMoves({ stageLayers, step }: LayerSplit, ranks: number, cost: StageCost): readonly number[][] {
  const stages = stageLayers.length;
  const busy = new Set(step.pools.map(({ rank }) => rank));
  const moves: number[][] = [];
  for (const [from, count] of stageLayers.entries()) {
    if (stages > ranks && !busy.has(from % ranks)) continue;
    if (count <= leastLayers(from, stages)) continue;
    for (let to = 0; to < stages; to++) {
      if (to !== from) moves.push(stageLayers.map((own, at) => own + (at === to ? 1 : at === from ? -1 : 0)));
    }
  }
  if (stages === ranks) return moves;
  return moves
    .map((counts) => ({ counts, time: roughTime(costsOf(counts, cost), ranks, step.breakdown.microBatches) }))
    .sort((a, b) => a.time - b.time)
    .slice(0, movesTried)
    .map(({ counts }) => counts);
}

/** The rank that works longest, with the first micro-batch's way to it and the last one's way back (`leastTime`). */
function roughTime(times: readonly Seconds[], ranks: number, microBatches: number): Seconds {
  let [ahead, longest] = [0, 0];
  for (let rank = 0; rank < ranks; rank++) {
    let own = 0;
    for (let stage = rank; stage < times.length; stage += ranks) own += times[stage]!;
    longest = Math.max(longest, ahead + microBatches * own);
    ahead += times[rank]!;
  }
  return longest;
}

/** Of the smallest bottleneck and the next larger ones, the splits of least total time. */
function bottleneckSplits(c: TrainingCase, cost: StageCost): number[][] {
  const { stages, layers } = sizeOf(c);
  const all = { stage: 0, stages, layer: 0, layers, all: stages };
  const smallest = partition(all, cost, "max");
  if (smallest === undefined) return [];
  const bottleneck = Math.max(...costsOf(smallest, cost));
  const within = largerCosts(cost, { stages, layers, from: bottleneck }).map((most) =>
    partition(all, (...at) => limited(cost(...at), most), "sum"),
  );
  return [smallest, ...within.filter((split) => split !== undefined)];
}

/** With a few layers moved over the boundaries between pools, and each pool's own split again of least bottleneck. */
function shiftedSplits(c: TrainingCase, from: readonly number[], cost: StageCost): number[][] {
  const { pools, layout } = c;
  if (pools?.by !== "pipeline" || layout.virtualStages > 1) return [];
  const { stages: all, layers: total } = sizeOf(c);
  let first = 0;
  const held = pools.pools.map(({ stages }) => {
    first += stages;
    return from.slice(first - stages, first).reduce((sum, count) => sum + count, 0);
  });
  let splits: { readonly counts: readonly number[]; readonly stage: number; readonly layer: number }[] = [
    { counts: [], stage: 0, layer: 0 },
  ];
  for (const [index, { stages }] of pools.pools.entries()) {
    const last = index === pools.pools.length - 1;
    splits = splits.flatMap(({ counts, stage, layer }) => {
      const shifts = last ? [total - layer - held[index]!] : shiftRange;
      return shifts.flatMap((shift) => {
        const layers = held[index]! + shift;
        if (layers < 0 || layer + layers > total) return [];
        const own = partition({ stage, stages, layer, layers, all }, cost, "max");
        return own === undefined ? [] : [{ counts: [...counts, ...own], stage: stage + stages, layer: layer + layers }];
      });
    });
  }
  return splits.map(({ counts }) => [...counts]);
}

const shiftRange: readonly number[] = Array.from({ length: 2 * shiftMax + 1 }, (_, index) => index - shiftMax);

function sizeOf({ model, layout }: TrainingCase): { readonly stages: number; readonly layers: number } {
  return { stages: layout.pipeline * layout.virtualStages, layers: model.layers.length };
}

function limited(time: Seconds, most: Seconds): Seconds {
  return time > most ? Number.POSITIVE_INFINITY : time;
}

function costsOf(counts: readonly number[], cost: StageCost): Seconds[] {
  let start = 0;
  return counts.map((count, stage) => {
    start += count;
    return cost(stage, start - count, start);
  });
}

/** The smallest stage times from the bottleneck up. */
function largerCosts(
  cost: StageCost,
  { stages, layers, from }: { readonly stages: number; readonly layers: number; readonly from: Seconds },
): readonly Seconds[] {
  const times = new Set<Seconds>();
  for (let stage = 0; stage < stages; stage++) {
    for (let start = 0; start <= layers; start++) {
      for (let end = start; end <= layers; end++) {
        const time = cost(stage, start, end);
        if (time < from) continue;
        if (time < Number.POSITIVE_INFINITY) times.add(time);
        break;
      }
    }
  }
  return [...times].sort((a, b) => a - b).slice(0, bottlenecksTried);
}

/** What each stage takes; infinite where its memory fits worse than asked. */
function costTable(c: TrainingCase, stages: readonly StepStages[], worst: Fit): StageCost {
  const size = sizeOf(c);
  return tabled(stageCost(c, stages, worst), size.stages, size.layers);
}

function stageCost(c: TrainingCase, stages: readonly StepStages[], worst: Fit): StageCost {
  const { pools, layout, model } = c;
  if (pools?.by !== "pipeline") throw new Error("layers are balanced over pools of stages");
  const { pipeline, virtualStages } = layout;
  const poolOf = poolOfRank(pools.pools);
  const last = pipeline * virtualStages - 1;
  const known = new Map<string, Seconds>();
  return (stage, start, end) => {
    const rank = stage % pipeline;
    const counts = kindCounts(model, start, end, { ...c.highPrecisionLayers, frozen: frozenLayers(c) });
    const key = `${stage === last ? "last" : stage === 0 ? "first" : rank}:${counts}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const own = stages[poolOf[rank]!]!;
    const type: StageType = { counts, first: stage === 0, last: stage === last };
    const held = virtualStages > 1 || severity[fitOn(own, type, rank)] <= severity[worst];
    const { forwardTime, backwardTime } = stageTimes(own.context, type, aloneShare(own.context.case));
    const time = held ? forwardTime + backwardTime : Number.POSITIVE_INFINITY;
    known.set(key, time);
    return time;
  };
}

/** How a stage fits its rank; what other ranks hold does not matter to it. */
function fitOn({ context }: StepStages, type: StageType, rank: number): Fit {
  const { pipeline } = context.case.layout;
  const plan = {
    types: [type],
    typeOf: new Array<number>(pipeline).fill(0),
    layerCounts: [],
    rankTypes: Array.from({ length: pipeline }, () => [0]),
    distinctRanks: [rank],
  };
  return worstMemory(context.case, plan, context.memory).fit;
}
