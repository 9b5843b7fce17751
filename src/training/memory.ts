/**
 * Memory of one accelerator by component, on every pipeline rank; the fullest decides. Parameters fall in three
 * buckets: split by tensor parallelism, replicated, and routed experts. Activations are what backward needs, counted
 * operator by operator. Ignores: temporary peaks inside one operator other than logits.
 * @source korthikanti-2022 @source rajbhandari-2020
 */

import type { Bytes } from "../base/quantity.ts";
import { adaptedProjections } from "../compute/index.ts";
import { layerActivationBytes } from "./activation.ts";
import { adapterTargets } from "./adapters.ts";
import type { TrainingCase } from "./case.ts";
import { contextBuffers } from "./exchange/context/index.ts";
import { denseReplicas, expertReplicas, microBatches } from "./parallel.ts";
import type { Fit, MemoryUse } from "./result.ts";
import { scheduleOf } from "./schedule/index.ts";
import { costedKinds, kindOf, type StagePlan } from "./stages.ts";
import { frozenLayers, frozenWeights, learningWeights, learnsIn, storedBytes, unpackBytes } from "./tuning.ts";
import { layerWeights, type WeightBuckets } from "./weights.ts";

/** CUDA context, NCCL buffers and library workspaces. @source megatron-bridge-guide */
const outsideAllocator: Bytes = 2.5e9;
/** Share of allocated memory that the caching allocator loses to fragmentation. @source megatron-bridge-guide */
const fragmentationShare = 0.05;

/** The fullest rank, in bytes. */
export interface MemoryNumbers {
  readonly rank: number;
  readonly weights: Bytes;
  readonly gradients: Bytes;
  readonly optimizer: Bytes;
  readonly activations: Bytes;
  /** Gathered layers of sharded stacks, and logits. */
  readonly working: Bytes;
  /** Weights of reference or teacher models. */
  readonly auxiliary: Bytes;
  /** Buffers of the context exchange around one layer's core. */
  readonly exchange: Bytes;
  readonly fragmentation: Bytes;
  readonly total: Bytes;
  readonly capacity: Bytes;
  readonly fit: Fit;
}

/** What depends only on the degrees that divide a layer. */
export interface MemoryCosts {
  /** Activations of one layer of each costed kind, one micro-batch. */
  readonly activations: readonly Bytes[];
  readonly embedding: Bytes;
  readonly logits: Bytes;
  /** Largest product's frozen weights, unpacked to 16 bit for it; 0 where they are used as they lie. */
  readonly unpacked: Bytes;
  /** Largest gathered layer with its prefetched neighbour and gradients; 0 unless fully sharded. */
  readonly gathered: Bytes;
  /** Largest buffers of a layer's context exchange. */
  readonly exchange: Bytes;
}

export function memoryCosts(c: TrainingCase): MemoryCosts {
  const kinds = c.model.layerKinds.length;
  const { tensor, context, microBatch, sequenceParallel, sharding } = c.layout;
  const tokens = (microBatch * c.sequenceLength) / context;
  const dropout = c.software.kernels.dropout === "on" ? 1 : 0;
  const teacher = c.objective?.method === "distillation" ? 2 : 0;
  const perLogit = c.software.kernels.crossEntropy === "fused" ? 4 : 10;
  return {
    activations: Array.from({ length: costedKinds(c.model, frozenLayers(c)) }, (_, index) => {
      const kind = kindOf(c.model, index);
      // Below everything that learns nothing is kept.
      return kind === undefined || !learnsIn(c, index)
        ? 0
        : layerActivationBytes(index < kinds ? c : { ...c, precision: "bf16" }, kind);
    }),
    embedding: (tokens * c.model.hidden * dropout) / (sequenceParallel === "on" ? tensor : 1),
    logits: c.objective?.head === "scalar" ? 0 : (tokens * c.model.vocabulary * (perLogit + teacher)) / tensor,
    unpacked: unpackedWeights(c),
    gathered: sharding === "full" || sharding === "hybrid" ? gatheredLayers(c) : 0,
    exchange: c.model.layerKinds.reduce((most, kind) => Math.max(most, contextBuffers(c, kind)), 0),
  };
}

/** Fully sharded stacks hold the layer in use and the prefetched one, and one layer's gradients. */
function gatheredLayers(c: TrainingCase): Bytes {
  let largest = 0;
  for (const kind of c.model.layerKinds) {
    const weights = layerWeights(kind, c.layout);
    largest = Math.max(largest, weights.split + weights.replicated + weights.experts);
  }
  if (c.tuning.method === "full") {
    return largest * (2 * c.software.bytes.parameterGather + c.software.bytes.gradientReduce);
  }
  // Frozen layers have no gradients.
  const stored = storedBytes(c.tuning.base) / 2;
  return largest * 2 * stored * c.software.bytes.parameterGather;
}

/** Weights are unpacked for one product at a time, or for one of all local experts. */
function unpackedWeights(c: TrainingCase): Bytes {
  if ((unpackBytes(c, c.precision)?.forward ?? 0) === 0) return 0;
  const { tensor, expert, expertTensor } = c.layout;
  let largest = 0;
  for (const kind of c.model.layerKinds) {
    for (const { in: from, out, split, copies } of adaptedProjections(kind, c.model.hidden, adapterTargets)) {
      const ways = split === "replicated" ? 1 : split.startsWith("expert") ? expert * expertTensor : tensor;
      largest = Math.max(largest, (copies * from * out) / ways);
    }
  }
  return 2 * largest;
}

/** The fullest of some pipeline ranks. Of ranks that hold the same, the first holds the most activations. */
export function worstMemory(
  c: TrainingCase,
  plan: StagePlan,
  costs: MemoryCosts,
  {
    auxiliary = () => 0,
    ranks = plan.distinctRanks,
  }: { readonly auxiliary?: (rank: number) => Bytes; readonly ranks?: readonly number[] } = {},
): MemoryNumbers {
  const shape = {
    ranks: c.layout.pipeline,
    chunks: c.layout.virtualStages,
    microBatches: microBatches(c.layout, c.globalBatch),
  };
  const schedule = scheduleOf(c.layout.schedule);
  let worst: MemoryNumbers | undefined;
  for (const rank of ranks) {
    const numbers = rankMemory(c, plan, {
      rank,
      costs,
      inFlight: schedule.inFlight(shape, rank),
      auxiliary: auxiliary(rank),
    });
    if (worst === undefined || numbers.total > worst.total) worst = numbers;
  }
  if (worst === undefined) throw new Error("a pipeline has at least one rank");
  return worst;
}

interface StateBytes {
  readonly weights: Bytes;
  readonly gradients: Bytes;
  readonly optimizer: Bytes;
}

/** State of dense (or routed-expert) parameters, bytes per parameter of the rank's slice, over `replicas` ranks. */
export function stateBytes(c: TrainingCase, replicas: number, learns: boolean): StateBytes {
  const { bytes } = c.software;
  const { sharding, shardGroup } = c.layout;
  const gradients = learns ? bytes.gradient : 0;
  const optimizer = learns ? bytes.master + bytes.moments : 0;
  const inner = sharding === "hybrid" ? Math.min(shardGroup ?? replicas, replicas) : replicas;
  switch (sharding) {
    case "none":
      return { weights: 2, gradients, optimizer };
    case "optimizer":
      return { weights: 2, gradients, optimizer: optimizer / replicas };
    case "gradients":
      return { weights: 2, gradients: gradients / replicas, optimizer: optimizer / replicas };
    case "full":
    case "hybrid":
      // The stored shard is the master copy itself (frozen weights stay in 16 bit); others exist only while gathered.
      return { weights: 0, gradients: gradients / inner, optimizer: (learns ? optimizer : 2) / inner };
  }
}

/** State of one rank: its weights that learn, adapters where there are some, and those that do not. */
function rankState(c: TrainingCase, plan: StagePlan, rank: number): StateBytes {
  const learning = stateOf(c, learningWeights(c, plan, rank), true);
  if (c.tuning.method === "full" && frozenLayers(c) === 0) return learning;
  const frozen = stateOf(c, frozenWeights(c, plan, rank), false);
  return {
    weights: frozen.weights + learning.weights,
    gradients: frozen.gradients + learning.gradients,
    optimizer: frozen.optimizer + learning.optimizer,
  };
}

/** State of so many parameters of one rank. */
export function stateOf(c: TrainingCase, { split, replicated, experts }: WeightBuckets, learns: boolean): StateBytes {
  const dense = stateBytes(c, denseReplicas(c.layout), learns);
  const expert = stateBytes(c, expertReplicas(c.layout), learns);
  const count = split + replicated;
  return {
    weights: count * dense.weights + experts * expert.weights,
    gradients: count * dense.gradients + experts * expert.gradients,
    optimizer: count * dense.optimizer + experts * expert.optimizer,
  };
}

function rankMemory(
  c: TrainingCase,
  plan: StagePlan,
  at: {
    readonly rank: number;
    readonly costs: MemoryCosts;
    readonly inFlight: number;
    readonly auxiliary: Bytes;
  },
): MemoryNumbers {
  const { rank, costs, auxiliary } = at;
  const { weights, gradients, optimizer } = rankState(c, plan, rank);
  const activations = rankActivations(c, plan, at);
  const working = costs.gathered + costs.unpacked + (holdsLoss(plan, rank) ? costs.logits : 0);
  const { exchange } = costs;
  const allocated = weights + gradients + optimizer + activations + working + exchange + auxiliary;
  const fragmentation = fragmentationShare * allocated;
  const total = allocated + fragmentation + outsideAllocator;
  const capacity = c.cluster.node.accelerator.memory.capacity;
  return {
    rank,
    weights,
    gradients,
    optimizer,
    activations,
    working,
    auxiliary,
    exchange,
    fragmentation,
    total,
    capacity,
    fit: fitOf(total, fragmentation, capacity),
  };
}

function holdsLoss(plan: StagePlan, rank: number): boolean {
  for (const index of plan.rankTypes[rank]!) if (plan.types[index]!.last) return true;
  return false;
}

/** Tight: fits only if fragmentation and the context turn out smaller than usual. */
function fitOf(total: Bytes, fragmentation: Bytes, capacity: Bytes): Fit {
  if (total <= capacity) return "fits";
  return total - fragmentation - outsideAllocator / 2 <= capacity ? "tight" : "does-not-fit";
}

/** Activations of all micro-batches a rank holds at once. */
function rankActivations(
  c: TrainingCase,
  plan: StagePlan,
  at: { readonly rank: number; readonly costs: MemoryCosts; readonly inFlight: number },
): Bytes {
  const { pipeline, activationOffload } = c.layout;
  let perMicroBatch = 0;
  let holdsFirst = false;
  for (const index of plan.rankTypes[at.rank]!) {
    const { counts, first } = plan.types[index]!;
    holdsFirst ||= first;
    for (let kind = 0; kind < counts.length; kind++) perMicroBatch += counts[kind]! * at.costs.activations[kind]!;
  }
  const embedding = holdsFirst ? Math.min(at.inFlight, pipeline) * at.costs.embedding : 0;
  return (at.inFlight * perMicroBatch + embedding) * (1 - activationOffload);
}

/** The numbers with their names, as predictions show them. */
export function memoryUse(numbers: MemoryNumbers): MemoryUse {
  const { total, capacity, fit } = numbers;
  return {
    total,
    stage: numbers.rank,
    modelState: numbers.weights + numbers.gradients + numbers.optimizer,
    activations: numbers.activations,
    parts: [
      { name: "weights", label: "weights", value: numbers.weights },
      { name: "gradients", label: "gradients", value: numbers.gradients },
      { name: "optimizer", label: "optimizer state", value: numbers.optimizer },
      { name: "activations", label: "activations", value: numbers.activations },
      { name: "working", label: "gathered layers and logits", value: numbers.working },
      ...(numbers.auxiliary === 0
        ? []
        : [{ name: "auxiliary", label: "reference or teacher weights", value: numbers.auxiliary }]),
      ...(numbers.exchange === 0
        ? []
        : [{ name: "exchange", label: "buffers of the context exchange", value: numbers.exchange }]),
      { name: "fragmentation", label: "allocator fragmentation", value: numbers.fragmentation },
      { name: "context", label: "CUDA context, NCCL, workspaces", value: outsideAllocator },
    ],
    capacity,
    fit,
    ...(fit === "fits" ? {} : { binding: { resource: "accelerator memory", needed: total, available: capacity } }),
  };
}
