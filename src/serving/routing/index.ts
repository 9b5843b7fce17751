/** Routing policies by name. Adding one: its file, and a line here. */

import { type Registry, registry } from "../../base/registry.ts";
import { aibrixPrefix } from "./aibrix-prefix.ts";
import { consistentHash } from "./consistent-hash.ts";
import { dynamo } from "./dynamo.ts";
import type { RoutingEntry } from "./entry.ts";
import { kvAware } from "./kv-aware.ts";
import { leastLoaded } from "./least-loaded.ts";
import { llmdSticky } from "./llm-d-sticky.ts";
import { llmdWeighted } from "./llm-d-weighted.ts";
import { type Given, valuesOf } from "./parameter.ts";
import type { RoutingContext, RoutingPolicy } from "./policy.ts";
import { powerOfTwo } from "./power-of-two.ts";
import {
  productionStackKv,
  productionStackLoadaware,
  productionStackPrefix,
  productionStackSession,
} from "./production-stack.ts";
import { randomChoice } from "./random.ts";
import { roundRobin } from "./round-robin.ts";
import { sessionAffinity } from "./session-affinity.ts";
import { sglangCacheAware, sglangCacheAwareLauncher } from "./sglang-cache-aware.ts";

export type { RoutingEntry } from "./entry.ts";
export type { Given, Parameter, Parameters, Values } from "./parameter.ts";
export type { IncomingRequest, PrefixIndex, ReplicaView, RoutingContext, RoutingPolicy } from "./policy.ts";

export const routingPolicies: Registry<RoutingEntry> = registry("routing policy", [
  kvAware,
  roundRobin,
  randomChoice,
  leastLoaded,
  powerOfTwo,
  sessionAffinity,
  consistentHash,
  llmdSticky,
  llmdWeighted,
  dynamo,
  sglangCacheAware,
  sglangCacheAwareLauncher,
  aibrixPrefix,
  productionStackSession,
  productionStackPrefix,
  productionStackKv,
  productionStackLoadaware,
]);

/** A policy of a name that the scenario has checked, told what is given and its defaults for the rest. */
export function routingPolicy(name: string, given: Given, context: RoutingContext): RoutingPolicy {
  const entry = routingPolicies.get(name);
  return entry.create(valuesOf(entry.parameters, given), context);
}
