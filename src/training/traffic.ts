/**
 * What one rank sends in a step, by dimension of the layout: operation, group and bytes. Times of exchanges come from
 * elsewhere (`exchange/`, `update.ts`); this says how much passes which groups, so that a topology can tell which links
 * carry it. Of the mean pipeline rank; ignores multi-token modules, adapters' own exchanges, drawn sequence lengths and
 * passes without gradients.
 */

import type { Bytes } from "../base/quantity.ts";
import type { LayerKind } from "../catalog/model.ts";
import { tokensPerRank } from "../compute/index.ts";
import type { CollectiveOperation } from "../network/index.ts";
import type { TrainingCase } from "./case.ts";
import { contextMethods, contextWork } from "./exchange/context/index.ts";
import { element } from "./exchange/context/method.ts";
import { stateElements } from "./exchange/context/state.ts";
import { copiesSent } from "./exchange/expert.ts";
import { tensorBlocks } from "./exchange/tensor.ts";
import type { TrafficDimension } from "./layout.ts";
import { expertReplicas, microBatches, stageSize } from "./parallel.ts";
import { scheduleOf } from "./schedule/index.ts";
import { layerShard } from "./shard.ts";
import { gathersOf, reductionsInside } from "./sharding.ts";
import { stagePlan } from "./stages.ts";
import { frozenLayers, learningWeights } from "./tuning.ts";

export interface StepTraffic {
  readonly dimension: TrafficDimension;
  readonly operation: CollectiveOperation;
  /** Ranks of a group and the distance between them; of pipeline the distance to the next stage. */
  readonly size: number;
  readonly stride: number;
  /** Of pipeline: along the line of stages, or around it where ranks hold several chunks. */
  readonly way?: "line" | "around";
  /** Of one group and step, as nccl-tests counts the sizes of its operation. */
  readonly bytes: Bytes;
}

/** Everything that groups of more than one rank exchange in a step. */
export function stepTraffic(c: TrainingCase): readonly StepTraffic[] {
  const found = [tensorTraffic(c), contextTraffic(c), expertTraffic(c), ...weightTraffic(c), pipelineTraffic(c)];
  return found.filter((each) => each !== undefined && each.size > 1 && each.bytes > 0) as StepTraffic[];
}

/** Sum over the layers of one pipeline rank, for all micro-batches of a step. */
function overLayers(c: TrainingCase, of: (kind: LayerKind) => Bytes): Bytes {
  const { model, layout } = c;
  let sum = 0;
  for (const index of model.layers) sum += of(model.layerKinds[index]!);
  return (sum / layout.pipeline) * microBatches(layout, c.globalBatch);
}

/** Whether the forward pass of a part runs again before the backward pass. */
function again({ layout: { recompute } }: TrainingCase, part: "moe" | "none"): number {
  return recompute === "full" || (typeof recompute !== "string" && part !== "none" && recompute.includes(part)) ? 1 : 0;
}

/** All-reduces, or gathers and scatters of the same bytes and a gather more, counted as all-reduces of their wire bytes. */
function tensorTraffic(c: TrainingCase): StepTraffic | undefined {
  const { layout, model } = c;
  const passes = layout.sequenceParallel === "on" ? 2.5 : 2;
  const block = tokensPerRank(layerShard(c)) * model.hidden * element;
  const bytes = overLayers(c, (kind) => tensorBlocks(kind) * block * (passes + again(c, "none")));
  return { dimension: "tensor", operation: "all-reduce", size: layout.tensor, stride: 1, bytes };
}

function contextTraffic(c: TrainingCase): StepTraffic | undefined {
  const { layout, software } = c;
  if (layout.context === 1) return undefined;
  const exchanged = software.contextExchange === "all-to-all" || software.contextExchange === "hierarchical";
  const sent = overLayers(c, ({ mixer }) => contextBytes(c, mixer));
  return {
    dimension: "context",
    operation: exchanged ? "all-to-all" : "all-gather",
    size: layout.context,
    stride: layout.tensor,
    // From bytes that a rank sends to the size that has it send them.
    bytes: (sent * layout.context) / (layout.context - 1),
  };
}

/** What one rank sends around one layer's core or scan in a micro-batch, both passes. */
function contextBytes(c: TrainingCase, mixer: LayerKind["mixer"]): Bytes {
  const { layout, software } = c;
  if (mixer.kind === "none") return 0;
  if ("coreFlop" in mixer) {
    const { inputs, result } = stateElements(mixer);
    const share = (layout.context - 1) / layout.context / layout.tensor;
    return 2 * share * tokensPerRank(layerShard(c)) * (inputs + result) * element;
  }
  const work = contextWork(c, mixer);
  if (work === undefined) return 0;
  const { forward, backward } = contextMethods[software.contextExchange].bytes(work);
  return (1 + again(c, "none")) * forward + backward;
}

/** Dispatch and combine of both passes; of DeepEP and HybridEP the copies that leave their domain. */
function expertTraffic(c: TrainingCase): StepTraffic | undefined {
  const { layout, software, cluster } = c;
  const gathered = software.dispatcher === "all-gather";
  const tokens = tokensPerRank(layerShard(c)) / layout.tensor;
  const domains = Math.max(1, (layout.expert * layout.expertTensor) / cluster.node.scaleUp.domain);
  const bytes = overLayers(c, ({ feedForward: feed }) => {
    if (feed.kind !== "experts") return 0;
    const copies = gathered ? layout.expert : copiesSent(feed, software.dispatcher, domains);
    return tokens * copies * feed.inner * element * (4 + 2 * again(c, "moe"));
  });
  const operation = gathered ? "all-gather" : "all-to-all";
  return { dimension: "expert", operation, size: layout.expert, stride: layout.expertTensor, bytes };
}

/** Gradients and weights: once a step, or in every micro-batch of fully sharded stacks. */
function weightTraffic(c: TrainingCase): StepTraffic[] {
  const { layout, software } = c;
  const plan = stagePlan(c.model, layout, c.highPrecisionLayers, frozenLayers(c));
  const { split, replicated, experts } = learningWeights(c, plan, 0);
  const count = microBatches(layout, c.globalBatch);
  const often = { never: 0, step: 1, forward: count, both: 2 * count }[gathersOf(c)];
  const reduced = Math.max(1, reductionsInside(c) * count);
  const { gradientReduce, parameterGather } = software.bytes;
  // An all-reduce sends twice what a scatter does.
  const gradient = gradientReduce * reduced * (layout.sharding === "none" ? 2 : 1);
  const each = gradient + parameterGather * often;
  const stride = layout.expert * layout.expertTensor;
  const common = { operation: "reduce-scatter" } as const;
  return [
    {
      ...common,
      dimension: "data",
      size: layout.data * layout.context,
      stride: layout.tensor,
      bytes: (split + replicated) * each,
    },
    {
      ...common,
      dimension: "expertData",
      size: Math.min(expertReplicas(layout), stageSize(layout) / stride),
      stride,
      bytes: experts * each,
    },
  ];
}

/** Activations to the next stage and gradients back, of every chunk: both directions together. */
function pipelineTraffic(c: TrainingCase): StepTraffic | undefined {
  const { layout, model } = c;
  if (layout.pipeline === 1) return undefined;
  const tensor = tokensPerRank(layerShard(c)) * model.hidden * element * (model.streams ?? 1);
  const chunks = scheduleOf(layout.schedule).placement === "loop" ? layout.virtualStages : 1;
  const bytes = (2 * chunks * tensor * microBatches(layout, c.globalBatch)) / layout.tensor;
  const common = { dimension: "pipeline", operation: "send-receive", size: layout.pipeline } as const;
  return { ...common, stride: stageSize(layout), way: chunks > 1 ? "around" : "line", bytes };
}
