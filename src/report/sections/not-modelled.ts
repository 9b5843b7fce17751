/** What the figures do not hold: from the support matrix, and from what the prediction itself leaves out. */

import type { Assumption } from "../../scenario/index.ts";
import type { Section } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import { recommendedOf } from "../text.ts";

export function notModelledSection(facts: ReportFacts): Section {
  const { prediction } = recommendedOf(facts);
  const left = leftOut(facts).map(({ path, value, reason }) => [path, value, reason]);
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

/** What the prediction of the recommended option says that it leaves out. */
export function leftOut(facts: ReportFacts): readonly Assumption[] {
  const assumptions = recommendedOf(facts).prediction?.assumptions ?? [];
  return assumptions.filter(({ value }) => /^(no |without )/.test(value));
}
