/**
 * The time of one training step: stage times from layers, the pipeline schedule over them, what communication stays
 * exposed, the update. One numeric breakdown; the term tree (`term.ts`) is a view of it, and layout search reads it
 * directly. Costs of a layer are computed once per set of degrees that can change them.
 */

import { log2 } from "../base/math.ts";
import type { Seconds, Tokens } from "../base/quantity.ts";
import type { Kernels } from "../compute/index.ts";
import type { Platform } from "../network/index.ts";
import { type AuxiliaryTime, auxiliaryCase, auxiliaryLayout, auxiliaryMemory, auxiliaryTime } from "./auxiliary.ts";
import type { TrainingCase } from "./case.ts";
import type { TrainingConstants } from "./constants.ts";
import { type CostedContext, constantsOf, contexts, remembered } from "./contexts.ts";
import type { Layout } from "./layout.ts";
import type { DocumentGroup } from "./lengths/draw.ts";
import type { SequenceLengths } from "./lengths/lengths.ts";
import { drawnPipeline, type LengthOutcome } from "./lengths/step.ts";
import { type MemoryNumbers, worstMemory } from "./memory.ts";
import { busiestRank, pipelineWork, rankTimes, type Scheduled, scheduled } from "./pipeline-work.ts";
import { type PipelineWork, pipelineTime } from "./schedule/index.ts";
import { rankParts, type StageParts, type StageTimes } from "./stage-times.ts";
import type { StagePlan } from "./stages.ts";
import { type StragglerEffect, type StragglerTimes, stragglerEffect, stragglerTimes } from "./stragglers/effect.ts";
import { nominal, type Slowness, type Stragglers, slownessKey } from "./stragglers/straggler.ts";
import { exposedUpdate, type Update, updateTime } from "./update.ts";

export interface StepBreakdown extends Update {
  readonly stepTime: Seconds;
  readonly microBatches: number;
  /** Rank that works longest; its stages, summed over chunks, one micro-batch. */
  readonly rank: number;
  readonly busiest: StageTimes;
  /** Tokens of sequences that a step trains, padding left out. */
  readonly tokens: Tokens;
  /** Where sequences differ in length. */
  readonly lengths?: LengthOutcome;
  readonly documents?: readonly DocumentGroup[];
  readonly plan: StagePlan;
  readonly work: PipelineWork;
  readonly pipeline: Seconds;
  readonly bubble: Seconds;
  readonly fixed: Seconds;
  readonly stragglers: Seconds;
  /** Where the share behind `stragglers` comes from. */
  readonly jitter: "given" | "calibrated";
  /** Expected time that the case's own stragglers add. */
  readonly injectedStragglers: Seconds;
  /** Whether all their states were added up, or too many and drawn. */
  readonly stragglerStates: StragglerEffect["states"];
  readonly memory: MemoryNumbers;
  /** Forward passes without gradients, before the training pass. */
  readonly auxiliary: readonly AuxiliaryTime[];
}

export interface StepEvaluator {
  /** What stragglers of a list of its own would add to a step without any. */
  stragglerEffect(layout: Layout, list: Stragglers["list"]): StragglerEffect;
  /** Step time, memory and fit of a layout of the same case; some ten microseconds. */
  evaluate(layout: Layout): StepBreakdown;
  /** The step of the same drawn sequences under another balancer. */
  rebalanced(layout: Layout, balance: SequenceLengths["balance"]): StepBreakdown;
  /** What the busiest rank computes, by pass and part. */
  parts(layout: Layout, rank: number): StageParts;
  /** What the step is made of: its stages with their costs, under the case's batch or another. */
  stages(layout: Layout, globalBatch?: number): StepStages;
  readonly platform: Platform;
  readonly kernels: Kernels;
}

/** The stages of a layout, costed. */
export interface StepStages {
  readonly context: CostedContext;
  readonly plan: StagePlan;
  readonly scheduled: Scheduled;
  readonly work: PipelineWork;
  /** Times of each type of stage in the plan. */
  readonly types: readonly StageTimes[];
}

/** An evaluator for many layouts of one case; keeps what layouts have in common. */
export function stepEvaluator(
  base: TrainingCase,
  constants: TrainingConstants = constantsOf(base),
  slowness: Slowness = nominal,
): StepEvaluator {
  const { platform, kernels, contextOf, planOf } = contexts(base, constants, slowness);
  const passes = (base.objective?.passes ?? []).map((pass) => ({
    pass,
    own: contexts(auxiliaryCase(base, pass), constants, slowness),
  }));
  const auxiliaryOf = (layout: Layout): Auxiliary[] =>
    passes.map(({ pass, own }) => {
      const at = auxiliaryLayout(layout, base.model, pass);
      const context = own.contextOf(at);
      const plan = own.planOf(at);
      return {
        time: auxiliaryTime(pass, context, plan),
        memory: (rank) => auxiliaryMemory(pass, context.case, plan, rank),
      };
    });
  const healthy = (layout: Layout, balance?: SequenceLengths["balance"]): StepBreakdown =>
    evaluateStep(stepStages(contextOf(layout, { balance }), planOf(layout)), auxiliaryOf(layout));
  const effectOf = stragglerEffects(base, constants);
  return {
    platform,
    kernels,
    evaluate: (layout) => {
      const step = healthy(layout);
      if (base.stragglers === undefined) return step;
      const { added, states } = effectOf(layout, base.stragglers.list, step);
      return { ...step, stepTime: step.stepTime + added, injectedStragglers: added, stragglerStates: states };
    },
    rebalanced: healthy,
    stragglerEffect: (layout, list) => effectOf(layout, list, healthy(layout)),
    stages: (layout, globalBatch) => stepStages(contextOf(layout, { globalBatch }), planOf(layout)),
    parts: (layout, rank) => rankParts(contextOf(layout), planOf(layout), rank),
  };
}

/** What stragglers of a list add to a step without any. */
function stragglerEffects(
  base: TrainingCase,
  constants: TrainingConstants,
): (layout: Layout, list: Stragglers["list"], step: StepBreakdown) => StragglerEffect {
  const slow = slowEvaluators(base, constants);
  // Lists with one straggler less share nearly all pipelines: those of the layout at hand are kept.
  let kept: { readonly layout: Layout; readonly times: StragglerTimes } | undefined;
  return (layout, list, step) => {
    const c = { ...base, layout };
    if (kept?.layout !== layout) kept = { layout, times: stragglerTimes(c, step, slow(layout)) };
    return stragglerEffect(c, { list, seed: base.stragglers?.seed ?? 0 }, kept.times);
  };
}

/** One auxiliary pass of a layout. */
interface Auxiliary {
  readonly time: AuxiliaryTime;
  readonly memory: (rank: number) => number;
}

/** The same step with everything slow. */
function slowEvaluators(
  { stragglers: _, ...base }: TrainingCase,
  constants: TrainingConstants,
): (layout: Layout) => (slowness: Slowness) => StepBreakdown {
  const evaluators = new Map<string, StepEvaluator>();
  return (layout) => (slowness) => {
    return remembered(evaluators, slownessKey(slowness), () => stepEvaluator(base, constants, slowness)).evaluate(
      layout,
    );
  };
}

/** The stages of a layout, costed, and its pipeline. */
function stepStages(context: CostedContext, plan: StagePlan): StepStages {
  const under = scheduled(context);
  return { context, plan, scheduled: under, ...pipelineWork(context, plan, under) };
}

function evaluateStep(stages: StepStages, auxiliary: readonly Auxiliary[]): StepBreakdown {
  const { context, plan, work, types } = stages;
  const { case: c, constants } = context;
  const { schedule, shape } = stages.scheduled;
  const count = shape.microBatches;
  const lengths = lengthOutcome(stages);
  const time = lengths?.time ?? pipelineTime(schedule, shape, work);
  const uneven = lengths === undefined ? 0 : lengths.data + lengths.pipeline;
  const rank = busiestRank(work, plan, stages.scheduled);
  const busiest = rankTimes(context, plan, { types, scheduled: stages.scheduled, rank });
  const update = exposedUpdate(context, plan, busiest);
  const before = auxiliary.reduce((sum, pass) => sum + pass.time.time, 0);
  const once = before + time + updateTime(update) + constants.perStep;
  const stragglers = stragglerTime(c, constants, once);
  return {
    stepTime: once + stragglers,
    microBatches: count,
    rank,
    busiest,
    tokens: context.tokens ?? c.globalBatch * c.sequenceLength,
    ...(lengths === undefined ? {} : { lengths }),
    ...(context.documents === undefined ? {} : { documents: context.documents }),
    plan,
    work,
    pipeline: time,
    // A pipeline never beats its busiest rank; without a bubble only rounding is left.
    bubble: Math.max(0, time - count * (busiest.forwardTime + busiest.backwardTime) - uneven),
    ...update,
    fixed: constants.perStep,
    stragglers,
    auxiliary: auxiliary.map((pass) => pass.time),
    jitter: c.jitter === undefined ? "calibrated" : "given",
    injectedStragglers: 0,
    stragglerStates: "all",
    memory: worstMemory(c, plan, context.memory, {
      auxiliary: (rank) => auxiliary.reduce((sum, pass) => sum + pass.memory(rank), 0),
    }),
  };
}

/** What ranks that finish at different times add to a step of `once`: a share of it for each doubling of nodes. */
export function stragglerTime(c: TrainingCase, constants: Pick<TrainingConstants, "jitter">, once: Seconds): Seconds {
  const nodes = c.cluster.accelerators / c.cluster.node.acceleratorsPerNode;
  return nodes > 1 ? once * (c.jitter ?? constants.jitter) * Math.ceil(log2(nodes)) : 0;
}

/** The pipeline over drawn sequences, and what they fill. */
function lengthOutcome({ context, plan, scheduled: under, work, types }: StepStages): LengthOutcome | undefined {
  const { drawn, tokens, case: c } = context;
  if (drawn === undefined || tokens === undefined) return undefined;
  const { meanPadded, steps } = drawn.batches;
  const pipeline = drawnPipeline({ ...context, drawn }, plan, { scheduled: under, work, types });
  return { ...pipeline, tokens, computed: c.globalBatch * meanPadded, steps };
}
