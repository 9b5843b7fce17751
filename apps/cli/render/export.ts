/** An export for people: the settings on standard output, what they cannot say on standard error. */

import type { ExportOutput } from "../../../src/operations/index.ts";
import { hanging, type View } from "../view.ts";

export function renderExport({ text, output }: ExportOutput): string {
  return output === undefined ? text : "";
}

export function renderExportAside({ kind, lost }: ExportOutput, view: View): string {
  if (lost.length === 0)
    return `\n${view.good(`Nothing is lost: import launch reads the same design from these ${kind} settings, with --node, --nodes and --software.`)}\n`;
  const lines = lost.map(({ path, value, instead, reason }) => {
    return hanging("  - ", `${path}: ${shown(value)}; the settings give ${shown(instead)} (${reason})`, view.width);
  });
  return `\n${view.warn(`Lost: ${kind} settings cannot say`)}\n${lines.join("\n")}\n`;
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
}
