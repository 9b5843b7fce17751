/**
 * What one kind of virtual stage takes for one micro-batch: its layers, the ends it holds, gathers of sharded weights,
 * host launches, transfers that are not overlapped.
 */

import type { Seconds } from "../base/quantity.ts";
import { addParts, emptyParts, type Kernels, type PartTimes, partsTotal } from "../compute/index.ts";
import type { Platform } from "../network/index.ts";
import type { TrainingCase } from "./case.ts";
import type { TrainingConstants } from "./constants.ts";
import { type EndCost, embeddingCost, headCost, multiTokenCost } from "./ends.ts";
import type { LayerStep } from "./layer.ts";
import type { Groups } from "./parallel.ts";
import { kindOf, type StageType } from "./stages.ts";
import { shardedInside, shardedUnit } from "./update.ts";
import { layerWeights } from "./weights.ts";

export interface StageTimes {
  readonly forward: PartTimes;
  readonly backward: PartTimes;
  readonly recompute: PartTimes;
  /** Exposed communication inside layers. */
  tensor: Seconds;
  context: Seconds;
  expert: Seconds;
  /** Time computation waits for gathered weights (fully sharded stacks). */
  sharded: Seconds;
  /** Computation lost to communication that runs beside it. */
  interference: Seconds;
  /** Waiting for the host to launch kernels. */
  launch: Seconds;
  /** Waiting for the neighbour's activations where transfers are not overlapped. */
  transfer: Seconds;
  /** Totals of the two passes, everything above included. */
  forwardTime: Seconds;
  backwardTime: Seconds;
}

/** Everything that does not depend on which layers a stage holds. */
export interface StageContext {
  readonly case: TrainingCase;
  readonly platform: Platform;
  readonly kernels: Kernels;
  readonly groups: Groups;
  readonly constants: TrainingConstants;
  /** Costed kinds, then the layer of an MTP module. */
  readonly layers: readonly LayerStep[];
  readonly ends: PipelineEnds;
  /** Activations of one micro-batch to the neighbour. */
  readonly transfer: Seconds;
}

/** Costs of embedding, head and MTP modules. */
export interface PipelineEnds {
  readonly embedding: EndCost;
  readonly head: EndCost;
  readonly multiToken?: EndCost;
}

export function pipelineEnds(c: TrainingCase, kernels: Kernels): PipelineEnds {
  const modules = multiTokenModules(c);
  return {
    embedding: embeddingCost(c, kernels),
    head: headCost(c, kernels),
    ...(modules > 0 ? { multiToken: multiTokenCost(c, kernels) } : {}),
  };
}

/** MTP modules that run: those asked for, of those the model has. */
export function multiTokenModules(c: TrainingCase): number {
  return Math.min(c.multiTokenModules, c.model.multiToken?.modules ?? 0);
}

export function emptyStage(): StageTimes {
  return {
    forward: emptyParts(),
    backward: emptyParts(),
    recompute: emptyParts(),
    tensor: 0,
    context: 0,
    expert: 0,
    sharded: 0,
    interference: 0,
    launch: 0,
    transfer: 0,
    forwardTime: 0,
    backwardTime: 0,
  };
}

const scalars = [
  "tensor",
  "context",
  "expert",
  "sharded",
  "interference",
  "launch",
  "transfer",
  "forwardTime",
  "backwardTime",
] as const;

/** Adds `more` to `into`, in place. */
export function addStage(into: StageTimes, more: StageTimes): void {
  addParts(into.forward, more.forward);
  addParts(into.backward, more.backward);
  addParts(into.recompute, more.recompute);
  for (const name of scalars) into[name] += more[name];
}

interface PassSums {
  forward: Seconds;
  backward: Seconds;
  /** Kernels outside and inside the routed experts' blocks. */
  forwardKernels: number;
  backwardKernels: number;
  routedForward: number;
  routedBackward: number;
  /** Waiting, in blocks that start only when the host knows their shapes, for their own launches. */
  routedWait: Seconds;
}

export function stageTimes(context: StageContext, type: StageType): StageTimes {
  const { case: c, constants, layers } = context;
  const times = emptyStage();
  const pass: PassSums = {
    forward: 0,
    backward: 0,
    forwardKernels: 0,
    backwardKernels: 0,
    routedForward: 0,
    routedBackward: 0,
    routedWait: 0,
  };
  const again = recomputeShare(c);
  type.counts.forEach((number, kind) => {
    const layer = layers[kind];
    if (layer !== undefined && number > 0) addLayer(context, times, pass, { layer, number, again });
  });
  addEnds(context, times, pass, type);
  times.interference *= constants.interference;
  // Two thirds of a step's computation, and of what slows it, is backward.
  times.forwardTime = partsTotal(times.forward) + pass.forward + times.interference / 3;
  times.backwardTime =
    partsTotal(times.backward) + partsTotal(times.recompute) + pass.backward + (2 * times.interference) / 3;
  addSharded(context, times, type);
  addLaunch(context, times, pass);
  if (c.layout.pipeline > 1 && c.software.overlap.pipeline === "off") {
    times.transfer = 2 * context.transfer;
    times.forwardTime += context.transfer;
    times.backwardTime += context.transfer;
  }
  return times;
}

/** Share of a stage's layers that full recompute covers. */
function recomputeShare(c: TrainingCase): number {
  const { recompute, recomputeLayers, pipeline } = c.layout;
  if (recompute !== "full" || recomputeLayers === undefined) return 1;
  return Math.min(1, (recomputeLayers * pipeline) / c.model.layers.length);
}

function addLayer(
  { constants, case: c }: StageContext,
  times: StageTimes,
  pass: PassSums,
  { layer, number, again }: { readonly layer: LayerStep; readonly number: number; readonly again: number },
): void {
  const { cost, forward, backward, recompute } = layer;
  addParts(times.forward, cost.forward, number);
  addParts(times.backward, cost.backwardInput, number);
  addParts(times.backward, cost.backwardWeight, number);
  addParts(times.recompute, cost.recompute, number * again);
  for (const name of ["tensor", "context", "expert"] as const) {
    const back = backward[name] + again * recompute[name];
    times[name] += number * (forward[name] + back);
    pass.forward += number * forward[name];
    pass.backward += number * back;
  }
  times.interference += number * layer.hidden;
  const { kernels, experts } = cost;
  pass.forwardKernels += number * (kernels.forward - experts.forward);
  pass.backwardKernels += number * (kernels.backward - experts.backward + again * kernels.recompute);
  pass.routedForward += number * experts.forward;
  pass.routedBackward += number * experts.backward;
  if (experts.forward > 0 && c.software.cudaGraphs !== "full" && c.software.routing === "dropless") {
    pass.routedWait += number * (constants.sync + Math.max(0, experts.forward * constants.launch - experts.time));
  }
}

function addEnds(context: StageContext, times: StageTimes, pass: PassSums, type: StageType): void {
  const { case: c, ends, layers } = context;
  const add = (end: EndCost): void => {
    addParts(times.forward, end.forward);
    addParts(times.backward, end.backward);
  };
  if (type.first) add(ends.embedding);
  if (!type.last) return;
  add(ends.head);
  const layer = layers[2 * c.model.layerKinds.length];
  for (let module = 0; module < multiTokenModules(c); module++) {
    if (ends.multiToken !== undefined) add(ends.multiToken);
    if (layer !== undefined) addLayer(context, times, pass, { layer, number: 1, again: recomputeShare(c) });
  }
}

/**
 * Full sharding: while one layer computes, the next one's weights are gathered (and the last one's gradients are
 * scattered). A pass takes what cannot overlap, then the longer of computation, slowed, and the rest of the traffic;
 * plus the first gather or the last scatter. Weights kept after the forward pass are not gathered again.
 * @source zhao-2023-fsdp
 */
function addSharded(context: StageContext, times: StageTimes, type: StageType): void {
  const { case: c, groups, platform, constants } = context;
  if (!shardedInside(c)) return;
  let gather = 0;
  let scatter = 0;
  let last = { gather: 0, scatter: 0 };
  type.counts.forEach((count, index) => {
    const kind = kindOf(c.model, index);
    if (kind === undefined || count === 0) return;
    last = shardedUnit(c, layerWeights(kind, c.layout), groups, platform);
    gather += count * last.gather;
    scatter += count * last.scatter;
  });
  const again = c.layout.sharding === "gradients" ? 0 : gather;
  const forward = besideTraffic(times.forwardTime, gather, constants) + last.gather;
  const backward = besideTraffic(times.backwardTime, again + scatter, constants) + last.scatter;
  times.sharded = forward - times.forwardTime + (backward - times.backwardTime);
  times.forwardTime = forward;
  times.backwardTime = backward;
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
  const own = cudaGraphs === "none" ? constants.launch : 0;
  const captured = cudaGraphs === "full" || (cudaGraphs === "partial" && routing === "capacity");
  const routed = captured ? 0 : constants.launch;
  const hostForward = own * pass.forwardKernels + routed * pass.routedForward;
  const hostBackward = own * pass.backwardKernels + routed * pass.routedBackward;
  const forward = Math.max(pass.routedWait, hostForward - times.forwardTime);
  const backward = Math.max(0, hostBackward - times.backwardTime);
  times.launch = forward + backward;
  times.forwardTime += forward;
  times.backwardTime += backward;
}
