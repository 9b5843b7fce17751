/**
 * What layouts of one case have in common: kernels and network, costs of a layer once per set of degrees that can change
 * them, plans of stages.
 */

import type { Bytes, Seconds, Tokens } from "../base/quantity.ts";
import type { FittedTraining } from "../catalog/calibration/training.ts";
import type { LayerKind } from "../catalog/model.ts";
import { type Kernels, kernelsOf, tokensPerRank, underPowerLimit, withFirstFlash } from "../compute/index.ts";
import { collectiveSeconds, type Platform, platformOf } from "../network/index.ts";
import type { TrainingCase } from "./case.ts";
import { type TrainingConstants, trainingConstants } from "./constants.ts";
import type { LayerOptions } from "./exchange/exchange.ts";
import { frozenLayerStep, type LayerStep, layerStep } from "./layer.ts";
import type { Layout } from "./layout.ts";
import { type Batches, layBatches, uniformLength } from "./lengths/batches.ts";
import { type DocumentGroup, type DrawnRows, documentGroups, drawRows } from "./lengths/draw.ts";
import type { SequenceLengths } from "./lengths/lengths.ts";
import { type DrawnContext, secondsPerToken } from "./lengths/step.ts";
import { type MemoryCosts, memoryCosts } from "./memory.ts";
import { type Groups, groupsOf } from "./parallel.ts";
import { scheduleOf } from "./schedule/index.ts";
import { accumulationBytes, layerShard, recomputedModules } from "./shard.ts";
import { inRounds } from "./sharding.ts";
import { type PipelineEnds, pipelineEnds, type StageContext } from "./stage-times.ts";
import { type StagePlan, stagePlan } from "./stages.ts";
import { slowedKernels } from "./stragglers/slowed.ts";
import type { Slowness } from "./stragglers/straggler.ts";
import { frozenLayers, withoutAdapters } from "./tuning.ts";

export interface Contexts {
  readonly platform: Platform;
  readonly kernels: Kernels;
  /** A layout with its costs. */
  readonly contextOf: (layout: Layout, change?: ContextChange) => CostedContext;
  readonly planOf: (layout: Layout) => StagePlan;
}

/** A layout with everything that its step is made of. */
export interface CostedContext extends StageContext {
  readonly tokens?: Tokens;
  readonly documents?: readonly DocumentGroup[];
  readonly drawn?: DrawnContext;
}

/** What may differ from the case: its batch, and how drawn sequences are balanced. */
export interface ContextChange {
  readonly globalBatch?: number | undefined;
  readonly balance?: SequenceLengths["balance"] | undefined;
}

/** What layouts of one case have in common, each part made once. */
export function contexts(base: TrainingCase, constants: TrainingConstants, slowness: Slowness): Contexts {
  const platform = { ...platformOf(base.cluster), slowdown: slowness };
  const kernels = slowedKernels(stackKernels(base, constants), slowness.computation);
  const costs = new Map<string, LayerCosts>();
  const memories = new Map<string, MemoryCosts>();
  const plans = new Map<string, StagePlan>();
  const plainContext = (layout: Layout, globalBatch: number): CostedContext => {
    const c = { ...base, layout, globalBatch };
    const groups = groupsOf(layout, platform, base.contention);
    const key = layerKey(c, groups);
    if (costs.size + memories.size > keptMost) {
      costs.clear();
      memories.clear();
    }
    const { layers, ends } = remembered(costs, key, () => layerCosts(c, { groups, platform, kernels, constants }));
    const memory = remembered(memories, memoryKey(key, c), () => memoryCosts(c));
    const transfer = transferTime(c, groups, platform);
    return { case: c, platform, kernels, groups, constants, layers, ends, memory, transfer };
  };
  const rows = new Map<"rows", DrawnRows>();
  const contextOf = (
    layout: Layout,
    { globalBatch = base.globalBatch, balance }: ContextChange = {},
  ): CostedContext => {
    const plain = plainContext(layout, globalBatch);
    const { lengths } = base;
    if (lengths === undefined) return plain;
    const drawn = remembered(rows, "rows", () => drawRows(base, lengths));
    return drawnContext({ ...plain.case, lengths: { ...lengths, balance: balance ?? lengths.balance } }, plain, drawn);
  };
  const planOf = (layout: Layout): StagePlan =>
    remembered(plans, planKey(layout), () =>
      stagePlan(base.model, layout, base.highPrecisionLayers, frozenLayers(base)),
    );
  return { platform, kernels, contextOf, planOf };
}

/** Costs that are kept; a search over many degrees comes back to few of them. */
const keptMost = 2_000;

export function remembered<Key, Value>(cache: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = cache.get(key);
  if (found !== undefined) return found;
  const made = make();
  cache.set(key, made);
  return made;
}

/** The calibrated constants of a case. */
export function constantsOf(c: TrainingCase, fitted?: FittedTraining): TrainingConstants {
  return trainingConstants(c.software, c.cluster.node.accelerator, fitted);
}

/** Kernels as this stack runs them for hours, not as a benchmark does for milliseconds. */
function stackKernels(base: TrainingCase, constants: TrainingConstants): Kernels {
  const { accelerator } = base.cluster.node;
  const kernels = kernelsOf(accelerator);
  const { attention, elementwise, firstFlash } = constants;
  const fused: Kernels = {
    ...kernels,
    attention: (shape) => kernels.attention(shape) / attention,
    attentionBackward: (shape) => kernels.attentionBackward(shape) / attention,
    memoryPass: (bytes, kind) => kernels.memoryPass(elementwise * bytes, kind),
  };
  const stack = firstFlash === undefined ? fused : withFirstFlash(fused, accelerator, firstFlash);
  return underPowerLimit(stack, accelerator, constants.energy);
}

/** What depends only on the degrees that divide a layer, and on what is recomputed of it. */
interface LayerCosts {
  readonly layers: readonly LayerStep[];
  readonly ends: PipelineEnds;
}

/** The context of the mean micro-batch of drawn sequences; that of plain ones where nothing differs. */
function drawnContext(
  c: TrainingCase & { readonly lengths: SequenceLengths },
  plain: CostedContext,
  rows: DrawnRows,
): CostedContext {
  const { groups, platform, kernels, constants, memory } = plain;
  const at = (sequenceLength: Tokens, batches?: Batches): CostedContext => {
    const own = { ...c, sequenceLength };
    const drawnCore = batches === undefined ? {} : { drawnCore: (kind: LayerKind) => batches.cores.get(kind) };
    const { layers, ends } = layerCosts(own, { groups, platform, kernels, constants, ...drawnCore });
    return { ...plain, case: own, layers, ends, memory, transfer: transferTime(own, groups, platform) };
  };
  const uniform = uniformLength(c, rows);
  const counted = { tokens: rows.tokens, documents: documentGroups(c.lengths, rows) };
  if (uniform !== undefined) return { ...at(uniform), ...counted };
  const batches = layBatches(c, rows, kernels, secondsPerToken(plain.case, plain.layers));
  const { meanPadded, longestPadded } = batches;
  const longest = longestPadded > meanPadded ? { longest: at(longestPadded, batches) } : {};
  return { ...at(meanPadded, batches), ...counted, drawn: { batches, ...longest } };
}

/** Everything that changes what one layer computes and exchanges. */
function layerKey(c: TrainingCase, { context, expert }: Groups): string {
  const { layout } = c;
  const { tensor, sequenceParallel, microBatch, recompute } = layout;
  const own = `${tensor},${sequenceParallel},${microBatch},${recompute},${accumulationBytes(c)}`;
  if (layout.context === 1 && layout.expert === 1) return `${own},${layout.expertTensor}`;
  const cut = `${layout.contextInner ?? 1},${layout.contextBalance ?? ""}`;
  return `${own},${cut},${layout.context},${context.perDomain},${layout.expert},${layout.expertTensor},${expert.perDomain}`;
}

/** What changes the memory of a layer besides: gradients that a chunk gathers over a round need no buffer of one layer. */
function memoryKey(layers: string, { layout, software }: TrainingCase): string {
  const { sharding, activationOffload, recomputeLayers, reshardAfterForward, pipeline } = layout;
  const partly = recomputeLayers === undefined ? "" : `${recomputeLayers}/${pipeline}`;
  const rounds = inRounds({ layout, software }) ? "rounds" : "";
  return `${layers};${sharding},${activationOffload},${partly},${reshardAfterForward ?? ""},${rounds}`;
}

function planKey({ schedule, pipeline, virtualStages, stageLayers, stageEnds }: Layout): string {
  const { placement } = scheduleOf(schedule);
  const own = `${pipeline},${virtualStages},${placement}`;
  if (stageLayers === undefined) return own;
  return stageEnds === undefined ? `${own},${stageLayers}` : `${own},${stageLayers},${Object.values(stageEnds)}`;
}

function layerCosts(
  c: TrainingCase,
  on: Pick<StageContext, "groups" | "platform" | "kernels" | "constants"> & Pick<LayerOptions, "drawnCore">,
): LayerCosts {
  const { kernels } = on;
  const recompute = recomputedModules(c);
  const step = (kind: LayerKind, precision: TrainingCase["precision"]): LayerStep =>
    layerStep({ ...on, case: c, kind, precision, recompute });
  const plainStep = (kind: LayerKind): LayerStep =>
    layerStep({ ...on, case: withoutAdapters(c), kind, precision: c.precision, recompute });
  const frozen = (kind: LayerKind, precision: TrainingCase["precision"]): LayerStep =>
    frozenLayerStep({ ...on, case: c, kind, precision, recompute });
  const wide = c.highPrecisionLayers.first + c.highPrecisionLayers.last > 0;
  const plain = c.model.layerKinds.map((kind) => step(kind, c.precision));
  return {
    layers: [
      ...plain,
      ...(wide ? c.model.layerKinds.map((kind) => step(kind, "bf16")) : plain),
      ...(frozenLayers(c) === 0
        ? []
        : [c.precision, "bf16" as const].flatMap((one) => c.model.layerKinds.map((kind) => frozen(kind, one)))),
      ...(c.model.multiToken === undefined ? [] : [plainStep(c.model.multiToken.layer)]),
    ],
    ends: pipelineEnds(c, kernels),
  };
}

/**
 * Activations of one micro-batch to the next stage. Tensor ranks hold the same tensor (or a slice of it under
 * sequence parallelism): each sends its 1/t, and without sequence parallelism the receivers gather the whole.
 * @source narayanan-2021 section 4.1
 */
export function transferTime(c: TrainingCase, groups: Groups, platform: Platform): Seconds {
  const { tensor, sequenceParallel, pipeline } = c.layout;
  if (pipeline === 1) return 0;
  const size = transferSize(c);
  const sent = collectiveSeconds(platform, { operation: "send-receive", size: size / tensor, group: groups.pipeline });
  const gathered = tensor > 1 && sequenceParallel === "off";
  return gathered ? sent + collectiveSeconds(platform, { operation: "all-gather", size, group: groups.tensor }) : sent;
}

/** That tensor, of which each tensor rank sends its part. */
export function transferSize(c: TrainingCase): Bytes {
  return tokensPerRank(layerShard(c)) * c.model.hidden * 2 * (c.model.streams ?? 1);
}
