/** A user's tables of layer times: their texts, and what they leave out. */

import type { ModelArchitecture } from "../../catalog/model.ts";
import type { LayerTableOptions } from "../../serving/step/layer-table.ts";
import type { StepsText } from "../schema/serving-engine.ts";
import type { ReplicaLayout } from "../serving/design.ts";
import type { Files } from "./model.ts";
import { given, type Notes, problem } from "./notes.ts";

interface StepsContext {
  readonly model: ModelArchitecture;
  readonly layout: ReplicaLayout;
  readonly files: Files;
  readonly path: string;
}

/** Files that the tables are in. */
export function stepFiles(steps: StepsText | undefined): readonly string[] {
  if (steps === undefined) return [];
  const { dense, attention, perSequence, skew } = steps;
  return [dense, attention, perSequence, ...(skew === undefined ? [] : [skew])];
}

/** Activations between layers are in 16 bits. */
const elementBytes = 2;

export function resolveSteps(
  written: StepsText | undefined,
  { model, layout, files, path }: StepsContext,
  notes: Notes,
): LayerTableOptions | undefined {
  if (written === undefined) return undefined;
  const before = notes.problems.length;
  const text = (key: "dense" | "attention" | "perSequence" | "skew"): string => {
    const file = written[key];
    const found = file === undefined ? "" : files[file];
    if (found === undefined) {
      problem(
        notes,
        `${path}.steps.${key}`,
        `the file "${file}" was not given`,
        "its text is needed: see requiredFiles",
      );
    }
    return found ?? "";
  };
  const tables = { dense: text("dense"), attention: text("attention"), perSequence: text("perSequence") };
  const fallback = given(notes, `${path}.steps.skewDefault`, written.skewDefault, 0, "not given");
  const skew = written.skew === undefined ? { fallback } : { table: text("skew"), fallback };
  if (layout.tensor > 1 && written.allReduce === undefined) {
    const message = `missing; the tables leave out the all-reduces of tensor: ${layout.tensor}`;
    problem(notes, `${path}.steps.allReduce`, message, "e.g. allReduce: { latency: 20 us, bandwidth: 16 GB/s }");
  }
  const { allReduce } = written;
  const reduce =
    allReduce === undefined || layout.tensor === 1
      ? {}
      : { allReduce: { perLayer: 2, ...allReduce, bytesPerToken: model.hidden * elementBytes } };
  if (notes.problems.length > before) return undefined;
  return { ...tables, skew, layers: model.layers.length, ...reduce };
}
