/** The end of page one: what flips the decision, what the figures leave out, what to measure first, and where it stands. */

import { nearestFlips } from "../decision/flips.ts";
import type { Block } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import { bordersText, experimentRows } from "./experiments.ts";
import { leftOut } from "./not-modelled.ts";

const flipsMost = 2;

export function pointers(facts: ReportFacts): readonly Block[] {
  if (facts.bills[facts.choice.index] === undefined) return [];
  const flips = nearestFlips(facts.flips).slice(0, flipsMost);
  const left = leftOut(facts).map(({ path, value }) => `${withoutNo(value)} (${path}); `);
  const [first] = experimentRows(facts);
  return [
    {
      kind: "list",
      items: [
        flips.length === 0
          ? "What flips the decision: no single figure between a quarter and four times its value (Assumptions)."
          : `What flips the decision first: ${flips.map(bordersText).join("; ")} (Assumptions).`,
        left.length === 0
          ? "What is left out is under What was not modelled."
          : `What is left out: ${left.join("")}more under What was not modelled.`,
        first === undefined
          ? "What to measure first: nothing that a few nodes can show would change the choice."
          : `What to measure first: ${first[0]}; ${first[1]} (Experiments).`,
      ],
    },
  ];
}

/** `no failures, no checkpoints` as `failures, checkpoints`. */
function withoutNo(value: string): string {
  return value.replace(/^without /, "").replace(/(^|, )no /g, "$1");
}
