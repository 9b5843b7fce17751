/** What was made of logs of collective tests: runs, what they do not say, and how good a profile is. */

import { formatProblem } from "../../../src/base/problem.ts";
import { formatQuantity } from "../../../src/base/quantity.ts";
import type { ImportOutput } from "../../../src/operations/index.ts";
import { hanging, type View } from "../view.ts";
import { bufferSize } from "./size.ts";
import { renderTable } from "./table.ts";

type NcclOutput = Extract<ImportOutput, { readonly records: unknown }>;
type Curve = NonNullable<NcclOutput["profile"]>["curves"][number];

export function renderNcclAside({ records, runs, missing, left, profile }: NcclOutput, view: View): string {
  const lines = ["", view.bold(`Read: ${runs.length} run${runs.length === 1 ? "" : "s"}`)];
  records.forEach(({ name, measured, assumptions }, index) => {
    const run = runs[index];
    const sizes = new Set(measured.map(({ at }) => String(at?.size))).size;
    const device = run === undefined || run.devices.length === 0 ? "" : `, ${run.devices.join(", ")}`;
    lines.push(hanging("  - ", `${run?.file}:${run?.line} ${name}${device}: ${sizes} sizes`, view.width));
    for (const { path, value, reason } of assumptions) {
      lines.push(hanging("      ", `${path}: ${value} (${reason})`, view.width));
    }
  });
  if (profile !== undefined) {
    lines.push("", view.bold(`Profile ${profile.name} of ${profile.date}: ${profile.node}`));
    for (const curve of profile.curves) lines.push(...curveLines(curve, view));
  }
  if (left.length > 0) {
    lines.push("", view.warn("Not used"));
    lines.push(...left.map((problem) => hanging("  - ", formatProblem(problem), view.width)));
  }
  if (missing.length > 0) {
    lines.push("", view.warn("Missing: a log does not say"));
    for (const { what, option, taken } of missing) {
      lines.push(hanging("  - ", `${what}: ${taken} is taken; say ${option}`, view.width));
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Raw and calibrated beside what was measured, then the errors that count: on sizes that were not fitted. */
function curveLines({ operation, ranks, ranksPerDomain, points, error }: Curve, view: View): string[] {
  const time = (value: number): string => formatQuantity(value, "seconds");
  const share = (value: number): string => formatQuantity(value, "ratio");
  const right = (title: string) => ({ title, align: "right" }) as const;
  const columns = [right("size"), right("measured"), right("raw"), right("calibrated"), { title: "" }];
  const rows = points.map(({ size, measured, raw, calibrated, use }) => [
    bufferSize(size),
    time(measured),
    time(raw),
    time(calibrated),
    use,
  ]);
  const errors = `mean error on sizes held out: ${share(error.heldOut)} calibrated, ${share(error.raw)} raw; on sizes fitted ${share(error.fitted)}`;
  return [
    hanging("  ", `${operation} over ${ranks} ranks, ${ranksPerDomain} a domain`, view.width),
    ...renderTable(columns, rows, view.width),
    hanging("  ", errors, view.width),
  ];
}
