/**
 * Memory of one accelerator by component, on every pipeline rank; the fullest decides. Parameters fall in three
 * buckets: split by tensor parallelism, replicated, and routed experts. Activations are what backward needs, counted
 * operator by operator. Ignores: temporary peaks inside one operator other than logits.
 * @source korthikanti-2022 @source rajbhandari-2020
 */

import type { Bytes } from "../base/quantity.ts";
import { adaptedProjections } from "../compute/index.ts";
import { layerActivationBytes, liveLayerBytes } from "./activation.ts";
import { adapterTargets } from "./adapters.ts";
import type { TrainingCase } from "./case.ts";
import { contextBuffers } from "./exchange/context/index.ts";
import { graphBytes } from "./graphs.ts";
import { matrixParameters, rankMatrices } from "./muon.ts";
import { offloadedShare } from "./offload.ts";
import { denseReplicas, expertReplicas, microBatches } from "./parallel.ts";
import type { Fit, MemoryUse } from "./result.ts";
import { scheduleOf } from "./schedule/index.ts";
import { inRounds, keptWeights, reductionsInside, type StateBytes, stateBytes, updateReplicas } from "./sharding.ts";
import { costedKinds, kindOf, type StagePlan } from "./stages.ts";
import { frozenLayers, frozenWeights, learningWeights, learnsIn, storedBytes, unpackBytes } from "./tuning.ts";
import { layerWeights, rankWeights, type WeightBuckets } from "./weights.ts";

export interface Overhead {
  /** Outside the allocator. */
  readonly outside: Bytes;
  /** Share of allocated memory that is lost to fragmentation. */
  readonly fragmentation: number;
  readonly label: string;
}

/** CUDA context, NCCL buffers and library workspaces, beside a caching allocator. @source megatron-bridge-guide */
const eager: Overhead = { outside: 2.5e9, fragmentation: 0.05, label: "CUDA context, NCCL, workspaces" };
/** The compiler places every buffer; the runtime reserves 0.25 to 1.25 GiB by generation. @source xla-tpu-memory */
const compiled: Overhead = { outside: 0.8e9, fragmentation: 0.005, label: "reserved by the runtime" };

export function overheadOf(c: TrainingCase): Overhead {
  return c.software.host === "xla" ? compiled : eager;
}

/** The fullest rank, in bytes. */
export interface MemoryNumbers {
  readonly rank: number;
  readonly weights: Bytes;
  readonly gradients: Bytes;
  readonly optimizer: Bytes;
  readonly activations: Bytes;
  /** Gathered layers of sharded stacks; the larger of one layer's backward pass and logits. */
  readonly working: Bytes;
  /** Weights of reference or teacher models. */
  readonly auxiliary: Bytes;
  /** Buffers of the context exchange around one layer's core. */
  readonly exchange: Bytes;
  /** Fixed inputs of graphs. */
  readonly graphs: Bytes;
  readonly fragmentation: Bytes;
  /** Outside the allocator. */
  readonly outside: { readonly label: string; readonly value: Bytes };
  readonly total: Bytes;
  readonly capacity: Bytes;
  readonly fit: Fit;
}

/** What depends only on the degrees that divide a layer. */
export interface MemoryCosts {
  /** Activations of one layer of each costed kind, one micro-batch. */
  readonly activations: readonly Bytes[];
  /** Largest layer's activations that only its own backward pass holds. */
  readonly live: Bytes;
  readonly embedding: Bytes;
  readonly logits: Bytes;
  /** Largest product's frozen weights, unpacked to 16 bit for it; 0 where they are used as they lie. */
  readonly unpacked: Bytes;
  /** Fixed buffers of graphs, of one layer of each costed kind, one micro-batch. */
  readonly graphs: readonly Bytes[];
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
    graphs: Array.from({ length: costedKinds(c.model, frozenLayers(c)) }, (_, index) => {
      const kind = kindOf(c.model, index);
      return kind === undefined ? 0 : graphBytes(c, kind);
    }),
    live: liveLayer(c),
    embedding: (tokens * c.model.hidden * dropout) / (sequenceParallel === "on" ? tensor : 1),
    logits: c.objective?.head === "scalar" ? 0 : (tokens * c.model.vocabulary * (perLogit + teacher)) / tensor,
    unpacked: unpackedWeights(c),
    gathered: sharding === "none" || sharding === "optimizer" ? 0 : gatheredLayers(c),
    exchange: c.model.layerKinds.reduce((most, kind) => Math.max(most, contextBuffers(c, kind)), 0),
  };
}

/** Of layers that learn something, the one whose backward pass holds most beyond what was kept. */
function liveLayer(c: TrainingCase): Bytes {
  let most = 0;
  for (let index = 0; index < c.model.layerKinds.length; index++) {
    if (learnsIn(c, index)) most = Math.max(most, liveLayerBytes(c, c.model.layerKinds[index]!));
  }
  return most;
}

/** Fully sharded stacks hold the layer in use and the prefetched one; sharded gradients are whole for one layer. */
function gatheredLayers(c: TrainingCase): Bytes {
  let largest = 0;
  for (const kind of c.model.layerKinds) {
    const weights = layerWeights(kind, c.layout);
    largest = Math.max(largest, weights.split + weights.replicated + weights.experts);
  }
  const { parameterGather, gradientReduce } = c.software.bytes;
  const whole = c.layout.sharding === "gradients" ? 0 : 2 * parameterGather;
  if (c.tuning.method === "full") return largest * (whole + (reductionsInside(c) === 1 ? gradientReduce : 0));
  // Frozen layers have no gradients.
  return (largest * whole * storedBytes(c.tuning.base)) / 2;
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

/** State of one rank: its weights that learn, adapters where there are some, and those that do not. */
function rankState(c: TrainingCase, plan: StagePlan, rank: number): StateBytes {
  if (c.layout.weightOffload === "on") return { weights: 0, gradients: 0, optimizer: 0 };
  const learning = learningState(c, plan, rank);
  if (c.tuning.method === "full" && frozenLayers(c) === 0) return learning;
  const frozen = stateOf(c, frozenWeights(c, plan, rank), false);
  return {
    weights: frozen.weights + learning.weights,
    gradients: frozen.gradients + learning.gradients,
    optimizer: frozen.optimizer + learning.optimizer,
  };
}

/** State of what learns, less what lies in host memory and the moments that the optimizer does not keep. */
function learningState(c: TrainingCase, plan: StagePlan, rank: number): StateBytes {
  const { weights, gradients, optimizer } = stateOf(c, learningWeights(c, plan, rank), true);
  const kept = optimizer - missingMoments(c, plan, rank);
  return { weights, gradients, optimizer: kept * (1 - offloadedShare(c)) };
}

/** Bytes of second moments that Muon's matrices, or all of plain momentum, do not have. */
function missingMoments(c: TrainingCase, plan: StagePlan, rank: number): Bytes {
  const { optimizerRule, bytes } = c.software;
  if (optimizerRule === "adam") return 0;
  const { dense, experts } = updateReplicas(c);
  const second = bytes.moments / 2;
  if (optimizerRule === "sgd") {
    const all = learningWeights(c, plan, rank);
    return second * ((all.split + all.replicated) / dense + all.experts / experts);
  }
  const matrices = rankMatrices(c, plan, rank);
  return second * (matrixParameters(matrices, "no") / dense + matrixParameters(matrices, "yes") / experts);
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
  const kept = keptWeights(c, rankWeights(c, plan, rank));
  // A round's gradients are whole until the chunk has run it.
  const inRound = inRounds(c) && reductionsInside(c) > 0;
  const round = inRound
    ? (c.software.bytes.gradient * parametersOf(learningWeights(c, plan, rank))) / c.layout.virtualStages
    : 0;
  // Logits are gone when the last layer's backward pass begins.
  const peak = Math.max(costs.live, holdsLoss(plan, rank) ? costs.logits : 0);
  const graphs = at.inFlight * perMicroBatch(plan, rank, costs.graphs);
  const working = costs.gathered + costs.unpacked + kept + round + peak;
  const { exchange } = costs;
  const allocated = weights + gradients + optimizer + activations + working + exchange + graphs + auxiliary;
  const overhead = overheadOf(c);
  const fragmentation = overhead.fragmentation * allocated;
  const total = allocated + fragmentation + overhead.outside;
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
    graphs,
    fragmentation,
    total,
    capacity,
    outside: { label: overhead.label, value: overhead.outside },
    fit: fitOf(total, fragmentation + overhead.outside / 2, capacity),
  };
}

function holdsLoss(plan: StagePlan, rank: number): boolean {
  for (const index of plan.rankTypes[rank]!) if (plan.types[index]!.last) return true;
  return false;
}

function parametersOf({ split, replicated, experts }: WeightBuckets): number {
  return split + replicated + experts;
}

/** Tight: fits only if fragmentation and the context turn out smaller than usual. */
function fitOf(total: Bytes, spare: Bytes, capacity: Bytes): Fit {
  if (total <= capacity) return "fits";
  return total - spare <= capacity ? "tight" : "does-not-fit";
}

/** Activations of all micro-batches a rank holds at once. */
function rankActivations(
  c: TrainingCase,
  plan: StagePlan,
  at: { readonly rank: number; readonly costs: MemoryCosts; readonly inFlight: number },
): Bytes {
  const { pipeline, activationOffload } = c.layout;
  const layers = perMicroBatch(plan, at.rank, at.costs.activations);
  const holdsFirst = plan.rankTypes[at.rank]!.some((index) => plan.types[index]!.first);
  const embedding = holdsFirst ? Math.min(at.inFlight, pipeline) * at.costs.embedding : 0;
  return (at.inFlight * layers + embedding) * (1 - activationOffload);
}

/** Bytes by costed kind, summed over the layers of a rank. */
function perMicroBatch(plan: StagePlan, rank: number, bytes: readonly Bytes[]): Bytes {
  let sum = 0;
  for (const index of plan.rankTypes[rank]!) {
    const { counts } = plan.types[index]!;
    for (let kind = 0; kind < counts.length; kind++) sum += counts[kind]! * bytes[kind]!;
  }
  return sum;
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
      { name: "working", label: "gathered layers, one layer's backward pass, logits", value: numbers.working },
      ...(numbers.auxiliary === 0
        ? []
        : [{ name: "auxiliary", label: "reference or teacher weights", value: numbers.auxiliary }]),
      ...(numbers.exchange === 0
        ? []
        : [{ name: "exchange", label: "buffers of the context exchange", value: numbers.exchange }]),
      ...(numbers.graphs > 0 ? [{ name: "graphs", label: "fixed inputs of graphs", value: numbers.graphs }] : []),
      { name: "fragmentation", label: "allocator fragmentation", value: numbers.fragmentation },
      { name: "context", ...numbers.outside },
    ],
    capacity,
    fit,
    ...(fit === "fits" ? {} : { binding: { resource: "accelerator memory", needed: total, available: capacity } }),
  };
}
