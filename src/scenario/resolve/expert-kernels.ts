/** Kernels of routed experts that the engine is told to run: of those measured for the accelerator and the format. */

import { expertKernelsKnown } from "../../serving/step/expert-kernels.ts";
import { precisionFor } from "../../serving/step/options.ts";
import { listed } from "../schema/fields.ts";
import type { EngineText } from "../schema/serving-engine.ts";
import type { PoolDesign } from "../serving/design.ts";
import { type Notes, problem } from "./notes.ts";
import type { EngineContext } from "./serving-engine.ts";
import { hasExperts } from "./shape.ts";

export function resolveExpertKernels(
  { expertKernels, steps }: EngineText,
  precision: PoolDesign["precision"],
  { model, accelerator, path }: EngineContext,
  notes: Notes,
): Pick<PoolDesign, "expertKernels"> {
  if (expertKernels === undefined) return {};
  const at = `${path}.expertKernels`;
  if (!hasExperts(model)) {
    problem(notes, at, `${model.name} has no routed experts`, "remove it");
    return {};
  }
  if (steps !== undefined) {
    problem(notes, at, "has no effect beside steps, which hold measured layers", "remove it");
    return {};
  }
  const { routed } = precisionFor(precision, model, accelerator);
  const known = expertKernelsKnown(accelerator, routed);
  if (known.includes(expertKernels)) return { expertKernels };
  const format = routed.stored ?? routed.compute;
  const hint = known.length === 0 ? "remove it" : listed(known);
  problem(notes, at, `${expertKernels} in ${format} was not measured on ${accelerator.name}`, hint);
  return {};
}
