/** Autoscaling policies by name. Adding one: its file, and a line here. */

import { type Registry, registry } from "../../base/registry.ts";
import { type Given, valuesOf } from "../routing/parameter.ts";
import { kpa } from "./kpa.ts";
import { fixed } from "./none.ts";
import type { ScalingEntry, ScalingPolicy } from "./policy.ts";
import { sloDriven } from "./slo-driven.ts";
import { targetUtilization } from "./target-utilization.ts";

export type { FleetObservation, ScalingEntry, ScalingPolicy } from "./policy.ts";

export const scalingPolicies: Registry<ScalingEntry> = registry("autoscaler", [
  fixed,
  targetUtilization,
  kpa,
  sloDriven,
]);

/** A policy of a name that the scenario has checked, told what is given and its defaults for the rest. */
export function scalingPolicy(name: string, given: Given): ScalingPolicy {
  const entry = scalingPolicies.get(name);
  return entry.create(valuesOf(entry.parameters, given));
}
