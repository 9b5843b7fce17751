/** A training case to its prediction: step time and where it goes, memory, model FLOP, what was assumed. */

import type { TrainingCase } from "./case.ts";
import { modelFlop } from "./flop.ts";
import { lengthAssumptions } from "./lengths/assumptions.ts";
import { memoryUse } from "./memory.ts";
import type { TrainingPrediction } from "./result.ts";
import type { StageParts } from "./stage-times.ts";
import { type StepBreakdown, type StepEvaluator, stepEvaluator } from "./step.ts";
import { stepTerm } from "./term.ts";

export interface TrainingRun extends TrainingPrediction {
  readonly breakdown: StepBreakdown;
  /** What the busiest rank computes for one micro-batch. */
  readonly parts: StageParts;
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
    modelFlop: modelFlop(c, "megatron-core-2024", breakdown.documents),
    memory: memoryUse(breakdown.memory),
    term: stepTerm(breakdown, parts),
    assumptions: [...assumptions(c, evaluator), ...drawnAssumptions(c, breakdown, evaluator)],
    warnings: [],
    breakdown,
    parts,
  };
}

/** Padding, and what other balancers would do with the same sequences. */
function drawnAssumptions(
  c: TrainingCase,
  { lengths: outcome, stepTime }: StepBreakdown,
  evaluator: StepEvaluator,
): TrainingPrediction["assumptions"] {
  const { lengths } = c;
  if (lengths === undefined || outcome === undefined) return [];
  return lengthAssumptions({ ...c, lengths }, outcome, (balance) =>
    balance === lengths.balance ? stepTime : evaluator.rebalanced(c.layout, balance).stepTime,
  );
}

function assumptions(c: TrainingCase, evaluator: StepEvaluator): TrainingPrediction["assumptions"] {
  const list: { readonly path: string; readonly value: string; readonly reason: string }[] = [];
  const { basis } = evaluator.kernels;
  if (basis.trust !== "measured")
    list.push({ path: "cluster.node.accelerator", value: `kernel efficiencies ${basis.trust}`, reason: basis.note });
  for (const text of c.model.assumptions)
    list.push({ path: "workload.model", value: text, reason: "not stated by the model's configuration" });
  return list;
}
