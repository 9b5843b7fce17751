/** Throughput against speed for a user: a row and a bar for each number of requests under way. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { Point, Prediction } from "../../../src/scenario/index.ts";
import { bar, hanging, type View } from "../view.ts";
import { renderTable } from "./table.ts";

const right = (title: string) => ({ title, align: "right" }) as const;

/** The frontier of a prediction that has one. */
export function frontierLines({ points = [] }: Prediction, view: View): string[] {
  const frontier = points.filter(({ at }) => at.concurrency !== undefined);
  if (frontier.length === 0) return [];
  const throughput = ({ metrics }: Point): number => metrics.outputTokensPerSecondPerAccelerator ?? 0;
  const most = Math.max(...frontier.map(throughput));
  const count = (value: number | undefined): string => (value === undefined ? "" : formatQuantity(value, "count"));
  const seconds = (value: number | undefined): string => (value === undefined ? "" : formatQuantity(value, "seconds"));
  const room = Math.max(8, Math.min(30, view.width - 66));
  const rows = frontier.map((point) => [
    count(Number(point.at.concurrency)),
    count(throughput(point)),
    count(point.metrics.outputTokensPerSecondPerUser),
    seconds(point.metrics["timeToFirstToken.mean"]),
    seconds(point.metrics["timeToFirstToken.p99"]),
    point.pareto === true ? "*" : "",
    bar(most === 0 ? 0 : throughput(point) / most, room),
  ]);
  const columns = [
    right("at once"),
    right("tokens/s/accel."),
    right("tokens/s/user"),
    right("TTFT"),
    right("TTFT p99"),
    { title: "" },
    { title: "tokens/s of an accelerator" },
  ];
  const about = "closed loop, ten requests for each under way; user: 1 / mean TPOT; * no point beats it in both";
  return [
    "",
    view.bold("Throughput against speed for a user"),
    view.dim(hanging("  ", about, view.width)),
    ...renderTable(columns, rows),
  ];
}
