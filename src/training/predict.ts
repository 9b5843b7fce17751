/** A training case to its prediction: step time and where it goes, memory, model FLOP, what was assumed. */

import { formatQuantity } from "../base/quantity.ts";
import type { TrainingCase } from "./case.ts";
import { auxiliaryFlop, modelFlop } from "./flop.ts";
import { memoryUse } from "./memory.ts";
import type { TrainingPrediction } from "./result.ts";
import type { StageParts } from "./stage-times.ts";
import { type StepBreakdown, type StepEvaluator, stepEvaluator } from "./step.ts";
import { type StragglerRemoval, stragglerRemovals } from "./stragglers/removal.ts";
import { stepTerm } from "./term.ts";

export interface TrainingRun extends TrainingPrediction {
  readonly breakdown: StepBreakdown;
  /** What the busiest rank computes for one micro-batch. */
  readonly parts: StageParts;
  /** What removing each straggler of the case is worth. */
  readonly removals: readonly StragglerRemoval[];
}

/** Predicts one step; `evaluator` may be shared between layouts of the same case. */
export function predictTraining(c: TrainingCase, evaluator: StepEvaluator = stepEvaluator(c)): TrainingRun {
  const breakdown = evaluator.evaluate(c.layout);
  const parts = evaluator.parts(c.layout, breakdown.rank);
  const { busiest, microBatches } = breakdown;
  const inside = busiest.tensor + busiest.context + busiest.expert + busiest.sharded + busiest.transfer;
  return {
    stepTime: breakdown.stepTime,
    bubbleTime: breakdown.bubble,
    exposedCommunicationTime: microBatches * inside + breakdown.gradientReduce + breakdown.parameterGather,
    modelFlop: modelFlop(c, "megatron-core-2024"),
    memory: memoryUse(breakdown.memory),
    term: stepTerm(breakdown, parts),
    assumptions: assumptions(c, breakdown, evaluator),
    warnings: [],
    breakdown,
    parts,
    removals: removals(c, breakdown, evaluator),
  };
}

function removals(c: TrainingCase, breakdown: StepBreakdown, evaluator: StepEvaluator): readonly StragglerRemoval[] {
  if (c.stragglers === undefined) return [];
  return stragglerRemovals(c.stragglers.list, breakdown, (list) => evaluator.stragglerEffect(c.layout, list));
}

function assumptions(
  c: TrainingCase,
  breakdown: StepBreakdown,
  evaluator: StepEvaluator,
): TrainingPrediction["assumptions"] {
  const list: { readonly path: string; readonly value: string; readonly reason: string }[] = [];
  const { basis } = evaluator.kernels;
  if (basis.trust !== "measured")
    list.push({ path: "cluster.node.accelerator", value: `kernel efficiencies ${basis.trust}`, reason: basis.note });
  if (c.objective !== undefined) {
    const reason = `no measured step of ${c.objective.method} is in the evidence`;
    list.push({ path: "workload.objective", value: "intervals are those of plain training steps", reason });
  }
  for (const pass of c.objective?.passes ?? []) {
    const flop = formatQuantity(auxiliaryFlop(c, pass), "flop");
    list.push({
      path: "workload.objective",
      value: `${pass.name} pass: ${flop} a step`,
      reason: "forward passes without gradients are counted apart from model FLOP",
    });
  }
  for (const text of c.model.assumptions)
    list.push({ path: "workload.model", value: text, reason: "not stated by the model's configuration" });
  if (breakdown.stragglerStates === "drawn") {
    const reason = "too many states of slow places to add them all up; the seed decides which are drawn";
    list.push({ path: "stragglers", value: "unlikely states drawn at random", reason });
  }
  return list;
}
