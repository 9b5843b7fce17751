/** The catalog: what is known of hardware, its prices and models, with sources. */
export type { Accelerator, Arithmetic, Generation } from "./accelerator.ts";
export { accelerators } from "./accelerators/index.ts";
export type { Cluster, Fabric, NodeType } from "./cluster.ts";
export type { ClusterOptions } from "./cluster-of.ts";
export { clusterOf, defaultFabric, tiersNeeded } from "./cluster-of.ts";
export { fabrics } from "./fabrics/index.ts";
export type {
  Attention,
  FeedForward,
  LatentAttention,
  LayerKind,
  Mixer,
  ModelArchitecture,
  ParameterCount,
  Projection,
  Recurrent,
  SparseSelection,
  StorageFormat,
  WeightStorage,
} from "./model.ts";
export type {
  CacheBytes,
  CoreCounting,
  DenseDimensions,
  ForwardFlop,
  ImportOptions,
  ImportResult,
  LayerParameters,
  ModelConfig,
  ModelEntry,
} from "./models/index.ts";
export {
  bytesPerWeight,
  cacheBytes,
  cacheBytesPerToken,
  countParameters,
  decodeFlopPerToken,
  denseConfig,
  extendModel,
  findModel,
  forwardFlopPerToken,
  importModel,
  keysAtDecode,
  keysMean,
  layerParameters,
  models,
  modelTypes,
  parseConfig,
  weightBytes,
} from "./models/index.ts";
export { nodes } from "./nodes/index.ts";
export type { PriceKind, PurchaseQuote, RentalPrice, RentalQuote, RentalTerm, SellerClass } from "./prices/index.ts";
export { purchaseQuotes, rentalPrice, rentalQuotes } from "./prices/index.ts";
export type { Source } from "./sources/index.ts";
export { source, sources } from "./sources/index.ts";
export type { OpticsType, SwitchType } from "./switches/index.ts";
export { opticsTypes, switchTypes } from "./switches/index.ts";
