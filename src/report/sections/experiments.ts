/** What to measure next: what narrows the choice most, and what lies nearest to flipping it. */

import { type Flip, nearestFlips } from "../decision/flips.ts";
import type { Section } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import { borderText, percent, recommendedOf, resourceValue, shown } from "../text.ts";

/** How a figure of the register is measured. */
const tests: Readonly<Record<string, string>> = {
  model: "run some steps of this layout on a few nodes and time them",
  peakFlops: "time large matrix products alone, sustained for ten minutes",
  power: "log the power of one node under the real load",
  memoryBandwidth: "a stream copy over most of the memory",
  memoryCapacity: "run one step of the fullest stage and read the peak",
  scaleUpBandwidth: "nccl-tests all-reduce inside a node, 1 to 8 GiB",
  scaleOutBandwidth: "nccl-tests all-reduce across nodes, 1 to 8 GiB",
  hopLatency: "nccl-tests all-reduce across nodes, 8 B to 1 KiB",
  hostLink: "copies between host and accelerator, both ways at once",
  acceleratorPrice: "a written quote for the term of the run",
  energyPrice: "the contract of the site",
};

const most = 4;

/** Experiments in their order: what is measured, how, what it decides. */
export function experimentRows(facts: ReportFacts): readonly (readonly [what: string, how: string, decides: string])[] {
  const { measureNext, flips } = facts;
  const kind = recommendedOf(facts).design?.kind;
  const borders = nearestFlips(flips).slice(0, most);
  return [
    ...measureNext.map(
      ({ label, accelerator, error, narrows, how }) =>
        [
          `${label} on ${accelerator}`,
          how,
          `narrows the difference to the next option by ${percent(narrows)} (now ± ${shown(error, "s")})`,
        ] as const,
    ),
    ...borders.map((flip) => [flip.label, testOf(flip, kind), outcome(flip, facts)] as const),
  ];
}

export function experimentsSection(facts: ReportFacts): Section {
  const rows = experimentRows(facts);
  const text = "Nothing that can be measured on a few nodes would change the choice within the ranges looked at.";
  return {
    id: "experiments",
    title: "Experiments that would change our mind",
    blocks: [
      rows.length === 0
        ? { kind: "paragraph", text }
        : { kind: "table", columns: [{ title: "measure" }, { title: "how" }, { title: "what it decides" }], rows },
    ],
  };
}

function testOf({ name }: Flip, kind: string | undefined): string {
  if (name === "model" && kind === "serving") return "send this load to one replica and time it";
  return tests[name.split(".").at(-1) ?? name] ?? "measure it on a few nodes";
}

/** `power limit below 620 W or above 800 W`: a figure with the sides on which it flips the decision. */
export function bordersText({ label, value, unit, less, more }: Flip): string {
  const at = sideText({ value, unit });
  const sides = [
    ...(less === undefined ? [] : [`below ${at(less.factor)}`]),
    ...(more === undefined ? [] : [`above ${at(more.factor)}`]),
  ];
  return `${label} ${sides.join(" or ")}`;
}

function outcome(flip: Flip, facts: ReportFacts): string {
  const { less, more } = flip;
  const at = sideText(flip);
  return [
    ...(less === undefined ? [] : [`below ${at(less.factor)}: ${borderText(less, facts)}`]),
    ...(more === undefined ? [] : [`above ${at(more.factor)}: ${borderText(more, facts)}`]),
  ].join("; ");
}

/** The model itself has no value: its border is a share of what it predicts. */
function sideText({ value, unit }: { readonly value?: number | undefined; readonly unit?: string | undefined }) {
  return (factor: number): string =>
    value === undefined ? `${Math.round(factor * 100)} % of the prediction` : resourceValue(value * factor, unit);
}
