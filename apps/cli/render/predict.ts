/** A prediction for people: what it says, where the time goes, what was warned and assumed. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { Term } from "../../../src/base/term.ts";
import type { PredictOutput } from "../../../src/operations/predict.ts";
import { type Assumption, type Basis, type Prediction, softwareName } from "../../../src/scenario/index.ts";
import type { MemoryUse } from "../../../src/training/index.ts";
import { hanging, type View } from "../view.ts";
import { renderBreakdown } from "./breakdown.ts";

export function renderPredict(output: PredictOutput, view: View): string {
  const { prediction, design } = output;
  const parts = [
    view.bold(prediction.name),
    view.dim(hanging("", subjectText(design), view.width)),
    "",
    ...summary(output, view),
    "",
    view.bold("Where the step goes"),
    renderBreakdown(prediction.terms, view),
  ];
  return `${[...parts, ...renderNotes(prediction, view)].join("\n")}\n`;
}

/** What was predicted, in one line: model, machines, layout, stack. */
function subjectText({ training }: PredictOutput["design"]): string {
  const { model, cluster, layout, software } = training.case;
  const { node, nodes, accelerators } = cluster;
  const count = (value: number): string => formatQuantity(value, "count");
  const machines = `${count(nodes)} x ${node.name} (${count(accelerators)} ${node.accelerator.name})`;
  const degrees = (["tensor", "context", "pipeline", "data"] as const).map((name) => `${name} ${layout[name]}`);
  return [model.name, machines, degrees.join(" x "), softwareName(software)].join(" | ");
}

function summary({ prediction, design, memory }: PredictOutput, view: View): string[] {
  const { metrics } = prediction;
  const rows: [string, string][] = [["memory", memoryText(memory, view)]];
  const add = (label: string, name: string, text: (value: number) => string): void => {
    const value = metrics[name];
    if (value !== undefined) rows.push([label, text(value)]);
  };
  add("step time", "stepTime", (value) => {
    return formatQuantity(value, "seconds") + view.dim(intervalText(prediction.basis.stepTime));
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
    const run = design.training.tokens;
    const tokens = run === undefined ? "" : ` for ${formatQuantity(run, "count")} tokens`;
    return `${formatQuantity(value, "seconds")}${tokens}`;
  });
  add("cost", "cost", (value) => formatQuantity(value, "dollars"));
  add("energy", "energy", (value) => formatQuantity(value, "joules"));
  rows.push(["what binds", bindingText(prediction)]);
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, text]) => hanging(`  ${label.padEnd(width)}  `, text, view.width));
}

/** `fits, 76.8 GB of 85.9 GB: activations 64 GB; weights …`, the largest first. */
function memoryText({ fit, total, capacity, parts }: MemoryUse, view: View): string {
  const words = { fits: view.good("fits"), tight: view.warn("tight"), "does-not-fit": view.bad("does not fit") };
  const size = (value: number): string => formatQuantity(value, "bytes");
  const largest = [...parts].sort((a, b) => b.value - a.value).filter(({ value }) => value >= 0.01 * total);
  const filled = largest.map(({ label, value }) => `${label} ${size(value)}`).join("; ");
  return `${words[fit]}, ${size(total)} of ${size(capacity)}: ${filled}`;
}

function bindingText(prediction: Prediction): string {
  const { binding } = prediction;
  if (binding !== undefined) {
    const excess = binding.needed - binding.available;
    const size = (value: number): string => formatQuantity(value, "bytes");
    return `${binding.resource}: needs ${size(binding.needed)} of ${size(binding.available)}, ${size(excess)} too much`;
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

/** How far the step time can be trusted; every rate follows it. */
function intervalText(basis: Basis | undefined): string {
  if (basis === undefined) return "";
  if (basis.interval === null) return `  (${basis.trust})`;
  const [low, high] = basis.interval.map((value) => formatQuantity(value, "seconds"));
  return `  (${Math.round(basis.level * 100)} % of runs like it: ${low} to ${high}; ${basis.trust})`;
}

/** Warnings, then assumptions; defaults without a story of their own share one line. */
export function renderNotes({ warnings, assumptions }: Prediction, view: View): string[] {
  const lines: string[] = [];
  if (warnings.length > 0) {
    lines.push("", view.warn("Warnings"));
    for (const warning of warnings) lines.push(hanging("  - ", warning, view.width));
  }
  if (assumptions.length > 0) {
    lines.push("", view.bold("Assumptions"));
    const isPlain = ({ reason }: Assumption): boolean => reason === "not given";
    const plain = assumptions.filter(isPlain).map(({ path, value }) => `${path} ${value}`);
    for (const { path, value, reason } of assumptions.filter((assumption) => !isPlain(assumption))) {
      lines.push(hanging("  - ", `${path}: ${value} (${reason})`, view.width));
    }
    if (plain.length > 0) lines.push(hanging("  - ", `not given: ${plain.join(", ")}`, view.width));
  }
  return lines;
}
