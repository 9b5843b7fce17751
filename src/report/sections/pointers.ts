/** The end of page one: what flips the decision, what the figures leave out, what to measure first, and where it stands. */

import { nearestFlips } from "../decision/flips.ts";
import type { Block } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import { experimentRows, outcome } from "./experiments.ts";
import { leftOut } from "./not-modelled.ts";

const flipsMost = 2;

export function pointers(facts: ReportFacts): readonly Block[] {
  if (facts.bills[facts.choice.index] === undefined) return [];
  const flips = nearestFlips(facts.flips)
    .slice(0, flipsMost)
    .map((flip) => `${flip.label} ${outcome(flip, facts)}`);
  const left = leftOut(facts).map(({ path, value }) => `${path} is ${value}`);
  const [first] = experimentRows(facts);
  const others = "what the language refuses for this kind of work is listed under What was not modelled";
  return [
    {
      kind: "list",
      items: [
        flips.length === 0
          ? "What flips the decision: no single figure between a quarter and four times its value (Assumptions)."
          : `What flips the decision: ${flips.join(". Or ")} (all of them: Assumptions).`,
        `What is left out: ${[...left, others].join("; ")}.`,
        first === undefined
          ? "What to measure first: nothing that a few nodes can show would change the choice."
          : `What to measure first: ${first[0]}, by ${first[1]}; it ${decides(first[2])} (Experiments).`,
      ],
    },
  ];
}

/** As a clause: "narrows ..." stays, "above 5 $/h: ..." is what it tells. */
function decides(text: string): string {
  return text.startsWith("narrows") ? text : `tells whether it is ${text}`;
}
