/** What the figures do not hold: from the support matrix, and from what the prediction itself leaves out. */

import type { Section } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import { recommendedOf } from "../text.ts";

export function notModelledSection(facts: ReportFacts): Section {
  const { prediction } = recommendedOf(facts);
  const left = (prediction?.assumptions ?? [])
    .filter(({ value }) => /^(no |without )/.test(value))
    .map(({ path, value, reason }) => [path, value, reason]);
  const refused = facts.notModelled.map(({ key, feature, why }) => [
    key,
    feature,
    why ?? "not modelled with this kind of work",
  ]);
  return {
    id: "not-modelled",
    title: "What was not modelled",
    blocks: [
      {
        kind: "table",
        columns: [{ title: "key" }, { title: "what" }, { title: "why, or what to do" }],
        rows: [...left, ...refused],
      },
      ...((prediction?.warnings.length ?? 0) === 0
        ? []
        : ([
            { kind: "heading", text: "Warnings of the prediction" },
            { kind: "list", items: prediction?.warnings ?? [] },
          ] as const)),
    ],
  };
}
