/** Catalog entries for people. */

import { type Dimension, formatQuantity } from "../../../src/base/quantity.ts";
import type { CatalogOutput } from "../../../src/operations/index.ts";
import { hanging, type View } from "../view.ts";
import { renderTable } from "./table.ts";

export function renderCatalog(output: CatalogOutput, view: View): string {
  if ("kinds" in output) {
    const rows = output.kinds.map(({ kind, count, summary }) => [kind, String(count), summary]);
    const lines = renderTable([{ title: "kind" }, { title: "entries", align: "right" }, { title: "what" }], rows);
    return `${lines.join("\n")}\n`;
  }
  if ("entries" in output) {
    const rows = output.entries.map(({ name, label }) => [name, label]);
    return `${renderTable([{ title: output.kind }, { title: "" }], rows).join("\n")}\n`;
  }
  const lines = [view.bold(`${output.kind} ${output.name}`), ...fieldLines(output.entry, "", view)];
  const cited = Object.entries(output.sources);
  if (cited.length > 0) lines.push("", view.bold("Sources"));
  for (const [key, { title, year, url }] of cited) {
    const text = `${title}${year === undefined ? "" : ` (${year})`}${url === undefined ? "" : ` ${url}`}`;
    lines.push(hanging(`  ${key}: `, text, view.width));
  }
  return `${lines.join("\n")}\n`;
}

/** Fields that hold a dimension, by their name. */
const dimensionOf: Readonly<Record<string, Dimension>> = {
  capacity: "bytes",
  cache: "bytes",
  bandwidth: "bytesPerSecond",
  hopLatency: "seconds",
  power: "watts",
  vectorPeak: "flopPerSecond",
};

/** Told elsewhere, or only for programs. */
const skipped = ["sources", "name", "quotes", "value"];

function fieldLines(value: object, indent: string, view: View): string[] {
  const within = indent.trim();
  return Object.entries(value).flatMap(([key, field]) => {
    if (skipped.includes(key)) return [];
    if (typeof field === "object" && field !== null && !Array.isArray(field)) {
      return [`  ${indent}${key}`, ...fieldLines(field, `${indent}  `, view)];
    }
    const dimension = within === "" || dimensionOf[key] !== undefined ? dimensionOf[key] : undefined;
    return [hanging(`  ${indent}${key}: `, valueText(field, dimension ?? peakDimension(key, field)), view.width)];
  });
}

/** Peaks are keyed by arithmetic: bf16, fp8, int8. */
function peakDimension(key: string, value: unknown): Dimension | undefined {
  return /^(fp|bf|tf|int)\d+$/.test(key) && typeof value === "number" ? "flopPerSecond" : undefined;
}

function valueText(value: unknown, dimension: Dimension | undefined): string {
  if (typeof value === "number" && dimension !== undefined) return formatQuantity(value, dimension);
  if (!Array.isArray(value)) return String(value);
  const items = value.map((item) => (typeof item === "object" ? JSON.stringify(item) : String(item)));
  const shown = items.slice(0, 40).join(", ");
  return items.length > 40 ? `${shown}, … (${items.length} in all)` : shown;
}
