/**
 * Memory of one accelerator by component, on every pipeline rank; the fullest decides. Parameters fall in three
 * buckets: split by tensor parallelism, replicated, and routed experts. Activations are what backward needs, counted
 * operator by operator. Ignores: temporary peaks inside one operator other than logits.
 * @source korthikanti-2022 @source rajbhandari-2020
 */

import type { Bytes } from "../base/quantity.ts";
import { layerActivationBytes } from "./activation.ts";
import type { TrainingCase } from "./case.ts";
import { expertReplicas, microBatches } from "./parallel.ts";
import type { Fit, MemoryUse } from "./result.ts";
import { scheduleOf } from "./schedule/index.ts";
import { kindOf, type StagePlan } from "./stages.ts";
import { layerWeights, type WeightBuckets } from "./weights.ts";

/** CUDA context, NCCL buffers and library workspaces. @source megatron-bridge-guide */
const outsideAllocator: Bytes = 2.5e9;
/** Share of allocated memory that the caching allocator loses to fragmentation. @source megatron-bridge-guide */
const fragmentation = 0.05;

/** Bytes per local parameter of each kind of state. */
export interface StateBytes {
  readonly weights: number;
  readonly gradients: number;
  readonly optimizer: number;
}

/** State of dense (or routed-expert) parameters per parameter of the rank's slice, over `replicas` data-parallel ranks. */
export function stateBytes(c: TrainingCase, replicas: number): StateBytes {
  const { bytes } = c.software;
  const { sharding, shardGroup } = c.layout;
  const optimizer = bytes.master + bytes.moments;
  const inner = sharding === "hybrid" ? Math.min(shardGroup ?? replicas, replicas) : replicas;
  const weight = c.tuning.method === "lora" ? { gradients: 0, optimizer: 0 } : { gradients: bytes.gradient, optimizer };
  switch (sharding) {
    case "none":
      return { weights: 2, ...weight };
    case "optimizer":
      return { weights: 2, gradients: weight.gradients, optimizer: weight.optimizer / replicas };
    case "gradients":
      return { weights: 2, gradients: weight.gradients / replicas, optimizer: weight.optimizer / replicas };
    case "full":
    case "hybrid":
      // The stored shard is the master copy itself; 16-bit copies exist only while gathered.
      return {
        weights: 0,
        gradients: weight.gradients / inner,
        optimizer: (weight.optimizer + (c.tuning.method === "lora" ? 2 : 0)) / inner,
      };
  }
}

export function memoryUse(c: TrainingCase, plan: StagePlan): MemoryUse {
  let worst: { readonly stage: number; readonly parts: MemoryUse["parts"]; readonly total: number } | undefined;
  for (let rank = 0; rank < c.layout.pipeline; rank++) {
    const parts = rankParts(c, plan, rank);
    const total = parts.reduce((sum, part) => sum + part.value, 0);
    if (worst === undefined || total > worst.total) worst = { stage: rank, parts, total };
  }
  if (worst === undefined) throw new Error("a pipeline has at least one rank");
  return judge(c, worst);
}

function judge(
  c: TrainingCase,
  worst: { readonly stage: number; readonly parts: MemoryUse["parts"]; readonly total: number },
): MemoryUse {
  const capacity = c.cluster.node.accelerator.memory.capacity;
  const value = (names: readonly string[]): number =>
    worst.parts.filter((part) => names.includes(part.name)).reduce((sum, part) => sum + part.value, 0);
  const lost = value(["fragmentation"]);
  const fit: Fit =
    worst.total <= capacity ? "fits" : worst.total - lost - outsideAllocator / 2 <= capacity ? "tight" : "does-not-fit";
  return {
    total: worst.total,
    stage: worst.stage,
    capacity,
    fit,
    parts: worst.parts,
    modelState: value(["weights", "gradients", "optimizer"]),
    activations: value(["activations"]),
    ...(fit === "fits"
      ? {}
      : { binding: { resource: "accelerator memory", needed: worst.total, available: capacity } }),
  };
}

function rankParts(c: TrainingCase, plan: StagePlan, rank: number): MemoryUse["parts"] {
  const state = rankState(c, plan, rank);
  const activations = rankActivations(c, plan, rank);
  const working = gatheredLayers(c, plan) + logitsBytes(c, rank);
  const used = state.weights + state.gradients + state.optimizer + activations + working;
  return [
    { name: "weights", label: "weights", value: state.weights },
    { name: "gradients", label: "gradients", value: state.gradients },
    { name: "optimizer", label: "optimizer state", value: state.optimizer },
    { name: "activations", label: "activations", value: activations },
    { name: "working", label: "gathered layers and logits", value: working },
    { name: "fragmentation", label: "allocator fragmentation", value: fragmentation * used },
    { name: "context", label: "CUDA context, NCCL, workspaces", value: outsideAllocator },
  ];
}

/** Parameters of one rank by bucket, embedding and head included. */
export function rankWeights(c: TrainingCase, plan: StagePlan, rank: number): WeightBuckets {
  const { pipeline, virtualStages } = c.layout;
  const sum = { split: 0, replicated: 0, experts: 0 };
  for (let chunk = 0; chunk < virtualStages; chunk++) {
    const counts = plan.kindCounts[chunk * pipeline + rank] ?? [];
    counts.forEach((count, kind) => {
      const layer = kindOf(c.model, kind);
      if (layer === undefined || count === 0) return;
      const weights = layerWeights(layer, c.layout);
      sum.split += count * weights.split;
      sum.replicated += count * weights.replicated;
      sum.experts += count * weights.experts;
    });
  }
  addEnds(c, rank, sum);
  return sum;
}

/** Embedding on the first rank; head (or a copy of a tied one), final norm and MTP modules on the last. */
function addEnds(c: TrainingCase, rank: number, sum: { split: number; replicated: number; experts: number }): void {
  const { model, layout } = c;
  const table = (model.vocabulary * (model.embedding.width ?? model.hidden)) / layout.tensor;
  if (rank === 0) sum.split += table;
  if (rank === 0) sum.replicated += model.embedding.positionParameters;
  if (rank !== layout.pipeline - 1) return;
  if (model.embedding.tied === "untied" || layout.pipeline > 1) sum.split += table;
  sum.replicated += model.embedding.otherParameters;
  if (model.multiToken === undefined) return;
  const weights = layerWeights(model.multiToken.layer, layout);
  const modules = Math.min(c.multiTokenModules, model.multiToken.modules);
  sum.split += modules * weights.split;
  sum.replicated += modules * (weights.replicated + model.multiToken.otherParameters);
  sum.experts += modules * weights.experts;
}

function rankState(c: TrainingCase, plan: StagePlan, rank: number): StateBytes {
  const buckets = rankWeights(c, plan, rank);
  const dense = stateBytes(c, c.layout.data * c.layout.context);
  const expert = stateBytes(c, expertReplicas(c.layout));
  const denseCount = buckets.split + buckets.replicated;
  return {
    weights: denseCount * dense.weights + buckets.experts * expert.weights,
    gradients: denseCount * dense.gradients + buckets.experts * expert.gradients,
    optimizer: denseCount * dense.optimizer + buckets.experts * expert.optimizer,
  };
}

/** Activations of all micro-batches a rank holds at once. */
function rankActivations(c: TrainingCase, plan: StagePlan, rank: number): Bytes {
  const { pipeline, virtualStages, activationOffload } = c.layout;
  const shape = { ranks: pipeline, chunks: virtualStages, microBatches: microBatches(c.layout, c.globalBatch) };
  const inFlight = scheduleOf(c.layout.schedule).inFlight(shape, rank);
  let perMicroBatch = 0;
  for (let chunk = 0; chunk < virtualStages; chunk++) {
    const counts = plan.kindCounts[chunk * pipeline + rank] ?? [];
    counts.forEach((count, kind) => {
      const layer = kindOf(c.model, kind);
      if (layer !== undefined && count > 0) perMicroBatch += count * layerActivationBytes(c, layer);
    });
  }
  const embedding = rank === 0 ? embeddingActivationBytes(c) : 0;
  return (inFlight * perMicroBatch + Math.min(inFlight, pipeline) * embedding) * (1 - activationOffload);
}

/** Dropout mask and output of the embedding, for each micro-batch in flight. */
function embeddingActivationBytes(c: TrainingCase): Bytes {
  const tokens = (c.layout.microBatch * c.sequenceLength) / c.layout.context;
  const dropout = c.software.kernels.dropout === "on" ? 1 : 0;
  return (tokens * c.model.hidden * dropout) / (c.layout.sequenceParallel === "on" ? c.layout.tensor : 1);
}

/** Logits on the last rank: 16-bit logits and, without a fused loss, their fp32 copy and gradient. */
function logitsBytes(c: TrainingCase, rank: number): Bytes {
  if (rank !== c.layout.pipeline - 1) return 0;
  const tokens = (c.layout.microBatch * c.sequenceLength) / c.layout.context;
  const perLogit = c.software.kernels.crossEntropy === "fused" ? 4 : 10;
  return (tokens * c.model.vocabulary * perLogit) / c.layout.tensor;
}

/** Fully sharded stacks hold the layer in use and the prefetched one, in 16 bit, and one layer's gradients. */
function gatheredLayers(c: TrainingCase, plan: StagePlan): Bytes {
  if (c.layout.sharding !== "full" && c.layout.sharding !== "hybrid") return 0;
  let largest = 0;
  plan.kindCounts.forEach((counts) => {
    counts.forEach((count, kind) => {
      const layer = kindOf(c.model, kind);
      if (layer === undefined || count === 0) return;
      const weights = layerWeights(layer, c.layout);
      largest = Math.max(largest, weights.split + weights.replicated + weights.experts);
    });
  });
  return largest * (2 * c.software.bytes.parameterGather + c.software.bytes.gradientReduce);
}
