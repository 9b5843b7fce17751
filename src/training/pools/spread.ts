/**
 * A job over pools of different hardware: which pool runs which pipeline stages, or which data-parallel replicas. Inside
 * a pool all nodes are alike; tensor, context and expert groups never leave one.
 */

import type { BytesPerSecond, FlopPerSecond, Seconds } from "../../base/quantity.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import type { TrainingCase, TrainingPrecision } from "../case.ts";

export interface Pool {
  readonly name: string;
  readonly cluster: Cluster;
  /** Where its accelerators run another recipe than the rest of the job. */
  readonly precision?: TrainingPrecision;
}

export interface PipelinePool extends Pool {
  /** Pipeline ranks on this pool; pools follow each other in pipeline order. */
  readonly stages: number;
}

export interface DataPool extends Pool {
  /** Data-parallel replicas on this pool. */
  readonly data: number;
  /** Sequences of one step that they train together. */
  readonly sequences: number;
}

/** The link from each pool to the next one where it is slower than their ports: two halls, two sites. */
export interface PoolLink {
  /** All of it, one direction. */
  readonly bandwidth: BytesPerSecond;
  /** Added to each message's way. */
  readonly latency: Seconds;
}

export type PoolSpread =
  | { readonly by: "pipeline"; readonly pools: readonly PipelinePool[]; readonly between?: PoolLink }
  | { readonly by: "data"; readonly pools: readonly DataPool[]; readonly between?: PoolLink };

/** The job as if all of its hardware were this pool's. */
export function caseOnPool(c: TrainingCase, pool: Pool): TrainingCase {
  const { pools: _, ...common } = c;
  return { ...common, cluster: pool.cluster, precision: pool.precision ?? c.precision };
}

/** The clusters of a job: one for each pool, or the only one. */
export function clustersOf(c: TrainingCase): readonly Cluster[] {
  return c.pools === undefined ? [c.cluster] : c.pools.pools.map(({ cluster }) => cluster);
}

/** Dense 16-bit peak of all accelerators together over their number; undefined where a datasheet has none. */
export function meanPeak(c: TrainingCase): FlopPerSecond | undefined {
  const clusters = clustersOf(c);
  const peaks = clusters.map(({ node: { accelerator } }) => accelerator.peak.bf16 ?? accelerator.peak.fp16);
  if (clusters.length === 1) return peaks[0];
  let [sum, count] = [0, 0];
  for (const [index, { accelerators }] of clusters.entries()) {
    const peak = peaks[index];
    if (peak === undefined) return undefined;
    sum += accelerators * peak;
    count += accelerators;
  }
  return sum / count;
}
