/**
 * The split of a step's sequences over data-parallel replicas on pools of different hardware: to each pool as many
 * micro-batches a replica as let the slowest pipeline finish first, among those whose memory fits.
 *
 *     min of max_i T_i(m_i)   with   sum_i D_i b m_i = B
 *
 * D_i replicas of pool i with m_i micro-batches of b sequences, T_i the pipeline's time on it. Every number of
 * micro-batches is tried, by dynamic programming over the sequences placed: that minimum is exact. Which pool ends last
 * also decides how much of the gradient reduction hides, so from there sequences are moved between pools for as long as
 * the whole step gets shorter.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { TrainingCase } from "../case.ts";
import { worstMemory } from "../memory.ts";
import type { Fit } from "../result.ts";
import { pipelineTime } from "../schedule/index.ts";
import type { StepEvaluator } from "../step.ts";
import { mixedEvaluator } from "./mixed-step.ts";
import { type MixedStep, severity } from "./pool-step.ts";
import type { DataPool } from "./spread.ts";

export interface BatchSplit {
  /** Sequences of each pool. */
  readonly sequences: readonly number[];
  readonly step: MixedStep;
}

export interface BalancedBatch {
  /** Absent where no numbers of micro-batches add up to the batch. */
  readonly balanced?: BatchSplit;
  /** The same number to every replica; absent where the batch does not divide. */
  readonly even?: BatchSplit;
}

export function balancedBatch(c: TrainingCase): BalancedBatch {
  const { pools: spread, layout } = c;
  if (spread?.by !== "data") throw new Error("a batch is balanced over pools of replicas");
  const evaluator = mixedEvaluator(c);
  const splitOf = (sequences: readonly number[]): BatchSplit => {
    const pools = spread.pools.map((pool, index): DataPool => ({ ...pool, sequences: sequences[index]! }));
    return { sequences, step: evaluator.evaluate(layout, { ...spread, pools }) };
  };
  const units = spread.pools.map(({ data }) => data * layout.microBatch * microBatchStep(c));
  const times = evaluator.pools.map((own) => replicaTime(c, own));
  const within = (worst: Fit): number[] | undefined =>
    leastLongest(c.globalBatch, units, (pool, count) => times[pool]!(count, worst));
  const sequences = within("fits") ?? within("tight") ?? within("does-not-fit");
  const even = evenSequences(c, spread.pools);
  return {
    ...(sequences === undefined ? {} : { balanced: climb(splitOf(sequences), units, splitOf) }),
    ...(even === undefined ? {} : { even: splitOf(even) }),
  };
}

/** Moves the least that two pools can exchange, for as long as that makes the step shorter and fit no worse. */
function climb(
  start: BatchSplit,
  units: readonly number[],
  splitOf: (sequences: readonly number[]) => BatchSplit,
): BatchSplit {
  const worse = (a: BatchSplit, b: BatchSplit): number =>
    severity[a.step.breakdown.memory.fit] - severity[b.step.breakdown.memory.fit];
  for (let best = start; ; ) {
    let next = best;
    for (const [from, own] of units.entries()) {
      for (const [to, other] of units.entries()) {
        const moved = (own * other) / greatestCommonDivisor(own, other);
        if (from === to || best.sequences[from]! <= moved) continue;
        const tried = splitOf(
          best.sequences.map((count, pool) => count + (pool === to ? moved : pool === from ? -moved : 0)),
        );
        const shorter = tried.step.breakdown.stepTime < next.step.breakdown.stepTime * (1 - 1e-12);
        if (worse(tried, next) < 0 || (worse(tried, next) === 0 && shorter)) next = tried;
      }
    }
    if (next === best) return best;
    best = next;
  }
}

/** Interleaved schedules run micro-batches in groups of the pipeline's ranks. */
function microBatchStep({ layout }: TrainingCase): number {
  return layout.virtualStages > 1 ? layout.pipeline : 1;
}

/** The same number of sequences to every replica, if the batch divides so. */
export function evenSequences(c: TrainingCase, pools: readonly Pick<DataPool, "data">[]): number[] | undefined {
  const { data, microBatch } = c.layout;
  const each = c.globalBatch / data;
  const whole = Number.isInteger(each / (microBatch * microBatchStep(c)));
  return whole ? pools.map((pool) => each * pool.data) : undefined;
}

/** Pipeline time of one replica by its units of micro-batches; infinite where memory fits worse than asked. */
function replicaTime(c: TrainingCase, own: StepEvaluator): (count: number, worst: Fit) => Seconds {
  const { layout } = c;
  return (count, worst) => {
    const microBatches = count * microBatchStep(c);
    const { context, plan, scheduled, work } = own.stages(layout, microBatches * layout.microBatch * layout.data);
    const { fit } = worstMemory(context.case, plan, context.memory);
    if (severity[fit] > severity[worst]) return Number.POSITIVE_INFINITY;
    return pipelineTime(scheduled.schedule, scheduled.shape, work);
  };
}

/** Sequences of each pool, in its units and at least one, that add up to the batch with the least largest time. */
function leastLongest(
  batch: number,
  units: readonly number[],
  timeOf: (pool: number, count: number) => Seconds,
): number[] | undefined {
  const common = units.reduce(greatestCommonDivisor);
  if (batch % common !== 0) return undefined;
  const width = batch / common + 1;
  let before = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
  before[0] = 0;
  const taken = units.map(() => new Int32Array(width));
  for (const [pool, unit] of units.entries()) {
    const after = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
    for (let count = 1; count * unit <= batch; count++) {
      const time = timeOf(pool, count);
      const shift = (count * unit) / common;
      for (let placed = 0; placed + shift < width; placed++) {
        const longest = Math.max(before[placed]!, time);
        if (longest >= after[placed + shift]!) continue;
        after[placed + shift] = longest;
        taken[pool]![placed + shift] = count;
      }
    }
    before = after;
  }
  if (before[width - 1] === Number.POSITIVE_INFINITY) return undefined;
  const sequences = new Array<number>(units.length).fill(0);
  for (let [pool, left] = [units.length - 1, width - 1]; pool >= 0; pool--) {
    const count = taken[pool]![left]!;
    sequences[pool] = count * units[pool]!;
    left -= (count * units[pool]!) / common;
  }
  return sequences;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
