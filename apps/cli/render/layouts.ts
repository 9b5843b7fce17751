/** A layout search for people: the best, what ties with it, what was covered and how. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { LayoutSearch } from "../../../src/operations/index.ts";
import type { View } from "../view.ts";
import { renderTable } from "./table.ts";

type Found = LayoutSearch["best"][number];

const columns = [
  { title: "step", align: "right" },
  { title: "beyond best", align: "right" },
  { title: "memory", align: "right" },
  { title: "layout" },
] as const;

export function renderLayouts(output: LayoutSearch, view: View): string {
  const { name, best, closest } = output;
  const [first] = best;
  const rows = (first === undefined ? closest : best).map((found) => cellsOf(found, first ?? found));
  const title = first === undefined ? "Layouts that lack least" : "Best layouts";
  const table = rows.length === 0 ? [] : ["", view.bold(title), ...renderTable(columns, rows, view.width)];
  const lines = [view.bold(name), "", ...answerLines(output, view), ...againstLines(output), ...table, ""];
  return `${[...lines, view.bold("Proof"), ...coveredLines(output)].join("\n")}\n`;
}

function answerLines(
  { best, near, within, ended, closest, memoryMost, prediction }: LayoutSearch,
  view: View,
): string[] {
  const [first] = best;
  if (first === undefined) {
    const [least] = closest;
    const lacking =
      least === undefined ? "" : `: the nearest lacks ${formatQuantity(least.memory - memoryMost, "bytes")}`;
    return [`  ${view.bold("no layout fits")} in ${formatQuantity(memoryMost, "bytes")}${lacking}`];
  }
  const so = ended === "proven" ? "fastest layout" : "fastest layout so far, stopped early";
  const share = `${formatShare(within)} %`;
  const tie =
    near === 1
      ? `  no other is within ${share} of it`
      : `  ${formatQuantity(near, "count")} layouts are within ${share}: the model cannot tell them apart`;
  return [`  ${so}: ${view.bold(formatQuantity(first.stepTime, "seconds"))} a step`, ...errorLines(prediction), tie];
}

function errorLines(prediction: LayoutSearch["prediction"]): string[] {
  const interval = prediction?.basis?.stepTime?.interval;
  if (interval === null || interval === undefined) return ["  no measured run says how far off the model is here"];
  const [low, high] = interval;
  return [`  the model's own range: ${formatQuantity(low, "seconds")} to ${formatQuantity(high, "seconds")}`];
}

function againstLines({ against, best, prediction, memoryMost }: LayoutSearch): string[] {
  const [first] = best;
  if (against === undefined || first === undefined) return [];
  const beyond = `${((against.stepTime / first.stepTime - 1) * 100).toFixed(1)} %`;
  const interval = prediction?.basis?.stepTime?.interval;
  const inside = interval !== null && interval !== undefined && against.stepTime <= interval[1];
  const error = interval === null || interval === undefined ? "" : inside ? ", inside the best's range" : ", beyond it";
  const time = formatQuantity(against.stepTime, "seconds");
  const memory =
    against.memory > memoryMost
      ? [`  it needs ${formatQuantity(against.memory, "bytes")}, more than is allowed here`]
      : [];
  return [`  the design held against it: ${time}, ${beyond} slower than the best${error}`, ...memory];
}

function coveredLines({ covered, ended, within }: LayoutSearch): string[] {
  const shown = (count: number): string => count.toLocaleString("en");
  return [
    `  ${shown(covered.space)} layouts in the space: ${shown(covered.slower)} left out by the time bound, ${shown(covered.larger)} by the memory bound,`,
    `  ${shown(covered.refused)} do not go together, ${shown(covered.evaluated)} evaluated as predict does` +
      (covered.left === 0 ? "" : `, ${shown(covered.left)} not looked at`),
    ended === "proven"
      ? `  proven: no layout of the space that fits is faster, and none within ${formatShare(within)} % is missing`
      : "  not proven: the search was stopped",
  ];
}

function cellsOf({ stepTime, memory, layout }: Found, first: Found): string[] {
  return [
    formatQuantity(stepTime, "seconds"),
    `${((stepTime / first.stepTime - 1) * 100).toFixed(1)} %`,
    formatQuantity(memory, "bytes"),
    Object.entries(layout)
      .map(([key, value]) => `${key} ${typeof value === "object" ? JSON.stringify(value) : value}`)
      .join(", "),
  ];
}

function formatShare(share: number): string {
  return String(Number((share * 100).toPrecision(3)));
}
