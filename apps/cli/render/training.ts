/** A training prediction for people: what it says, where the time goes, what was warned and assumed. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { Term } from "../../../src/base/term.ts";
import type { TrainingAside } from "../../../src/operations/predict.ts";
import type { Remedy } from "../../../src/operations/remedies.ts";
import type { Sensitivity } from "../../../src/operations/sensitivity.ts";
import { type DesignOf, type Prediction, softwareName } from "../../../src/scenario/index.ts";
import { clustersOf, type Layout, type MemoryUse } from "../../../src/training/index.ts";
import { hanging, type View } from "../view.ts";
import { renderBreakdown } from "./breakdown.ts";
import { linkLines } from "./links.ts";
import { memorySize } from "./memory.ts";
import { renderNotes, trustText } from "./notes.ts";
import { interruptionLines, reliabilityRows, spreadText, wallTimeLines } from "./reliability.ts";
import { stragglerLines } from "./stragglers.ts";

export interface TrainingOutput {
  readonly design: DesignOf<"training">;
  readonly prediction: Prediction;
  readonly training: TrainingAside;
}

export function renderTraining(output: TrainingOutput, view: View): string {
  const { prediction } = output;
  const parts = [
    ...trainingHeading(output, view),
    "",
    ...summary(output, view),
    "",
    view.bold("Where the step goes"),
    renderBreakdown(prediction.terms, view),
    ...wallTimeLines(prediction, view),
    ...interruptionLines(prediction, view),
  ];
  return `${[...parts, ...stragglerLines(prediction, view), ...linkLines(prediction, view), ...renderNotes(prediction, view)].join("\n")}\n`;
}

/** What was predicted: its name; then model, machines, layout and stack. */
export function trainingHeading(
  { prediction, design }: Pick<TrainingOutput, "prediction" | "design">,
  view: View,
): string[] {
  const { model, software } = design.training.case;
  const count = (value: number): string => formatQuantity(value, "count");
  const machines = clustersOf(design.training.case)
    .map(({ node, nodes, accelerators }) => {
      return `${count(nodes)} x ${node.name} (${count(accelerators)} ${node.accelerator.name})`;
    })
    .join(" + ");
  const subject = [model.name, machines, layoutText(design.training.case.layout), softwareName(software)].join(" | ");
  return [view.bold(prediction.name), view.dim(hanging("", subject, view.width))];
}

/** `tensor 8 x pipeline 16 x data 128`; degrees of 1 go without saying. */
function layoutText(layout: Layout): string {
  const degrees = (["tensor", "context", "pipeline"] as const).filter((name) => layout[name] > 1);
  const product = [...degrees, "data" as const].map((name) => `${name} ${layout[name]}`).join(" x ");
  return layout.expert > 1 ? `${product}, expert ${layout.expert}` : product;
}

function summary({ prediction, design, training }: TrainingOutput, view: View): string[] {
  const { memory, remedies, hostLimit: limit } = training;
  const { metrics } = prediction;
  const rows: [string, string][] = [["memory", memoryText(memory, view)]];
  const add = (label: string, name: string, text: (value: number) => string, absent?: string): void => {
    const value = metrics[name];
    if (value !== undefined) rows.push([label, text(value)]);
    else if (absent !== undefined) rows.push([label, absent]);
  };
  const { tokens } = design.training;
  add("step time", "stepTime", (value) => {
    return formatQuantity(value, "seconds") + view.dim(`  (${trustText(prediction.basis.stepTime)})`);
  });
  add("throughput", "tokensPerSecond", (value) => {
    const each = metrics.tokensPerSecondPerAccelerator ?? 0;
    return `${formatQuantity(value, "count")} tokens/s, ${formatQuantity(each, "count")} per accelerator`;
  });
  add("model FLOP rate", "modelFlopsPerSecondPerAccelerator", (value) => {
    return `${formatQuantity(value, "flopPerSecond")} per accelerator`;
  });
  add("utilisation (MFU)", "modelFlopsUtilization", (value) => formatQuantity(value, "ratio"));
  add("time to train", "timeToTrain", (value) => {
    const text = `${formatQuantity(value, "seconds")} for ${formatQuantity(tokens ?? 0, "count")} tokens`;
    return `${text}${spreadText(prediction)}`;
  });
  const endless = tokens !== undefined && metrics.trainingGoodput === 0;
  if (endless) rows.push(["time to train", "never: the job is interrupted before it has saved anything"]);
  rows.push(...reliabilityRows(prediction, design.training.reliability?.deadline));
  const unknown = (why: string): string | undefined =>
    tokens === undefined || endless ? undefined : `unknown: ${why}`;
  add("cost", "cost", (value) => formatQuantity(value, "dollars"), unknown("no public price, see Assumptions"));
  add("energy", "energy", (value) => formatQuantity(value, "joules"), unknown("no public power rating of the node"));
  rows.push(["what binds", bindingText(prediction, memory, limit)]);
  if (!prediction.feasible) rows.push(["what helps", remedyText(remedies)]);
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, text]) => hanging(`  ${label.padEnd(width)}  `, text, view.width));
}

/** `fits, 70.2 GiB of 80 GiB: activations 58.4 GiB; weights …`, the largest first. */
function memoryText({ fit, total, capacity, parts, pool }: MemoryUse, view: View): string {
  const words = {
    fits: view.good("fits"),
    tight: view.warn("tight (fits where fragmentation stays low)"),
    "does-not-fit": view.bad("does not fit (all below is as if it did)"),
  };
  const size = memorySize(capacity);
  const largest = [...parts].sort((a, b) => b.value - a.value).filter(({ value }) => value >= 0.01 * total);
  const filled = largest.map(({ label, value }) => `${label} ${size(value)}`).join("; ");
  const where = pool === undefined ? "" : ` on pool ${pool}`;
  return `${words[fit]}, ${size(total)} of ${size(capacity)}${where}: ${filled}`;
}

/** Changes with which it fits, the fastest first. */
function remedyText(remedies: readonly Remedy[]): string {
  if (remedies.length === 0) return "more accelerators, or higher degrees of tensor, pipeline, context or expert";
  const words = remedies.slice(0, 3).map(({ change, stepTime, fit }) => {
    return `${change} (${fit}, step ${formatQuantity(stepTime, "seconds")})`;
  });
  return `in layout: ${words.join("; or ")}`;
}

/** What limits the design: memory where it is short, the way to the host where it moves most, else where most of the step goes. */
export function bindingText(prediction: Prediction, { capacity }: MemoryUse, limit?: Sensitivity): string {
  const { binding } = prediction;
  if (binding !== undefined) {
    const size = memorySize(capacity);
    const excess = size(binding.needed - binding.available);
    return `${binding.resource}: needs ${size(binding.needed)} of ${size(binding.available)}, ${excess} too much`;
  }
  if (limit !== undefined) {
    const percent = Math.abs(limit.elasticity.stepTime ?? 0).toFixed(2);
    return `${limit.label}: 1 % more of it takes ${percent} % off the step`;
  }
  const largest = largestLeaf(prediction.terms);
  return `${largest.label}, ${formatQuantity(largest.value / prediction.terms.value, "ratio")} of the step`;
}

/** The leaf that takes most time; leaves of one name in different branches count together. */
function largestLeaf(root: Term): { readonly label: string; readonly value: number } {
  const totals = new Map<string, { label: string; value: number }>();
  const visit = (term: Term): void => {
    for (const child of term.children) visit(child);
    if (term.children.length > 0) return;
    const before = totals.get(term.name)?.value ?? 0;
    totals.set(term.name, { label: term.label, value: before + term.value });
  };
  visit(root);
  return [...totals.values()].reduce((most, next) => (next.value > most.value ? next : most));
}
