/** The recipe of the matrix products, and whether the accelerators of every pool have the unit it needs. */

import type { Accelerator, Arithmetic } from "../../catalog/accelerator.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import type { TrainingPrecision } from "../../training/index.ts";
import type { TrainingText } from "../schema/workload.ts";
import { given, type Notes, problem } from "./notes.ts";
import type { Shares } from "./shares.ts";

const path = "workload.precision";

/** The recipe of the job, written down where it was not given. */
export function resolvePrecision(
  workload: TrainingText,
  cluster: Cluster | undefined,
  notes: Notes,
): TrainingPrecision {
  const written = given(notes, path, workload.precision, "bf16", "not given; usual for large models");
  if (written === "fp8") {
    const reason = "fp8 names no recipe; per-tensor current scaling is taken";
    notes.assumptions.push({ path, value: "fp8-current", reason });
  }
  const precision = recipeNamed(written);
  if (cluster !== undefined) unitProblem(precision, cluster.node.accelerator, { path }, notes);
  return precision;
}

/** The same for pools: each its own recipe, or the job's. */
export function poolPrecisionProblems(precision: TrainingPrecision, { shares }: Shares, notes: Notes): void {
  for (const [index, { text, pool }] of shares.entries()) {
    const own = text.precision;
    const at = own === undefined ? path : `layout.pools[${index}].precision`;
    const recipe = own === undefined ? precision : recipeNamed(own);
    unitProblem(recipe, pool.cluster.node.accelerator, { path: at, pool: pool.name }, notes);
  }
}

/** The recipe of a word. */
export function recipeNamed(written: NonNullable<TrainingText["precision"]>): TrainingPrecision {
  return written === "fp8" ? "fp8-current" : written;
}

/** The matrix unit a recipe needs. */
const units: Readonly<Record<TrainingPrecision, Arithmetic>> = {
  fp32: "fp32",
  tf32: "tf32",
  fp16: "fp16",
  bf16: "bf16",
  "fp8-delayed": "fp8",
  "fp8-current": "fp8",
  "fp8-block": "fp8",
  mxfp8: "fp8",
  nvfp4: "fp4",
};

function unitProblem(
  precision: TrainingPrecision,
  accelerator: Accelerator,
  at: { readonly path: string; readonly pool?: string },
  notes: Notes,
): void {
  if (accelerator.peak[units[precision]] !== undefined) return;
  const where = at.pool === undefined ? "" : ` in pool "${at.pool}"`;
  const message = `${accelerator.name}${where} has no ${units[precision]} peak, which ${precision} needs`;
  const own = at.pool === undefined ? "" : `; a pool may have a precision of its own in layout.pools`;
  problem(notes, at.path, message, `known peaks: ${Object.keys(accelerator.peak).join(", ")}${own}`);
}
