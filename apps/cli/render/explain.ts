/** An explanation for people: the tree with formula and source, the sources, the worth of each resource. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import { type Term, walkTerm } from "../../../src/base/term.ts";
import type { ExplainOutput } from "../../../src/operations/explain.ts";
import { hostLimit, type Sensitivity } from "../../../src/operations/sensitivity.ts";
import type { MemoryUse } from "../../../src/training/index.ts";
import { hanging, percent, type View } from "../view.ts";
import { renderBill } from "./bill.ts";
import { renderGap } from "./gap.ts";
import { goodputLines } from "./goodput.ts";
import { linkLines } from "./links.ts";
import { memorySize } from "./memory.ts";
import { renderNotes, trustText } from "./notes.ts";
import { heading } from "./predict.ts";
import { renderRanks } from "./ranks.ts";
import { interruptionLines, wallTimeLines } from "./reliability.ts";
import { renderServingGap } from "./serving-gap.ts";
import { sourceLines } from "./sources.ts";
import { stragglerLines } from "./stragglers.ts";
import { renderTable } from "./table.ts";
import { tornadoLines } from "./tornado.ts";
import { fullestLines, sharedLines } from "./traffic.ts";
import { bindingText } from "./training.ts";

export function renderExplain(output: ExplainOutput, view: View): string {
  const { term, whole, sources, sensitivities, prediction, measured, memory } = output;
  if (output.stragglers !== undefined) return renderRanks(output, output.stragglers, view);
  const all = term === prediction.terms;
  const lines = [...heading(output, view), ""];
  if (measured !== undefined && memory !== undefined) {
    lines.push(...renderGap(measured, memory.capacity, view));
    // The tree is what `explain` prints without a measurement; a term that was asked for is opened here too.
    if (all) return `${[...lines, ...renderNotes(prediction, view)].join("\n")}\n`;
    lines.push("");
  }
  if (output.servingMeasured !== undefined) {
    lines.push(...renderServingGap(output.servingMeasured, view));
    if (all) return `${[...lines, ...renderNotes(prediction, view)].join("\n")}\n`;
    lines.push("");
  }
  if (all) lines.push(...trustLines(output, view), "");
  if (output.tornado !== undefined) return `${[...lines, ...tornadoLines(output.tornado, view)].join("\n")}\n`;
  lines.push(...treeLines(term, whole, view), ...sourceLines(sources, view));
  if (all && memory !== undefined) lines.push("", ...memoryLines(memory, view), ...stragglerLines(prediction, view));
  if (all && output.design.kind === "shared") {
    lines.push(...fullestLines(prediction, view), ...sharedLines(prediction, view));
  } else if (all) lines.push(...linkLines(prediction, view));
  if (output.bill !== undefined) lines.push(...renderBill(output.bill, view));
  if (all) lines.push(...wallTimeLines(prediction, view), ...interruptionLines(prediction, view));
  if (output.goodput !== undefined) lines.push(...goodputLines(output.goodput, view));
  if (sensitivities.length > 0) {
    const subject =
      { training: "the whole step", serving: "the whole run" }[output.design.kind as string] ?? "the whole";
    lines.push("", view.bold(`Sensitivity: % change of a metric of ${subject} for 1 % more of the resource`));
    lines.push(...differenceLines(output, view));
    lines.push(...sensitivityLines(sensitivities, columnsOf(output)));
  }
  if (all) lines.push(...renderNotes(prediction, view));
  return `${lines.join("\n")}\n`;
}

/** How far to trust the step time, and what limits it. */
function trustLines({ prediction, memory, design, sensitivities }: ExplainOutput, view: View): string[] {
  const main = { training: "stepTime", serving: "endToEndLatency.mean" }[design.kind as string] ?? "time";
  const basis = prediction.basis[main];
  const rows: [string, string][] = [["trust", trustText(basis)]];
  if (basis?.nearest !== undefined) {
    const { id, distance } = basis.nearest;
    const alike = distance < 0.05;
    const far = alike
      ? "of this size, model size and length"
      : `${distance.toFixed(1)} doublings of size and length away`;
    rows.push(["nearest run", `${id}, ${far}`]);
  }
  if (memory !== undefined) {
    rows.push(["what binds", bindingText(prediction, memory, hostLimit(design, sensitivities))]);
  }
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, text]) => hanging(`  ${label.padEnd(width)}  `, text, view.width));
}

/** The tree with value, share of the step and origin; below each term its formula and source. */
function treeLines(root: Term, whole: number, view: View): string[] {
  const labels: number[] = [];
  walkTerm(root, (term, _path, depth) => labels.push(term.label.length + 2 * depth));
  const width = Math.max(...labels);
  const lines = [view.dim(`  ${"term".padEnd(width)} ${"time".padStart(9)} ${"of step".padStart(7)}  origin`)];
  walkTerm(root, (term, _path, depth) => {
    const label = `${"  ".repeat(depth)}${term.label}`.padEnd(width);
    const share = whole === 0 ? 0 : term.value / whole;
    lines.push(`  ${label} ${formatQuantity(term.value, "seconds").padStart(9)} ${percent(share)}  ${term.origin}`);
    const indent = " ".repeat(4 + 2 * depth);
    const formula = term.formula === undefined ? [] : [`= ${term.formula}`];
    const source = term.source === undefined ? [] : [`[${term.source}]`];
    const note = [...formula, ...source].join(" ");
    if (note !== "") lines.push(view.dim(hanging(indent, note, view.width)));
  });
  return lines;
}

/** Parts of the fullest stage's memory, largest first. */
function memoryLines({ stage, total, capacity, parts }: MemoryUse, view: View): string[] {
  const size = memorySize(capacity);
  const title = `Memory of an accelerator of pipeline rank ${stage}: ${size(total)} of ${size(capacity)}`;
  const rows = [...parts]
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
    .map(({ label, value }) => [label, size(value), percent(value / total).trim()]);
  const cells = [{ title: "" }, { title: "", align: "right" }, { title: "", align: "right" }] as const;
  return [view.bold(title), ...renderTable(cells, rows).slice(1)];
}

type Columns = readonly (readonly [metric: string, title: string])[];

const stepColumns: Columns = [
  ["stepTime", "step time"],
  ["memoryPerAccelerator", "memory"],
  ["trainingGoodput", "goodput"],
  ["energy", "energy"],
  ["cost", "cost"],
];

const timeColumns: Columns = [
  ["time", "time"],
  ["busBandwidth", "busbw"],
  ["endpointGoodput", "goodput"],
  ["slowdown.max", "slowdown"],
];

const servingColumns: Columns = [
  ["timeToFirstToken.mean", "TTFT"],
  ["timePerOutputToken.mean", "TPOT"],
  ["endToEndLatency.mean", "E2E"],
  ["outputTokensPerSecond", "tokens/s"],
  ["costPerMillionOutputTokens", "$/Mtoken"],
];

/** How simulated runs were compared, where they were. */
function differenceLines({ difference }: ExplainOutput, view: View): string[] {
  if (difference === undefined) return [];
  const { step, requests } = difference;
  const count = (value: number): string => formatQuantity(value, "count");
  const which =
    requests.used < requests.all
      ? `the first ${count(requests.used)} of ${count(requests.all)} requests`
      : `the same ${count(requests.all)} requests`;
  const text = `simulated with ${percent(step).trim()} more and less on ${which}; means; what is next to nothing may be chance`;
  return [view.dim(hanging("  ", text, view.width))];
}

/** Where there is no single time there is a least one. */
const leastColumns: Columns = [["timeMin", "least time"]];

function columnsOf({ design, prediction }: ExplainOutput): Columns {
  if (design.kind === "training") return stepColumns;
  if (design.kind === "serving") return servingColumns;
  return prediction.metrics.timeMin === undefined ? timeColumns : leastColumns;
}

function sensitivityLines(sensitivities: readonly Sensitivity[], columns: Columns): string[] {
  // The column of the time stays where nothing moves it: its zeros say so.
  const present = columns.filter(
    ([metric], index) => index === 0 || sensitivities.some(({ elasticity }) => elasticity[metric] !== undefined),
  );
  const width = Math.max(...sensitivities.map(({ label }) => label.length));
  const header = `  ${"".padEnd(width)} ${present.map(([, title]) => title.padStart(10)).join("")}`;
  const rows = sensitivities.map(({ label, elasticity }) => {
    const cells = present.map(([metric]) => signed(elasticity[metric] ?? 0).padStart(10)).join("");
    return `  ${label.padEnd(width)} ${cells}`;
  });
  const knees = sensitivities.flatMap(({ label, knees = {} }) =>
    present.flatMap(([metric, title]) => {
      const knee = knees[metric];
      return knee === undefined
        ? []
        : [`  at a knee: ${label}, ${title} ${signed(knee.less)} for less of it, ${signed(knee.more)} for more`];
    }),
  );
  return [header, ...rows, ...knees];
}

/** `-0.412`, `+0.100`, `0` where hardly anything changes. */
function signed(value: number): string {
  if (Math.abs(value) < 0.0005) return "0";
  return `${value > 0 ? "+" : ""}${value.toFixed(3)}`;
}
