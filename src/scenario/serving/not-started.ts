/** The prediction of a design whose engine does not start: what binds, and how the memory is taken. */

import { leaf, sumOf } from "../../base/term.ts";
import type { Binding, Prediction } from "../prediction.ts";
import { version } from "../version.ts";
import type { PoolDesign, ServingDesign } from "./design.ts";

/** Metrics are those of memory alone: nothing was served. */
export function notStarted(design: ServingDesign, binding: Binding): Prediction {
  const worst = design.pools.reduce((least, pool) => (pool.memory.cache < least.memory.cache ? pool : least));
  return {
    name: design.name,
    kind: "serving",
    fit: "does-not-fit",
    feasible: false,
    binding,
    metrics: { memoryPerAccelerator: takenBy(worst) },
    units: { memoryPerAccelerator: "B" },
    terms: memoryTerm(worst),
    assumptions: design.assumptions,
    warnings: design.warnings,
    basis: { memoryPerAccelerator: { interval: null, level: 0.9, trust: "assumed" } },
    provenance: { version, seed: design.seed },
  };
}

function takenBy({ memory }: PoolDesign): number {
  return memory.weights + memory.activations + memory.runtime;
}

function memoryTerm({ memory, name }: PoolDesign) {
  const part = (key: "weights" | "activations" | "runtime", label: string) =>
    leaf({ name: key, label, value: memory[key], origin: "derived" });
  return sumOf({ name: "memory", label: `memory of one accelerator of pool ${name}, without a cache` }, [
    part("weights", "weights"),
    part("activations", "activations at their peak"),
    part("runtime", "runtime and graphs"),
  ]);
}
