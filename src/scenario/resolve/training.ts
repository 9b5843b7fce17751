/** From a training scenario to its design: every name looked up, every default written down, every division checked. */

import type { Arithmetic } from "../../catalog/accelerator.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import type { ModelArchitecture } from "../../catalog/model.ts";
import { adapterTargets, type TrainingPrecision, type Tuning } from "../../training/index.ts";
import type { Scenario } from "../schema/parse.ts";
import type { TrainingText } from "../schema/workload.ts";
import type { TrainingDesign } from "../training/design.ts";
import { resolveCluster } from "./hardware.ts";
import { resolveLayout } from "./layout.ts";
import { type Files, resolveModel } from "./model.ts";
import { emptyNotes, given, type Notes, problem, throwProblems } from "./notes.ts";
import { resolvePrices } from "./prices.ts";
import { noteDropped, resolveRouting } from "./routing.ts";
import { resolveSoftware } from "./software.ts";

/**
 * The design of a training scenario.
 * @throws ProblemError with every problem found: unknown names, impossible layouts, broken model files.
 */
export function resolveTraining(scenario: Scenario, workload: TrainingText, files: Files): TrainingDesign {
  const notes = emptyNotes();
  const cluster = resolveCluster(scenario.cluster, notes);
  const model = resolveModel(workload.model, files, notes);
  const precision = resolvePrecision(workload, cluster, notes);
  const tuning = resolveTuning(workload, notes);
  const multiTokenModules = model === undefined ? 0 : resolveMultiToken(workload, model, notes);
  const highPrecisionLayers = resolveHighPrecision(workload, precision, model, notes);
  const sequenceLength = workload.sequenceLength ?? 0;
  const { globalBatch } = workload;
  const written = scenario.layout === "auto" ? undefined : scenario.layout;
  const software = resolveSoftware(scenario.software, notes);
  const routing = resolveRouting(workload, model, software, notes);
  const layout =
    cluster === undefined || model === undefined || written === undefined
      ? undefined
      : resolveLayout(written, { cluster, model, sequenceLength, globalBatch, software }, notes);
  if (model?.maximumLength !== undefined && sequenceLength > model.maximumLength) {
    notes.warnings.push(
      `${model.name} states at most ${model.maximumLength} tokens; the scenario trains ${sequenceLength}`,
    );
  }
  throwProblems(notes, scenario.places);
  if (cluster === undefined || model === undefined || layout === undefined) throw new Error("a part is missing");
  const loads = routing === undefined ? {} : { routing };
  noteDropped({ model, layout, software, sequenceLength, ...loads }, notes);
  // Nothing is priced without a length of the run, so what prices would be assumed is not worth saying.
  const prices = resolvePrices(scenario.economics, cluster, workload.tokens === undefined ? emptyNotes() : notes);
  if (workload.tokens === undefined && scenario.economics !== undefined) {
    notes.warnings.push(
      "economics is given, but cost and energy are those of a whole run, which workload.tokens states",
    );
  }
  return {
    name: scenario.name,
    seed: scenario.seed ?? 0,
    case: {
      model,
      cluster,
      sequenceLength,
      globalBatch,
      precision,
      tuning,
      multiTokenModules,
      highPrecisionLayers,
      layout,
      software,
      ...loads,
    },
    ...(workload.tokens === undefined ? {} : { tokens: workload.tokens }),
    prices,
    ...(scenario.flopConvention === undefined ? {} : { flopConvention: scenario.flopConvention }),
    assumptions: notes.assumptions,
    warnings: notes.warnings,
  };
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

function resolvePrecision(workload: TrainingText, cluster: Cluster | undefined, notes: Notes): TrainingPrecision {
  const path = "workload.precision";
  const written = given(notes, path, workload.precision, "bf16", "not given; usual for large models");
  if (written === "fp8") {
    const reason = "fp8 names no recipe; per-tensor current scaling is taken";
    notes.assumptions.push({ path, value: "fp8-current", reason });
  }
  const precision = written === "fp8" ? "fp8-current" : written;
  const accelerator = cluster?.node.accelerator;
  if (accelerator !== undefined && accelerator.peak[units[precision]] === undefined) {
    const message = `${accelerator.name} has no ${units[precision]} peak, which ${precision} needs`;
    problem(notes, path, message, `known peaks: ${Object.keys(accelerator.peak).join(", ")}`);
  }
  return precision;
}

function resolveTuning(workload: TrainingText, notes: Notes): Tuning {
  const { tuning } = workload;
  if (tuning === undefined) {
    return { method: given<"full">(notes, "workload.tuning", undefined, "full", "not given; every weight learns") };
  }
  if (tuning === "full") return { method: "full" };
  const { method, rank, targets } = tuning;
  if (method === "full") {
    for (const key of ["rank", "targets"] as const) {
      if (tuning[key] !== undefined)
        problem(notes, `workload.tuning.${key}`, "has no effect with method: full", "remove it");
    }
    return { method };
  }
  const twice = targets?.find((target, index) => targets.indexOf(target) !== index);
  if (twice !== undefined) problem(notes, "workload.tuning.targets", `"${twice}" is there twice`, "remove one of them");
  const chosen = given(notes, "workload.tuning.rank", rank, 16, "not given; a common rank of adapters");
  if (targets === undefined) {
    const reason = "not given; every projection, the default of current stacks";
    notes.assumptions.push({ path: "workload.tuning.targets", value: adapterTargets.join(", "), reason });
  }
  const reason = "their products are some rank / width of the frozen ones; state, reduction and update are counted";
  notes.assumptions.push({ path: "workload.tuning", value: "adapters compute nothing", reason });
  return { method, rank: chosen, targets: targets ?? adapterTargets };
}

function resolveMultiToken(workload: TrainingText, model: ModelArchitecture, notes: Notes): number {
  const path = "workload.multiTokenPrediction";
  const stored = model.multiToken?.modules ?? 0;
  const trained = workload.multiTokenPrediction;
  if (trained === undefined && stored > 0) {
    return given(notes, path, undefined, 0, `not given; ${model.name} has ${stored}, which are left out`);
  }
  if (trained !== undefined && trained > 0 && stored === 0) {
    problem(notes, path, `${model.name} has no multi-token prediction modules`, "remove it");
  }
  return trained ?? 0;
}

const lowPrecisions: readonly TrainingPrecision[] = ["fp8-delayed", "fp8-current", "fp8-block", "mxfp8", "nvfp4"];

function resolveHighPrecision(
  workload: TrainingText,
  precision: TrainingPrecision,
  model: ModelArchitecture | undefined,
  notes: Notes,
): { readonly first: number; readonly last: number } {
  const path = "workload.highPrecisionLayers";
  const low = lowPrecisions.includes(precision);
  const written = workload.highPrecisionLayers;
  const first = written?.first ?? 0;
  const last = written?.last ?? 0;
  if (written === undefined) {
    if (low) notes.assumptions.push({ path, value: "none", reason: `not given; all layers run in ${precision}` });
    return { first, last };
  }
  if (!low && first + last > 0) {
    problem(notes, path, `has no effect with precision: ${precision}`, "remove it");
  }
  if (model !== undefined && first + last > model.layers.length) {
    problem(notes, path, `${first} + ${last} layers of a model that has ${model.layers.length}`);
  }
  return { first, last };
}
