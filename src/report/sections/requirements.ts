/** Requirements, each traced to the result of every option. */

import type { Judgement } from "../decision/choose.ts";
import type { Cell, Section } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import { limitText, percent, shown, statusCell } from "../text.ts";

export function requirementsSection(facts: ReportFacts): Section {
  const { requirements, options, judgements, units } = facts;
  if (requirements.length === 0) {
    const text =
      "None were given: the options are ranked by the objective alone. A proposal file states them under requirements.";
    return { id: "requirements", title: "Requirements", blocks: [{ kind: "paragraph", text }] };
  }
  const rows = requirements.flatMap((requirement, index) =>
    options.map((option, place): readonly Cell[] => {
      const judgement = judgements[place]?.[index];
      const first = place === 0 ? { text: requirement.id, strong: true as const } : "";
      const limit =
        place === 0 ? `${requirement.text}: ${limitText(requirement, units)}${confidenceOf(judgement)}` : "";
      if (judgement === undefined) return [first, limit, option.name, "–", "–", "–", "–"];
      const { value, interval, probability } = judgement;
      const unit = units[requirement.metric];
      const range =
        interval === undefined ? "not judged" : `${shown(interval[0], unit)} to ${shown(interval[1], unit)}`;
      const odds = probability === undefined ? "not judged" : percent(probability);
      return [
        first,
        limit,
        option.name,
        shown(value, unit),
        value === undefined ? "–" : range,
        odds,
        statusCell(judgement),
      ];
    }),
  );
  return {
    id: "requirements",
    title: "Requirements",
    blocks: [
      {
        kind: "paragraph",
        text: `Met: the limit holds with at least 95 % by the errors of measured runs; not met: with at most 5 %; between them the model cannot tell, unless the requirement names the probability that it wants. Where no measured run judges a metric, the prediction alone decides.`,
      },
      {
        kind: "table",
        columns: [
          { title: "id" },
          { title: "requirement" },
          { title: "option" },
          { title: "predicted", align: "right" },
          { title: "90 % interval", align: "right" },
          { title: "probability", align: "right" },
          { title: "result" },
        ],
        rows,
        marked: rows.flatMap((_, row) => (row % options.length === facts.choice.index ? [row] : [])),
      },
    ],
  };
}

function confidenceOf(judgement: Judgement | undefined): string {
  const confidence = judgement?.requirement.confidence;
  return confidence === undefined ? "" : `, with a probability of ${percent(confidence)}`;
}
