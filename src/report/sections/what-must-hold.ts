/** What would have to be true: where an option lacks a requirement, the single resource that would mend it. */

import type { Cell, Section } from "../document.ts";
import type { MustHold, ReportFacts } from "../facts.ts";
import { changeOf, resourceValue } from "../text.ts";

/** Nothing where every option keeps every requirement. */
export function whatMustHoldSection({ mustHold, requirements }: ReportFacts): readonly Section[] {
  if (mustHold.length === 0) return [];
  const texts = new Map(requirements.map(({ id, text }) => [id, text]));
  const text =
    "Where an option does not keep a requirement: one resource at a time, all else as it is, how much of it the option would need. The nearest to today come first; looked at from a quarter to four times.";
  return [
    {
      id: "what-must-hold",
      title: "What would have to be true",
      blocks: [
        { kind: "paragraph", text },
        {
          kind: "table",
          columns: [
            { title: "option" },
            { title: "does not keep" },
            { title: "would need" },
            { title: "now", align: "right" },
            { title: "needed", align: "right" },
            { title: "change", align: "right" },
          ],
          rows: mustHold.flatMap((each) => rowsOf(each, texts.get(each.requirement))),
        },
      ],
    },
  ];
}

function rowsOf({ option, requirement, ways }: MustHold, text: string | undefined): readonly (readonly Cell[])[] {
  const lacked = text === undefined ? requirement : `${requirement} ${text}`;
  if (ways.length === 0) return [[option, lacked, { text: "no single resource does it", tone: "bad" }, "–", "–", "–"]];
  return ways.map(({ label, unit, value, factor }, place) => [
    place === 0 ? option : "",
    place === 0 ? lacked : "",
    `${factor > 1 ? "more" : "less"}: ${label}`,
    resourceValue(value, unit),
    resourceValue(value * factor, unit),
    changeOf(factor),
  ]);
}
