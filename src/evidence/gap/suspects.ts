/**
 * Who can be to blame for a gap, and how far. Each part of a predicted step gets
 *
 * - an error: how far the part alone was off where it was measured, a 90 % half-width. It says how likely a part is to
 *   blame (attribution.ts weighs by its square);
 * - a bound: how far it can be off by its nature. No part is blamed beyond it.
 *
 * Bounds come from measured runs (computation), from predicting again with an overlap that fails or an update of single
 * kernels (communication, optimizer), and from what was published of slow machines. Nothing falls below zero.
 *
 * Ignores: that errors go together (a lower clock slows all kernels), and everything that is no part of the step:
 * validation, checkpoints, a cluster that is not as the scenario says.
 */

import { kernelError, type PartError, widestRunError } from "../../catalog/accuracy/parts.ts";
import { architectureClass } from "../../catalog/models/architecture-class.ts";
import type { Prediction, TrainingDesign } from "../../scenario/index.ts";
import { communicationSuspect } from "./communication.ts";
import { type Leaf, leavesOf } from "./leaves.ts";
import { type Evidence, percent, type Suspect } from "./suspect.ts";
import { launchSuspect, optimizerSuspect, stragglerSuspect } from "./waiting.ts";
import { whatIf } from "./what-if.ts";

/** All parts of a predicted step, and those that take no time only as long as an overlap works. */
export function suspectsOf(design: TrainingDesign, prediction: Prediction): readonly Suspect[] {
  const leaves = leavesOf(prediction.terms);
  const computed = prediction.terms.children.find(({ name }) => name === "computation");
  const evidence: Evidence = {
    design,
    computation: computed?.value ?? 0,
    run: runError(design, prediction),
    whatIf: whatIf(design),
  };
  const known = new Set(leaves.map(({ name }) => name));
  const hidden = evidence.whatIf.exposed.filter(({ name, branch }) => branch === "communication" && !known.has(name));
  const all = [...leaves, ...hidden.map((leaf): Leaf => ({ ...leaf, value: 0 }))];
  const waiting = [launchSuspect(evidence, leaves), stragglerSuspect(evidence, leaves)];
  const apart = new Set(waiting.map((suspect) => suspect?.term));
  const suspects = all.filter(({ name }) => !apart.has(name)).map((leaf) => suspectOf(leaf, evidence));
  return [...suspects, ...waiting.filter((suspect) => suspect !== undefined)].map(aboveZero);
}

function suspectOf(leaf: Leaf, evidence: Evidence): Suspect {
  if (leaf.branch === "computation") return computationSuspect(leaf, evidence);
  if (leaf.branch === "communication") return communicationSuspect(leaf, evidence);
  switch (leaf.name) {
    case "optimizer":
      return optimizerSuspect(leaf, evidence);
    case "fixed":
    case "interference":
      return assumedSuspect(leaf);
    default:
      return followingSuspect(leaf, evidence);
  }
}

/** Kernels: likely off as in kernel tables, at most as whole runs of this hardware and class of model were. */
function computationSuspect(leaf: Leaf, { design, run }: Evidence): Suspect {
  const kernel = kernelErrorOf(leaf.name, design);
  const why = `${percent(kernel.share)} by ${kernel.from}; at most as far as ${run.from}`;
  return suspect(leaf, kernel.share, { less: run.less, more: run.more }, why);
}

function kernelErrorOf(part: string, { case: c }: TrainingDesign): PartError {
  const { generation } = c.cluster.node.accelerator;
  switch (part) {
    case "attention":
      return kernelError("attention", generation);
    case "experts":
      return kernelError("experts", generation);
    case "elementwise":
    case "quantize":
      return kernelError("passes", generation);
    default:
      return kernelError("gemm", generation);
  }
}

/** A constant of ours that no measurement stands behind: as likely nothing as twice. */
function assumedSuspect(leaf: Leaf): Suspect {
  return suspect(leaf, 1, { less: 1, more: 1 }, "assumed, not measured: anything from nothing to twice");
}

/** The bubble, and whatever else follows from the times of the stages: off as they are. */
function followingSuspect(leaf: Leaf, { design, run }: Evidence): Suspect {
  const kernel = kernelError("gemm", design.case.cluster.node.accelerator.generation);
  return suspect(leaf, kernel.share, run, `follows from the work of the stages; at most as far as ${run.from}`);
}

/** Shares of the predicted time; a bound never excludes its own error. */
function suspect(
  { name, label, value }: Leaf,
  error: number,
  bound: { readonly less: number; readonly more: number },
  why: string,
): Suspect {
  return {
    term: name,
    label,
    predicted: value,
    error: { less: error * value, more: error * value },
    bound: { less: Math.max(error, bound.less) * value, more: Math.max(error, bound.more) * value },
    why,
  };
}

function aboveZero(found: Suspect): Suspect {
  const { predicted, bound, error } = found;
  return { ...found, bound: { less: Math.min(bound.less, predicted), more: Math.max(0, bound.more) }, error };
}

/** Interval of the step time as shares of it; the widest of all kinds where this one was not measured. */
function runError(design: TrainingDesign, prediction: Prediction): Evidence["run"] {
  const { model, cluster } = design.case;
  const step = prediction.metrics.stepTime ?? Number.NaN;
  const { generation } = cluster.node.accelerator;
  const architecture = architectureClass(model);
  const interval = prediction.basis.stepTime?.interval ?? null;
  const kind = `measured runs of ${architecture} models on ${generation}`;
  if (interval === null) {
    return { ...widestRunError(architecture), from: `the runs measured worst: there are no five ${kind}` };
  }
  return { less: Math.max(0, 1 - interval[0] / step), more: Math.max(0, interval[1] / step - 1), from: kind };
}
