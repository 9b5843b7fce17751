/**
 * What a rank exchanges in each pass of a step and once at its end, from what it exchanges in the whole step: bytes of a
 * pass are those of the step over its passes, gradients and weights are told apart by what the sharding sends of each.
 */

import type { Bytes } from "../../base/quantity.ts";
import type { TrainingCase } from "../../training/case.ts";
import {
  microBatches,
  type StepTraffic,
  scheduleOf,
  stepTraffic,
  type TrafficDimension,
} from "../../training/index.ts";
import { passesOf } from "../../training/schedule/index.ts";
import { gathersOf, reductionsInside } from "../../training/sharding.ts";
import type { TraceOperation } from "../../workload/chakra/index.ts";

export type PassName = "forward" | "backward";

export interface StepExchange {
  readonly dimension: TrafficDimension;
  /** What it is of: `tensor`, `gradients`, `weights of experts`. */
  readonly name: string;
  readonly operation: TraceOperation;
  readonly bytes: Bytes;
  readonly size: number;
  readonly stride: number;
  /** after: the pass waits for it; beside: it runs beside the pass's computation. */
  readonly when: "after" | "beside";
}

export interface StepExchanges {
  readonly pass: Readonly<Record<PassName, readonly StepExchange[]>>;
  /** Gradients, beside the last backward pass or after it. */
  readonly reduce: readonly StepExchange[];
  /** Weights, after the update. */
  readonly gather: readonly StepExchange[];
  /** Activations or gradients of one micro-batch to a neighbouring stage; 0 without one. */
  readonly transfer: Bytes;
}

export function stepExchanges(c: TrainingCase): StepExchanges {
  const { layout, software } = c;
  const { placement } = scheduleOf(layout.schedule);
  const count = microBatches(layout, c.globalBatch);
  const passes = 2 * count * passesOf(placement, layout.virtualStages);
  const traffic = stepTraffic(c);
  const inside = traffic.flatMap((each): StepExchange[] => {
    const { dimension } = each;
    if (dimension !== "tensor" && dimension !== "context" && dimension !== "expert") return [];
    return [{ ...shared(each), name: dimension, bytes: each.bytes / passes, when: whenInside(c, dimension) }];
  });
  const weights = traffic.filter(({ dimension }) => dimension === "data" || dimension === "expertData");
  const parts = weights.map((each) => weightParts(c, each));
  const chunks = placement === "loop" ? layout.virtualStages : 1;
  const hop = traffic.find(({ dimension }) => dimension === "pipeline");
  const often = gathersOf(c);
  const gathered = often === "forward" ? passes / 2 : passes;
  const reduces = reductionsInside(c) > 0;
  const spread = (list: readonly StepExchange[], over: number): StepExchange[] =>
    list.map((each): StepExchange => ({ ...each, bytes: each.bytes / over, when: "beside" }));
  const gathers =
    often === "forward" || often === "both"
      ? spread(
          parts.flatMap(({ gather }) => gather),
          gathered,
        )
      : [];
  const scatters = reduces
    ? spread(
        parts.flatMap(({ reduce }) => reduce),
        passes / 2,
      )
    : [];
  const beside = software.overlap.gradientReduce === "on" ? "beside" : "after";
  return {
    pass: {
      forward: [...inside, ...gathers],
      backward: [...inside, ...(often === "both" ? gathers : []), ...scatters],
    },
    reduce: reduces ? [] : parts.flatMap(({ reduce }) => reduce).map((each) => ({ ...each, when: beside })),
    gather: often === "step" ? parts.flatMap(({ gather }) => gather) : [],
    transfer: hop === undefined ? 0 : hop.bytes / (2 * chunks * count),
  };
}

function shared({ dimension, operation, size, stride }: StepTraffic): Omit<StepExchange, "name" | "bytes" | "when"> {
  if (operation === "send-receive") throw new Error(`${dimension} is no collective`);
  return { dimension, operation, size, stride };
}

/** Whether a stack runs an exchange inside layers beside their computation. */
function whenInside(
  { software }: TrainingCase,
  dimension: Extract<TrafficDimension, "tensor" | "context" | "expert">,
): StepExchange["when"] {
  switch (dimension) {
    case "tensor":
      return software.overlap.tensor === "off" ? "after" : "beside";
    case "context":
      return software.contextExchange === "ring" ? "beside" : "after";
    case "expert":
      return software.overlap.expert === "off" ? "after" : "beside";
  }
}

/**
 * Gradients and weights of one kind of parameters in a whole step. Both come as one reduce-scatter of the bytes of
 * both, an all-reduce counted twice.
 */
function weightParts(
  c: TrainingCase,
  each: StepTraffic,
): { readonly reduce: readonly StepExchange[]; readonly gather: readonly StepExchange[] } {
  const { layout, software } = c;
  const count = microBatches(layout, c.globalBatch);
  const { gradientReduce, parameterGather } = software.bytes;
  const whole = layout.sharding === "none";
  const gradient = gradientReduce * Math.max(1, reductionsInside(c) * count) * (whole ? 2 : 1);
  const weight = parameterGather * { never: 0, step: 1, forward: count, both: 2 * count }[gathersOf(c)];
  const share = gradient / (gradient + weight);
  const common = { ...shared(each), when: "after" } as const;
  const of = each.dimension === "expertData" ? " of experts" : "";
  const reduced = share * each.bytes;
  const reduce: StepExchange = whole
    ? { ...common, name: `gradients${of}`, operation: "all-reduce", bytes: reduced / 2 }
    : { ...common, name: `gradients${of}`, operation: "reduce-scatter", bytes: reduced };
  const gather: StepExchange = {
    ...common,
    name: `weights${of}`,
    operation: "all-gather",
    bytes: each.bytes - reduced,
  };
  return { reduce: [reduce], gather: weight === 0 ? [] : [gather] };
}
