/** A chart as rows of text, for readers and formats without drawings. */

import type { Column } from "../document.ts";
import type { Chart } from "./index.ts";

export interface ChartRows {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

const right = (title: string): Column => ({ title, align: "right" });

/** Undefined where text says nothing that the sections do not say. */
export function rowsOf(chart: Chart): ChartRows | undefined {
  switch (chart.type) {
    case "stacked":
      return {
        columns: [{ title: "part" }, ...chart.bars.map((bar) => right(bar.label))],
        rows: chart.parts.map((part, index) => [part, ...chart.bars.map((bar) => chart.shown(bar.values[index] ?? 0))]),
      };
    case "tornado":
      return {
        columns: [{ title: "resource" }, right(chart.lessName), right(chart.moreName)],
        rows: chart.rows.map(({ label, less, more }) => [label, percent(less), percent(more)]),
      };
    case "scaling":
      return {
        columns: [right(chart.xTitle), right(chart.yTitle)],
        rows: chart.points.map(({ x, y }) => [chart.xShown(x), chart.yShown(y)]),
      };
    case "pareto":
      return {
        columns: [{ title: "design" }, right(chart.xTitle), right(chart.yTitle)],
        rows: chart.points.map(({ label, x, y }) => [label, chart.xShown(x), chart.yShown(y)]),
      };
    case "percentiles":
      return {
        columns: [{ title: "wait" }, right("share of requests"), right("at most")],
        rows: chart.series.flatMap(({ label, points }) =>
          points.map(({ share, value }) => [label, `${Math.round(share * 100)} %`, chart.shown(value)]),
        ),
      };
    case "topology":
      return {
        columns: [{ title: "tier, from the top" }, right("count"), { title: "note" }],
        rows: chart.tiers.map(({ name, count, note }) => [name, chart.shown(count), note ?? ""]),
      };
    case "timeline":
      return undefined;
  }
}

function percent(share: number): string {
  return `${share > 0 ? "+" : ""}${Math.round(share * 1000) / 10} %`;
}
