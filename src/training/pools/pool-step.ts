/**
 * The step of a job over pools, put together from what each pool does: the pipeline's time, then the update, whose every
 * part waits for the slowest pool (gradients are clipped by the norm of all, so ranks meet before and after it).
 * Ignores: that ranks which finish their last backward early begin their reduction early.
 */

import { log2 } from "../../base/math.ts";
import type { Seconds, Tokens } from "../../base/quantity.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import type { MemoryNumbers } from "../memory.ts";
import type { PipelineWork } from "../schedule/index.ts";
import type { StageParts, StageTimes } from "../stage-times.ts";
import type { StepBreakdown, StepStages } from "../step.ts";
import { type Update, updateTime } from "../update.ts";

/** One pool's part in a step. */
export interface PoolStep {
  readonly name: string;
  readonly cluster: Cluster;
  /** The pool's busiest pipeline rank: its times and its computation for one micro-batch. */
  readonly rank: number;
  readonly busiest: StageTimes;
  readonly parts: StageParts;
  readonly microBatches: number;
  /** Part of the pipeline's time in which that rank does nothing: its bubble, and the wait for slower pools. */
  readonly waiting: Seconds;
  /** The pool's fullest rank. */
  readonly memory: MemoryNumbers;
}

export interface MixedStep {
  /** The rank that works longest, of all pools. */
  readonly breakdown: StepBreakdown;
  readonly parts: StageParts;
  /** Index of the pool that has it, and of the pool whose memory is nearest to its limit. */
  readonly busiestPool: number;
  readonly memoryPool: number;
  readonly pools: readonly PoolStep[];
}

export interface StepPieces {
  readonly stages: readonly StepStages[];
  readonly tokens: Tokens;
  readonly pools: readonly PoolStep[];
  readonly busiestPool: number;
  readonly work: PipelineWork;
  readonly pipeline: Seconds;
  readonly updates: readonly Update[];
}

export function wholeStep({ stages, tokens, pools, busiestPool, work, pipeline, updates }: StepPieces): MixedStep {
  const slowest = (part: keyof Update): Seconds => Math.max(...updates.map((update) => update[part]));
  const update: Update = {
    gradientReduce: slowest("gradientReduce"),
    parameterGather: slowest("parameterGather"),
    optimizer: slowest("optimizer"),
    orthogonalisation: slowest("orthogonalisation"),
    updateInterference: slowest("updateInterference"),
    hostUpdate: slowest("hostUpdate"),
  };
  const fixed = Math.max(...stages.map(({ context }) => context.constants.perStep));
  const jitter = Math.max(...stages.map(({ context }) => context.case.jitter ?? context.constants.jitter));
  const once = pipeline + updateTime(update) + fixed;
  const nodes = pools.reduce((sum, { cluster }) => sum + cluster.accelerators / cluster.node.acceleratorsPerNode, 0);
  const stragglers = nodes > 1 ? once * jitter * Math.ceil(log2(nodes)) : 0;
  const { rank, busiest, parts, microBatches } = pools[busiestPool]!;
  const memoryPool = fullestPool(pools);
  const breakdown: StepBreakdown = {
    stepTime: once + stragglers,
    microBatches,
    rank,
    busiest,
    tokens,
    plan: stages[busiestPool]!.plan,
    work,
    pipeline,
    bubble: Math.max(0, pipeline - microBatches * (busiest.forwardTime + busiest.backwardTime)),
    ...update,
    fixed,
    stragglers,
    auxiliary: [],
    jitter: stages[0]!.context.case.jitter === undefined ? "calibrated" : "given",
    injectedStragglers: 0,
    stragglerStates: "all",
    memory: pools[memoryPool]!.memory,
  };
  return { breakdown, parts, busiestPool, memoryPool, pools };
}

/** How badly memory fits: less is better. */
export const severity = { fits: 0, tight: 1, "does-not-fit": 2 } as const;

/** The pool that fits worst; of equals the one nearest to its capacity. */
function fullestPool(pools: readonly PoolStep[]): number {
  let worst = 0;
  for (let index = 1; index < pools.length; index++) {
    const [known, next] = [pools[worst]!.memory, pools[index]!.memory];
    const worse = severity[next.fit] - severity[known.fit];
    if (worse > 0 || (worse === 0 && next.total / next.capacity > known.total / known.capacity)) worst = index;
  }
  return worst;
}
