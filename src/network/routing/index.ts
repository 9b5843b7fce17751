/** Routing: ways through a topology by policy, with failures. */

export { type Failures, failuresOf } from "./failures.ts";
export { LinkUses } from "./link-uses.ts";
export { hashed, type RoutingPolicy } from "./policy.ts";
export { type Flow, Routes, type RoutingOptions } from "./routes.ts";
