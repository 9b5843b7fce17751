/** Training jobs side by side for people: one line a job, then the links they meet on. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { DesignOf, Prediction } from "../../../src/scenario/index.ts";
import { hanging, type View } from "../view.ts";
import { renderNotes } from "./notes.ts";
import { renderTable } from "./table.ts";
import { fullestLines, sharedLines } from "./traffic.ts";

interface SharedOutput {
  readonly design: DesignOf<"shared">;
  readonly prediction: Prediction;
}

export function renderShared(output: SharedOutput, view: View): string {
  const { prediction } = output;
  const parts = [
    ...sharedHeading(output, view),
    "",
    ...jobLines(prediction),
    ...fullestLines(prediction, view),
    ...sharedLines(prediction, view),
  ];
  return `${[...parts, ...renderNotes(prediction, view)].join("\n")}\n`;
}

/** Name; then jobs and machines. */
export function sharedHeading({ design, prediction }: SharedOutput, view: View): string[] {
  const { jobs, cluster } = design.shared;
  const models = jobs.map(
    ({ name, alone }) => `${name}: ${alone.case.model.name} on ${alone.case.cluster.nodes} nodes`,
  );
  const machines = `${formatQuantity(cluster.nodes, "count")} x ${cluster.node.name}, ${cluster.fabric.label}`;
  return [view.bold(prediction.name), view.dim(hanging("", [...models, machines].join(" | "), view.width))];
}

function jobLines({ points = [] }: Prediction): string[] {
  const right = (title: string) => ({ title, align: "right" }) as const;
  const columns = [
    { title: "job" },
    right("step time"),
    right("alone"),
    right("slowdown"),
    right("tokens/s"),
    right("memory"),
  ];
  const seconds = (value: number | undefined): string => formatQuantity(value ?? 0, "seconds");
  const rows = points.map(({ at, metrics }) => [
    String(at.workload),
    seconds(metrics.stepTime),
    seconds(metrics.stepTimeAlone),
    (metrics.slowdown ?? 1).toFixed(3),
    formatQuantity(metrics.tokensPerSecond ?? 0, "count"),
    formatQuantity(metrics.memoryPerAccelerator ?? 0, "bytes", "binary"),
  ]);
  return renderTable(columns, rows);
}
