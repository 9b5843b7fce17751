/**
 * One step over sequences of unequal length: stage times at the mean micro-batch, and what micro-batches, pipeline and
 * data ranks lose because theirs differ.
 */

import type { Seconds, Tokens } from "../../base/quantity.ts";
import type { LayerKind } from "../../catalog/model.ts";
import type { TrainingCase } from "../case.ts";
import type { LayerStep } from "../layer.ts";
import type { Scheduled } from "../pipeline-work.ts";
import type { PipelineWork } from "../schedule/index.ts";
import { shardedInside } from "../sharding.ts";
import { aloneShare, type StageContext, type StageTimes, stageTimes } from "../stage-times.ts";
import { costedKinds, modulesOn, type StagePlan } from "../stages.ts";
import { frozenLayers } from "../tuning.ts";
import type { Batches, KindCore } from "./batches.ts";
import { type Feature, type UnevenPipeline, unevenPipeline } from "./pipeline.ts";

/** What drawn sequences add to the context of a layout. */
export interface DrawnContext {
  readonly batches: Batches;
  /** The same layout with every row as long as the longest; absent where all are padded alike. */
  readonly longest?: StageContext;
}

/** The step of drawn sequences, beside its time. */
export interface LengthOutcome extends UnevenPipeline {
  /** Tokens of sequences in one step, and those computed, padding included. */
  readonly tokens: Tokens;
  readonly computed: Tokens;
  readonly steps: number;
}

/** Seconds per token outside the attention cores, over all layers, both passes. */
export function secondsPerToken(c: TrainingCase, layers: readonly LayerStep[]): Seconds {
  let time = 0;
  for (const index of c.model.layers) {
    const layer = layers[index];
    if (layer === undefined) continue;
    const { computation, cost } = layer;
    const core = cost.forward.attention + cost.backwardInput.attention + cost.recompute.attention;
    time += computation.forward + computation.backward + computation.recompute - core;
  }
  return time / (c.layout.microBatch * c.sequenceLength);
}

/** The pipeline over drawn micro-batches; `work` and `types` are those of the mean one. */
export function drawnPipeline(
  context: StageContext & { readonly drawn: DrawnContext },
  plan: StagePlan,
  mean: { readonly scheduled: Scheduled; readonly work: PipelineWork; readonly types: readonly StageTimes[] },
): UnevenPipeline {
  const { work, types } = mean;
  const { batches, longest } = context.drawn;
  const { schedule, shape } = mean.scheduled;
  const waiting = shardedInside(context.case) ? "micro-batch" : "step";
  const features = kindsWithLayers(context).map((kinds) => coreFeature(context, plan, kinds));
  if (longest !== undefined) features.push(paddingFeature(context.drawn, longest, plan, types));
  return unevenPipeline({ schedule, shape, work, waiting }, features, batches);
}

interface KindWithLayers {
  readonly core: KindCore;
  readonly layer: LayerStep;
  /** Indices of stage counts that are layers of the kinds; layers of MTP modules are counted on the last stage. */
  readonly kinds: number[];
  /** The same of layers that learn nothing and run forward only. */
  readonly frozen: number[];
  modules: number;
}

/** Kinds whose cores are alike differ together. */
function kindsWithLayers({ case: c, layers, drawn }: StageContext & { drawn: DrawnContext }): KindWithLayers[] {
  const { layerKinds, multiToken } = c.model;
  const all = layerKinds.length;
  const found = new Map<KindCore, KindWithLayers>();
  const entryOf = (kind: LayerKind, at: number): KindWithLayers | undefined => {
    const core = drawn.batches.cores.get(kind);
    const layer = layers[at];
    if (core === undefined || layer === undefined) return undefined;
    const known = found.get(core) ?? { core, layer, kinds: [], frozen: [], modules: 0 };
    found.set(core, known);
    return known;
  };
  layerKinds.forEach((kind, index) => {
    const entry = entryOf(kind, index);
    entry?.kinds.push(index, index + all);
    if (frozenLayers(c) > 0) entry?.frozen.push(index + 2 * all, index + 3 * all);
  });
  const module =
    multiToken === undefined ? undefined : entryOf(multiToken.layer, costedKinds(c.model, frozenLayers(c)));
  if (module !== undefined) module.modules = c.multiTokenModules;
  return [...found.values()];
}

/** A stage's cores of one kind, which a micro-batch takes `1 + amount` times. */
function coreFeature(
  { case: c }: StageContext,
  plan: StagePlan,
  { core, layer, kinds, frozen, modules }: KindWithLayers,
): Feature {
  const { pipeline: ranks, virtualStages: chunks } = c.layout;
  const forwardOnce = core.time.forward + core.excess.forward;
  const again = layer.cost.recompute.attention > 0 ? forwardOnce : 0;
  const backwardOnce = core.time.backward + core.excess.backward + again;
  const forward = new Float64Array(ranks * chunks);
  const backward = new Float64Array(ranks * chunks);
  plan.rankTypes.flat().forEach((type, at) => {
    const { counts } = plan.types[type]!;
    let layers = modulesOn(plan.types[type]!, modules);
    for (const kind of kinds) layers += counts[kind] ?? 0;
    backward[at] = layers * backwardOnce;
    for (const kind of frozen) layers += counts[kind] ?? 0;
    forward[at] = layers * forwardOnce;
  });
  return { forward, backward, amount: core.amount };
}

/** Everything but the cores grows with the padded length, by a line through the mean and the longest. */
function paddingFeature(
  { batches }: DrawnContext,
  longest: StageContext,
  plan: StagePlan,
  types: readonly StageTimes[],
): Feature {
  const { pipeline: ranks, virtualStages: chunks } = longest.case.layout;
  const more = batches.longestPadded / batches.meanPadded - 1;
  const stretched = plan.types.map((type) => stageTimes(longest, type, aloneShare(longest.case)));
  const forward = new Float64Array(ranks * chunks);
  const backward = new Float64Array(ranks * chunks);
  plan.rankTypes.flat().forEach((type, at) => {
    forward[at] = Math.max(0, stretched[type]!.forwardTime - types[type]!.forwardTime) / more;
    backward[at] = Math.max(0, stretched[type]!.backwardTime - types[type]!.backwardTime) / more;
  });
  return { forward, backward, amount: batches.padded.map((length) => length / batches.meanPadded - 1) };
}
