/** The drawing of a comparison: the parts of each design's time, stacked. */

import { formatQuantity } from "../base/quantity.ts";
import type { Term } from "../base/term.ts";
import { chartFile } from "../report/index.ts";
import type { Prediction } from "../scenario/index.ts";

interface Drawn {
  readonly file: string;
  readonly prediction: Prediction;
}

/** Parts that add up; of a maximum, or of one number, the whole. */
function partsOf({ terms }: Prediction): readonly Term[] {
  return terms.combine === "sum" && terms.children.length > 0 ? terms.children : [terms];
}

export function comparisonDrawing(cases: readonly Drawn[]): string {
  const labels = new Map(
    cases.flatMap(({ prediction }) => partsOf(prediction).map(({ name, label }) => [name, label])),
  );
  const partOf = (prediction: Prediction, name: string): number =>
    partsOf(prediction).find((part) => part.name === name)?.value ?? 0;
  const names = [...labels.keys()].filter((name) => cases.some(({ prediction }) => partOf(prediction, name) > 0));
  const bars = cases.map(({ prediction }) => ({
    label: prediction.name,
    values: names.map((name) => partOf(prediction, name)),
  }));
  const parts = names.map((name) => labels.get(name) ?? name);
  const title = cases[0]?.prediction.terms.label ?? "time";
  return chartFile({ type: "stacked", parts, bars, shown: (value) => formatQuantity(value, "seconds") }, title);
}
