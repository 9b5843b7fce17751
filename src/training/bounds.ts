/**
 * What no layout of a family can beat, for searches that leave families out unseen.
 *
 * Step time, by degrees and micro-batch: all ranks compute what the layers need, with nothing recomputed, nothing
 * exchanged and no bubble,
 *
 *     T >= (m W / p + fixed) (1 + stragglers),  W = sum over layers of forward + backward
 *
 * Step time, with the pipeline and its schedule too: the exact pipeline of the layout that recomputes nothing, shards
 * nothing and keeps everything on the accelerator, without its update. Memory: `leastMemory`. Tests hold every one
 * against exact evaluations.
 */

import type { Seconds } from "../base/quantity.ts";
import type { TrainingCase } from "./case.ts";
import type { Layout } from "./layout.ts";
import type { StepBreakdown, StepEvaluator } from "./step.ts";
import { frozenLayers } from "./tuning.ts";

/** The layout of a family that computes and waits least inside the pipeline; it need not fit. */
export function relaxedLayout(layout: Layout): Layout {
  const {
    recomputeLayers: _,
    shardGroup: __,
    reshardAfterForward: ___,
    optimizerOffload: ____,
    weightOffload: _____,
    ...rest
  } = layout;
  return { ...rest, recompute: "none", sharding: "none", activationOffload: 0 };
}

/** Of the relaxed layout's step, what every layout of its family has. */
export function leastFamilyTime({ stepTime, pipeline, fixed, stragglers, auxiliary }: StepBreakdown): Seconds {
  const before = auxiliary.reduce((sum, pass) => sum + pass.time, 0);
  return (pipeline + fixed + before) * (stepTime / (stepTime - stragglers));
}

/** By degrees and micro-batch alone; 0 where part of the model does not learn. */
export function leastDegreeTime(
  c: TrainingCase,
  evaluator: StepEvaluator,
  step: StepBreakdown,
  layout: Layout,
): Seconds {
  if (c.tuning.method !== "full" || frozenLayers(c) > 0) return 0;
  const { context } = evaluator.stages(layout);
  const kinds = c.model.layerKinds.length;
  const cheapest = c.model.layerKinds.map((_, kind) => {
    const variants = [context.layers[kind]!];
    const wide =
      c.highPrecisionLayers.first + c.highPrecisionLayers.last > 0 ? context.layers[kind + kinds] : undefined;
    if (wide !== undefined) variants.push(wide);
    return Math.min(...variants.map(({ computation }) => computation.forward + computation.backward));
  });
  const whole = c.model.layers.reduce((sum, kind) => sum + cheapest[kind]!, 0);
  const share = (step.microBatches * whole) / layout.pipeline;
  return (share + step.fixed) * (step.stepTime / (step.stepTime - step.stragglers));
}
