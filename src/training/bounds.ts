/**
 * What no layout of a family can beat, for searches that leave families out unseen.
 *
 * Step time, by degrees and micro-batch: all ranks compute what the layers need, with nothing recomputed, nothing
 * exchanged and no bubble,
 *
 *     T >= (m W / p + fixed) (1 + stragglers),  W = sum over layers of forward + backward
 *
 * Step time, with the pipeline and its schedule too: the pipeline of the layout that recomputes nothing, shards
 * nothing and keeps everything on the accelerator, without its update; first by what no order of its work can beat, then
 * exactly. Memory: `leastMemory`. Tests hold every one against exact evaluations.
 */

import type { Seconds } from "../base/quantity.ts";
import type { TrainingCase } from "./case.ts";
import type { TrainingConstants } from "./constants.ts";
import type { Layout } from "./layout.ts";
import { leastPipelineTime } from "./schedule/index.ts";
import { type StepBreakdown, type StepStages, stragglerTime } from "./step.ts";
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

/** Of a step, what every layout of its family, and every one that only offloads more, has. */
export function leastFamilyTime({ stepTime, pipeline, fixed, stragglers, auxiliary }: StepBreakdown): Seconds {
  const before = auxiliary.reduce((sum, pass) => sum + pass.time, 0);
  return (pipeline + fixed + before) * (stepTime / (stepTime - stragglers));
}

/** The same without running the schedule: what `leastPipelineTime` leaves of it. */
export function leastScheduleTime({ context, scheduled, work }: StepStages): Seconds {
  const least = leastPipelineTime(scheduled.schedule, scheduled.shape, work);
  return late(context.case, context.constants, least + context.constants.perStep);
}

/** By degrees and micro-batch alone; 0 where part of the model does not learn. */
export function leastDegreeTime({ context, scheduled }: StepStages): Seconds {
  const { case: c, constants, layers } = context;
  if (c.tuning.method !== "full" || frozenLayers(c) > 0) return 0;
  const kinds = c.model.layerKinds.length;
  const wide = c.highPrecisionLayers.first + c.highPrecisionLayers.last > 0;
  const cheapest = c.model.layerKinds.map((_, kind) => {
    const variants = wide ? [layers[kind]!, layers[kind + kinds]!] : [layers[kind]!];
    return Math.min(...variants.map(({ computation }) => computation.forward + computation.backward));
  });
  const whole = c.model.layers.reduce((sum, kind) => sum + cheapest[kind]!, 0);
  const share = (scheduled.shape.microBatches * whole) / c.layout.pipeline;
  return late(c, constants, share + constants.perStep);
}

/** With what ranks that finish at different times add. */
function late(c: TrainingCase, constants: TrainingConstants, once: Seconds): Seconds {
  return once + stragglerTime(c, constants, once);
}
