/** A collective for people: one line a size, then where the time of the largest goes. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { DesignOf, Prediction } from "../../../src/scenario/index.ts";
import { hanging, type View } from "../view.ts";
import { renderBreakdown } from "./breakdown.ts";
import { linkLines } from "./links.ts";
import { renderNotes, trustText } from "./notes.ts";
import { bufferSize } from "./size.ts";
import { renderTable } from "./table.ts";

interface CollectiveOutput {
  readonly design: DesignOf<"collective">;
  readonly prediction: Prediction;
}

export function renderCollective(output: CollectiveOutput, view: View): string {
  const { prediction } = output;
  const largest = bufferSize(Number(prediction.points?.at(-1)?.at.size ?? 0));
  const parts = [
    ...collectiveHeading(output, view),
    "",
    ...sweepLines(prediction),
    "",
    hanging("  trust  ", `largest size: ${trustText(prediction.basis.time)}`, view.width),
    "",
    view.bold(`Where the time goes at ${largest}`),
    renderBreakdown(prediction.terms, view),
  ];
  return `${[...parts, ...linkLines(prediction, view), ...renderNotes(prediction, view)].join("\n")}\n`;
}

/** Name; then operation, group and machines. */
export function collectiveHeading({ design, prediction }: CollectiveOutput, view: View): string[] {
  const { operation, group, cluster, algorithm } = design.collective;
  const count = (value: number): string => formatQuantity(value, "count");
  const { node, nodes, fabric } = cluster;
  const subject = [
    `${operation} over ${count(group.size)} accelerators`,
    algorithm ?? "algorithm as the library chooses",
    `${count(nodes)} x ${node.name}`,
    nodes > 1 ? fabric.label : "one node",
  ].join(" | ");
  return [view.bold(prediction.name), view.dim(hanging("", subject, view.width))];
}

function sweepLines({ points = [] }: Prediction): string[] {
  const rate = (value: number | undefined): string =>
    value === undefined ? "" : formatQuantity(value, "bytesPerSecond");
  const calibrated = points.some(({ raw }) => raw !== undefined);
  const rows = points.map(({ at, metrics, how, trust, raw }) => [
    bufferSize(Number(at.size)),
    formatQuantity(metrics.time ?? 0, "seconds"),
    ...(calibrated ? [formatQuantity(raw?.time ?? 0, "seconds")] : []),
    rate(metrics.algorithmBandwidth),
    rate(metrics.busBandwidth),
    how ?? "",
    trust ?? "",
  ]);
  const right = (title: string) => ({ title, align: "right" }) as const;
  const columns = [
    right("size"),
    right("time"),
    ...(calibrated ? [right("without profile")] : []),
    right("algbw"),
    right("busbw"),
    { title: "algorithm" },
    { title: "basis" },
  ];
  return renderTable(columns, rows);
}
