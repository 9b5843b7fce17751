/** The drawing of a comparison: the parts of each design's time, stacked. */

import { formatQuantity } from "../base/quantity.ts";
import type { Term } from "../base/term.ts";
import { type StackedBar, stackedSvg } from "../report/drawing/stacked.ts";
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
  const bars = cases.map(({ prediction }): StackedBar => {
    const parts = Object.fromEntries(partsOf(prediction).map(({ name, value }) => [name, value]));
    return { label: prediction.name, parts };
  });
  const most = (name: string): number => Math.max(...bars.map(({ parts }) => parts[name] ?? 0));
  const parts = [...labels].map(([name, label]) => ({ name, label })).filter(({ name }) => most(name) > 0);
  const title = cases[0]?.prediction.terms.label ?? "time";
  return stackedSvg({ title, bars, parts, shown: (value) => formatQuantity(value, "seconds") });
}
