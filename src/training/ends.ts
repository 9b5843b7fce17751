/**
 * The two ends of the pipeline: embedding on the first stage; final norm, head, loss and MTP on the last, or wherever the
 * layout puts them. An MTP module elsewhere runs its layer there and its pass through the head with the loss.
 */

import type { Seconds } from "../base/quantity.ts";
import {
  addParts,
  emptyParts,
  type Kernels,
  type PartTimes,
  tokensBetweenBlocks,
  tokensPerRank,
} from "../compute/index.ts";
import type { TrainingCase } from "./case.ts";
import { recipeOf } from "./recipe.ts";
import { accumulationBytes, layerShard } from "./shard.ts";
import { frozenLayers } from "./tuning.ts";

export interface EndCost {
  readonly forward: PartTimes;
  readonly backward: PartTimes;
  /** Part of the backward that only weight gradients need. */
  readonly weight: Seconds;
}

/** Embedding lookup: gather rows forward, scatter-add gradients backward where the table learns. */
export function embeddingCost(c: TrainingCase, kernels: Kernels): EndCost {
  const bytes = tokensPerRank(layerShard(c)) * c.model.hidden * 2;
  const forward = emptyParts();
  const backward = emptyParts();
  forward.elementwise = kernels.memoryPass(2 * bytes);
  const learns = c.tuning.method === "full" && frozenLayers(c) === 0;
  if (learns) backward.elementwise = kernels.memoryPass(3 * bytes);
  return { forward, backward, weight: backward.elementwise };
}

/**
 * Final norm, logits (2 h V FLOP a token) and cross-entropy. Fused losses read 16-bit logits twice and write their
 * gradient; eager ones convert to fp32 and keep a softmax beside it.
 */
export function headCost(c: TrainingCase, kernels: Kernels): EndCost {
  const tokens = tokensPerRank(layerShard(c));
  const columns = c.model.vocabulary / c.layout.tensor;
  const { wide } = recipeOf(c.precision);
  const forward = emptyParts();
  const backward = emptyParts();
  const norm = tokensBetweenBlocks(layerShard(c)) * c.model.hidden * 2;
  if (c.objective?.head === "scalar") {
    // One column: reading the hidden states is all it takes, with the norm.
    forward.elementwise = kernels.memoryPass(3 * norm);
    backward.elementwise = kernels.memoryPass(5 * norm);
    return { forward, backward, weight: 0 };
  }
  const weight = c.tuning.method === "full" ? kernels.gemm(wide, columns, c.model.hidden, tokens) : 0;
  forward.matrix = kernels.gemm(wide, tokens, columns, c.model.hidden);
  backward.matrix = kernels.gemm(wide, tokens, c.model.hidden, columns) + weight;
  const logits = tokens * columns;
  const passes =
    c.software.kernels.crossEntropy === "fused" ? { forward: 6, backward: 4 } : { forward: 22, backward: 16 };
  // Distillation reads the teacher's logits as it does its own: maximum and sum, then the divergence; and backward.
  const teacher = c.objective?.method === "distillation" ? { forward: 4, backward: 2 } : { forward: 0, backward: 0 };
  forward.elementwise = kernels.memoryPass((passes.forward + teacher.forward) * logits) + kernels.memoryPass(2 * norm);
  const summed = accumulationBytes(c) * columns * c.model.hidden;
  backward.elementwise =
    kernels.memoryPass((passes.backward + teacher.backward) * logits) +
    kernels.memoryPass(3 * norm) +
    (summed > 0 ? kernels.memoryPass(summed) : 0);
  return { forward, backward, weight };
}

/** What an MTP module adds beside its own layer: fusion projection of 2 h to h, and a second pass through the head. */
export function multiTokenCost(head: EndCost, fusion: EndCost): EndCost {
  const forward = emptyParts();
  const backward = emptyParts();
  addParts(forward, head.forward);
  addParts(backward, head.backward);
  addParts(forward, fusion.forward);
  addParts(backward, fusion.backward);
  return { forward, backward, weight: head.weight + fusion.weight };
}

/** The fusion projection of an MTP module, which sits with its layer. */
export function fusionCost(c: TrainingCase, kernels: Kernels): EndCost {
  const forward = emptyParts();
  const backward = emptyParts();
  const tokens = tokensPerRank(layerShard(c));
  const h = c.model.hidden;
  const { wide } = recipeOf(c.precision);
  forward.matrix = kernels.gemm(wide, tokens, h, 2 * h);
  const weight = c.tuning.method === "full" ? kernels.gemm(wide, h, 2 * h, tokens) : 0;
  backward.matrix = kernels.gemm(wide, tokens, 2 * h, h) + weight;
  return { forward, backward, weight };
}
