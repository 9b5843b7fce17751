/**
 * State in host memory: activations go down in the forward pass and come up in the backward pass, optimizer state stays
 * down and is updated there, sharded weights come up before each gather.
 *
 * Ignores: what copies reach of the link's peak, pinning, host memory that other devices use, its capacity.
 * @source ren-2021-zero-offload @source megatron-optimizer-offload @source torch-fully-shard
 */

import type { Bytes, Seconds } from "../base/quantity.ts";
import type { Host } from "../catalog/host.ts";
import type { TrainingCase } from "./case.ts";
import type { updateReplicas } from "./sharding.ts";
import type { WeightBuckets } from "./weights.ts";

function hostOf({ cluster }: TrainingCase): Host {
  const { host, name } = cluster.node;
  if (host === undefined) throw new Error(`${name} has no known host; resolving refuses offload there`);
  return host;
}

/**
 * What copies of activations add to a pass: those that outlast its computation. Over an unknown link, nothing; resolving
 * says so.
 *
 *     max(0, fraction x bytes / link - computation)
 */
export function exposedActivations(c: TrainingCase, bytes: Bytes, computation: Seconds): Seconds {
  const moved = c.layout.activationOffload * bytes;
  const { host } = c.cluster.node;
  return moved === 0 || host === undefined ? 0 : Math.max(0, moved / host.link - computation);
}

/** Sharded weights up, and sharded gradients down, of one gather and one reduction of a unit. */
export interface ShardCopies {
  readonly up: Seconds;
  readonly down: Seconds;
}

const nothing: ShardCopies = { up: 0, down: 0 };

/**
 * Copies of a unit's shards under weight offload: in the type they are stored in up, in the reduced type down. Frozen
 * ones lie in 16 bit (or what `weights` count as such) and have no gradients.
 */
export function shardCopies(
  c: TrainingCase,
  weights: WeightBuckets,
  { replicas, learns }: { readonly replicas: ReturnType<typeof updateReplicas>; readonly learns: boolean },
): ShardCopies {
  if (c.layout.weightOffload !== "on") return nothing;
  const { bytes, state } = c.software;
  const owned = (weights.split + weights.replicated) / replicas.dense + weights.experts / replicas.experts;
  const stored = !learns || state.weightShard === "copy" ? 2 : bytes.master;
  const { link } = hostOf(c);
  return { up: (owned * stored) / link, down: learns ? (owned * bytes.gradientReduce) / link : 0 };
}

/** Share of the optimizer state in host memory. */
export function offloadedShare({ layout }: TrainingCase): number {
  return layout.weightOffload === "on" ? 1 : (layout.optimizerOffload ?? 0);
}

/**
 * Update of `parameters` on the host: gradients go down, the processor reads and writes state at the bandwidth of its
 * memory, 16-bit weights come up (weight offload leaves them there, and its gradients are down already).
 *
 *     in turn      down + host + up
 *     overlapped   max + (sum - max) / blocks
 */
export function hostUpdateTime(c: TrainingCase, parameters: number, blocks: number): Seconds {
  if (parameters === 0) return 0;
  const { bytes, overlap } = c.software;
  const { link, memory } = hostOf(c);
  if (memory === undefined) throw new Error("resolving refuses updates on a host of unknown memory");
  const perAccelerator = memory / c.cluster.node.acceleratorsPerNode;
  const stays = c.layout.weightOffload === "on";
  const down = stays ? 0 : (parameters * bytes.gradient) / link;
  const up = stays ? 0 : (parameters * 2) / link;
  const host = (parameters * (2 * (bytes.master + bytes.moments) + bytes.gradient + 2)) / perAccelerator;
  const sum = down + host + up;
  const most = Math.max(down, host, up);
  return overlap.optimizerOffload === "off" ? sum : most + (sum - most) / Math.max(1, blocks);
}
