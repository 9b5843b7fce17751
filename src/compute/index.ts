/** Operators and their time on one accelerator. */

export { attendedPairs, attentionFlop, backwardProducts } from "./attention.ts";
export { withFirstFlash } from "./first-flash.ts";
export { formatBytes, formatPeak, formatSupported } from "./format.ts";
export type { AttentionShape, GemmFormat, Kernels } from "./kernel.ts";
export { type KernelOptions, kernelsOf } from "./kernels-of.ts";
export { popularityOf } from "./popularity.ts";
export { underPowerLimit } from "./power-limit.ts";
export {
  type AttentionRow,
  type DecodeRow,
  type ExpertRow,
  type GemmRow,
  type KernelTables,
  tableKernels,
} from "./table.ts";
export {
  type AdapterShape,
  type AdapterTarget,
  adaptedProjections,
  adapterOperators,
} from "./transformer/adapter.ts";
export {
  addParts,
  type CostOptions,
  emptyParts,
  type LayerCost,
  layerCost,
  type MatrixRecipe,
  type PartTimes,
  partsTotal,
} from "./transformer/cost.ts";
export { layerOperators } from "./transformer/layer.ts";
export type { LayerShard, LayerStyle, Module, Operator, Part, PassOperator } from "./transformer/operator.ts";
export { tokensBetweenBlocks, tokensPerRank } from "./transformer/passes.ts";
export { worstRank } from "./worst-rank.ts";
