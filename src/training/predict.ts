/** A training case to its prediction: step time and where it goes, memory, model FLOP, what was assumed. */

import { formatQuantity } from "../base/quantity.ts";
import type { TrainingCase } from "./case.ts";
import { auxiliaryFlop, modelFlop } from "./flop.ts";
import { lengthAssumptions } from "./lengths/assumptions.ts";
import { memoryUse } from "./memory.ts";
import { mixedEvaluator } from "./pools/mixed-step.ts";
import type { PoolStep } from "./pools/pool-step.ts";
import type { TrainingPrediction } from "./result.ts";
import type { StageParts } from "./stage-times.ts";
import { type StepBreakdown, type StepEvaluator, stepEvaluator } from "./step.ts";
import { type StragglerRemoval, stragglerRemovals } from "./stragglers/removal.ts";
import { stepTerm } from "./term.ts";

export interface TrainingRun extends TrainingPrediction {
  readonly breakdown: StepBreakdown;
  /** What the busiest rank computes for one micro-batch. */
  readonly parts: StageParts;
  /** What each pool of the job does; the job's only hardware is one pool without a name. */
  readonly pools: readonly PoolStep[];
  /** What removing each straggler of the case is worth. */
  readonly removals: readonly StragglerRemoval[];
}

/** Predicts one step; `evaluator` may be shared between layouts of the same case. */
export function predictTraining(c: TrainingCase, evaluator?: StepEvaluator): TrainingRun {
  return c.pools === undefined ? predictAlike(c, evaluator ?? stepEvaluator(c)) : predictMixed(c);
}

function predictAlike(c: TrainingCase, evaluator: StepEvaluator): TrainingRun {
  const breakdown = evaluator.evaluate(c.layout);
  const parts = evaluator.parts(c.layout, breakdown.rank);
  const { rank, busiest, microBatches, bubble, memory } = breakdown;
  return {
    ...answer(c, breakdown, parts),
    assumptions: [
      ...kernelAssumptions(evaluator, "cluster.node.accelerator"),
      ...objectiveAssumptions(c),
      ...modelAssumptions(c),
      ...stragglerAssumptions(breakdown),
      ...drawnAssumptions(c, breakdown, evaluator),
    ],
    removals: removals(c, breakdown, evaluator),
    pools: [{ name: "", cluster: c.cluster, rank, busiest, parts, microBatches, waiting: bubble, memory }],
  };
}

/** Over pools: the tree is that of the busiest rank of all, the memory that of the fullest. */
function predictMixed(c: TrainingCase): TrainingRun {
  const evaluator = mixedEvaluator(c);
  const { breakdown, parts, pools, busiestPool, memoryPool } = evaluator.evaluate(c.layout);
  const whole = answer(c, breakdown, parts, pools[busiestPool]!.name);
  const { memory } = whole;
  const pool = pools[memoryPool]!.name;
  const binding =
    memory.binding === undefined
      ? {}
      : { binding: { ...memory.binding, resource: `accelerator memory of pool ${pool}` } };
  return {
    ...whole,
    memory: { ...memory, pool, ...binding },
    warnings: waits(pools, pools[busiestPool]!, breakdown),
    assumptions: [
      ...evaluator.pools.flatMap((own, index) => kernelAssumptions(own, `cluster.pools[${index}].node.accelerator`)),
      ...modelAssumptions(c),
    ],
    pools,
    removals: [],
  };
}

/** A pool that waits for the busiest one for more than this part of the step is worth a word. */
const longWait = 0.1;

function waits(pools: readonly PoolStep[], busiest: PoolStep, { stepTime }: StepBreakdown): string[] {
  return pools.flatMap(({ name, waiting }) => {
    const wait = waiting - busiest.waiting;
    if (wait <= longWait * stepTime) return [];
    const share = `${((wait / stepTime) * 100).toFixed(0)} %`;
    return [
      `pool ${name} waits for pool ${busiest.name} for ${share} of the step; layout.balance: balanced evens out what whole layers, batches and memory let it`,
    ];
  });
}

function answer(
  c: TrainingCase,
  breakdown: StepBreakdown,
  parts: StageParts,
  pool?: string,
): Omit<TrainingRun, "assumptions" | "pools" | "removals"> {
  const { busiest, microBatches } = breakdown;
  const inside = busiest.tensor + busiest.context + busiest.expert + busiest.sharded + busiest.transfer;
  return {
    stepTime: breakdown.stepTime,
    bubbleTime: breakdown.bubble,
    exposedCommunicationTime: microBatches * inside + breakdown.gradientReduce + breakdown.parameterGather,
    modelFlop: modelFlop(c, "megatron-core-2024", breakdown.documents),
    memory: memoryUse(breakdown.memory),
    term: stepTerm(breakdown, parts, pool),
    warnings: [],
    breakdown,
    parts,
  };
}

type Assumptions = TrainingPrediction["assumptions"];

function kernelAssumptions({ kernels: { basis } }: StepEvaluator, path: string): Assumptions {
  return basis.trust === "measured" ? [] : [{ path, value: `kernel efficiencies ${basis.trust}`, reason: basis.note }];
}

function modelAssumptions({ model }: TrainingCase): Assumptions {
  const reason = "not stated by the model's configuration";
  return model.assumptions.map((value) => ({ path: "workload.model", value, reason }));
}

function removals(c: TrainingCase, breakdown: StepBreakdown, evaluator: StepEvaluator): readonly StragglerRemoval[] {
  if (c.stragglers === undefined) return [];
  return stragglerRemovals(c.stragglers.list, breakdown, (list) => evaluator.stragglerEffect(c.layout, list));
}

function objectiveAssumptions(c: TrainingCase): Assumptions {
  if (c.objective === undefined) return [];
  const path = "workload.objective";
  const reason = `no measured step of ${c.objective.method} is in the evidence`;
  const passes = c.objective.passes.map((pass) => ({
    path,
    value: `${pass.name} pass: ${formatQuantity(auxiliaryFlop(c, pass), "flop")} a step`,
    reason: "forward passes without gradients are counted apart from model FLOP",
  }));
  return [{ path, value: "intervals are those of plain training steps", reason }, ...passes];
}

function stragglerAssumptions({ stragglerStates }: StepBreakdown): Assumptions {
  if (stragglerStates !== "drawn") return [];
  const reason = "too many states of slow places to add them all up; the seed decides which are drawn";
  return [{ path: "stragglers", value: "unlikely states drawn at random", reason }];
}

/** Padding, and what other balancers would do with the same sequences. */
function drawnAssumptions(
  c: TrainingCase,
  { lengths: outcome, stepTime }: StepBreakdown,
  evaluator: StepEvaluator,
): Assumptions {
  const { lengths } = c;
  if (lengths === undefined || outcome === undefined) return [];
  return lengthAssumptions({ ...c, lengths }, outcome, (balance) =>
    balance === lengths.balance ? stepTime : evaluator.rebalanced(c.layout, balance).stepTime,
  );
}
