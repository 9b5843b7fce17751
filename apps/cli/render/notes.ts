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
    for (const { reason, list } of grouped(assumptions)) {
      const text = list.map(({ path, value }) => `${path} ${value}`).join(", ");
      const [only] = list;
      if (list.length === 1 && only !== undefined && reason !== notGiven) {
        lines.push(hanging("  - ", `${only.path}: ${only.value} (${reason})`, view.width));
      } else lines.push(hanging("  - ", `${reason}: ${text}`, view.width));
    }
  }
  return lines;
}

const notGiven = "not given";
/** From so many on, assumptions with one reason share a line. */
const groupFrom = 6;

interface Group {
  readonly reason: string;
  readonly list: readonly Assumption[];
}

/** In their order; those without a story of their own come last and share a line, as do many with the same. */
function grouped(assumptions: readonly Assumption[]): readonly Group[] {
  const seen = new Set<string>();
  const groups = assumptions.flatMap((assumption): Group[] => {
    const { reason } = assumption;
    const alike = assumptions.filter((other) => other.reason === reason);
    if (reason === notGiven || seen.has(reason)) return [];
    if (alike.length < groupFrom) return [{ reason, list: [assumption] }];
    seen.add(reason);
    return [{ reason, list: alike }];
  });
  const plain = assumptions.filter(({ reason }) => reason === notGiven);
  return plain.length === 0 ? groups : [...groups, { reason: notGiven, list: plain }];
}
