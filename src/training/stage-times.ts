/**
 * What one kind of virtual stage takes for one micro-batch: its layers, the ends it holds, gathers of sharded weights,
 * host launches, transfers that are not overlapped.
 */

import type { Seconds } from "../base/quantity.ts";
import { addParts, emptyParts, type Kernels, type PartTimes, partsTotal } from "../compute/index.ts";
import type { Platform } from "../network/index.ts";
import type { TrainingCase } from "./case.ts";
import type { TrainingConstants } from "./constants.ts";
import { type EndCost, embeddingCost, fusionCost, headCost, multiTokenCost } from "./ends.ts";
import type { PassTimes } from "./exchange/exchange.ts";
import { expertInterference } from "./exchange/expert.ts";
import type { LayerStep } from "./layer.ts";
import type { MemoryCosts } from "./memory.ts";
import { exposedActivations, shardCopies } from "./offload.ts";
import { type Groups, microBatches } from "./parallel.ts";
import { passesOf, scheduleOf } from "./schedule/index.ts";
import { gathersOf, shardedInside, updateReplicas } from "./sharding.ts";
import { costedKinds, kindOf, modulesOn, type StagePlan, type StageType } from "./stages.ts";
import { frozenLayers, learnsIn, storedShare } from "./tuning.ts";
import { shardedUnit } from "./update.ts";
import { layerWeights, type WeightBuckets } from "./weights.ts";

export interface StageTimes {
  /** Exposed communication inside layers. */
  tensor: Seconds;
  context: Seconds;
  expert: Seconds;
  /** Time computation waits for gathered weights (fully sharded stacks). */
  sharded: Seconds;
  /** Waiting for activations on their way to and from host memory. */
  offload: Seconds;
  /** Computation lost to communication that runs beside it. */
  interference: Seconds;
  /** Waiting for the host to launch kernels. */
  launch: Seconds;
  /** Waiting for the neighbour's activations where transfers are not overlapped. */
  transfer: Seconds;
  /** Waiting for the context rank with the most attention. */
  imbalance: Seconds;
  /** Totals of the two passes: computation and everything above. */
  forwardTime: Seconds;
  backwardTime: Seconds;
  /** Of the backward, the products that only weight gradients need. */
  weightTime: Seconds;
}

/** Everything that does not depend on which layers a stage holds. */
export interface StageContext {
  readonly case: TrainingCase;
  readonly platform: Platform;
  readonly kernels: Kernels;
  readonly groups: Groups;
  readonly constants: TrainingConstants;
  /** Costed kinds (see `stagePlan`), then the layer of an MTP module. */
  readonly layers: readonly LayerStep[];
  readonly ends: PipelineEnds;
  /** Activations of one micro-batch to the neighbour. */
  readonly transfer: Seconds;
  readonly memory: MemoryCosts;
}

/** Costs of embedding, head and MTP modules. */
export interface PipelineEnds {
  readonly embedding: EndCost;
  readonly head: EndCost;
  /** A whole MTP module but for its layer, and the part of it that sits with the layer. */
  readonly multiToken?: EndCost;
  readonly fusion?: EndCost;
}

export function pipelineEnds(c: TrainingCase, kernels: Kernels): PipelineEnds {
  const head = headCost(c, kernels);
  const plain = { embedding: embeddingCost(c, kernels), head };
  if (multiTokenModules(c) === 0) return plain;
  const fusion = fusionCost(c, kernels);
  return { ...plain, multiToken: multiTokenCost(head, fusion), fusion };
}

/** MTP steps that run; a model may run a stored module more than once. */
export function multiTokenModules(c: TrainingCase): number {
  return c.model.multiToken === undefined ? 0 : c.multiTokenModules;
}

export function emptyStage(): StageTimes {
  return {
    tensor: 0,
    context: 0,
    expert: 0,
    sharded: 0,
    offload: 0,
    interference: 0,
    launch: 0,
    transfer: 0,
    imbalance: 0,
    forwardTime: 0,
    backwardTime: 0,
    weightTime: 0,
  };
}

/** Adds `share` of `more` to `into`, in place. */
export function addStage(into: StageTimes, more: StageTimes, share: number): void {
  into.tensor += share * more.tensor;
  into.context += share * more.context;
  into.expert += share * more.expert;
  into.sharded += share * more.sharded;
  into.offload += share * more.offload;
  into.interference += share * more.interference;
  into.launch += share * more.launch;
  into.transfer += share * more.transfer;
  into.imbalance += share * more.imbalance;
  into.forwardTime += share * more.forwardTime;
  into.backwardTime += share * more.backwardTime;
  into.weightTime += share * more.weightTime;
}

/** Computation of a rank's stages by pass and part, one micro-batch. */
export interface StageParts {
  readonly forward: PartTimes;
  readonly backward: PartTimes;
  readonly recompute: PartTimes;
}

/** What one rank computes: the parts behind `forwardTime` and `backwardTime`, for those who show them. */
export function rankParts(context: StageContext, plan: StagePlan, rank: number): StageParts {
  const sums: StageParts = { forward: emptyParts(), backward: emptyParts(), recompute: emptyParts() };
  const again = recomputeShare(context.case);
  const { schedule, virtualStages } = context.case.layout;
  const share = passesOf(scheduleOf(schedule).placement, virtualStages) / virtualStages;
  const addCost = ({ cost }: LayerStep, count: number): void => {
    const number = share * count;
    addParts(sums.forward, cost.forward, number);
    addParts(sums.backward, cost.backwardInput, number);
    addParts(sums.backward, cost.backwardWeight, number);
    addParts(sums.recompute, cost.recompute, number * again);
  };
  for (const index of plan.rankTypes[rank]!) {
    const type = plan.types[index]!;
    type.counts.forEach((number, kind) => {
      const layer = context.layers[kind];
      if (layer !== undefined) addCost(layer, number);
    });
    const { costs, layers } = endsOf(context, type);
    for (const end of costs) {
      addParts(sums.forward, end.forward, share);
      addParts(sums.backward, end.backward, share);
    }
    for (const layer of layers) addCost(layer, 1);
  }
  return sums;
}

interface PassSums {
  /** Communication hidden under computation, and expert exchanges hidden under another micro-batch's. */
  hiddenForward: Seconds;
  hiddenBackward: Seconds;
  hiddenExpertForward: Seconds;
  hiddenExpertBackward: Seconds;
  /** Kernels that the host launches outside, and kernels inside, the routed experts' blocks. */
  forwardKernels: number;
  backwardKernels: number;
  routedForward: number;
  routedBackward: number;
  /** Waiting, in blocks that start only when the host knows their shapes, for their own launches. */
  routedWait: Seconds;
}

/**
 * Times of one kind of stage. Beside no other micro-batch, `alone`, a pass waits for the expert exchange that one would
 * hide.
 * @param alone share of forward and of backward passes that run so.
 */
export function stageTimes(context: StageContext, type: StageType, alone: PassTimes): StageTimes {
  const { case: c, layers } = context;
  const times = emptyStage();
  const pass: PassSums = {
    hiddenForward: 0,
    hiddenBackward: 0,
    hiddenExpertForward: 0,
    hiddenExpertBackward: 0,
    forwardKernels: 0,
    backwardKernels: 0,
    routedForward: 0,
    routedBackward: 0,
    routedWait: 0,
  };
  const again = recomputeShare(c);
  for (let kind = 0; kind < type.counts.length; kind++) {
    const number = type.counts[kind]!;
    if (number > 0) addLayer(times, pass, { layer: layers[kind]!, number, again, alone });
  }
  const ends = endsOf(context, type);
  for (const end of ends.costs) {
    times.forwardTime += partsTotal(end.forward);
    times.backwardTime += partsTotal(end.backward);
    times.weightTime += end.weight;
  }
  for (const layer of ends.layers) addLayer(times, pass, { layer, number: 1, again, alone });
  addInterference(context, times, pass);
  addLaunch(context, times, pass);
  addSharded(context, times, type);
  addOffload(context, times, type);
  if (c.layout.pipeline > 1 && c.software.overlap.pipeline === "off") {
    times.transfer = 2 * context.transfer;
    times.forwardTime += context.transfer;
    times.backwardTime += context.transfer;
  }
  return times;
}

/**
 * Share of forward passes, and of backward ones, that run beside no other micro-batch: those of warm-up and cool-down,
 * p of m on the mean rank. Schedules that pair passes themselves say which run alone.
 */
export function aloneShare({ layout, globalBatch }: TrainingCase): PassTimes {
  const share = Math.min(1, layout.pipeline / microBatches(layout, globalBatch));
  return { forward: share, backward: share };
}

/** Share of a stage's layers that full recompute covers. */
function recomputeShare(c: TrainingCase): number {
  const { recompute, recomputeLayers, pipeline } = c.layout;
  if (recompute !== "full" || recomputeLayers === undefined) return 1;
  return Math.min(1, (recomputeLayers * pipeline) / c.model.layers.length);
}

interface LayerRun {
  readonly layer: LayerStep;
  readonly number: number;
  readonly again: number;
  readonly alone: PassTimes;
}

function addLayer(times: StageTimes, pass: PassSums, { layer, number, again, alone }: LayerRun): void {
  const { cost, computation, forward, backward, recompute } = layer;
  const tensor = backward.tensor + again * recompute.tensor;
  const context = backward.context + again * recompute.context;
  const ahead = alone.forward * layer.hiddenExpert.forward;
  const expert = backward.expert + again * recompute.expert + alone.backward * layer.hiddenExpert.backward;
  times.tensor += number * (forward.tensor + tensor);
  times.context += number * (forward.context + context);
  times.expert += number * (forward.expert + ahead + expert);
  times.forwardTime += number * (computation.forward + forward.tensor + forward.context + forward.expert + ahead);
  times.backwardTime += number * (computation.backward + again * computation.recompute + tensor + context + expert);
  times.weightTime += number * computation.weight;
  addImbalance(times, { layer, number, again, alone });
  pass.hiddenForward += number * layer.hidden.forward;
  pass.hiddenBackward += number * layer.hidden.backward;
  pass.hiddenExpertForward += number * (1 - alone.forward) * layer.hiddenExpert.forward;
  pass.hiddenExpertBackward += number * (1 - alone.backward) * layer.hiddenExpert.backward;
  const { experts } = cost;
  const { launched } = layer;
  pass.forwardKernels += number * launched.forward;
  pass.backwardKernels += number * (launched.backward + again * launched.recompute);
  pass.routedForward += number * experts.forward;
  pass.routedBackward += number * experts.backward;
  pass.routedWait += number * layer.wait;
}

/** All ranks of a context group wait for its busiest one, in each pass and when a layer is computed again. */
function addImbalance(times: StageTimes, { layer, number, again }: LayerRun): void {
  const { forward, backward } = layer.imbalance;
  if (forward + backward === 0) return;
  const recomputed = layer.cost.recompute.attention > 0 ? again * forward : 0;
  times.imbalance += number * (forward + backward + recomputed);
  times.forwardTime += number * forward;
  times.backwardTime += number * (backward + recomputed);
}

/** Computation slows while communication runs beside it: collectives by a share, expert copies by what they occupy. */
function addInterference({ case: c, constants }: StageContext, times: StageTimes, pass: PassSums): void {
  const expert = expertInterference(c, constants.interference);
  const forward = constants.interference * pass.hiddenForward + expert * pass.hiddenExpertForward;
  const backward = constants.interference * pass.hiddenBackward + expert * pass.hiddenExpertBackward;
  times.interference = forward + backward;
  times.forwardTime += forward;
  times.backwardTime += backward;
}

/** What stages with an end of the model run beside their layers: end costs, and the layers of MTP modules. */
function endsOf(
  { case: c, ends, layers }: StageContext,
  type: StageType,
): { readonly costs: readonly EndCost[]; readonly layers: readonly LayerStep[] } {
  const all = multiTokenModules(c);
  const here = modulesOn(type, all);
  if (!type.first && !type.last && here === 0) return noEnds;
  const costs: EndCost[] = type.first ? [ends.embedding] : [];
  if (type.last) costs.push(ends.head);
  const layer = layers[costedKinds(c.model, frozenLayers(c))];
  const modules: LayerStep[] = [];
  const { multiToken, fusion } = ends;
  for (let module = 0; module < all; module++) {
    // A module that sits elsewhere still passes through the head here, and the other way round.
    const beside = module < here ? (type.last ? multiToken : fusion) : type.last ? ends.head : undefined;
    if (beside !== undefined) costs.push(beside);
    if (layer !== undefined && module < here) modules.push(layer);
  }
  return { costs, layers: modules };
}

const noEnds = { costs: [], layers: [] };

/**
 * Full sharding: while one layer computes, the next one's weights are gathered (and the last one's gradients are
 * scattered). A pass takes what cannot overlap, then the longer of computation, slowed, and the rest of the traffic;
 * plus the first gather or the last scatter. Weights kept after the forward pass are not gathered again.
 * @source zhao-2023-fsdp
 */
function addSharded(context: StageContext, times: StageTimes, type: StageType): void {
  const { case: c, groups, platform, constants } = context;
  if (!shardedInside(c)) return;
  const stored = storedShare(c.tuning);
  const sum = { forward: 0, backward: 0, scatter: 0 };
  const copies = { up: 0, again: 0, down: 0 };
  const replicas = updateReplicas(c);
  let last = sum;
  type.counts.forEach((count, index) => {
    const kind = kindOf(c.model, index);
    if (kind === undefined || count === 0) return;
    const weights = scaled(layerWeights(kind, c.layout), stored);
    const unit = shardedUnit(c, weights, groups, platform);
    const passed = learnsIn(c, index);
    last = passed ? unit : { ...unit, backward: 0, scatter: 0 };
    const { up, down } = shardCopies(c, weights, { replicas, learns: passed && c.tuning.method === "full" });
    copies.up += count * up;
    copies.again += passed ? count * up : 0;
    copies.down += count * down;
    sum.forward += count * last.forward;
    sum.backward += count * last.backward;
    sum.scatter += count * last.scatter;
  });
  // The pipeline's last block is needed again at once: FSDP2 leaves it gathered.
  if (type.last && c.software.state.lastBlock === "kept") sum.backward -= last.backward;
  // Shards in host memory cross their own link, one unit ahead of the network.
  const again = gathersOf(c) === "both" ? copies.again : 0;
  const ahead = Math.max(sum.forward, copies.up);
  const back = Math.max(sum.backward + sum.scatter, again, copies.down);
  const forward = besideTraffic(times.forwardTime, ahead, constants) + last.forward;
  const backward = besideTraffic(times.backwardTime, back, constants) + last.scatter;
  times.sharded = forward - times.forwardTime + (backward - times.backwardTime);
  times.forwardTime = forward;
  times.backwardTime = backward;
}

/** Weights kept in fewer bits travel so. */
function scaled(weights: WeightBuckets, share: number): WeightBuckets {
  if (share === 1) return weights;
  return { split: share * weights.split, replicated: weights.replicated, experts: share * weights.experts };
}

/** Activations move under the computation of the pass that makes or needs them. */
function addOffload({ case: c, memory }: StageContext, times: StageTimes, type: StageType): void {
  if (c.layout.activationOffload === 0) return;
  const bytes = type.counts.reduce((sum, count, kind) => sum + count * (memory.activations[kind] ?? 0), 0);
  const forward = exposedActivations(c, bytes, times.forwardTime);
  const backward = exposedActivations(c, bytes, times.backwardTime);
  times.offload = forward + backward;
  times.forwardTime += forward;
  times.backwardTime += backward;
}

function besideTraffic(computation: Seconds, traffic: Seconds, constants: TrainingConstants): Seconds {
  const beside = constants.shardedOverlap * traffic;
  return traffic - beside + Math.max(computation + constants.interference * Math.min(beside, computation), beside);
}

/**
 * Kernels are launched by the host. Without graphs a pass cannot run faster than its launches; partial graphs leave
 * dropless experts to the host, full ones nothing. Without a capacity the shapes of the routed block are known only
 * when the router has run: the host waits for it, and the device then waits for the block's launches.
 */
function addLaunch({ case: c, constants }: StageContext, times: StageTimes, pass: PassSums): void {
  const { cudaGraphs, routing } = c.software;
  const captured = cudaGraphs === "full" || (cudaGraphs === "partial" && routing === "capacity");
  const routed = captured ? 0 : constants.launch;
  const hostForward = constants.launch * pass.forwardKernels + routed * pass.routedForward;
  const hostBackward = constants.launch * pass.backwardKernels + routed * pass.routedBackward;
  const forward = Math.max(pass.routedWait, hostForward - times.forwardTime);
  const backward = Math.max(0, hostBackward - times.backwardTime);
  times.launch = forward + backward;
  times.forwardTime += forward;
  times.backwardTime += backward;
}
