/** What would have to be true: a row for each resource that moves the metric, the others named below. */

import type { Solved, SolveOutput } from "../../../src/operations/solve.ts";
import { shownMetric } from "../../../src/search/study/index.ts";
import { hanging, type View } from "../view.ts";
import { renderTable } from "./table.ts";

export function renderSolve(output: SolveOutput, view: View): string {
  const { name, metric, unit, target, today, resources, requests } = output;
  const shown = (value: number): string => shownMetric(value, unit);
  const moving = resources.filter(({ status }) => status !== "no-effect");
  const still = resources.filter(({ status }) => status === "no-effect");
  const lines = [view.bold(name), "", `For ${metric} of ${shown(target)} (today ${shown(today)}), each alone:`];
  if (requests !== undefined && requests.used < requests.all) {
    lines.push(view.dim(`  simulated on the first ${requests.used} of ${requests.all} requests`));
  }
  const columns = [
    { title: "resource" },
    { title: "today", align: "right" },
    { title: "needed", align: "right" },
    { title: "factor", align: "right" },
    { title: "" },
  ] as const;
  const rows = moving.map((each) => [
    each.label,
    amount(each.value, each.unit),
    each.needed === undefined ? "-" : amount(each.needed, each.unit),
    each.at === undefined ? "-" : `${Number(each.at.factor.toPrecision(3))}x`,
    remark(each, shown),
  ]);
  if (rows.length > 0) lines.push("", ...renderTable(columns, rows, view.width));
  if (still.length > 0) {
    lines.push("", hanging("  without effect: ", still.map(({ label }) => label).join(", "), view.width));
  }
  return `${lines.join("\n")}\n`;
}

function amount(value: number, unit: string): string {
  return shownMetric(value, unit);
}

/** What a row cannot say in its numbers. */
function remark(
  { status, nearest, limit, course, crossings, feasible }: Solved,
  shown: (value: number) => string,
): string {
  const words: string[] = [];
  if (status === "unreachable") {
    const factor = `${Number(nearest.factor.toPrecision(3))}x`;
    if (nearest.factor === 1) words.push("any change leads away");
    else
      words.push(
        limit === undefined ? `never: ${shown(nearest.value)} at ${factor}` : `never: nears ${shown(limit.value)}`,
      );
  }
  if (feasible === false) words.push("does not fit");
  if (course === "turns") words.push("the metric turns back on the way");
  if (crossings.length > 1) {
    words.push(
      `also at ${crossings
        .slice(1)
        .map((factor) => `${Number(factor.toPrecision(3))}x`)
        .join(", ")}`,
    );
  }
  return words.join("; ");
}
