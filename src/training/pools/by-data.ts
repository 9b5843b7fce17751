/**
 * Data-parallel replicas on pools of different hardware: each replica runs its own number of micro-batches on its pool,
 * all meet at the gradient reduction, whose collectives go at the pace of the slowest member. Optimizer shards are even.
 * Ignores: that faster replicas could reduce the first buckets early.
 */

import type { Seconds, Tokens } from "../../base/quantity.ts";
import { worstMemory } from "../memory.ts";
import { busiestRank, rankTimes } from "../pipeline-work.ts";
import { type PipelineWork, pipelineTime } from "../schedule/index.ts";
import { rankParts } from "../stage-times.ts";
import type { StepStages } from "../step.ts";
import { exposedUpdate } from "../update.ts";
import { joinedUpdate } from "./between.ts";
import { type MixedStep, type PoolStep, wholeStep } from "./pool-step.ts";
import type { DataPool, PoolLink } from "./spread.ts";

export interface ReplicasOverPools {
  readonly pools: readonly DataPool[];
  /** The layout's stages as each pool would run them, under the batch that gives every replica this pool's share. */
  readonly stages: readonly StepStages[];
  /** Tokens of one step over all pools. */
  readonly tokens: Tokens;
  readonly between?: PoolLink;
}

interface Replica {
  readonly step: PoolStep;
  readonly work: PipelineWork;
  readonly pipeline: Seconds;
}

export function replicasOverPools({ pools, stages, tokens, between }: ReplicasOverPools): MixedStep {
  const replicas = pools.map((pool, index) => replicaOn(pool, stages[index]!));
  const pipelines = replicas.map(({ pipeline }) => pipeline);
  const pipeline = Math.max(...pipelines);
  const busiestPool = pipelines.indexOf(pipeline);
  const slowest = replicas[busiestPool]!;
  const updates = stages.map(({ context, plan }) =>
    exposedUpdate(context, plan, slowest.step.busiest, {
      rank: 0,
      ...(between === undefined ? {} : { joined: joinedUpdate(context.case, pools.length, between) }),
    }),
  );
  const steps = replicas.map(
    ({ step, pipeline: own }): PoolStep => ({ ...step, waiting: step.waiting + pipeline - own }),
  );
  return wholeStep({ stages, tokens, pools: steps, busiestPool, work: slowest.work, pipeline, updates });
}

/** Sequences of one step if every replica of the job had as many as those of this pool. */
export function batchAlike({ data, sequences }: DataPool, replicas: number): number {
  return (sequences / data) * replicas;
}

function replicaOn({ name, cluster }: DataPool, { context, plan, types, work, scheduled }: StepStages): Replica {
  const { schedule, shape } = scheduled;
  const count = shape.microBatches;
  const pipeline = pipelineTime(schedule, shape, work);
  const rank = busiestRank(work, plan, scheduled);
  const busiest = rankTimes(context, plan, { types, scheduled, rank });
  const step: PoolStep = {
    name,
    cluster,
    rank,
    busiest,
    parts: rankParts(context, plan, rank),
    microBatches: count,
    waiting: Math.max(0, pipeline - count * (busiest.forwardTime + busiest.backwardTime)),
    memory: worstMemory(context.case, plan, context.memory),
  };
  return { step, work, pipeline };
}
