/** The spread of the metrics that people ask for, what it comes from, and how probable limits are kept. */

import type { PredictOutput } from "../../../src/operations/predict.ts";
import { shownMetric } from "../../../src/search/study/index.ts";
import type { TargetChance, UncertainMetric, Uncertainty } from "../../../src/search/uncertainty/index.ts";
import { hanging, type View } from "../view.ts";
import { renderTable } from "./table.ts";

const asked: readonly string[] = [
  "stepTime",
  "modelFlopsUtilization",
  "trainingGoodput",
  "timeToTrain",
  "cost",
  "energy",
  "timeToFirstToken.mean",
  "timePerOutputToken.mean",
  "endToEndLatency.mean",
  "outputTokensPerSecond",
  "costPerMillionOutputTokens",
  "time",
  "busBandwidth",
];

export function uncertaintyLines({ prediction, uncertainty }: PredictOutput, view: View): string[] {
  if (uncertainty === undefined) return [];
  const { units } = prediction;
  const columns = [
    { title: "" },
    { title: "p10", align: "right" },
    { title: "p50", align: "right" },
    { title: "p90", align: "right" },
    { title: "most of the spread from" },
  ] as const;
  const rows = asked.flatMap((metric) => {
    const found = uncertainty.metrics[metric];
    if (found === undefined || found.p10 === found.p90) return [];
    const shown = (value: number): string => shownMetric(value, units[metric]);
    return [[metric, shown(found.p10), shown(found.p50), shown(found.p90), fromText(found)]];
  });
  const lines = ["", view.bold("How sure"), view.dim(hanging("  ", drawnText(uncertainty), view.width))];
  if (rows.length > 0) lines.push(...renderTable(columns, rows, view.width));
  for (const target of uncertainty.targets) lines.push(chanceText(target, units[target.metric]));
  return lines;
}

function fromText({ from, error }: UncertainMetric): string {
  const named = from.slice(0, 2).map(({ of, share }) => `${of === "model" ? "the model" : of} ${whole(share)}`);
  return [...named, ...(error === null ? ["the model's own error not known"] : [])].join(", ");
}

function whole(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function drawnText({ samples, inputs, refused, unfit, requests }: Uncertainty): string {
  const of =
    inputs.length === 0
      ? "the model's own error"
      : `${inputs.map(({ path, range }) => `${path} ${range}`).join(", ")} and the model's own error`;
  const lost = [
    ...(refused === 0 ? [] : [`${refused} are no design`]),
    ...(unfit === 0 ? [] : [`${unfit} do not fit`]),
    ...(requests === undefined || requests.used === requests.all
      ? []
      : [`the first ${requests.used} of ${requests.all} requests`]),
  ];
  return [`${samples} draws of ${of}`, ...lost].join("; ");
}

function chanceText({ metric, sense, value, probability, error }: TargetChance, unit: string | undefined): string {
  const limit = `${metric} ${sense === "atMost" ? "at most" : "at least"} ${shownMetric(value, unit)}`;
  const blind = error === null ? " (the model's own error is not known and not in it)" : "";
  return `  ${whole(probability).padStart(5)} sure of ${limit}${blind}`;
}
