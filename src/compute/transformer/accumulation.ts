/** Gradients added up over micro-batches in passes of their own, as stacks of 2021 and DeepSpeed do. */

import type { Operator } from "./operator.ts";
import { pass } from "./passes.ts";

/**
 * Adds the weight gradients of these products to those of earlier micro-batches, so many bytes a weight.
 * @source megatron-lm-accumulation
 */
export function accumulationPass(operators: readonly Operator[], bytesPerWeight: number): Operator {
  let weights = 0;
  let kernels = 0;
  for (const operator of operators) {
    if (operator.kind !== "matrix" && operator.kind !== "experts") continue;
    weights += (operator.kind === "experts" ? operator.groups : 1) * operator.n * operator.k;
    kernels++;
  }
  const one = pass("gradient-accumulation", ["always"], 0, weights * bytesPerWeight, 0);
  return { ...one, backwardKernels: kernels };
}
