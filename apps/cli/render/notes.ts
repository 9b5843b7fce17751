/** What is said beside every prediction: how far to trust it, warnings and assumptions. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { Assumption, Basis, Prediction } from "../../../src/scenario/index.ts";
import { hanging, type View } from "../view.ts";

/** How far a time can be trusted; every rate follows it. */
export function trustText(basis: Basis | undefined): string {
  if (basis === undefined || basis.interval === null) return "no runs like it were measured";
  const [low, high] = basis.interval.map((value) => formatQuantity(value, "seconds"));
  return `${Math.round(basis.level * 100)} % interval ${low} to ${high}, ${trustWords[basis.trust]}`;
}

const trustWords: Readonly<Record<Basis["trust"], string>> = {
  measured: "from measured runs of its size",
  interpolated: "between measured runs",
  extrapolated: "beyond measured runs",
  assumed: "assumed",
};

/** Warnings, then assumptions; defaults without a story of their own share one line. */
export function renderNotes({ warnings, assumptions }: Prediction, view: View): string[] {
  const lines: string[] = [];
  if (warnings.length > 0) {
    lines.push("", view.warn("Warnings"));
    for (const warning of warnings) lines.push(hanging("  - ", warning, view.width));
  }
  if (assumptions.length > 0) {
    lines.push("", view.bold("Assumptions"));
    const isPlain = ({ reason }: Assumption): boolean => reason === "not given";
    const plain = assumptions.filter(isPlain).map(({ path, value }) => `${path} ${value}`);
    for (const { path, value, reason } of assumptions.filter((assumption) => !isPlain(assumption))) {
      lines.push(hanging("  - ", `${path}: ${value} (${reason})`, view.width));
    }
    if (plain.length > 0) lines.push(hanging("  - ", `not given: ${plain.join(", ")}`, view.width));
  }
  return lines;
}
