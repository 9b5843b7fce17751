/** Precision recipes: how matrix products run and what casting to their format moves through memory. */

import type { MatrixRecipe } from "../compute/index.ts";
import type { TrainingPrecision } from "./case.ts";

/**
 * Bytes per operand element of a cast, from a 16-bit tensor: current scaling reads twice (amax, cast) and writes the
 * value and its transpose; delayed scaling knows the scale already; block formats cast row- and column-wise in one
 * read; NVFP4 adds a Hadamard pass.
 * @source transformer-engine-docs
 */
const recipes: Readonly<Record<TrainingPrecision, MatrixRecipe>> = {
  fp32: { format: "fp32", wide: "fp32", castBytes: 0, castKernels: 0 },
  tf32: { format: "tf32", wide: "tf32", castBytes: 0, castKernels: 0 },
  fp16: { format: "fp16", wide: "fp16", castBytes: 0, castKernels: 0 },
  bf16: { format: "bf16", wide: "bf16", castBytes: 0, castKernels: 0 },
  "fp8-delayed": { format: "fp8", wide: "bf16", castBytes: 4, castKernels: 1 },
  "fp8-current": { format: "fp8", wide: "bf16", castBytes: 6, castKernels: 2 },
  "fp8-block": { format: "fp8-block", wide: "bf16", castBytes: 4, castKernels: 1 },
  mxfp8: { format: "mxfp8", wide: "bf16", castBytes: 4, castKernels: 1 },
  nvfp4: { format: "nvfp4", wide: "bf16", castBytes: 5.5, castKernels: 3 },
};

export function recipeOf(precision: TrainingPrecision): MatrixRecipe {
  return recipes[precision];
}

/** Bytes per element of an activation that a matrix product keeps for its weight gradient. */
export function savedOperandBytes(precision: TrainingPrecision): number {
  if (precision === "fp32" || precision === "tf32") return 4;
  if (precision === "nvfp4") return 0.5625;
  return precision === "bf16" || precision === "fp16" ? 2 : 1;
}
