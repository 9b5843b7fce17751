/** The prediction of a design whose engine does not start: what binds, and what takes the memory. */

import { sumOf } from "../../base/term.ts";
import type { Binding, Prediction } from "../prediction.ts";
import { version } from "../version.ts";
import type { ServingDesign } from "./design.ts";

/** Metrics are those of memory alone: nothing was served, so there is no time to open up. */
export function notStarted(design: ServingDesign, binding: Binding): Prediction {
  const { memory } = design.pools.reduce((least, pool) => (pool.memory.cache < least.memory.cache ? pool : least));
  const { weights, activations, runtime, capacity } = memory;
  const metrics = {
    memoryPerAccelerator: weights + activations + runtime,
    memoryCapacity: capacity,
    weightMemory: weights,
    activationMemory: activations,
    runtimeMemory: runtime,
  };
  const names = Object.keys(metrics);
  return {
    name: design.name,
    kind: "serving",
    fit: "does-not-fit",
    feasible: false,
    binding,
    metrics,
    units: Object.fromEntries(names.map((name) => [name, "B"])),
    terms: sumOf({ name: "endToEndLatency", label: "a mean request, end to end" }, []),
    assumptions: design.assumptions,
    warnings: design.warnings,
    basis: Object.fromEntries(names.map((name) => [name, { interval: null, level: 0.9, trust: "assumed" }])),
    provenance: { version, seed: design.seed },
  };
}
