/** Operators and their time on one accelerator. */
export type { AttentionShape, GemmFormat, Kernels } from "./kernel.ts";
export { attendedPairs, kernelsOf } from "./kernels-of.ts";
