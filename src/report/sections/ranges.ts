/** Inputs that are ranges: how far they spread each result, and how probable the requirements are with them. */

import type { Block, Section } from "../document.ts";
import type { RangedOption, ReportFacts } from "../facts.ts";
import { metricName, percent, shown } from "../text.ts";

/** Nothing where every input is one value. */
export function rangesSection({ ranged, units, requirements }: ReportFacts): readonly Section[] {
  if (ranged.length === 0) return [];
  const most = Math.max(...ranged.map(({ samples }) => samples));
  const text = `All other sections take the middle of a range. Here the ranges and the model's own error are drawn together, ${most} times, each range even between its ends.`;
  return [
    {
      id: "ranges",
      title: "Inputs given as ranges",
      blocks: [
        { kind: "paragraph", text },
        inputs(ranged),
        spreads(ranged, units),
        ...(requirements.length === 0 ? [] : [chances(ranged, requirements)]),
      ],
    },
  ];
}

function inputs(ranged: readonly RangedOption[]): Block {
  const rows = ranged.flatMap(({ option, inputs: given }) =>
    given.map(({ path, range }, place) => [place === 0 ? option : "", path, range]),
  );
  return { kind: "table", columns: [{ title: "option" }, { title: "input" }, { title: "range" }], rows };
}

function spreads(ranged: readonly RangedOption[], units: ReportFacts["units"]): Block {
  const rows = ranged.flatMap(({ option, metrics }) =>
    metrics.map(({ metric, p10, p50, p90, from }, place) => [
      place === 0 ? option : "",
      metricName(metric),
      ...[p10, p50, p90].map((value) => shown(value, units[metric])),
      from.map(({ of, share }) => `${of === "model" ? "the model's error" : of} ${percent(share)}`).join(", "),
    ]),
  );
  return {
    kind: "table",
    caption: "One of ten outcomes lies below p10, nine of ten below p90",
    columns: [
      { title: "option" },
      { title: "" },
      ...["p10", "p50", "p90"].map((title) => ({ title, align: "right" as const })),
      { title: "the spread comes from" },
    ],
    rows,
  };
}

function chances(ranged: readonly RangedOption[], requirements: ReportFacts["requirements"]): Block {
  return {
    kind: "table",
    caption: "Share of draws that keep each requirement; what does not fit keeps none",
    columns: [
      { title: "option" },
      ...requirements.map(({ id }) => ({ title: id, align: "right" as const })),
      { title: "draws that do not fit", align: "right" },
    ],
    rows: ranged.map(({ option, kept, dropped }) => [
      option,
      ...kept.map(({ probability }) => percent(probability)),
      String(dropped),
    ]),
  };
}
