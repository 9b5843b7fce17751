/** Loads of experts: balanced unless the scenario says otherwise; what a capacity drops is said. */

import type { ModelArchitecture } from "../../catalog/model.ts";
import {
  droppedShare,
  type Layout,
  type NaturalRouting,
  type SoftwareProfile,
  usualSkew,
} from "../../training/index.ts";
import type { TrainingText } from "../schema/workload.ts";
import { given, type Notes, problem } from "./notes.ts";
import { hasExperts } from "./shape.ts";

/** The loads, or nothing where every expert gets the same. */
export function resolveRouting(
  { routing, routingSkew }: TrainingText,
  model: ModelArchitecture | undefined,
  software: SoftwareProfile,
  notes: Notes,
): NaturalRouting | undefined {
  const path = "workload.routing";
  if (model !== undefined && !hasExperts(model)) {
    for (const key of ["routing", "routingSkew"] as const) {
      const written = key === "routing" ? routing : routingSkew;
      if (written !== undefined) problem(notes, `workload.${key}`, `${model.name} has no experts`, "remove it");
    }
    return undefined;
  }
  if (software.capacityFactor !== undefined && software.routing !== "capacity") {
    problem(notes, "software.capacityFactor", "has no effect without routing: capacity", "remove it, or use capacity");
  }
  const kind =
    model === undefined ? routing : given(notes, path, routing, "balanced", "not given; forced in benchmarks");
  if (kind !== "natural") {
    if (routingSkew === undefined) return undefined;
    problem(notes, "workload.routingSkew", "has no effect without routing: natural", "remove it, or use natural");
    return undefined;
  }
  if (software.expertImbalance !== 1) {
    const hint = "remove it, or write routing: balanced";
    problem(notes, "software.expertImbalance", "says again what routing: natural works out of the loads", hint);
  }
  const reason = "not given; measured under an auxiliary loss with 64 experts";
  return { skew: given(notes, "workload.routingSkew", routingSkew, usualSkew, reason) };
}

/** Says what share of the routed rows a capacity drops. */
export function noteDropped(
  c: Parameters<typeof droppedShare>[0] & { readonly model: ModelArchitecture; readonly layout: Layout },
  notes: Notes,
): void {
  for (const { feedForward: feed } of c.model.layerKinds) {
    const share = feed.kind === "experts" ? droppedShare(c, feed) : 0;
    if (share < 5e-4) continue;
    const value = `${(100 * share).toFixed(1)} % of routed rows dropped`;
    notes.assumptions.push({
      path: "software.capacityFactor",
      value,
      reason: "loads beyond the capacity are not computed; FLOP rates and utilisation count them all the same",
    });
    return;
  }
}
