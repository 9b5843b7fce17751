/** The catalog: what is known of hardware and its prices, with sources. The models part adds its own line. */
export type { Accelerator, Arithmetic, Generation } from "./accelerator.ts";
export { accelerators } from "./accelerators/index.ts";
export type { Cluster, Fabric, NodeType } from "./cluster.ts";
export type { ClusterOptions } from "./cluster-of.ts";
export { clusterOf, defaultFabric, tiersNeeded } from "./cluster-of.ts";
export { fabrics } from "./fabrics/index.ts";
export { nodes } from "./nodes/index.ts";
export type { PriceKind, PurchaseQuote, RentalPrice, RentalQuote, RentalTerm, SellerClass } from "./prices/index.ts";
export { purchaseQuotes, rentalPrice, rentalQuotes } from "./prices/index.ts";
export type { Source } from "./sources/index.ts";
export { source, sources } from "./sources/index.ts";
