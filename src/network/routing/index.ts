/** Routing: ways through a topology by policy, with failures. */

export { LinkUses } from "./link-uses.ts";
export type { Failures } from "./next-hops.ts";
export { hashed, type RoutingPolicy } from "./policy.ts";
export { Routes, type RoutingOptions } from "./routes.ts";
