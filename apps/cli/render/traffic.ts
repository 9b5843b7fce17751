/** Traffic for people: how long it takes and for whom, which links are full, where the time goes. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { DesignOf, Prediction } from "../../../src/scenario/index.ts";
import { hanging, percent, type View } from "../view.ts";
import { renderBreakdown } from "./breakdown.ts";
import { renderNotes } from "./notes.ts";
import { renderTable } from "./table.ts";

interface TrafficOutput {
  readonly design: DesignOf<"traffic">;
  readonly prediction: Prediction;
}

export function renderTraffic(output: TrafficOutput, view: View): string {
  const { prediction } = output;
  const parts = [
    ...trafficHeading(output, view),
    "",
    ...(prediction.points === undefined ? messageLines(prediction, view) : jobLines(prediction)),
    "",
    view.bold("Where the time goes"),
    renderBreakdown(prediction.terms, view),
    ...fullestLines(prediction, view),
    ...sharedLines(prediction, view),
  ];
  return `${[...parts, ...renderNotes(prediction, view)].join("\n")}\n`;
}

/** Name; then what moves, and machines. */
export function trafficHeading({ design, prediction }: TrafficOutput, view: View): string[] {
  const { traffic, cluster } = design.traffic;
  const { node, nodes, fabric } = cluster;
  const machines = `${formatQuantity(nodes, "count")} x ${node.name}`;
  const subject = [subjectOf(traffic), machines, nodes > 1 ? fabric.label : "one node"].join(" | ");
  return [view.bold(prediction.name), view.dim(hanging("", subject, view.width))];
}

function subjectOf(traffic: DesignOf<"traffic">["traffic"]["traffic"]): string {
  const count = (value: number): string => formatQuantity(value, "count");
  switch (traffic.what) {
    case "pattern": {
      const members = traffic.groups.reduce((sum, { length }) => sum + length, 0);
      const inGroups = traffic.groups.length === 1 ? "" : ` in ${count(traffic.groups.length)} groups`;
      const size = formatQuantity(traffic.size, "bytes", traffic.size % 1024 === 0 ? "binary" : "decimal");
      return `${traffic.pattern} of ${size} over ${count(members)} accelerators${inGroups}`;
    }
    case "trace":
      return `${count(traffic.messages.length)} ${traffic.messages.length === 1 ? "transfer" : "transfers"} of ${traffic.file}`;
    case "jobs":
      return `${count(traffic.jobs.length)} ${traffic.jobs.length === 1 ? "job" : "jobs side by side"}`;
  }
}

const seconds = (value: number | undefined): string => (value === undefined ? "" : formatQuantity(value, "seconds"));

/** Metrics that cannot be told are left out; Warnings say why. */
function messageLines({ metrics }: Prediction, view: View): string[] {
  const list = (prefix: string, text: (value: number) => string): string =>
    (["mean", "p50", "p90", "p99", "max"] as const)
      .flatMap((name) => {
        const value = metrics[`${prefix}.${name}`];
        return value === undefined ? [] : [`${name} ${text(value)}`];
      })
      .join(", ");
  const goodput = metrics.endpointGoodput;
  const rows: [string, string][] = [
    ["time", timeText(metrics)],
    [
      "goodput",
      goodput === undefined ? "" : `${formatQuantity(goodput, "bytesPerSecond")} for each endpoint that sends`,
    ],
    ["completion", list("flowCompletionTime", seconds)],
    ["slowdown", list("slowdown", (value) => value.toFixed(2))],
  ];
  const shown = rows.filter(([, text]) => text !== "");
  const width = Math.max(...shown.map(([label]) => label.length));
  return shown.map(([label, text]) => hanging(`  ${label.padEnd(width)}  `, text, view.width));
}

function timeText({ time, timeMin, timeMax }: Prediction["metrics"]): string {
  if (time !== undefined) return seconds(time);
  const most = timeMax === undefined ? "no upper bound known" : `at most ${seconds(timeMax)}`;
  return `at least ${seconds(timeMin)}, ${most}: no single figure, see Warnings`;
}

function jobLines({ points = [] }: Prediction): string[] {
  const right = (title: string) => ({ title, align: "right" }) as const;
  const columns = [{ title: "job" }, right("time"), right("round"), right("round alone"), right("slowdown")];
  const rows = points.map(({ at, metrics }) => [
    String(at.job),
    seconds(metrics.time),
    seconds(metrics.roundTime),
    seconds(metrics.roundTimeAlone),
    (metrics.slowdown ?? 1).toFixed(3),
  ]);
  return renderTable(columns, rows);
}

/** Links by name; those that are as full and used by the same stand in one line. */
export function fullestLines({ links = [] }: Prediction, view: View): string[] {
  if (links.length === 0) return [];
  const ofJobs = links.some(({ jobs }) => jobs !== undefined);
  const rows = links.map(({ class: name, link, alike, utilization, jobs = [] }) => {
    const others = alike > 1 ? `${link}, and ${formatQuantity(alike - 1, "count")} alike` : link;
    return [percent(utilization).trim(), name, others, ...(ofJobs ? [jobs.join(", ")] : [])];
  });
  const columns = [{ title: "busy", align: "right" } as const, { title: "class" }, { title: "link" }];
  const titles = ofJobs ? [...columns, { title: "jobs" }] : columns;
  return ["", view.bold("Fullest links"), ...renderTable(titles, rows, view.width)];
}

/** Who shares links with whom. */
export function sharedLines({ sharedLinks = [] }: Prediction, view: View): string[] {
  if (sharedLinks.length === 0) return [];
  const rows = sharedLinks.map(({ jobs, count, hottest }) => [
    jobs.join(" and "),
    formatQuantity(count, "count"),
    hottest,
  ]);
  const columns = [{ title: "jobs" }, { title: "links", align: "right" } as const, { title: "the most loaded" }];
  return ["", view.bold("Links in common"), ...renderTable(columns, rows, view.width)];
}
