/** An import for people: what was made on standard output, the account of it on standard error. */

import type { ImportOutput, LaunchImportOutput } from "../../../src/operations/index.ts";
import { hanging, type View } from "../view.ts";
import { renderChakraAside } from "./chakra.ts";
import { renderNcclAside } from "./nccl.ts";
import { renderTable } from "./table.ts";

/** The scenario or the records, unless they went to a file. */
export function renderImport({ text, output }: ImportOutput): string {
  return output === undefined ? text : "";
}

/** What was read, what was not, and what to say next. */
export function renderImportAside(found: ImportOutput, view: View): string {
  if ("records" in found) return renderNcclAside(found, view);
  return "summary" in found ? renderChakraAside(found, view) : renderLaunchAside(found, view);
}

function renderLaunchAside(found: LaunchImportOutput, view: View): string {
  const { format, read, withoutEffect, notUnderstood, missing, assumptions } = found;
  const lines: string[] = ["", view.bold(`Read as ${format}: ${counted(read.length, "setting")} read`)];
  const rows = read.map(({ flag, value, line, decides }) => {
    const keys = decides.map(({ key, value: became }) => `${key} ${shown(became)}`).join(", ");
    return [String(line), shortened(`${flag} ${value}`.trim()), keys];
  });
  lines.push(
    ...renderTable([{ title: "line", align: "right" }, { title: "setting" }, { title: "decides" }], rows, view.width),
  );
  lines.push(...reasons("Without effect on a step", withoutEffect, view));
  if (notUnderstood.length > 0) {
    lines.push("", view.warn("Not read: the prediction is as if these were not there"));
    for (const { flag, value, line, reason } of notUnderstood) {
      const text = `line ${line}: ${shortened(`${flag} ${value}`.trim())}${reason === undefined ? " (not understood)" : ` (${reason})`}`;
      lines.push(hanging("  - ", text, view.width));
    }
  }
  if (assumptions.length > 0) {
    lines.push("", view.bold("Assumed"));
    for (const { path, value, reason } of assumptions)
      lines.push(hanging("  - ", `${path}: ${value} (${reason})`, view.width));
  }
  if (missing.length > 0) {
    lines.push("", view.warn("Missing: a launch file does not say"));
    for (const { what, option, taken } of missing)
      lines.push(hanging("  - ", `${what}: ${taken} is taken; say ${option}`, view.width));
  }
  return `${lines.join("\n")}\n`;
}

/** Flags by their reason, so that many of a kind take one line. */
function reasons(title: string, flags: LaunchImportOutput["withoutEffect"], view: View): string[] {
  if (flags.length === 0) return [];
  const groups = new Map<string, string[]>();
  for (const { flag, reason = "" } of flags) {
    const names = groups.get(reason) ?? [];
    if (!names.includes(flag)) names.push(flag);
    groups.set(reason, names);
  }
  const lines = [...groups].map(([reason, names]) => hanging("  - ", `${reason}: ${names.join(", ")}`, view.width));
  return ["", view.bold(title), ...lines];
}

const longest = 44;

function shortened(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

function shown(value: unknown): string {
  // Read, and nothing came of it: a switch that is off, or what the stack does anyway.
  if (value === undefined) return "unchanged";
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" && value !== null ? "inline" : String(value);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
