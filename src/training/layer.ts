/**
 * One layer of a training step on one rank: its computation and the communication inside it, for one micro-batch.
 * Communication is returned with what of it computation hides.
 */

import type { Seconds } from "../base/quantity.ts";
import { type LayerCost, type LayerShard, layerCost, layerOperators, partsTotal } from "../compute/index.ts";
import { contextExchange } from "./exchange/context.ts";
import { type LayerOptions, nothing, type PassTimes } from "./exchange/exchange.ts";
import { expertExchange } from "./exchange/expert.ts";
import { tensorExchange } from "./exchange/tensor.ts";
import { hostKernels } from "./graphs.ts";
import { recipeOf } from "./recipe.ts";
import { layerShard, layerStyle } from "./shard.ts";

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
  readonly computation: { readonly forward: Seconds; readonly backward: Seconds; readonly recompute: Seconds };
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
}

/** Costs one layer under a case. */
export function layerStep(options: LayerOptions): LayerStep {
  const { kind, kernels, recompute } = options;
  const { model, tuning } = options.case;
  const shard = layerShard(options.case);
  const style = layerStyle(options.case, kind, options.precision);
  const operators = layerOperators({ hidden: model.hidden, kind, shard, style });
  const cost = layerCost(operators, {
    kernels,
    recompute,
    recipe: recipeOf(options.precision),
    weights: tuning.method === "lora" ? "frozen" : "learn",
  });
  const computation = {
    forward: partsTotal(cost.forward),
    backward: partsTotal(cost.backwardInput) + partsTotal(cost.backwardWeight),
    recompute: partsTotal(cost.recompute),
  };
  const wait = routedWait(options, cost);
  const launched = hostKernels(options.case, kind, cost);
  return { cost, launched, computation, wait, ...exchanges(options, shard, { cost, computation, wait }) };
}

/** Waiting for the router, then for the block's own launches, where the host learns the shapes only then. */
function routedWait({ case: c, constants }: LayerOptions, { experts }: LayerCost): Seconds {
  const { cudaGraphs, routing } = c.software;
  if (experts.forward === 0 || cudaGraphs === "full" || routing !== "dropless") return 0;
  return constants.sync + Math.max(0, experts.forward * constants.launch - experts.time);
}

function exchanges(
  options: LayerOptions,
  shard: LayerShard,
  work: Pick<LayerStep, "cost" | "computation" | "wait">,
): Omit<LayerStep, "cost" | "launched" | "computation" | "wait"> {
  const again = typeof options.recompute === "string" ? 1 : 0;
  const tensor = tensorExchange(options, shard, work.cost);
  const context = contextExchange(options, shard, work.cost);
  const expert = expertExchange(options, work, {
    forward: context.hidden.forward + tensor.hidden.forward,
    backward: context.hidden.backward + again * context.hidden.forward + tensor.hidden.backward,
  });
  // Beside another micro-batch there is nothing to hide under in warm-up and cool-down; beside shared experts there is.
  const [own, other] =
    options.case.software.overlap.expert === "on" ? [nothing, expert.hidden] : [expert.hidden, nothing];
  return {
    forward: { tensor: tensor.forward, context: context.forward, expert: expert.forward },
    backward: { tensor: tensor.backward, context: context.backward, expert: expert.backward },
    recompute: { tensor: again * tensor.forward, context: again * context.forward, expert: expert.recompute },
    hidden: {
      forward: tensor.hidden.forward + context.hidden.forward + own.forward,
      backward: tensor.hidden.backward + context.hidden.backward + own.backward,
    },
    hiddenExpert: other,
  };
}
