/** Measured runs behind the figures, with the model's error on each. */

import type { Cell, Section } from "../document.ts";
import type { EvidenceLine, ReportFacts } from "../facts.ts";
import { changeOf, metricName, shown } from "../text.ts";

export function evidenceSection({ evidence, units }: ReportFacts): Section {
  if (evidence.length === 0) {
    const text = "No measured run lies near enough to say how far off these figures are.";
    return { id: "evidence", title: "Evidence", blocks: [{ kind: "paragraph", text }] };
  }
  return {
    id: "evidence",
    title: "Evidence",
    blocks: [
      {
        kind: "paragraph",
        text: "Intervals come from the errors of the models on published runs of the same kind, left out of the fit by source. The distance to the nearest run counts doublings of size, parameters and length.",
      },
      {
        kind: "table",
        columns: [
          { title: "option" },
          { title: "metric" },
          { title: "90 % interval", align: "right" },
          { title: "trust" },
          { title: "nearest measured run" },
          { title: "distance", align: "right" },
          { title: "error on it", align: "right" },
        ],
        rows: evidence.map((line) => row(line, units)),
      },
    ],
  };
}

function row(line: EvidenceLine, units: ReportFacts["units"]): readonly Cell[] {
  const { option, metric, interval, trust, nearest, distance, error } = line;
  const unit = units[metric];
  return [
    option,
    metricName(metric),
    interval === undefined ? "none" : `${shown(interval[0], unit)} to ${shown(interval[1], unit)}`,
    { text: trust, tone: trust === "measured" || trust === "interpolated" ? "good" : "unsure" },
    nearest ?? "none",
    distance === undefined ? "–" : distance.toFixed(1),
    error === undefined ? "–" : changeOf(1 + error),
  ];
}
