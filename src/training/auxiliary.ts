/**
 * Forward passes without gradients beside the training pass: a reference or a teacher over the step's sequences, or
 * the trained model over others. Each is a pass of its own through the pipeline, before the training pass. Ignores:
 * what little of its logits is kept (one number a token), and that fused losses need not write gradients.
 * @source rafailov-2023-dpo @source trl-preference
 */

import type { Bytes, Seconds } from "../base/quantity.ts";
import type { AuxiliaryPass, TrainingCase } from "./case.ts";
import type { Layout } from "./layout.ts";
import { stateOf } from "./memory.ts";
import { microBatches } from "./parallel.ts";
import { forwardOnlyTime } from "./schedule/forward-only.ts";
import { type PipelineWork, passesOf, scheduleOf } from "./schedule/index.ts";
import type { Placement } from "./schedule/placement.ts";
import type { ScheduleShape } from "./schedule/schedule.ts";
import { type StageContext, stageTimes } from "./stage-times.ts";
import type { StagePlan } from "./stages.ts";
import { slowed } from "./stragglers/slowed.ts";
import { withoutAdapters } from "./tuning.ts";
import { rankWeights } from "./weights.ts";

/** Time of one auxiliary pass in a step. */
export interface AuxiliaryTime {
  readonly name: AuxiliaryPass["name"];
  readonly time: Seconds;
  /** What the busiest rank runs; the rest is the filling of the pipeline. */
  readonly busiest: Seconds;
  /** Micro-batches it runs. */
  readonly microBatches: number;
  readonly work: ForwardWork;
}

/** What a pass runs: forward times by [rank x chunks + chunk], on the pipeline of the step. */
export interface ForwardWork {
  readonly placement: Placement;
  readonly shape: ScheduleShape;
  readonly forward: Float64Array;
  readonly transfer: Seconds;
}

/** The case of the pass: its model, nothing that learns, no adapters unless they are on. */
export function auxiliaryCase(c: TrainingCase, { model, weights, adapters }: AuxiliaryPass): TrainingCase {
  const { objective: _, ...rest } = c;
  const same = model === c.model;
  return {
    ...rest,
    model,
    tuning: weights === "resident" ? { method: "full" } : (adapters === "on" ? c : withoutAdapters(c)).tuning,
    multiTokenModules: 0,
    highPrecisionLayers: same ? c.highPrecisionLayers : { first: 0, last: 0 },
  };
}

/**
 * The layout of the pass: that of the step, without degrees that its model does not have. No activations are kept, so
 * none go to the host; a copy of its own of the weights stays on the accelerator.
 */
export function auxiliaryLayout(layout: Layout, model: TrainingCase["model"], pass: AuxiliaryPass): Layout {
  const { weightOffload, ...here } = { ...layout, activationOffload: 0 };
  const own = pass.weights === "resident" || weightOffload === undefined ? here : { ...here, weightOffload };
  if (pass.model === model) return own;
  const { stageLayers: _, ...rest } = own;
  const routed = pass.model.layerKinds.some(({ feedForward }) => feedForward.kind === "experts");
  return routed ? rest : { ...rest, expert: 1, expertTensor: layout.tensor };
}

/** A forward-only run of the pipeline over the pass's micro-batches. */
export function auxiliaryTime(pass: AuxiliaryPass, context: StageContext, plan: StagePlan): AuxiliaryTime {
  const { layout, globalBatch } = context.case;
  const { pipeline: ranks, virtualStages: chunks } = layout;
  const { placement } = scheduleOf(layout.schedule);
  const count = pass.share * microBatches(layout, globalBatch);
  const times = plan.types.map((type) => stageTimes(context, type, alone).forwardTime);
  const forward = new Float64Array(ranks * chunks);
  let busiest = 0;
  plan.rankTypes.forEach((types, rank) => {
    let work = 0;
    types.forEach((type, chunk) => {
      forward[rank * chunks + chunk] = times[type]!;
      if (chunk < passesOf(placement, chunks)) work += times[type]!;
    });
    busiest = Math.max(busiest, work);
  });
  const shape = { ranks, chunks, microBatches: count };
  const work = { placement, shape, forward, transfer: context.transfer };
  return {
    name: pass.name,
    time: forwardOnlyTime(placement, shape, work),
    busiest: count * busiest,
    microBatches: count,
    work,
  };
}

/** The pass of a pipeline in which rank r is as slow as in `slow[r]`, a pass that is slow throughout (see `slowed`). */
export function slowedPass({ work }: AuxiliaryTime, slow: readonly (AuxiliaryTime | undefined)[]): Seconds {
  const { placement, shape, transfer } = work;
  // Nothing runs backward; what that side of the work says does not matter.
  const both = ({ forward, transfer: hop }: ForwardWork): PipelineWork => ({
    forward,
    backward: forward,
    transfer: hop,
  });
  const { forward } = slowed(
    both(work),
    slow.map((other) => other && both(other.work)),
  );
  return forwardOnlyTime(placement, shape, { forward, transfer });
}

/** No backward pass of another micro-batch hides its expert exchange. */
const alone = Object.freeze({ forward: 1, backward: 1 });

/** Weights of its own that a rank holds for the pass, sharded as frozen ones are. */
export function auxiliaryMemory(pass: AuxiliaryPass, c: TrainingCase, plan: StagePlan, rank: number): Bytes {
  if (pass.weights === "shared") return 0;
  const state = stateOf(c, rankWeights(c, plan, rank), false);
  return state.weights + state.optimizer;
}
