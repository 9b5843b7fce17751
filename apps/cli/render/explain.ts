/** An explanation for people: the tree with formula and source, the sources, the worth of each resource. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import { type Term, walkTerm } from "../../../src/base/term.ts";
import type { ExplainOutput } from "../../../src/operations/explain.ts";
import type { Sensitivity } from "../../../src/operations/sensitivity.ts";
import { hanging, percent, type View } from "../view.ts";
import { renderNotes } from "./predict.ts";
import { renderTable } from "./table.ts";

export function renderExplain(output: ExplainOutput, view: View): string {
  const { name, term, whole, sources, sensitivities, prediction } = output;
  const lines = [view.bold(name), "", ...treeLines(term, whole, view)];
  const cited = Object.entries(sources);
  if (cited.length > 0) {
    lines.push("", view.bold("Sources"));
    for (const [key, source] of cited) {
      const year = source.year === undefined ? "" : ` (${source.year})`;
      lines.push(
        hanging(`  ${key}: `, `${source.title}${year}${source.url === undefined ? "" : ` ${source.url}`}`, view.width),
      );
    }
  }
  if (term === prediction.terms) lines.push("", ...memoryLines(output.memory, view));
  lines.push("", view.bold("Sensitivity: % change of a metric for 1 % more of the resource"));
  lines.push(...sensitivityLines(sensitivities));
  if (term === prediction.terms) lines.push(...renderNotes(prediction, view));
  return `${lines.join("\n")}\n`;
}

function treeLines(root: Term, whole: number, view: View): string[] {
  const labels: number[] = [];
  walkTerm(root, (term, _path, depth) => labels.push(term.label.length + 2 * depth));
  const width = Math.max(...labels);
  const lines: string[] = [];
  walkTerm(root, (term, _path, depth) => {
    const label = `${"  ".repeat(depth)}${term.label}`.padEnd(width);
    const share = whole === 0 ? 0 : term.value / whole;
    lines.push(`  ${label} ${formatQuantity(term.value, "seconds").padStart(9)} ${percent(share)}  ${term.origin}`);
    const indent = " ".repeat(4 + 2 * depth);
    const formula = term.formula === undefined ? [] : [term.formula];
    const source = term.source === undefined ? [] : [`[${term.source}]`];
    const note = [...formula, ...source].join(" ");
    if (note !== "") lines.push(view.dim(hanging(indent, note, view.width)));
  });
  return lines;
}

/** Parts of the fullest stage's memory, largest first. */
function memoryLines({ stage, total, capacity, parts }: ExplainOutput["memory"], view: View): string[] {
  const size = (value: number): string => formatQuantity(value, "bytes");
  const title = `Memory of an accelerator of stage ${stage}: ${size(total)} of ${size(capacity)}`;
  const rows = [...parts]
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
    .map(({ label, value }) => [label, size(value), percent(value / total).trim()]);
  const cells = [{ title: "" }, { title: "", align: "right" }, { title: "", align: "right" }] as const;
  return [view.bold(title), ...renderTable(cells, rows).slice(1)];
}

const columns: readonly (readonly [metric: string, title: string])[] = [
  ["stepTime", "step time"],
  ["memoryPerAccelerator", "memory"],
  ["energy", "energy"],
  ["cost", "cost"],
];

function sensitivityLines(sensitivities: readonly Sensitivity[]): string[] {
  const present = columns.filter(([metric]) =>
    sensitivities.some(({ elasticity }) => elasticity[metric] !== undefined),
  );
  const width = Math.max(...sensitivities.map(({ label }) => label.length));
  const header = `  ${"".padEnd(width)} ${present.map(([, title]) => title.padStart(10)).join("")}`;
  const rows = sensitivities.map(({ label, elasticity }) => {
    const cells = present.map(([metric]) => signed(elasticity[metric] ?? 0).padStart(10)).join("");
    return `  ${label.padEnd(width)} ${cells}`;
  });
  return [header, ...rows];
}

/** `-0.412`, `+0.100`, `0` where nothing changes. */
function signed(value: number): string {
  if (value === 0) return "0";
  return `${value > 0 ? "+" : ""}${value.toFixed(3)}`;
}
