/**
 * A design as launch settings of a training program. What is lost is not declared but found: the text is imported again
 * and every value that differs is listed, so that what is not listed is known to come back.
 */

import { type Problem, ProblemError } from "../base/problem.ts";
import { suggestion } from "../base/suggestion.ts";
import { models } from "../catalog/index.ts";
import { type Design, software, softwareName } from "../scenario/index.ts";
import { stageLayerCounts } from "../training/index.ts";
import { megatronTarget } from "./export/megatron.ts";
import { nemoTarget } from "./export/nemo.ts";
import { hasExperts } from "./export/settings.ts";
import type { Case, Target } from "./export/target.ts";
import { torchtitanTarget } from "./export/torchtitan.ts";
import { importLaunch } from "./import.ts";
import { shapeOf } from "./model.ts";

export type { Target } from "./export/target.ts";

/** Targets; to add one, add a file and a line here. */
export const targets: readonly Target[] = Object.freeze([megatronTarget, torchtitanTarget, nemoTarget]);

export interface Lost {
  /** Key of the scenario. */
  readonly path: string;
  readonly value: unknown;
  /** What the text gives instead. */
  readonly instead: unknown;
  readonly reason: string;
}

export interface LaunchExport {
  readonly kind: string;
  readonly text: string;
  readonly lost: readonly Lost[];
}

/**
 * Launch settings of a design.
 * @throws ProblemError for an unknown target, or a model that neither the target nor the catalog has a name for.
 */
export function exportLaunch(kind: string, design: Design): LaunchExport {
  const target = targets.find(({ name }) => name === kind.toLowerCase());
  if (target === undefined) throw new ProblemError([unknownTarget(kind)]);
  const { text, model } = target.write(design);
  const c = design.training.case;
  const named = models.find(c.model.name)?.name;
  if (model === "not stated" && named === undefined) {
    const message = `${target.name} cannot say the sizes of ${c.model.name}, and the catalog has no name for it`;
    throw new ProblemError([{ path: "workload.model", message, hint: "export to another target" }]);
  }
  const again = readBack(target, text, design, model === "stated" ? undefined : named);
  const lost = differences(c, again.training.case).map(
    (found): Lost => ({ ...found, reason: reasonOf(target, found.path) }),
  );
  const unsaid: Lost = {
    path: "workload.model",
    value: c.model.name,
    instead: "nothing",
    reason: reasonOf(target, "workload.model"),
  };
  const stack = c.software.name;
  const other: Lost = {
    path: "software",
    value: softwareName(c.software),
    instead: `the stack of ${target.name}`,
    reason: "these settings run on another stack: what no word says is as that one has it",
  };
  const first = [...(model === "stated" ? [] : [unsaid]), ...(target.stacks.includes(stack) ? [] : [other])];
  return { kind: target.name, text, lost: [...first, ...lost] };
}

function unknownTarget(kind: string): Problem {
  const names = targets.map(({ name }) => name);
  const near = suggestion(kind, names);
  const hint = near === undefined ? `known: ${names.join(", ")}` : `did you mean "${near}"?`;
  return { path: "kind", message: `unknown target "${kind}"`, hint };
}

function reasonOf({ reasons }: Target, path: string): string {
  return reasons.find((each) => each.path.test(path))?.reason ?? "";
}

/** Imports the text with what no launch file says: machines, stack, and a model that could not be written. */
function readBack(target: Target, text: string, design: Design, model: string | undefined): Design {
  const { cluster, software: stack } = design.training.case;
  const base = `${stack.name}@${stack.version.replace(/-changed$/, "")}`;
  const known = software.find(base) === undefined ? {} : { software: base };
  return importLaunch({
    text,
    file: target.name,
    format: target.format,
    node: cluster.node.name,
    nodes: cluster.nodes,
    ...known,
    ...(model === undefined ? {} : { model }),
  }).design;
}

/** Values of a design that a step depends on, by key; what has no effect on it is left out. */
function comparable(c: Case): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  const { layout, model } = c;
  const { stageLayers: _, expert, expertTensor, ...degrees } = layout;
  const experts = hasExperts(c);
  const stages = stageLayerCounts(model.layers.length, layout);
  const add = (prefix: string, value: unknown): void => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [key, below] of Object.entries(value)) add(`${prefix}.${key}`, below);
    } else values.set(prefix, value);
  };
  values.set("workload.model", shapeOf(model));
  add("workload", {
    sequenceLength: c.sequenceLength,
    globalBatch: c.globalBatch,
    precision: c.precision,
    tuning: c.tuning,
  });
  add("workload", { multiTokenPrediction: c.multiTokenModules, highPrecisionLayers: c.highPrecisionLayers });
  add("layout", { ...degrees, ...(experts ? { expert, expertTensor } : {}) });
  const { recompute } = layout;
  // A set of modules: in which order they are written says nothing.
  if (typeof recompute !== "string") values.set("layout.recompute", [...recompute].sort());
  values.set("layout.stageLayers", layout.pipeline === 1 ? [] : stages);
  const { name: _name, version: _version, label: _label, sources: _sources, ...stack } = c.software;
  add("software", stack);
  if (layout.context === 1) values.delete("software.contextExchange");
  if (!experts)
    for (const key of ["dispatcher", "routing", "expertImbalance", "overlap.expert", "kernels.expertBias"])
      values.delete(`software.${key}`);
  return values;
}

/** Every value that did not come back. */
function differences(before: Case, after: Case): readonly Omit<Lost, "reason">[] {
  const [old, now] = [comparable(before), comparable(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((path) => {
    const [value, instead] = [old.get(path), now.get(path)];
    if (JSON.stringify(value) === JSON.stringify(instead)) return [];
    if (path === "workload.model") return [{ path, value: before.model.name, instead: after.model.name }];
    return [{ path, value, instead }];
  });
}
