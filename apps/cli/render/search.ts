/** A search for people; of capacity: the answer, how near the border it is, and every trial. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { CapacitySearch, SearchOutput } from "../../../src/operations/index.ts";
import type { View } from "../view.ts";
import { renderChoice, renderConfigurations } from "./configurations.ts";
import { renderLayouts } from "./layouts.ts";
import { renderTable } from "./table.ts";

type Trial = CapacitySearch["trials"][number];

export function renderSearch(output: SearchOutput, view: View): string {
  if ("covered" in output) return renderLayouts(output, view);
  if ("summary" in output) return renderChoice(output, view);
  return "groups" in output ? renderConfigurations(output, view) : renderCapacity(output, view);
}

function renderCapacity(output: CapacitySearch, view: View): string {
  const { name, field, trials } = output;
  const rows = [...trials].sort((a, b) => a.value - b.value).map((trial) => cellsOf(output, trial));
  const columns = [
    { title: field.quantity, align: "right" },
    { title: "first token p99", align: "right" },
    { title: "per token p99", align: "right" },
    { title: "output tokens/s", align: "right" },
    { title: "verdict" },
    { title: "targets" },
  ] as const;
  return `${[
    view.bold(name),
    "",
    ...answerLines(output, view),
    "",
    view.bold("Trials, all with the same requests"),
    ...renderTable(columns, rows, view.width),
  ].join("\n")}\n`;
}

function answerLines({ field, value, beyond, ended, prediction }: CapacitySearch, view: View): string[] {
  const best = field.quantity === "rate" ? "largest rate within targets" : "fewest replicas within targets";
  const what = ended === "stopped" ? `${best} so far, stopped early` : best;
  if (value === undefined) {
    const least = shown(field.quantity, beyond ?? Number.NaN);
    return [`  ${view.bold(`no ${field.quantity} keeps the targets`)}: not even ${least} does`];
  }
  const cost = prediction.metrics.costPerMillionOutputTokens;
  const next = beyond === undefined ? [] : [`  ${shown(field.quantity, beyond)} does not keep them`];
  return [
    `  ${what}: ${view.bold(shown(field.quantity, value))}`,
    ...next,
    ...(cost === undefined ? [] : [`  at ${formatQuantity(cost, "dollars")} per million output tokens`]),
  ];
}

function cellsOf({ field }: CapacitySearch, { value, reasons, prediction }: Trial): string[] {
  const { metrics, verdict = "" } = prediction;
  const time = (name: string): string => {
    const found = metrics[name];
    return found === undefined ? "" : formatQuantity(found, "seconds");
  };
  return [
    shown(field.quantity, value),
    time("timeToFirstToken.p99"),
    time("timePerOutputToken.p99"),
    formatQuantity(metrics.outputTokensPerSecond ?? 0, "count"),
    verdict,
    reasons.length === 0 ? "kept" : reasons.join(", "),
  ];
}

function shown(quantity: CapacitySearch["field"]["quantity"], value: number): string {
  return quantity === "rate" ? formatQuantity(value, "perSecond") : formatQuantity(value, "count");
}
