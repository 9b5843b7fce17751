/**
 * The time of one training step over pools of different hardware. Every pool has its own network, kernels and constants;
 * it answers what the layout's stages take on it, and the mixture is put together here.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { TrainingCase } from "../case.ts";
import type { Layout } from "../layout.ts";
import { type StepEvaluator, stepEvaluator } from "../step.ts";
import { batchAlike, replicasOverPools } from "./by-data.ts";
import { pipelineOverPools, promisingPipeline } from "./by-pipeline.ts";
import type { MixedStep } from "./pool-step.ts";
import { caseOnPool, type PoolSpread } from "./spread.ts";

export interface MixedEvaluator {
  /** One step of a layout over the pools, spread as the case says or otherwise over the same pools. */
  evaluate(layout: Layout, spread?: PoolSpread): MixedStep;
  /** Of stages over the pools of the case: nothing where a lower bound of the pipeline's time is already too long. */
  promising(layout: Layout, tooLong: (least: Seconds) => boolean): MixedStep | undefined;
  /** One evaluator a pool, for those who ask what single stages take. */
  readonly pools: readonly StepEvaluator[];
}

/** An evaluator for many layouts of one case over the same pools. */
export function mixedEvaluator(base: TrainingCase): MixedEvaluator {
  const { pools: own } = base;
  if (own === undefined) throw new Error("the case has no pools");
  const pools = own.pools.map((pool) => stepEvaluator(caseOnPool(base, pool)));
  const tokens = base.globalBatch * base.sequenceLength;
  return {
    pools,
    promising(layout, tooLong) {
      if (own.by !== "pipeline") throw new Error("the pools hold no stages");
      const link = own.between === undefined ? {} : { between: own.between };
      const stages = pools.map((evaluator) => evaluator.stages(layout));
      return promisingPipeline({ pools: own.pools, stages, tokens, ...link }, tooLong);
    },
    evaluate(layout, spread = own) {
      const { by, between } = spread;
      const link = between === undefined ? {} : { between };
      if (by === "pipeline") {
        const stages = pools.map((evaluator) => evaluator.stages(layout));
        return pipelineOverPools({ pools: spread.pools, stages, tokens, ...link });
      }
      const stages = pools.map((evaluator, index) =>
        evaluator.stages(layout, batchAlike(spread.pools[index]!, layout.data)),
      );
      return replicasOverPools({ pools: spread.pools, stages, tokens, ...link });
    },
  };
}
