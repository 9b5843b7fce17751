/**
 * Model FLOP of a step under the conventions in use; MFU means nothing without one of these names.
 * @source megatron-bridge-summary @source narayanan-2021 @source chowdhery-2022 @source mosaic-mpt
 */

import type { Flop } from "../base/quantity.ts";
import { countParameters, forwardFlopPerToken } from "../catalog/models/index.ts";
import type { AuxiliaryPass, TrainingCase } from "./case.ts";
import { type DocumentGroup, documentGroups, drawRows } from "./lengths/draw.ts";
import type { FlopConvention } from "./result.ts";

type FlopCase = Pick<
  TrainingCase,
  "model" | "sequenceLength" | "lengths" | "globalBatch" | "multiTokenModules" | "tuning" | "objective"
>;

/** Model FLOP of one optimizer step over the whole job; of sequences that differ, each at its own length. */
export function modelFlop(
  c: FlopCase,
  convention: FlopConvention,
  documents: readonly DocumentGroup[] | undefined = drawnDocuments(c),
): Flop {
  if (documents !== undefined) {
    let flop = 0;
    for (const { length, tokens } of documents)
      flop += tokens * flopPerToken({ ...c, sequenceLength: length }, convention);
    return flop;
  }
  return c.globalBatch * c.sequenceLength * flopPerToken(c, convention);
}

function drawnDocuments(c: FlopCase): readonly DocumentGroup[] | undefined {
  return c.lengths === undefined ? undefined : documentGroups(c.lengths, drawRows(c, c.lengths));
}

function flopPerToken(c: FlopCase, convention: FlopConvention): Flop {
  const { model } = c;
  const count = countParameters(model);
  const square = squareCore(c);
  switch (convention) {
    case "megatron-core-2024":
      return threePass(c, "causal");
    case "megatron-sc21":
      return (threePass(c, "square") * 4) / 3 - logitsFlop(c);
    case "korthikanti-model":
      return threePass(c, "square");
    case "palm":
    case "mosaic":
      return 6 * count.active + square;
    case "maxtext":
      return threePass(c, "square");
    case "torchtitan":
      return 6 * count.activeWithoutEmbedding + square;
    case "6nd":
      return 6 * count.active;
  }
}

/**
 * Forward once, backward twice; LoRA's frozen weights have no weight gradient, and layers below everything that learns
 * no backward pass. Passes without gradients (reference, teacher) are counted apart, see `auxiliaryFlop`.
 */
function threePass(c: FlopCase, attention: "causal" | "square"): Flop {
  const flop = forwardFlopPerToken(c.model, c.sequenceLength, attention);
  // A stored module may run more than once (Nemotron 3 trains two steps with one).
  const modules = c.model.multiToken === undefined ? 0 : c.multiTokenModules / Math.max(1, c.model.multiToken.modules);
  const linear = flop.linear + (c.objective?.head === "scalar" ? 0 : flop.logits);
  const rest = flop.core + flop.recurrent;
  const passes = c.tuning.method === "lora" ? 2 : 3;
  return passes * linear + 3 * rest + 3 * modules * flop.multiToken - frozenBackward(c, attention, passes);
}

/** Backward FLOP that the first, frozen layers do not have. */
function frozenBackward(c: FlopCase, attention: "causal" | "square", passes: number): Flop {
  const frozen = c.tuning.frozenLayers ?? 0;
  if (frozen === 0) return 0;
  const below = { ...c.model, layers: c.model.layers.slice(0, frozen) };
  const flop = forwardFlopPerToken(below, c.sequenceLength, attention);
  return (passes - 1) * flop.linear + 2 * (flop.core + flop.recurrent);
}

/** FLOP of one auxiliary pass over a step: forward, causal attention halved. */
export function auxiliaryFlop(c: FlopCase, { model, share }: AuxiliaryPass): Flop {
  const flop = forwardFlopPerToken(model, c.sequenceLength, "causal");
  return c.globalBatch * share * c.sequenceLength * (flop.linear + flop.logits + flop.core + flop.recurrent);
}

/** Attention core, three passes, over the full square. */
function squareCore(c: FlopCase): Flop {
  return 3 * forwardFlopPerToken(c.model, c.sequenceLength, "square").core;
}

/** SC21 counts the head once with its recompute factor of 3, not 4. */
function logitsFlop(c: FlopCase): Flop {
  return forwardFlopPerToken(c.model, c.sequenceLength, "square").logits;
}
