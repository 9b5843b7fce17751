/** An imported trace for people: what it holds, what of it is not in the scenario, what was assumed. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { ChakraImportOutput } from "../../../src/operations/index.ts";
import { hanging, type View } from "../view.ts";
import { renderTable } from "./table.ts";

export function renderChakraAside(found: ChakraImportOutput, view: View): string {
  const { summary, passed, lost, missing, assumptions } = found;
  const lines: string[] = ["", view.bold(`Read as a Chakra execution trace${versionText(found)}`)];
  const { ranks, recorded, nodes, dependencies, compute, groups } = summary;
  const of = recorded === ranks ? count(ranks, "rank") : `${recorded} of ${count(ranks, "rank")}`;
  lines.push(`  ${of}, ${count(nodes, "node")}, ${count(dependencies, "dependency", "dependencies")}`);
  const timed = `${formatQuantity(compute.time, "seconds")} of computation in ${count(compute.count, "node")}`;
  const untimed = compute.untimed > 0 ? `, ${compute.untimed} without a time count as none` : "";
  lines.push(`  busiest rank: ${timed}${untimed}`, `  ${count(groups.length, "group")}`);
  if (summary.exchanges.length > 0) lines.push("", ...exchangeTable(summary.exchanges, view));
  const passedText = passed.map(({ type, count: number }) => `${number} x ${type}`).join(", ");
  if (passed.length > 0) lines.push("", hanging("  ", `only pass dependencies on: ${passedText}`, view.width));
  const section = (title: string, rows: readonly string[]): void => {
    if (rows.length > 0) lines.push("", title, ...rows.map((row) => hanging("  - ", row, view.width)));
  };
  section(
    view.warn("Otherwise in the scenario than in the trace"),
    lost.map(({ what, count: number, reason }) => `${number} x ${what}: ${reason}`),
  );
  section(
    view.bold("Assumed"),
    assumptions.map(({ path, value, reason }) => `${path}: ${value} (${reason})`),
  );
  section(
    view.warn("Missing: a trace does not say"),
    missing.map(({ what, option, taken }) => `${what}: ${taken} is taken; say ${option}`),
  );
  return `${lines.join("\n")}\n`;
}

function versionText({ version }: ChakraImportOutput): string {
  return version === "" ? "" : `, schema ${version}`;
}

/** Rows beyond these are counted. */
const rowsMost = 20;

function exchangeTable(exchanges: ChakraImportOutput["summary"]["exchanges"], view: View): string[] {
  const rows = exchanges
    .slice(0, rowsMost)
    .map((row) => [
      row.operation,
      formatQuantity(row.size, "bytes"),
      `${row.groups} x ${row.groupSize}`,
      String(row.count),
      formatQuantity(row.totalBytes, "bytes"),
    ]);
  const titles = [
    { title: "exchange" },
    { title: "size", align: "right" as const },
    { title: "groups", align: "right" as const },
    { title: "count", align: "right" as const },
    { title: "together", align: "right" as const },
  ];
  const more = exchanges.length - rows.length;
  const rest = more > 0 ? [`  and ${count(more, "size")} more`] : [];
  return [...renderTable(titles, rows, view.width), ...rest];
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;
}
