/** The answer of a database as a table. */

import type { SqlTable } from "../../../src/operations/index.ts";
import type { View } from "../view.ts";
import { renderTable } from "./table.ts";

export function renderQuery({ columns, rows }: SqlTable, view: View): string {
  const numeric = columns.map((_, index) => rows.every((row) => row[index] === null || typeof row[index] === "number"));
  const heads = columns.map((title, index) => ({ title, align: numeric[index] ? "right" : "left" }) as const);
  const cells = rows.map((row) => row.map(cellOf));
  const count = `${rows.length} ${rows.length === 1 ? "row" : "rows"}`;
  return `${[...renderTable(heads, cells), view.dim(`  ${count}`)].join("\n")}\n`;
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
