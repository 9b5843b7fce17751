/** What removing each straggler of a scenario is worth, for people. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { Prediction } from "../../../src/scenario/index.ts";
import type { View } from "../view.ts";
import { renderTable } from "./table.ts";

/** One line a straggler, the most worthwhile first; nothing where the scenario names none. */
export function stragglerLines({ stragglers }: Prediction, view: View): string[] {
  if (stragglers === undefined) return [];
  const rows = [...stragglers]
    .sort((a, b) => b.gain - a.gain)
    .map(({ removed, stepTime, gain }) => [removed, formatQuantity(stepTime, "seconds"), gainText(gain)]);
  const columns = [
    { title: "without" },
    { title: "step", align: "right" },
    { title: "throughput", align: "right" },
  ] as const;
  return ["", view.bold("Slow ranks: what removing one is worth"), ...renderTable(columns, rows)];
}

/** `+ 8.1 %`. */
function gainText(gain: number): string {
  return `+ ${(100 * gain).toFixed(gain < 0.0995 ? 2 : 1)} %`;
}
