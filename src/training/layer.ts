/**
 * One layer of a training step on one rank: its computation and the communication inside it, for one micro-batch.
 * Communication is returned with what of it computation hides.
 */

import type { Seconds } from "../base/quantity.ts";
import {
  adapterOperators,
  emptyParts,
  type LayerCost,
  type LayerShard,
  layerCost,
  layerOperators,
  type Operator,
  partsTotal,
} from "../compute/index.ts";
import type { TrainingConstants } from "./constants.ts";
import { adapterExchange } from "./exchange/adapter.ts";
import { contextExchange, sharedCore } from "./exchange/context/index.ts";
import { type LayerOptions, nothing, type PassTimes } from "./exchange/exchange.ts";
import { expertExchange } from "./exchange/expert.ts";
import { tensorExchange } from "./exchange/tensor.ts";
import { hostKernels } from "./graphs.ts";
import { recipeOf } from "./recipe.ts";
import { expertImbalance } from "./routing.ts";
import { layerShard, layerStyle } from "./shard.ts";
import { adapterTuning, unpackBytes, withoutAdapters } from "./tuning.ts";

/** Exposed communication of one pass through one layer. */
export interface LayerExchange {
  readonly tensor: Seconds;
  readonly context: Seconds;
  readonly expert: Seconds;
}

export interface LayerStep {
  readonly cost: LayerCost;
  /** Kernels outside the routed block that the host launches. */
  readonly launched: { readonly forward: number; readonly backward: number; readonly recompute: number };
  /** The cost's parts added up. */
  readonly computation: PassTimes & {
    readonly recompute: Seconds;
    /** Part of the backward that only weight gradients need. */
    readonly weight: Seconds;
  };
  /** Exposed communication. */
  readonly forward: LayerExchange;
  readonly backward: LayerExchange;
  readonly recompute: LayerExchange;
  /** Communication of each pass hidden under its computation, which it slows. */
  readonly hidden: PassTimes;
  /** Expert exchange of each pass that another micro-batch's computation hides, where there is one. */
  readonly hiddenExpert: PassTimes;
  /** Waiting of a routed block that starts only when the host knows its shapes. */
  readonly wait: Seconds;
  /** What the context rank with the most attention takes beyond the mean of its group, which waits for it. */
  readonly imbalance: PassTimes;
}

/** Costs one layer under a case. */
export function layerStep(options: LayerOptions): LayerStep {
  const { kind, kernels, recompute } = options;
  const { model, tuning } = options.case;
  const shard = layerShard(options.case);
  const style = layerStyle(options.case, kind, options.precision);
  const plain = layerOperators({ hidden: model.hidden, kind, shard, style });
  const { operators: cut, imbalance } = sharedCore(options, plain);
  const unpack = unpackBytes(options.case, options.precision);
  const operators = [...adaptersOf(options, shard), ...cut];
  const cost = layerCost(operators, {
    kernels,
    recompute,
    recipe: recipeOf(options.precision),
    weights: tuning.method === "lora" ? "frozen" : "learn",
    plainShare: plainShare(options.constants),
    ...(unpack === undefined ? {} : { unpack }),
  });
  const computation = {
    forward: partsTotal(cost.forward),
    backward: partsTotal(cost.backwardInput) + partsTotal(cost.backwardWeight),
    recompute: partsTotal(cost.recompute),
    weight: partsTotal(cost.backwardWeight),
  };
  const wait = routedWait(options, cost);
  const launched = hostKernels(options.case, kind, cost);
  const own = { cost, computation, wait, imbalance };
  return { ...own, launched, ...exchanges(options, shard, own) };
}

/** A step compiled whole launches neither. */
function plainShare({ launch, operation }: TrainingConstants): number {
  return launch === 0 ? 0 : Math.min(1, operation / launch);
}

function adaptersOf({ case: c, kind }: LayerOptions, shard: LayerShard): readonly Operator[] {
  const tuning = adapterTuning(c);
  if (tuning === undefined) return [];
  const adapters = { rank: tuning.rank, targets: tuning.targets, dropout: tuning.dropout ?? "off" } as const;
  const { feedForward } = kind;
  return adapterOperators({
    hidden: c.model.hidden,
    kind,
    shard,
    adapters,
    expertImbalance: feedForward.kind === "experts" ? expertImbalance(c, feedForward) : 1,
  });
}

/** A layer below everything that learns: it runs forward, keeps nothing and has no backward pass. */
export function frozenLayerStep(options: LayerOptions): LayerStep {
  const step = layerStep({ ...options, case: withoutAdapters(options.case) });
  const none = { tensor: 0, context: 0, expert: 0 };
  const { cost, computation, hidden, hiddenExpert } = step;
  return {
    ...step,
    cost: {
      ...cost,
      backwardInput: emptyParts(),
      backwardWeight: emptyParts(),
      recompute: emptyParts(),
      kernels: { ...cost.kernels, backward: 0, recompute: 0 },
      experts: { ...cost.experts, backward: 0 },
    },
    launched: { ...step.launched, backward: 0, recompute: 0 },
    computation: { ...computation, backward: 0, recompute: 0 },
    backward: none,
    recompute: none,
    hidden: { ...hidden, backward: 0 },
    hiddenExpert: { ...hiddenExpert, backward: 0 },
    imbalance: { ...step.imbalance, backward: 0 },
  };
}

/**
 * Waiting for the router, then for the block's own launches, where the host learns the shapes only then. Megatron's
 * clamped gate hands its offset over as a new tensor: the host waits for the first product, and what follows starts
 * from its first launch.
 *
 *     wait = sync + max(0, launches - time),  after the gate  launch + max(0, launches - time) of what follows its first
 *
 * @source megatron-core-quick-geglu
 */
function routedWait({ case: c, constants }: LayerOptions, { experts }: LayerCost): Seconds {
  const { cudaGraphs, routing, host } = c.software;
  if (experts.forward === 0 || cudaGraphs === "full" || routing !== "dropless") return 0;
  const { launch, sync } = constants;
  const gated = host === "megatron" ? experts.gated : { forward: 0, time: 0 };
  const before = Math.max(0, (experts.forward - gated.forward) * launch - (experts.time - gated.time));
  if (gated.forward === 0) return sync + before;
  return sync + before + launch + Math.max(0, (gated.forward - 1) * launch - gated.time);
}

function exchanges(
  options: LayerOptions,
  shard: LayerShard,
  work: Pick<LayerStep, "cost" | "computation" | "wait" | "imbalance">,
): Omit<LayerStep, "cost" | "launched" | "computation" | "wait" | "imbalance"> {
  const again = typeof options.recompute === "string" ? 1 : 0;
  const tensor = tensorExchange(options, shard, work.cost);
  const tuning = adapterTuning(options.case);
  const adapters = tuning === undefined ? nothing : adapterExchange(options, shard, tuning);
  const context = contextExchange(options, shard, work.cost, work.imbalance);
  const expert = expertExchange(options, work, {
    forward: context.hidden.forward + tensor.hidden.forward,
    backward: context.hidden.backward + again * context.hidden.forward + tensor.hidden.backward,
  });
  // Beside another micro-batch there is nothing to hide under in warm-up and cool-down; beside shared experts there is.
  const [own, other] =
    options.case.software.overlap.expert === "on" ? [nothing, expert.hidden] : [expert.hidden, nothing];
  return {
    forward: { tensor: tensor.forward + adapters.forward, context: context.forward, expert: expert.forward },
    backward: { tensor: tensor.backward + adapters.backward, context: context.backward, expert: expert.backward },
    recompute: {
      tensor: again * (tensor.forward + adapters.forward),
      context: again * context.forward,
      expert: expert.recompute,
    },
    hidden: {
      forward: tensor.hidden.forward + context.hidden.forward + own.forward,
      backward: tensor.hidden.backward + context.hidden.backward + own.backward,
    },
    hiddenExpert: other,
  };
}
