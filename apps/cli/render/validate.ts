/** A validation for people: errors by kind and group, failures by reason, decisions. */

import type { ValidateReport } from "../../../src/evidence/index.ts";
import type { ValidateOutput } from "../../../src/operations/index.ts";
import type { View } from "../view.ts";
import { type Column, renderTable } from "./table.ts";

type Summary = ValidateReport["groups"][number];

export function renderValidate(report: ValidateOutput, view: View): string {
  if (report.records.length === 0) return "  no records\n";
  const { left = 0 } = report;
  const lines = left === 0 ? [] : [view.warn(`Stopped: ${left} records are not in these figures`), ""];
  lines.push(view.bold("By kind and primary metric"), ...summaryLines(report));
  for (const by of ["use", "architecture", "accelerator", "software", "technique", "source", "sizeBand"] as const) {
    const groups = report.groups.filter((group) => group.by === by).sort((a, b) => band(a.key) - band(b.key));
    const title = by === "sizeBand" ? "size band (parameters)" : by;
    if (groups.length > 0) lines.push("", view.bold(`By ${title}`), ...groupLines(groups, view));
  }
  lines.push("", view.bold("Decisions between options measured more than 5 % apart"), ...decisionLines(report));
  const failures = failureLines(report, view);
  if (failures.length > 0) lines.push("", view.warn("Not predicted"), ...failures);
  return `${lines.join("\n")}\n`;
}

/** Size bands from small to large; everything else keeps its order. */
function band(key: string): number {
  return ["below 3B", "3B to 30B", "30B to 100B", "100B to 300B", "300B and more"].indexOf(key);
}

const errorColumns: readonly Column[] = [
  { title: "count", align: "right" },
  { title: "failed", align: "right" },
  { title: "median |error|", align: "right" },
  { title: "p90 |error|", align: "right" },
  { title: "bias", align: "right" },
];

function errorCells(summary: Pick<Summary, "count" | "failed" | "medianAbsError" | "p90AbsError" | "bias">): string[] {
  const { count, failed, medianAbsError, p90AbsError, bias } = summary;
  return [String(count), String(failed), percentText(medianAbsError), percentText(p90AbsError), percentText(bias)];
}

function percentText(value: number | null): string {
  return value === null || Number.isNaN(value) ? "-" : `${(value * 100).toFixed(1)} %`;
}

function summaryLines(report: ValidateReport): string[] {
  const rows = Object.entries(report.summary).flatMap(([kind, metrics]) =>
    Object.entries(metrics).map(([metric, summary]) => [kind, metric, ...errorCells(summary)]),
  );
  return renderTable([{ title: "kind" }, { title: "metric" }, ...errorColumns], rows);
}

/** Numbers first: names of sources are long, and the last column is the one that is broken into lines. */
function groupLines(groups: readonly Summary[], view: View): string[] {
  const rows = groups.map((group) => [...errorCells(group), group.metric, group.key]);
  return renderTable([...errorColumns, { title: "metric" }, { title: "group" }], rows, view.width);
}

function decisionLines({ decisions }: ValidateReport): string[] {
  const total = (key: "pairs" | "rightOrder" | "cannotTell"): number =>
    decisions.reduce((sum, decision) => sum + decision[key], 0);
  const pairs = total("pairs");
  if (pairs === 0) return ["  no comparable pairs"];
  const right = `${total("rightOrder")} of ${pairs} pairs in the right order (${percentText(total("rightOrder") / pairs)})`;
  return [`  ${right}, ${total("cannotTell")} called ties, over ${decisions.length} groups`];
}

/** Reasons with the number of records each explains, most frequent first. */
function failureLines({ records }: ValidateReport, view: View): string[] {
  const reasons = new Map<string, Set<string>>();
  for (const { reason, id, predicted } of records) {
    if (predicted !== null || reason === undefined) continue;
    reasons.set(reason, (reasons.get(reason) ?? new Set()).add(id));
  }
  const rows = [...reasons]
    .sort(([, a], [, b]) => b.size - a.size)
    .map(([reason, ids]) => {
      const [first, second, ...more] = ids;
      const named = [first, ...(second === undefined ? [] : [second]), ...(more.length > 0 ? ["…"] : [])].join(", ");
      return [String(ids.size), `${reason} (${named})`];
    });
  return renderTable([{ title: "records", align: "right" }, { title: "reason" }], rows, view.width);
}
