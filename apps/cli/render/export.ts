/** An export for people: the settings on standard output, if not in files, what they cannot say on standard error. */

import type { ExportOutput } from "../../../src/operations/index.ts";
import { hanging, type View } from "../view.ts";

export function renderExport(found: ExportOutput): string {
  return "files" in found || found.output !== undefined ? "" : found.text;
}

export function renderExportAside(found: ExportOutput, view: View): string {
  const { kind, lost } = found;
  if (lost.length === 0)
    return `\n${view.good(`Nothing is lost: import launch reads the same design from these ${kind} settings, with --node, --nodes and --software.`)}\n`;
  const [what, gives] = "files" in found ? ["a trace", "it has"] : [`${kind} settings`, "the settings give"];
  const lines = lost.map(({ path, value, instead, reason }) => {
    return hanging("  - ", `${path}: ${shown(value)}; ${gives} ${shown(instead)} (${reason})`, view.width);
  });
  return `\n${view.warn(`Lost: ${what} cannot say`)}\n${lines.join("\n")}\n`;
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
}
