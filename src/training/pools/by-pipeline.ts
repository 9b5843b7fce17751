/**
 * Pipeline stages on pools of different hardware: each rank's stages take what they take on its pool, and the schedule
 * runs over the mixture. Replicas of a stage are alike, so gradients stay inside a pool.
 */

import type { Seconds, Tokens } from "../../base/quantity.ts";
import { worstMemory } from "../memory.ts";
import { rankTimes } from "../pipeline-work.ts";
import { type PipelineWork, pipelineTime, type ScheduleShape } from "../schedule/index.ts";
import { rankParts, type StageTimes } from "../stage-times.ts";
import type { StepStages } from "../step.ts";
import { exposedUpdate } from "../update.ts";
import { type Crossing, stageCrossing } from "./between.ts";
import { type MixedStep, type PoolStep, wholeStep } from "./pool-step.ts";
import type { PipelinePool, PoolLink } from "./spread.ts";

export interface PipelineOverPools {
  readonly pools: readonly PipelinePool[];
  /** The layout's stages as each pool would run them, in the order of the pools. */
  readonly stages: readonly StepStages[];
  /** Tokens of one step over all pools. */
  readonly tokens: Tokens;
  readonly between?: PoolLink;
}

export function pipelineOverPools(on: PipelineOverPools): MixedStep {
  const step = promisingPipeline(on, () => false);
  if (step === undefined) throw new Error("no time is too long");
  return step;
}

/** The same, or nothing where a lower bound of the pipeline's time, which takes no simulation, is too long. */
export function promisingPipeline(
  { pools, stages, tokens, between }: PipelineOverPools,
  tooLong: (least: Seconds) => boolean,
): MixedStep | undefined {
  const { plan } = stages[0]!;
  const { schedule, shape } = stages[0]!.scheduled;
  const poolOf = poolOfRank(pools);
  const crossings = crossingsOf(stages, poolOf, between);
  const work = mixedWork(stages, poolOf, crossings);
  const occupied = Math.max(...crossings.map((crossing) => crossing?.occupied ?? 0));
  // Over a shared link go each chunk's activations one way and its gradients the other way; chunks that return, both.
  const linkBusy = shape.microBatches * (2 * shape.chunks - 1) * occupied;
  if (tooLong(leastTime(work, shape))) return undefined;
  const pipeline = Math.max(pipelineTime(schedule, shape, work), linkBusy);
  const ranksOf = pools.map((_, pool) => poolOf.flatMap((of, rank) => (of === pool ? [rank] : [])));
  const poolSteps = pools.map(({ name, cluster }, pool): PoolStep => {
    const own = stages[pool]!;
    const rank = busiestOf(work, ranksOf[pool]!, shape.chunks);
    const busiest = withWaits(rankTimes(own.context, plan, { ...own, rank }), work, rank, shape.chunks);
    return {
      name,
      cluster,
      rank,
      busiest,
      parts: rankParts(own.context, plan, rank),
      microBatches: shape.microBatches,
      waiting: Math.max(0, pipeline - shape.microBatches * (busiest.forwardTime + busiest.backwardTime)),
      memory: worstMemory(own.context.case, plan, own.context.memory, { ranks: ranksOf[pool]! }),
    };
  });
  const busiestPool = longest(poolSteps);
  const updates = firstOfKind(pools).map((pool) =>
    exposedUpdate(stages[pool]!.context, plan, poolSteps[busiestPool]!.busiest, { rank: ranksOf[pool]![0]! }),
  );
  return wholeStep({ stages, tokens, pools: poolSteps, busiestPool, work, pipeline, updates });
}

/**
 * Every micro-batch on each rank, after the first has come through the ranks before and before the last has gone back
 * through them, as whole backward passes on stages dealt out in turn do.
 */
function leastTime(
  { forward, backward, transfer, hops }: PipelineWork,
  { ranks, chunks, microBatches }: ScheduleShape,
) {
  let [ahead, least] = [0, 0];
  for (let rank = 0; rank < ranks; rank++) {
    const own = rankSum(forward, rank, chunks) + rankSum(backward, rank, chunks);
    least = Math.max(least, ahead + microBatches * own);
    ahead += forward[rank * chunks]! + backward[rank * chunks]! + 2 * (hops?.[rank] ?? transfer);
  }
  return least;
}

/** The pool of each pipeline rank. */
export function poolOfRank(pools: readonly PipelinePool[]): readonly number[] {
  return pools.flatMap(({ stages }, pool) => new Array<number>(stages).fill(pool));
}

/** The first pool of each kind of node: of ranks on the same hardware the first is counted, as on a plain cluster. */
function firstOfKind(pools: readonly PipelinePool[]): readonly number[] {
  const first = (pool: PipelinePool): number =>
    pools.findIndex(({ cluster, precision }) => cluster.node === pool.cluster.node && precision === pool.precision);
  return [...new Set(pools.map(first))];
}

/** What follows a rank on another pool: the hop to the next rank, from the last to the first where chunks return. */
type Crossings = readonly (Crossing | undefined)[];

function crossingsOf(stages: readonly StepStages[], poolOf: readonly number[], between?: PoolLink): Crossings {
  const known = new Map<string, Crossing>();
  return poolOf.map((pool, rank) => {
    const next = poolOf[(rank + 1) % poolOf.length]!;
    if (next === pool) return undefined;
    const key = pool < next ? `${pool},${next}` : `${next},${pool}`;
    const crossing = known.get(key) ?? stageCrossing(stages[pool]!, stages[next]!, between);
    known.set(key, crossing);
    return crossing;
  });
}

/** Each rank's stages as its pool runs them, and each hop by the ports it takes. */
function mixedWork(stages: readonly StepStages[], poolOf: readonly number[], crossings: Crossings): PipelineWork {
  const works = stages.map(({ work }) => work);
  const { layout, software } = stages[0]!.context.case;
  const chunks = layout.virtualStages;
  const forward = new Float64Array(poolOf.length * chunks);
  const backward = new Float64Array(poolOf.length * chunks);
  const hops = new Float64Array(poolOf.length);
  for (const [rank, pool] of poolOf.entries()) {
    const own = works[pool]!;
    forward.set(own.forward.subarray(rank * chunks, (rank + 1) * chunks), rank * chunks);
    backward.set(own.backward.subarray(rank * chunks, (rank + 1) * chunks), rank * chunks);
    hops[rank] = crossings[rank]?.time ?? own.transfer;
  }
  if (software.overlap.pipeline === "off") waitAtCrossings({ forward, backward }, { chunks, crossings, poolOf, works });
  const transfer = works[0]!.transfer;
  return hops.every((hop) => hop === transfer)
    ? { forward, backward, transfer }
    : { forward, backward, transfer, hops };
}

/** A stack that waits for its transfers waits longer where they cross: behind the stage that sends, each way. */
function waitAtCrossings(
  { forward, backward }: Pick<PipelineWork, "forward" | "backward">,
  at: {
    readonly chunks: number;
    readonly crossings: Crossings;
    readonly poolOf: readonly number[];
    readonly works: readonly PipelineWork[];
  },
): void {
  const { chunks, crossings, poolOf, works } = at;
  const ranks = poolOf.length;
  for (let stage = 0; stage < ranks * chunks - 1; stage++) {
    const rank = stage % ranks;
    const crossing = crossings[rank];
    if (crossing === undefined) continue;
    const next = (rank + 1) % ranks;
    const chunk = (stage - rank) / ranks;
    forward[rank * chunks + chunk]! += crossing.time - works[poolOf[rank]!]!.transfer;
    const nextChunk = next === 0 ? chunk + 1 : chunk;
    backward[next * chunks + nextChunk]! += crossing.time - works[poolOf[next]!]!.transfer;
  }
}

function busiestOf(work: PipelineWork, ranks: readonly number[], chunks: number): number {
  let best = ranks[0]!;
  let most = -1;
  for (const rank of ranks) {
    const sum = rankSum(work.forward, rank, chunks) + rankSum(work.backward, rank, chunks);
    if (sum <= most) continue;
    most = sum;
    best = rank;
  }
  return best;
}

function rankSum(times: Float64Array, rank: number, chunks: number): Seconds {
  let sum = 0;
  for (let at = rank * chunks; at < (rank + 1) * chunks; at++) sum += times[at]!;
  return sum;
}

/** A rank's times with what it waits at crossings, which only the mixture knows. */
function withWaits(times: StageTimes, work: PipelineWork, rank: number, chunks: number): StageTimes {
  const forward = rankSum(work.forward, rank, chunks) - times.forwardTime;
  const backward = rankSum(work.backward, rank, chunks) - times.backwardTime;
  // Without crossings only the rounding of sums is left.
  if (Math.abs(forward) + Math.abs(backward) < 1e-12 * (times.forwardTime + times.backwardTime)) return times;
  return {
    ...times,
    transfer: times.transfer + forward + backward,
    forwardTime: times.forwardTime + forward,
    backwardTime: times.backwardTime + backward,
  };
}

/** The pool whose busiest rank works longest. */
function longest(pools: readonly PoolStep[]): number {
  let best = 0;
  const workOf = ({ microBatches: count, busiest }: PoolStep): Seconds =>
    count * (busiest.forwardTime + busiest.backwardTime);
  for (let pool = 1; pool < pools.length; pool++) if (workOf(pools[pool]!) > workOf(pools[best]!)) best = pool;
  return best;
}
