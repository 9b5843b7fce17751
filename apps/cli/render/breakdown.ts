/** Where a step's time goes: one bar a term, large terms opened. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { Term } from "../../../src/base/term.ts";
import { bar, percent, type View } from "../view.ts";

interface Line {
  readonly label: string;
  readonly value: number;
  readonly depth: number;
}

/** Parts smaller than this share are not opened further. */
const openFrom = 0.05;
/** Parts smaller than this share are not shown below an opened part. */
const showFrom = 0.002;

/** The terms of a tree as bars, largest first. */
export function renderBreakdown(root: Term, view: View): string {
  const lines = linesOf(root, 0, root.value);
  const labelWidth = Math.min(44, Math.max(...lines.map((line) => line.label.length + 2 * line.depth)));
  const barWidth = Math.max(8, Math.min(40, view.width - labelWidth - 26));
  return lines
    .map(({ label, value, depth }) => {
      const share = root.value === 0 ? 0 : value / root.value;
      const name = `${"  ".repeat(depth)}${label}`;
      const shown = name.length > labelWidth ? `${name.slice(0, labelWidth - 1)}…` : name.padEnd(labelWidth);
      const line = `  ${shown} ${bar(share, barWidth)} ${percent(share)} ${formatQuantity(value, "seconds").padStart(9)}`;
      return depth === 0 ? line : view.dim(line);
    })
    .join("\n");
}

function linesOf(term: Term, depth: number, whole: number): Line[] {
  const largestFirst = [...term.children].sort((a, b) => b.value - a.value);
  return largestFirst
    .filter((child) => child.value > 0 && (depth === 0 || child.value >= showFrom * whole))
    .flatMap((child) => {
      const line = { label: child.label, value: child.value, depth };
      return depth < 2 && child.value >= openFrom * whole ? [line, ...linesOf(child, depth + 1, whole)] : [line];
    });
}
