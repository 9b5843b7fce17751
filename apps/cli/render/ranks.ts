/** What the stragglers of a measured run cost, for people: the causes as parts, then what repairing each would save. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { ExplainOutput } from "../../../src/operations/explain.ts";
import { hanging, percent, type View } from "../view.ts";
import { heading } from "./predict.ts";
import { renderTable } from "./table.ts";

/** Most repairs that are shown; --json has all. */
const repairsShown = 12;

export function renderRanks(
  output: ExplainOutput,
  found: NonNullable<ExplainOutput["stragglers"]>,
  view: View,
): string {
  const { steps, stepTime, ideal, slowdown, predicted, notes, shares, repairs } = found;
  const time = (value: number): string => formatQuantity(value, "seconds");
  const counted = `${steps} step${steps === 1 ? "" : "s"}`;
  const rows: [string, string][] = [
    ["step", `${time(stepTime)}, mean of ${counted} of the table run through the schedule`],
    ["ideal", `${time(ideal)} without stragglers: a slowdown of ${slowdown.toFixed(3)}`],
    ["predicted", `${time(predicted)} without stragglers and jitter`],
    ...notes.map((note): [string, string] => ["warning", note]),
  ];
  const shown = (value: number): string => `${signed(value)} (${percent(value / stepTime).trim()})`;
  const total: [string, string, string] = ["all: step less ideal", shown(stepTime - ideal), shown(stepTime - ideal)];
  const parts = [...shares.map(({ label, time: saved, alone }) => [label, shown(saved), shown(alone)]), total];
  const costs = [
    { title: "cause" },
    { title: "fixing it saves", align: "right" },
    { title: "alone it would cost", align: "right" },
  ] as const;
  const lines = [
    ...heading(output, view),
    "",
    ...rows.map(([label, text]) => hanging(`  ${label.padEnd(9)}  `, text, view.width)),
    "",
    view.bold("What the run waits for"),
    ...renderTable(costs, parts),
    "",
    view.bold("What to repair, the most worthwhile first"),
    ...repairLines(repairs),
  ];
  return `${lines.join("\n")}\n`;
}

function repairLines(repairs: NonNullable<ExplainOutput["stragglers"]>["repairs"]): string[] {
  if (repairs.length === 0) return ["  nothing: no single repair would save time"];
  const rows = repairs.slice(0, repairsShown).map(({ what, factor, stepTime, saved }) => {
    const slow = factor === undefined ? "" : `x ${factor.toFixed(3)}`;
    return [what, slow, formatQuantity(stepTime, "seconds"), `- ${(100 * saved).toFixed(2)} %`];
  });
  const columns = [
    { title: "repair" },
    { title: "now", align: "right" },
    { title: "step", align: "right" },
    { title: "saves", align: "right" },
  ] as const;
  const more = repairs.length > repairsShown ? [`  and ${repairs.length - repairsShown} smaller ones`] : [];
  return [...renderTable(columns, rows), ...more];
}

/** `120 ms`, `-3 ms`: a negative interaction is a saving that two repairs share. */
function signed(value: number): string {
  return `${value < 0 ? "-" : ""}${formatQuantity(Math.abs(value), "seconds")}`;
}
