/** A service under less and more load: what it serves in time, how long requests wait, what a token costs. */

import type { Block } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import { metricName, shown } from "../text.ts";

const columns = [
  "outputTokensPerSecond",
  "sloGoodput",
  "sloAttainment",
  "timeToFirstToken.p99",
  "timePerOutputToken.p99",
  "costPerMillionOutputTokens",
] as const;

export function loadBlocks({ loads, units }: Pick<ReportFacts, "loads" | "units">): readonly Block[] {
  if (loads.length < 2) return [];
  const known = columns.filter((metric) => loads.some(({ prediction }) => prediction.metrics[metric] !== undefined));
  const served = known.includes("sloGoodput") ? "sloGoodput" : "outputTokensPerSecond";
  return [
    {
      kind: "chart",
      title: "The same service under other loads",
      caption:
        "Percentages are of what it would serve if it grew with the load from the one asked for (dashed); where the curve falls below, requests miss their targets or wait.",
      chart: {
        type: "scaling",
        points: loads.flatMap(({ rate, factor, prediction }) => {
          const y = prediction.metrics[served] ?? 0;
          return y > 0 ? [{ x: rate, y, ...(factor === 1 ? { here: true as const } : {}) }] : [];
        }),
        xTitle: "requests arriving per second",
        yTitle: metricName(served),
        xShown: (value) => shown(value, "1/s"),
        yShown: (value) => shown(value, units[served]),
      },
    },
    {
      kind: "table",
      columns: [
        { title: "requests arriving", align: "right" },
        ...known.map((metric) => ({ title: metricName(metric), align: "right" as const })),
      ],
      rows: loads.map(({ rate, prediction }) => [
        shown(rate, "1/s"),
        ...known.map((metric) => shown(prediction.metrics[metric], units[metric])),
      ]),
      marked: loads.flatMap(({ factor }, index) => (factor === 1 ? [index] : [])),
    },
  ];
}
